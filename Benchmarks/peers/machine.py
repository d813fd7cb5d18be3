"""The machine of a measurement, and the speed of its own matrix product."""

from __future__ import annotations

import ctypes
import ctypes.util
import os
import time
from importlib.metadata import PackageNotFoundError, version

import numpy as np

PACKAGES = ("torch", "kornia", "transformers", "onnxruntime", "opencv-python-headless")
ORDER = 4096
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
