"""Batches of pinhole cameras."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from training.data.geometry import apply_linear

LEAST_DEPTH = 1e-3


@dataclass
class Camera:
    """One camera a pair: world point X is seen at calibration (rotation (X - position)), over its third coordinate."""

    calibration: Tensor  # [pairs, 3, 3]
    rotation: Tensor  # [pairs, 3, 3]
    position: Tensor  # [pairs, 3]

    def where(self, replaced: Tensor, other: Camera) -> Camera:
        """This camera, but the other one for `replaced` [pairs]."""
        matrix, vector = replaced[:, None, None], replaced[:, None]
        return Camera(
            torch.where(matrix, other.calibration, self.calibration),
            torch.where(matrix, other.rotation, self.rotation),
            torch.where(vector, other.position, self.position),
        )

    def repeated(self, count: int) -> Camera:
        """Every camera `count` times in succession."""
        return Camera(*(t.repeat_interleave(count, 0) for t in (self.calibration, self.rotation, self.position)))

    def to_world(self, points: Tensor) -> Tensor:
        """Points [pairs, points, 3] of the camera's frame in the world's."""
        return apply_linear(self.rotation.transpose(1, 2), points) + self.position[:, None]

    def project(self, world: Tensor) -> tuple[Tensor, Tensor]:
        """Pixels [pairs, points, 2] of world points, and their depths [pairs, points]."""
        image = apply_linear(self.calibration, apply_linear(self.rotation, world - self.position[:, None]))
        depth = image[..., 2]
        return image[..., :2] / depth.clamp_min(LEAST_DEPTH)[..., None], depth
