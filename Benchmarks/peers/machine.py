"""The machine of a measurement: its name, the peak of its arithmetic, and the speed of its own matrix product."""

from __future__ import annotations

import ctypes
import ctypes.util
import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np

PACKAGES = ("torch", "kornia", "transformers", "onnxruntime", "opencv-python-headless")
ORDER = 4096
PEAK = Path(__file__).parent / "peak.c"
PEAK_ROUNDS = 50_000_000  # a tenth of a second or two
ROW_MAJOR, NOT_TRANSPOSED = 101, 111


def processor() -> str:
    """The processor's name as the kernel states it, and how many of its cores are at hand."""
    with open("/proc/cpuinfo") as file:
        names = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    wide = "avx512f" in open("/proc/cpuinfo").read()
    return f"{names[0] if names else 'unknown processor'}{' (AVX-512)' if wide else ''}, {os.cpu_count()} cores"


def versions() -> str:
    """Versions of the peers."""
    found = []
    for package in PACKAGES:
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            found.append(f"{package} missing")
    return ", ".join(found)


def peak() -> Callable[[], float]:
    """A measurement of what all cores can do at most, in GFLOP/s: the roof of every other rate (peak.c)."""
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / "peak.so"
        command = ["cc", "-O2", "-march=native", "-ffp-contract=fast", "-shared", "-fPIC", "-o", str(library), str(PEAK)]
        try:
            subprocess.run(command, check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError) as error:
            raise RuntimeError(f"{PEAK} could not be compiled: {error}") from error
        run = ctypes.CDLL(str(library)).peak_run
    run.restype, run.argtypes = ctypes.c_long, (ctypes.c_long, ctypes.c_float, ctypes.POINTER(ctypes.c_float))
    cores = os.cpu_count() or 1

    def core(_: int) -> int:
        return PEAK_ROUNDS * run(PEAK_ROUNDS, 0.5, ctypes.byref(ctypes.c_float()))

    def measurement() -> float:
        with ThreadPoolExecutor(cores) as threads:
            start = time.perf_counter()
            operations = sum(threads.map(core, range(cores)))
            return 1e-9 * operations / (time.perf_counter() - start)

    return measurement


def system_blas() -> ctypes.CDLL:
    """The system's OpenBLAS, which is what our program may use too."""
    name = ctypes.util.find_library("openblas")
    if name is None:
        raise RuntimeError("no libopenblas: install libopenblas-dev")
    return ctypes.CDLL(name)


def sgemm_seconds(blas: ctypes.CDLL, operands: tuple[np.ndarray, np.ndarray, np.ndarray]) -> float:
    """One product of two square float32 matrices on all cores."""
    left, right, result = (matrix.ctypes.data_as(ctypes.c_void_p) for matrix in operands)
    order = ctypes.c_int(ORDER)
    one, zero = ctypes.c_float(1), ctypes.c_float(0)
    start = time.perf_counter()
    blas.cblas_sgemm(
        ROW_MAJOR, NOT_TRANSPOSED, NOT_TRANSPOSED, order, order, order, one, left, order, right, order, zero, result, order
    )
    return time.perf_counter() - start


def sgemm_operands() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Two random matrices and room for their product."""
    random = np.random.default_rng(0)
    left, right = (random.standard_normal((ORDER, ORDER), dtype=np.float32) for _ in range(2))
    return left, right, np.zeros((ORDER, ORDER), dtype=np.float32)


def gigaflops(seconds: float) -> float:
    """GFLOP/s of that product."""
    return 2e-9 * ORDER**3 / seconds
