"""Compares the Swift LoFTR with kornia's at full size (11.6 M parameters, random weights, 640x480), stage by stage.

    python -m training.goldens.compare_loftr --match .build/release/match

`match model trace WEIGHTS IMAGES OUTPUT` runs Swift (safetensors all three): IMAGES holds `image0`, `image1`
[height, width], OUTPUT the stages under the names of loftr.py. Without --match, kornia alone runs.
Prints max |a - b| / max |b| for each stage, how far the matches agree, the keypoints' differences, and Swift's times.
"""

from __future__ import annotations

import argparse
import copy
import subprocess
import tempfile
from pathlib import Path

import cv2
from kornia.feature.loftr.loftr import default_cfg
from safetensors.torch import load_file
from torch import Tensor

from training.goldens import loftr
from training.goldens.fixture import decision_margin
from training.model import write_model
from training.model.tensorfile import write_tensors

HEIGHT, WIDTH = 480, 640
MATCH_STAGES = ("cells0", "cells1", "scores", "keypoints0", "keypoints1")
TOLERANCE = 1e-3  # relative error of a stage
KEYPOINT_TOLERANCE = 0.01  # pixels


def pairs_of(stages: dict[str, Tensor]) -> dict[tuple[int, int], int]:
    """Position in the list of each match, by its cells."""
    cells = zip(stages["cells0"].int().tolist(), stages["cells1"].int().tolist())
    return {pair: index for index, pair in enumerate(cells)}


def compare(ours: dict[str, Tensor], expected: dict[str, Tensor]) -> bool:
    """Prints the table; whether every stage, the match set and the keypoints agree."""
    agrees = True
    print(f"{'stage':24}{'shape':>20}{'relative error':>16}")
    for name, reference in expected.items():
        if name in MATCH_STAGES or name.startswith("window_cells"):
            continue
        if name not in ours:
            # A stage that is compared nowhere is worth a line.
            print(f"{name:24}{'x'.join(map(str, reference.shape)):>20}{'missing':>16}")
            continue
        if ours[name].shape != reference.shape:
            print(f"{name:24}{'x'.join(map(str, reference.shape)):>20}  found {tuple(ours[name].shape)}")
            agrees = False
            continue
        error = float((ours[name] - reference).abs().max() / reference.abs().max())
        # Written so that NaN fails too.
        agrees &= error < TOLERANCE
        print(f"{name:24}{'x'.join(map(str, reference.shape)):>20}{error:16.2e}")

    found, wanted = pairs_of(ours), pairs_of(expected)
    common = sorted(found.keys() & wanted.keys())
    print(f"matches: {len(found)} of ours, {len(wanted)} of kornia's, {len(common)} in common")
    agrees &= found.keys() == wanted.keys() and len(common) > 0
    left, right = [found[pair] for pair in common], [wanted[pair] for pair in common]
    for name in ("keypoints0", "keypoints1", "scores"):
        if common:
            difference = (ours[name][left] - expected[name][right]).abs()
            print(f"{name}: largest difference {float(difference.max()):.2e}, median {float(difference.median()):.2e}")
            agrees &= name == "scores" or float(difference.max()) < KEYPOINT_TOLERANCE
    return agrees


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--match", type=Path, help="the Swift executable")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--corrected", action="store_true", help="with the corrected position encoding")
    arguments = parser.parse_args()

    configuration = copy.deepcopy(default_cfg)
    configuration["coarse"]["temp_bug_fix"] = arguments.corrected
    network = loftr.random_loftr(configuration, arguments.seed, (HEIGHT, WIDTH))
    print(f"LoFTR, {sum(p.numel() for p in network.parameters())} parameters, {WIDTH}x{HEIGHT}")
    image0, image1 = loftr.texture_pair((HEIGHT, WIDTH), (HEIGHT, WIDTH), arguments.seed)
    expected = loftr.trace(network, image0, image1)
    margin = decision_margin(expected["confidence"], configuration["match_coarse"]["thr"])
    # Below about 1e-5, a match may turn on rounding alone.
    print(f"kornia: {len(expected['scores'])} matches, least relative margin of a decision {margin:.1e}")
    if arguments.match is None:
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        weights, images, output = (folder / f"{stem}.safetensors" for stem in ("weights", "images", "stages"))
        model = loftr.model_json(configuration, "loftr-random", "full-size LoFTR of random weights")
        write_model(weights, model, loftr.our_weights(network))
        write_tensors(images, {"image0": image0, "image1": image1}, {})
        subprocess.run([arguments.match.resolve(), "model", "trace", weights, images, output], check=True)
        agrees = compare(load_file(output), expected)
        photos = [folder / "image0.png", folder / "image1.png"]
        for photo, image in zip(photos, (image0, image1)):
            cv2.imwrite(str(photo), (image * 255).round().byte().numpy())
        run = [arguments.match.resolve(), *photos, "--weights", weights, "--geometry", "none"]
        summary = subprocess.run(run, check=True, capture_output=True, text=True).stdout
        print("match on both as photos,", next(line for line in summary.splitlines() if line.startswith("time")))
    raise SystemExit(0 if agrees else "the Swift LoFTR differs from kornia's")


if __name__ == "__main__":
    main()
