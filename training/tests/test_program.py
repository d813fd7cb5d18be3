"""The program and PyTorch agree on a pair of the fixtures, with a model file that this package wrote.

Needs the program: `make build`, or its path in the variable MATCH_PROGRAM; skipped where there is none.
"""

from __future__ import annotations

import csv
import json
import os
import subprocess
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from training.export import provenance
from training.model import load_compact, write_model
from training.settings import MODELS

ROOT = Path(__file__).parents[2]
WEIGHTS = ROOT / "Sources/CModels/compact.safetensors"
PROGRAM = Path(os.environ.get("MATCH_PROGRAM", ROOT / ".build/release/match"))
SAME_CELL, LARGEST_DIFFERENCE = 0.01, 0.05  # pixels


@pytest.mark.skipif(not PROGRAM.exists(), reason=f"no program at {PROGRAM}: run `make build`, or set MATCH_PROGRAM")
@pytest.mark.parametrize("half", [False, True])
def test_program_and_pytorch_agree(tmp_path: Path, half: bool) -> None:
    network = load_compact(WEIGHTS)
    model = json.loads((MODELS / "compact.json").read_text())
    record = {"model": dict(model), "elapsed": 60.0, "total_pairs": 1, "init": None, "pairs": 1, "step": 1}
    record |= {"devices": ["a CPU"], "data": "none", "seed": 1, "commits": [None]}
    model.pop("training")
    model["provenance"] = provenance(record)
    write_model(tmp_path / "model.safetensors", model, network.state_dict(), half)
    network = load_compact(tmp_path / "model.safetensors")

    paths, images = [], []
    for name in ("left", "right"):
        photo = cv2.imread(str(ROOT / f"fixtures/demo/{name}.jpg"), cv2.IMREAD_GRAYSCALE)
        photo = cv2.resize(photo, (416, 304), interpolation=cv2.INTER_AREA)
        paths.append(tmp_path / f"{name}.png")
        cv2.imwrite(str(paths[-1]), photo)
        images.append(torch.from_numpy(photo).float()[None, None] / 255)
    expected = network.match(*images)
    unrefined = load_compact(WEIGHTS)
    for parameter in unrefined.fine_matching.patch_regression[4].parameters():
        torch.nn.init.zeros_(parameter)  # the last step then moves nothing
    without_patch = unrefined.match(*images)

    options = ["--weights", tmp_path / "model.safetensors", "-o", tmp_path / "matches.csv", "--geometry", "none", "-q"]
    options += ["--rotations", "none", "--scales", "none", "--precision", "network"]
    subprocess.run([PROGRAM, *paths, *options], check=True)
    with (tmp_path / "matches.csv").open(newline="") as file:
        rows = np.array([[float(row[key]) for key in ("x0", "y0", "x1", "y1")] for row in csv.DictReader(file)])
    assert len(expected.scores) > 100
    assert abs(len(rows) - len(expected.scores)) <= 2
    distance = np.abs(expected.keypoints0.numpy()[:, None] - rows[None, :, :2]).max(2)
    nearest = distance.argmin(1)
    found = distance.min(1) < SAME_CELL
    assert found.mean() > 0.99
    apart = np.abs(expected.keypoints1.numpy() - rows[nearest, 2:]).max(1)[found]
    assert apart.max() < LARGEST_DIFFERENCE
    # The second step did something, so that the comparison above means something.
    if len(without_patch.scores) == len(expected.scores):
        assert (without_patch.keypoints1 - expected.keypoints1).abs().median() > LARGEST_DIFFERENCE
    print(f"{len(rows)} matches, points 1 apart: median {np.median(apart):.5f}, largest {apart.max():.5f} px")
