"""Random numbers of one seeded generator on one device; the shape comes last."""

from __future__ import annotations

import math

import torch
from torch import Tensor


class Draws:
    """All draws of a generator of pairs come from here, so that one seed replays them."""

    def __init__(self, device: torch.device | str, seed: int) -> None:
        self.device = torch.device(device)
        self.generator = torch.Generator(self.device).manual_seed(seed)

    def uniform(self, low: float, high: float, *shape: int) -> Tensor:
        return torch.rand(shape, device=self.device, generator=self.generator) * (high - low) + low

    def log_uniform(self, low: float, high: float, *shape: int) -> Tensor:
        return self.uniform(math.log(low), math.log(high), *shape).exp()

    def normal(self, deviation: float, *shape: int) -> Tensor:
        return torch.randn(shape, device=self.device, generator=self.generator) * deviation

    def chance(self, probability: float, *shape: int) -> Tensor:
        """True with the probability."""
        return torch.rand(shape, device=self.device, generator=self.generator) < probability

    def angle(self, *shape: int) -> Tensor:
        """Any angle, in radians."""
        return self.uniform(-math.pi, math.pi, *shape)

    def index(self, count: int, *shape: int) -> Tensor:
        """One of 0 ..< count."""
        return torch.randint(count, shape, device=self.device, generator=self.generator)

    def subset(self, count: int, share: float) -> Tensor:
        """A share of the indices 0 ..< count, at least one of them: a number that is known beforehand."""
        order = torch.randperm(count, device=self.device, generator=self.generator)
        return order[: max(1, round(count * share))]

    def candidate(self, overlap: Tensor, low: float, high: float) -> Tensor:
        """Index [pairs] of a random one of the candidates [pairs, candidates] with overlap in low..high.

        Where there is none, the one of the largest overlap.
        """
        suits = (overlap > low) & (overlap < high)
        return torch.where(suits, 1 + self.uniform(0, 1, *overlap.shape), overlap).argmax(1)
