"""How a model is trained: the `training` part of its configuration file, which also describes the network."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from training.data.pairs import Mix

MODELS = Path(__file__).parent / "model"
START_HARDNESS = 0.7  # of pairs, rising to 1
RAMP = 0.15  # share of the schedule in which it rises
LATE = 0.4  # share of the schedule, at its end, in which larger images are mixed in
FINAL_RATE = 0.01  # of the full rate


@dataclass(frozen=True)
class Settings:
    """Everything but data and time. The file has one part for GPUs and one for CPUs."""

    rate: float  # AdamW's learning rate
    warmup: float  # share of the schedule
    weight_decay: float
    clip: float  # largest norm of a gradient
    average: float  # decay of the moving average of the weights, a step
    mix: Mix
    batch: int  # pairs a step of the first size; others in proportion to their pixels
    sizes: tuple[int, ...]  # sides of the images, multiples of 16
    late_sizes: tuple[int, ...]

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
            batch=by_device["batch"],
            sizes=tuple(by_device["sizes"]),
            late_sizes=tuple(by_device["lateSizes"]),
        )

    def rate_at(self, progress: float) -> float:
        """A linear rise, then half a cosine. `progress` of the schedule in 0..1, likewise below."""
        if progress < self.warmup:
            return self.rate * progress / self.warmup
        falling = 0.5 * (1 + math.cos(math.pi * (progress - self.warmup) / (1 - self.warmup)))
        return self.rate * (FINAL_RATE + (1 - FINAL_RATE) * falling)

    def hardness_at(self, progress: float) -> float:
        """Upper bound of a pair's difficulty."""
        return min(1.0, START_HARDNESS + (1 - START_HARDNESS) * progress / RAMP)

    def sizes_at(self, progress: float) -> tuple[int, ...]:
        """Sides of images, one of which a step draws."""
        return self.late_sizes if progress > 1 - LATE else self.sizes

    def batch_of(self, size: int) -> int:
        """Pairs a step, for about the same memory at every size."""
        return max(2, round(self.batch * (self.sizes[0] / size) ** 2))


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
