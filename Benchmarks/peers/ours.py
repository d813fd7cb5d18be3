"""Times of our program by `match bench`: in its own process, after a run that does not count."""

from __future__ import annotations

import json
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from torch import Tensor

from training.goldens.loftr import texture_pair

HEIGHT, WIDTH = 480, 640
DEMO = Path("fixtures/demo")
COMPACT = Path("Sources/CModels/compact.safetensors")


@dataclass(frozen=True)
class Report:
    """What `match bench` wrote."""

    json: dict[str, Any]

    def seconds(self, stage: str) -> float:
        """The median time of a stage, or of `matching`: from pixels in memory to correspondences in memory."""
        times = {part["stage"]: part["medianSeconds"] for part in self.json["stages"]}
        if stage == "matching":
            return self.json["total"]["medianSeconds"] - times["decode"] - times["geometry"]
        return times[stage]

    def rate(self, *stages: str) -> float:
        """GFLOP/s over these stages together, or over all that have arithmetic."""
        parts = [part for part in self.json["stages"] if "multiplyAdds" in part and (not stages or part["stage"] in stages)]
        return 2e-9 * sum(part["multiplyAdds"] for part in parts) / sum(part["medianSeconds"] for part in parts)


def bench(program: Path, *arguments: str | Path, repeats: int = 1) -> Report:
    """Runs `match bench` with these arguments."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "bench.json"
        command = [program.resolve(), "bench", *arguments, "--repeats", str(repeats), "--json", output]
        finished = subprocess.run(command, capture_output=True, text=True, check=False)
        if finished.returncode != 0:
            raise RuntimeError(f"match bench: {finished.stderr.strip()}")
        return Report(json.loads(output.read_text()))


def write_picture(path: Path, pixels: np.ndarray) -> Path:
    """Writes values of 8 bits in the format of the name."""
    cv2.imwrite(str(path), pixels)
    return path


def as_tensor(path: Path) -> Tensor:
    """A grey picture as [1, 1, height, width] in [0, 1]."""
    return torch.from_numpy(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)).float()[None, None] / 255


def textures(folder: Path) -> list[Path]:
    """The smooth textures on which networks of random weights match, 640x480."""
    pair = texture_pair((HEIGHT, WIDTH), (HEIGHT, WIDTH), 0)
    return [
        write_picture(folder / f"texture{index}.png", (image * 255).round().byte().numpy())
        for index, image in enumerate(pair)
    ]


def street(folder: Path, size: tuple[int, int] = (WIDTH, HEIGHT), suffix: str = ".png", mode: int = cv2.IMREAD_GRAYSCALE) -> list[Path]:
    """The demo's rendered street, which ships with the project, at that size; `mode` is grey or cv2.IMREAD_COLOR."""
    result = []
    for index, name in enumerate(("left.jpg", "right.jpg")):
        pixels = cv2.imread(str(DEMO / name), mode)
        shrinks = size[0] < pixels.shape[1]
        resized = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC)
        result.append(write_picture(folder / f"street{index}-{size[0]}{suffix}", resized))
    return result
