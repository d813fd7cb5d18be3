"""How precise matches of real photos are, by --precision: `python Benchmarks/precision.py [--match .build/release/match]`.

aloe is a rectified stereo pair (true vertical error 0), graf a plane with a known homography; both are Debian's
opencv-doc. "stated": the mean of the squared error over its stated variance, of aligned matches within 1 px: 1 is exact.
graf has none, since its homography is itself good to half a pixel only.
"""

from __future__ import annotations

import argparse
import csv
import subprocess
import tempfile
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

PHOTOS = Path("/usr/share/doc/opencv-doc/examples/data")
MODES = ("network", "refined", "verified")

Rows = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]


def matched(program: Path, first: str, second: str, mode: str) -> Rows:
    """Points of both photos, covariances xx xy yy, and which matches are aligned."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "matches.csv"
        subprocess.run(
            [program.resolve(), PHOTOS / first, PHOTOS / second, "--precision", mode, "-q", "-o", path], check=True
        )
        with path.open(newline="") as file:
            rows = list(csv.DictReader(file))
    values = np.array([[float(row[key]) for key in ("x0", "y0", "x1", "y1", "sxx", "sxy", "syy")] for row in rows])
    return values[:, :2], values[:, 2:4], values[:, 4:], np.array([row["precision"] == "refined" for row in rows])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--match", type=Path, default=Path(".build/release/match"))
    program = parser.parse_args().match
    storage = cv2.FileStorage(str(PHOTOS / "H1to3p.xml"), cv2.FILE_STORAGE_READ)
    homography = storage.getNode(storage.root().keys()[0]).mat()
    print("| pair, `--precision` | matches | aligned | median error, px | within 1 px | within 3 px | stated |")
    print("|---|---|---|---|---|---|---|")
    for name, files in (("aloe", ("aloeL.jpg", "aloeR.jpg")), ("graf", ("graf1.png", "graf3.png"))):
        for mode in MODES:
            points0, points1, covariance, aligned = matched(program, *files, mode)
            if name == "aloe":
                error = points1[:, 1] - points0[:, 1]
                size, squared = np.abs(error), error**2 / covariance[:, 2]
                right = aligned & (size < 1)
                stated = f"{squared[right].mean():.2f}" if right.any() else ""
            else:
                offset = points1 - cv2.perspectiveTransform(points0[None], homography)[0]
                size, stated = np.linalg.norm(offset, axis=1), ""
            print(
                f"| {name}, `{mode}` | {len(size)} | {aligned.sum()} | {np.median(size):.3f} | {(size < 1).mean():.2f} "
                f"| {(size < 3).mean():.2f} | {stated} |"
            )


if __name__ == "__main__":
    main()
