"""Pose errors by the recipe of SuperGlue and LoFTR, computed by OpenCV in Python from the program's own matches.

    match evaluate pose PAIRS --images DIR --protocol classic --repeats 1 --matches FOLDER --csv ours.csv
    /usr/bin/python3 -m training.evaluation.reference_pose PAIRS FOLDER/pose/MATCHER [--compare ours.csv --matcher MATCHER]

PAIRS is a SuperGlue pair file of 38 fields, FOLDER/pose/MATCHER holds 1.csv, 2.csv, ... with the columns x0, y0, x1, y1.
Prints one row a pair, then AUC and, with --compare, the largest difference to the program's errors and
numbers of inliers; the exit status is 1 if that is above 1e-6.
OpenCV's estimates change between its versions: to compare to the last digits, run this with the version that the
program is linked with (Debian: python3-opencv). --shuffle R > 0 orders the matches as the program's R-th repeat does.
"""

from __future__ import annotations

import argparse
import csv
import math
import sys
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

PIXELS = 0.5
CONFIDENCE = 0.99999
LIMITS = (5.0, 10.0, 20.0)  # degrees
MASK64 = (1 << 64) - 1


@dataclass(frozen=True)
class Pair:
    """Two photos, their calibrations [3, 3] and the motion X1 = R X0 + t."""

    name0: str
    name1: str
    k0: Array
    k1: Array
    rotation: Array
    translation: Array


@dataclass(frozen=True)
class Errors:
    """Angles in degrees; infinite without a pose."""

    rotation: float = math.inf
    translation: float = math.inf
    inliers: int = 0

    @property
    def pose(self) -> float:
        return max(self.rotation, self.translation)


def read_pairs(path: Path) -> list[Pair]:
    """The pairs of a SuperGlue file. Raises ValueError for a line that is none, or photos that are to be turned."""
    pairs = []
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        fields = line.split()
        if not fields or fields[0].startswith("#"):
            continue
        if len(fields) != 38:
            raise ValueError(f"{path}:{number}: {len(fields)} fields instead of 38")
        if fields[2:4] != ["0", "0"]:
            raise ValueError(f"{path}:{number}: photos that are to be turned are not supported")
        values = np.array([float(field) for field in fields[4:]])
        motion = values[18:].reshape(4, 4)
        pairs.append(
            Pair(
                name0=fields[0],
                name1=fields[1],
                k0=values[:9].reshape(3, 3),
                k1=values[9:18].reshape(3, 3),
                rotation=motion[:3, :3],
                translation=motion[:3, 3],
            )
        )
    return pairs


def read_matches(path: Path) -> tuple[Array, Array]:
    """Points of both photos, [matches, 2] each."""
    with path.open(newline="") as file:
        rows = [[float(row[name]) for name in ("x0", "y0", "x1", "y1")] for row in csv.DictReader(file)]
    points = np.array(rows, dtype=np.float64).reshape(-1, 4)
    return points[:, :2], points[:, 2:]


def shuffled(count: int, seed: int) -> list[int]:
    """The program's order of matches: Fisher-Yates with SplitMix64; seed 0 keeps the order."""
    indices = list(range(count))
    state = seed
    for last in range(count - 1, 0, -1) if seed else ():
        state = (state + 0x9E3779B97F4A7C15) & MASK64
        mixed = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & MASK64
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & MASK64
        other = (mixed ^ (mixed >> 31)) % (last + 1)
        indices[last], indices[other] = indices[other], indices[last]
    return indices


def classic_errors(pair: Pair, points0: Array, points1: Array) -> Errors:
    """The errors of one pair."""
    if len(points0) < 5:
        return Errors()
    # The recipe's slip, kept for comparability: fx0 and fy1 twice, fy0 and fx1 never.
    focal = np.mean([pair.k0[0, 0], pair.k1[1, 1], pair.k0[0, 0], pair.k1[1, 1]])
    normalized0 = (points0 - pair.k0[[0, 1], [2, 2]]) / pair.k0[[0, 1], [0, 1]]
    normalized1 = (points1 - pair.k1[[0, 1], [2, 2]]) / pair.k1[[0, 1], [0, 1]]
    essentials, mask = cv2.findEssentialMat(
        normalized0, normalized1, np.eye(3), threshold=PIXELS / focal, prob=CONFIDENCE, method=cv2.RANSAC
    )
    if essentials is None:
        return Errors()
    best = Errors()
    for essential in np.split(essentials, len(essentials) // 3):
        # recoverPose also takes the matches behind a camera out of the mask, which the next matrix then starts from.
        # The 1e9 is meant as distance threshold, but Python's overloads take it for the output R: 50 baselines hold.
        # It stands here as in the published code.
        inliers, rotation, translation, _ = cv2.recoverPose(
            essential, normalized0, normalized1, np.eye(3), 1e9, mask=mask
        )
        if inliers > best.inliers:
            best = Errors(*angles(pair, rotation, translation[:, 0]), inliers)
    return best


def angles(pair: Pair, rotation: Array, translation: Array) -> tuple[float, float]:
    """Rotation and translation error, degrees."""
    turn = float(np.clip((np.trace(rotation.T @ pair.rotation) - 1) / 2, -1, 1))
    lengths = np.linalg.norm(translation) * np.linalg.norm(pair.translation)
    angle = float(np.rad2deg(np.arccos(np.clip(translation @ pair.translation / lengths, -1, 1))))
    return float(np.rad2deg(np.arccos(turn))), min(angle, 180 - angle)


def area_under_curve(errors: list[float], limit: float) -> float:
    """AUC at a limit, percent."""
    rising = np.concatenate([[0.0], np.sort(errors)])
    recall = np.arange(len(rising)) / len(errors)
    end = int(np.searchsorted(rising, limit))
    x = np.concatenate([rising[:end], [limit]])
    y = np.concatenate([recall[:end], [recall[end - 1]]])
    return float(100 * np.sum(np.diff(x) * (y[1:] + y[:-1]) / 2) / limit)


def read_ours(path: Path, matcher: str) -> dict[tuple[str, str], tuple[float, ...]]:
    """The program's rotation, translation and pose error and number of inliers by the photos' names."""
    with path.open(newline="") as file:
        return {
            (row["image0"], row["image1"]): tuple(
                float(row[name] or "inf") for name in ("rotation_error", "translation_error", "error", "inliers")
            )
            for row in csv.DictReader(file)
            if row["matcher"] == matcher
        }


def difference(left: float, right: float) -> float:
    return 0.0 if left == right else abs(left - right)  # inf - inf is no number


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pairs", type=Path, help="a SuperGlue pair file of 38 fields")
    parser.add_argument("matches", type=Path, help="a folder with 1.csv, 2.csv, ...: columns x0, y0, x1, y1")
    parser.add_argument("--shuffle", type=int, default=0, help="0: matches as they come")
    parser.add_argument("--compare", type=Path, help="the program's own CSV")
    parser.add_argument("--matcher", default="compact", help="which rows of that CSV")
    options = parser.parse_args()

    ours = read_ours(options.compare, options.matcher) if options.compare else {}
    print(f"OpenCV {cv2.__version__}, numpy {np.__version__}", file=sys.stderr)
    print("pair,matches,inliers,rotation_error,translation_error,error")
    errors, worst = [], 0.0
    for number, pair in enumerate(read_pairs(options.pairs), start=1):
        points0, points1 = read_matches(options.matches / f"{number}.csv")
        order = shuffled(len(points0), options.shuffle)
        found = classic_errors(pair, points0[order], points1[order])
        errors.append(found.pose)
        print(f"{number},{len(points0)},{found.inliers},{found.rotation!r},{found.translation!r},{found.pose!r}")
        if ours:
            theirs = (found.rotation, found.translation, found.pose, float(found.inliers))
            differences = [difference(a, b) for a, b in zip(ours[pair.name0, pair.name1], theirs)]
            worst = max(worst, *differences)
            if max(differences) > 1e-6:
                degrees, inliers = max(differences[:3]), differences[3]
                print(f"pair {number} differs by {degrees:.3g} degrees, {inliers:.0f} inliers", file=sys.stderr)
    print("AUC@5/10/20: " + " ".join(f"{area_under_curve(errors, limit):.2f}" for limit in LIMITS), file=sys.stderr)
    if ours:
        print(f"largest difference: {worst:.3g} degrees or inliers", file=sys.stderr)
    return int(worst > 1e-6)


if __name__ == "__main__":
    sys.exit(main())
