"""What the comparisons of published networks share: sizes, how Swift runs, and the table."""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor

from training.model.tensorfile import write_tensors

# Height and width of both images.
SIZES = (
    ((480, 640), (480, 640)),
    ((832, 832), (832, 832)),
    ((864, 1152), (864, 1152)),
    ((480, 640), (576, 448)),
)
MATCH_STAGES = ("cells0", "cells1", "scores", "keypoints0", "keypoints1")
TOLERANCE = 1e-3  # relative error of a stage
KEYPOINT_TOLERANCE = 0.05  # pixels
Pair = tuple[int, int]


@dataclass(frozen=True)
class Comparison:
    """The worst of one run."""

    worst_stage: str
    worst_error: float
    matches: int
    in_common: int
    keypoints: float  # largest difference, pixels
    scores: float

    def agrees(self) -> bool:
        # Written so that NaN fails too.
        return self.worst_error < TOLERANCE and self.in_common == self.matches > 0 and self.keypoints < KEYPOINT_TOLERANCE


def run_swift(
    match: Path, folder: Path, weights: Path, images: tuple[Tensor, Tensor], *options: str
) -> dict[str, Tensor]:
    """The stages of `match model trace` with a weights file."""
    inputs, output = folder / "images.safetensors", folder / "stages.safetensors"
    write_tensors(inputs, {"image0": images[0], "image1": images[1]}, {})
    subprocess.run([match.resolve(), "model", "trace", weights, inputs, output, *options], check=True)
    return load_file(output)


def pairs_of(stages: dict[str, Tensor]) -> dict[Pair, int]:
    """Position in the list of each match, by its cells."""
    cells = zip(stages["cells0"].int().tolist(), stages["cells1"].int().tolist())
    return {pair: index for index, pair in enumerate(cells)}


def compare(ours: dict[str, Tensor], expected: dict[str, Tensor], shift: float = 0.0) -> Comparison:
    """Every stage that the reference has, and the matches; `shift` is what ours adds to the reference's points."""
    errors: dict[str, float] = {}
    for name, reference in expected.items():
        if name in MATCH_STAGES or name.startswith("window_cells") or name not in ours:
            continue
        if ours[name].shape == reference.shape and reference.numel():
            errors[name] = float((ours[name] - reference).abs().max() / reference.abs().max())
        else:
            errors[name] = float("inf")
        if errors[name] != errors[name]:
            errors[name] = float("inf")
    worst = max(errors, key=lambda name: errors[name])
    found, wanted = pairs_of(ours), pairs_of(expected)
    common = sorted(found.keys() & wanted.keys())
    left, right = [found[pair] for pair in common], [wanted[pair] for pair in common]
    differences = {
        name: float((ours[name][left] - expected[name][right] - offset).abs().max()) if common else float("inf")
        for name, offset in (("keypoints0", shift), ("keypoints1", shift), ("scores", 0.0))
    }
    return Comparison(
        worst_stage=worst,
        worst_error=errors[worst],
        matches=max(len(found), len(wanted)),
        in_common=len(common),
        keypoints=max(differences["keypoints0"], differences["keypoints1"]),
        scores=differences["scores"],
    )


def table(title: str, rows: Callable[[Path], Iterable[tuple[str, Comparison]]]) -> bool:
    """Prints one line a run as a table in Markdown; whether all agree."""
    print(f"{title}\n")
    print("| case | stages: largest relative error | matches | of these in both | points, px | scores |")
    print("|---|---|---|---|---|---|")
    agrees = True
    with tempfile.TemporaryDirectory() as folder:
        for name, result in rows(Path(folder)):
            worst = f"{result.worst_error:.1e} ({result.worst_stage})"
            line = f"{worst} | {result.matches} | {result.in_common} | {result.keypoints:.1e} | {result.scores:.1e}"
            print(f"| {name} | {line} |{'' if result.agrees() else ' **differs**'}", flush=True)
            agrees &= result.agrees()
    print()
    return agrees


def size_name(size0: Pair, size1: Pair) -> str:
    first, second = (f"{width}x{height}" for height, width in (size0, size1))
    return first if first == second else f"{first}, {second}"


def arguments(description: str | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--match", type=Path, required=True, help="the Swift executable")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--quick", action="store_true", help="the smallest size only")
    return parser.parse_args()


def save_checkpoint(path: Path, state: dict[str, Tensor], prefix: str) -> None:
    """As Lightning saves it: below `state_dict`, under a prefix."""
    torch.save({"state_dict": {prefix + name: tensor for name, tensor in state.items()}}, path)
