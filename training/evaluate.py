"""Figures of a model on held-out photos: `python -m training.evaluate MODEL --data DIR`.

MODEL is a model file or a run's folder. First the validation table (see training/validation.py), then homographies
estimated from the matches (OpenCV's MAGSAC, 3 px): AUC of the mean corner error at 3, 5 and 10 px, and the share of
pairs within 5 px, for any views, turned ones and scaled ones; and the poses of held-out scenes, scene by scene
(training/pose_validation.py). `--sift` adds the same for RootSIFT on the same images.

`--write FOLDER` writes the homographies' pairs instead, a folder a grade in HPatches' layout, for
`match evaluate homography FOLDER/any`.
"""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Iterator
from math import pi
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from training.checkpoint import averaged_weights, read_state
from training.data.homographies import HomographyRange
from training.data.pairs import VALIDATION_SEED, Material, PairMaker
from training.data.photometric import change_light
from training.model import Compact, CompactConfiguration, load_compact
from training.pose_validation import (
    Matcher,
    Points,
    area_under_curve,
    network_matcher,
    pose_errors,
    pose_figures,
    pose_pairs,
)
from training.settings import choose_device
from training.validation import table, validate, validation_pairs

INLIER_PIXELS = 3.0
LIMITS = (3.0, 5.0, 10.0)
SOLVED_PIXELS = 5.0
LIGHT = 0.5
HARDNESS = 0.8
RATIO = 0.8  # of SIFT's best to second-best distance

# What is drawn of unseen photos; no bends, as a homography is to be found.
GRADES = {
    "any": HomographyRange(bends=False),
    "turn 90": HomographyRange(scale=1.3, rotation=pi / 2, perspective=0.2, bends=False),
    "turn 180": HomographyRange(scale=1.3, rotation=pi, perspective=0.2, bends=False),
    "scale 3": HomographyRange(scale=3.0, rotation=0.0, perspective=0.2, bends=False, fixed_scale=True),
}


def load(path: Path) -> Compact:
    """The network of a model file, or of a run's averaged weights."""
    if not path.is_dir():
        return load_compact(path)
    found = read_state(path)
    if not found:
        raise SystemExit(f"{path}: no complete state of a run")
    network = Compact(CompactConfiguration.from_model(found[0]["model"]))
    network.load_state_dict(averaged_weights(found[1]))
    return network.eval()


def sift_matcher() -> Matcher:
    """RootSIFT, mutual nearest neighbours with the ratio test."""
    sift = cv2.SIFT_create(4000)

    def describe(image: torch.Tensor) -> tuple[Points, NDArray[np.float32]]:
        keypoints, descriptors = sift.detectAndCompute((image.cpu().numpy() * 255).round().astype(np.uint8), None)
        if len(keypoints) < 2:
            return np.zeros((0, 2)), np.zeros((0, 128), np.float32)
        descriptors = np.sqrt(descriptors / (np.abs(descriptors).sum(1, keepdims=True) + 1e-9))
        return np.array([keypoint.pt for keypoint in keypoints]), descriptors.astype(np.float32)

    def match(image0: torch.Tensor, image1: torch.Tensor) -> tuple[Points, Points]:
        (points0, descriptors0), (points1, descriptors1) = describe(image0), describe(image1)
        if not len(points0) or not len(points1):
            return np.zeros((0, 2)), np.zeros((0, 2))
        distance = np.sqrt(np.maximum(2 - 2 * descriptors0 @ descriptors1.T, 0))
        best, back = distance.argmin(1), distance.argmin(0)
        two = np.partition(distance, 1, axis=1)[:, :2]
        kept = (back[best] == np.arange(len(best))) & (two[:, 0] < RATIO * two[:, 1])
        return points0[kept], points1[best[kept]]

    return match


def corner_error(truth: NDArray, points0: Points, points1: Points, size: int) -> float:
    """Mean distance of the corners under the estimated homography and the true one; infinite where there is none."""
    if len(points0) < 4:
        return np.inf
    found, _ = cv2.findHomography(points0, points1, cv2.USAC_MAGSAC, INLIER_PIXELS, maxIters=5000, confidence=0.9999)
    if found is None:
        return np.inf
    last = size - 1.0
    corners = np.array([[[0, 0], [last, 0], [0, last], [last, last]]])
    moved = [cv2.perspectiveTransform(corners, matrix)[0] for matrix in (found, truth)]
    return float(np.linalg.norm(moved[0] - moved[1], axis=1).mean())


def homography_pairs(material: Material, grade: str, count: int, size: int) -> Iterator[tuple[torch.Tensor, NDArray]]:
    """Pairs of held-out photos: both images [2, size, size], and the homography from the first to the second."""
    maker = PairMaker(material, VALIDATION_SEED, held_out=True, homographies=GRADES[grade])
    strength = torch.full((2,), LIGHT, device=maker.draws.device)
    for _ in range(count):
        views = maker.views("homography", 1, size, HARDNESS)
        images = change_light(maker.draws, torch.cat([views.image0, views.image1]), strength)
        yield images, views.homography[0].double().cpu().numpy()


def write_pairs(folder: Path, material: Material, count: int, size: int) -> None:
    """All grades as folders of HPatches' layout."""
    for grade in GRADES:
        for index, (images, truth) in enumerate(homography_pairs(material, grade, count, size)):
            place = folder / grade.replace(" ", "-") / f"{index:03}"
            place.mkdir(parents=True, exist_ok=True)
            for number, image in enumerate(images, 1):
                cv2.imwrite(str(place / f"{number}.png"), (image.cpu().numpy() * 255).round().astype(np.uint8))
            np.savetxt(place / "H_1_2", truth / truth[2, 2], fmt="%.12g")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path, nargs="?")
    parser.add_argument("--write", type=Path, help="write the homographies' pairs into this folder, and nothing else")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--size", type=int, default=256, help="side of the validation images")
    parser.add_argument("--pairs", type=int, default=96, help="validation pairs of all kinds, about")
    parser.add_argument("--homography-size", type=int, default=320)
    parser.add_argument("--homographies", type=int, default=60, help="pairs of each grade")
    parser.add_argument("--poses", type=int, default=96, help="pairs of held-out scenes, about")
    parser.add_argument("--sift", action="store_true", help="compare with RootSIFT")
    parser.add_argument("--photos", type=int, help="use so many photos only, for tests")
    parser.add_argument("--frames", type=int, help="use so many frames of each sequence only, for tests; 0: none")
    arguments = parser.parse_args()
    device = choose_device(arguments.device)
    if arguments.write:
        material = Material.load(arguments.data, device, arguments.photos, 0)
        write_pairs(arguments.write, material, arguments.homographies, arguments.homography_size)
        return
    if not arguments.model:
        parser.error("name a model, or a folder to --write")
    network = load(arguments.model).to(device)
    material = Material.load(arguments.data, device, arguments.photos, arguments.frames)
    print(f"{arguments.model} on {material.description()}")
    batches = validation_pairs(material, arguments.size, arguments.pairs)
    print(table(validate(network, batches, contextlib.nullcontext())))

    cv2.setRNGSeed(0)
    matchers = {"network": network_matcher(network, device, contextlib.nullcontext())} | (
        {"RootSIFT": sift_matcher()} if arguments.sift else {}
    )
    titles = "".join(f"{f'AUC@{limit:g}':>10}" for limit in LIMITS) + f"{'solved':>10}"
    if material.frames and (pairs := pose_pairs(material.frames, arguments.poses)):
        scenes = np.array([scene for scene, _, _ in pairs])
        print(f"\nposes of {len(pairs)} pairs of held-out scenes, AUC@5/10/20 degrees")
        for name, match in matchers.items():
            errors = pose_errors(material.frames, pairs, match)
            for scene in ["all", *dict.fromkeys(scenes)]:
                own = errors if scene == "all" else errors[scenes == scene]
                values = "".join(f"{value:>8.1f}" for value in pose_figures(own).values())
                print(f"{scene:16}{name:12}{values}  of {len(own)}")
    if not arguments.homographies:
        return
    print(f"\n{arguments.homographies} homographies a grade, {arguments.homography_size} px\n{'':24}{titles}")
    for grade in GRADES:
        found: dict[str, list[float]] = {name: [] for name in matchers}
        for images, truth in homography_pairs(material, grade, arguments.homographies, arguments.homography_size):
            for name, match in matchers.items():
                found[name].append(corner_error(truth, *match(*images), arguments.homography_size))
        for name, errors in ((name, np.array(values)) for name, values in found.items()):
            areas = "".join(f"{100 * area_under_curve(errors, limit):>10.1f}" for limit in LIMITS)
            print(f"{grade:12}{name:12}{areas}{(errors < SOLVED_PIXELS).mean():>10.2f}")


if __name__ == "__main__":
    main()
