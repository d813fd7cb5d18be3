"""The compact network on the photo pairs of opencv-doc, in PyTorch and, where its binary is given, in Swift.

    python -m training.goldens.compare_photos [--match .build/release/match]

Both see the same pixels: grey; longer side 640, sides rounded to multiples of 16, INTER_AREA. Points are compared in
pixels of the original photos, where they go by (x + 0.5) * scale - 0.5.
The prototype's README counts in pixels of the shrunk photos; its shares are therefore higher (graf .80, aloe .89).
Columns: matches; share of the matches with ground truth that lie within 3 px of it; the mean corner error of the
homography (MAGSAC, 3 px) against the true one; inliers of the homography or fundamental matrix by the same function;
agreement: share of PyTorch's matches that Swift has with the same cells, and how far their points in image 1 are apart.
"""

from __future__ import annotations

import argparse
import csv
import math
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from training.goldens.make_goldens import COMPACT_WEIGHTS, PHOTOS
from training.model import Compact, load_compact

LONGER_SIDE = 640
MULTIPLE = 16
INLIER_PIXELS = 3.0
SAME_POINT = 0.01  # pixels: both give the same cell's centre

Points = NDArray[np.float64]  # [matches, 2]


@dataclass(frozen=True)
class Pair:
    """Two photos, with the truth that is known about them."""

    name: str
    photo0: str
    photo1: str
    geometry: str  # "homography" or "fundamental": what relates the two
    homography: str | None = None  # file of the true matrix
    disparity: str | None = None  # file of the true disparities of photo 0, in pixels, 0 where unknown


PAIRS = (
    Pair("graf", "graf1.png", "graf3.png", "homography", homography="H1to3p.xml"),
    Pair("aloe", "aloeL.jpg", "aloeR.jpg", "fundamental", disparity="aloeGT.png"),
    Pair("leuven", "leuvenA.jpg", "leuvenB.jpg", "fundamental"),
    Pair("box", "box.png", "box_in_scene.png", "homography"),
)


def read(path: Path) -> NDArray[np.uint8]:
    """The photo as grey values [height, width]."""
    pixels = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if pixels is None:
        raise FileNotFoundError(f"{path}: not a readable image; install opencv-doc or pass --photos")
    return pixels


def shrink(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The photo at the size the network sees: at most the longer side's limit, in multiples, never enlarged by more."""
    scale = min(1.0, LONGER_SIDE / max(pixels.shape))
    height, width = (
        min(LONGER_SIDE // MULTIPLE, max(1, math.floor(side * scale / MULTIPLE + 0.5))) * MULTIPLE
        for side in pixels.shape
    )
    # An axis that shrinks is averaged, one that grows (to the next multiple) interpolated.
    smaller = (min(width, pixels.shape[1]), min(height, pixels.shape[0]))
    averaged = cv2.resize(pixels, smaller, interpolation=cv2.INTER_AREA)
    return cv2.resize(averaged, (width, height), interpolation=cv2.INTER_LINEAR)


def to_original(points: torch.Tensor, seen: NDArray[np.uint8], original: NDArray[np.uint8]) -> Points:
    """Points of the shrunk photo in pixels of the original."""
    scale = np.array([original.shape[1] / seen.shape[1], original.shape[0] / seen.shape[0]])
    return (points.double().numpy() + 0.5) * scale - 0.5


def run_network(network: Compact, original0: NDArray[np.uint8], original1: NDArray[np.uint8]) -> tuple[Points, Points]:
    """Matches by PyTorch, in original pixels."""
    seen0, seen1 = shrink(original0), shrink(original1)
    image0, image1 = (torch.from_numpy(seen).float()[None, None] / 255 for seen in (seen0, seen1))
    matches = network.match(image0, image1)
    return to_original(matches.keypoints0, seen0, original0), to_original(matches.keypoints1, seen1, original1)


def run_binary(binary: Path, path0: Path, path1: Path) -> tuple[Points, Points]:
    """Matches by the Swift binary, in original pixels."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "matches.csv"
        options = ["-o", output, "--max-size", str(LONGER_SIDE), "--geometry", "none", "-q"]
        options += ["--rotations", "none", "--scales", "none", "--precision", "network"]
        subprocess.run([binary.resolve(), path0, path1, *options], check=True)
        with output.open(newline="") as file:
            rows = [[float(row[key]) for key in ("x0", "y0", "x1", "y1")] for row in csv.DictReader(file)]
    values = np.array(rows, dtype=np.float64).reshape(-1, 4)
    return values[:, :2], values[:, 2:]


def true_homography(path: Path) -> NDArray[np.float64]:
    """The first matrix of an OpenCV XML file."""
    storage = cv2.FileStorage(str(path), cv2.FILE_STORAGE_READ)
    # The root has to outlive its first child's reading, or the storage is gone.
    root = storage.root()
    return root.getNode(root.keys()[0]).mat()


def corner_error(estimated: NDArray[np.float64], truth: NDArray[np.float64], shape: tuple[int, int]) -> float:
    """Mean distance of the four corners of image 0 under both homographies, in pixels of image 1."""
    height, width = shape
    corners = np.array([[[0, 0], [width - 1, 0], [0, height - 1], [width - 1, height - 1]]], dtype=np.float64)
    moved = [cv2.perspectiveTransform(corners, matrix)[0] for matrix in (estimated, truth)]
    return float(np.linalg.norm(moved[0] - moved[1], axis=1).mean())


def true_points(pair: Pair, folder: Path, points: Points) -> tuple[Points, NDArray[np.bool_]] | None:
    """Where `points` of photo 0 are in photo 1, and for which of them this is known; None where no truth exists."""
    if pair.homography:
        moved = cv2.perspectiveTransform(points[None], true_homography(folder / pair.homography))[0]
        return moved, np.ones(len(points), dtype=bool)
    if pair.disparity:
        disparity = read(folder / pair.disparity)
        x, y = (np.clip(np.rint(points[:, i]).astype(int), 0, disparity.shape[1 - i] - 1) for i in (0, 1))
        values = disparity[y, x].astype(np.float64)
        return points - np.stack([values, np.zeros_like(values)], 1), values > 0
    return None


def describe(pair: Pair, folder: Path, shape: tuple[int, int], points0: Points, points1: Points) -> str:
    """The columns of one run."""
    share = error = "-"
    if (truth := true_points(pair, folder, points0)) is not None and truth[1].any():
        distance = np.linalg.norm(points1 - truth[0], axis=1)[truth[1]]
        correct = distance < INLIER_PIXELS
        share = f"{correct.mean():.3f} ({correct.sum()})"
    inliers = 0
    if len(points0) >= 8:
        if pair.geometry == "homography":
            matrix, mask = cv2.findHomography(points0, points1, cv2.USAC_MAGSAC, INLIER_PIXELS)
            if pair.homography and matrix is not None:
                error = f"{corner_error(matrix, true_homography(folder / pair.homography), shape):.2f}"
        else:
            matrix, mask = cv2.findFundamentalMat(points0, points1, cv2.USAC_MAGSAC, INLIER_PIXELS, 0.999, 10000)
        inliers = 0 if mask is None else int(mask.sum())
    return f"{len(points0):>8}{share:>15}{error:>10}{inliers:>9}"


def agreement(reference: tuple[Points, Points], found: tuple[Points, Points]) -> str:
    """Share of the matches of `reference` that `found` has too (point 0, cell at point 1), and their differences."""
    if not len(reference[0]) or not len(found[0]):
        return "no matches to compare"
    distance = np.abs(reference[0][:, None] - found[0][None]).max(2)
    nearest = distance.argmin(1)
    apart = np.linalg.norm(found[1][nearest] - reference[1], axis=1)
    # Points 1 of one cell differ by the refinement alone; anything of several pixels is another cell.
    same = (distance.min(1) < SAME_POINT) & (apart < MULTIPLE / 4)
    if not same.any():
        return "0 % the same"
    extra = len(found[0]) - int(same.sum())
    return (
        f"{same.mean():.2%} the same, {extra} others; "
        f"point 1 apart: median {np.median(apart[same]):.4f}, largest {apart[same].max():.4f} px"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=Path, default=PHOTOS, help="folder of opencv-doc's photos")
    parser.add_argument("--weights", type=Path, default=COMPACT_WEIGHTS)
    parser.add_argument("--match", type=Path, help="the Swift binary")
    arguments = parser.parse_args()

    network = load_compact(arguments.weights)
    print(f"{'pair':8}{'by':9}{'matches':>8}{'within 3 px':>15}{'corner px':>10}{'inliers':>9}  agreement with PyTorch")
    for pair in PAIRS:
        path0, path1 = arguments.photos / pair.photo0, arguments.photos / pair.photo1
        original0, original1 = read(path0), read(path1)
        reference = run_network(network, original0, original1)
        print(f"{pair.name:8}{'PyTorch':9}{describe(pair, arguments.photos, original0.shape, *reference)}", flush=True)
        if arguments.match:
            found = run_binary(arguments.match, path0, path1)
            columns = describe(pair, arguments.photos, original0.shape, *found)
            print(f"{pair.name:8}{'Swift':9}{columns}  {agreement(reference, found)}", flush=True)


if __name__ == "__main__":
    main()
