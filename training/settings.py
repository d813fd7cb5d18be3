"""How a model is trained: the `training` part of its configuration file, which also describes the network."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import torch

from training.data.pairs import Mix
from training.data.truth import Shape

MODELS = Path(__file__).parent / "model"
UNIT = 192 * 256  # pixels of an image that a batch is counted in
START_HARDNESS = 0.7  # of pairs, rising to 1
RAMP = 0.15  # share of the schedule in which it rises
FINAL_RATE = 0.01  # of the full rate

ShapePair = tuple[Shape, Shape]


@dataclass(frozen=True)
class Settings:
    """Everything but data and time. The file has one part for GPUs and one for CPUs."""

    rate: float  # AdamW's learning rate
    warmup: float  # share of the schedule
    weight_decay: float
    clip: float  # largest norm of a gradient
    average: float  # decay of the moving average of the weights, a step
    mix: Mix
    cooldown: float  # share of the schedule, at its end, in which the rate falls
    batch: int  # pairs a step of 192x256; others in proportion to their pixels
    shapes: tuple[tuple[ShapePair, float], ...]  # of a step's images, sides multiples of 16, and how often

    @staticmethod
    def from_model(model: dict[str, Any], device: torch.device) -> Settings:
        part = model["training"]
        by_device = part["cpu" if device.type == "cpu" else "gpu"]
        return Settings(
            rate=by_device["rate"],
            warmup=part["warmup"],
            weight_decay=part["weightDecay"],
            clip=part["clip"],
            average=part["average"],
            mix=Mix(**part["mix"]),
            cooldown=part["cooldown"],
            batch=by_device["batch"],
            shapes=tuple((read_shapes(text), float(share)) for text, share in part["shapes"].items()),
        )

    def rate_at(self, progress: float) -> float:
        """A linear rise, a level, a linear fall: a run is prolonged by continuing from before the fall.

        `progress` of the schedule in 0..1, likewise below.
        """
        falling = FINAL_RATE + (1 - FINAL_RATE) * (1 - progress) / self.cooldown
        return self.rate * max(0.0, min(1.0, progress / self.warmup if self.warmup else 1.0, falling))

    def hardness_at(self, progress: float) -> float:
        """Upper bound of a pair's difficulty."""
        return min(1.0, START_HARDNESS + (1 - START_HARDNESS) * progress / RAMP)

    def shapes_of_a_step(self, random: Random) -> ShapePair:
        """The shapes of both images."""
        shapes, shares = zip(*self.shapes)
        return random.choices(shapes, shares)[0]

    def batch_of(self, shapes: ShapePair) -> int:
        """Pairs a step, for about the same work at every size."""
        pixels = sum(height * width for height, width in shapes) / 2
        return max(1, round(self.batch * UNIT / pixels))


def read_shapes(text: str) -> ShapePair:
    """`192x256`, height times width of both images, or `192x256-288x384` of each. Raises ValueError."""
    sides = [tuple(int(side) for side in part.split("x")) for part in text.split("-")]
    if len(sides) > 2 or any(len(shape) != 2 or any(side <= 0 or side % 16 for side in shape) for shape in sides):
        raise ValueError(f"shapes {text!r}: expected HEIGHTxWIDTH or two such with a dash, all multiples of 16")
    return sides[0], sides[-1]


def read_model_settings(name: str) -> dict[str, Any]:
    """The configuration of a model by its name, or by the path of a file like those in `training/model`."""
    path = Path(name) if name.endswith(".json") else MODELS / f"{name}.json"
    if not path.exists():
        known = ", ".join(sorted(p.stem for p in MODELS.glob("*.json") if '"training"' in p.read_text()))
        raise SystemExit(f"no model configuration {path}; there are {known}")
    return json.loads(path.read_text())


def choose_device(name: str) -> torch.device:
    """`auto` is a GPU where there is one."""
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(name)
