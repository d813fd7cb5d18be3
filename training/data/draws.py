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

    def fraction(self) -> float:
        """A number in 0..1 for the host; on a GPU from the host's own generator, which waits for nothing."""
        generator = self.generator if self.device.type == "cpu" else None
        return float(torch.rand((), generator=generator))

    def angle(self, *shape: int) -> Tensor:
        """Any angle, in radians."""
        return self.uniform(-math.pi, math.pi, *shape)

    def index(self, count: int, *shape: int) -> Tensor:
        """One of 0 ..< count."""
        return torch.randint(count, shape, device=self.device, generator=self.generator)

    def subset(self, count: int, share: float) -> Tensor:
        """A share of the indices 0 ..< count.

        On a GPU always as many, at least one; on a CPU as many on average, which may be none.
        """
        order = torch.randperm(count, device=self.device, generator=self.generator)
        is_cpu = self.device.type == "cpu"
        return order[: int(count * share + self.fraction()) if is_cpu else max(1, round(count * share))]

    def candidate(self, overlap: Tensor, low: float, high: float) -> Tensor:
        """Index [pairs] of a random one of the candidates [pairs, candidates] with overlap in low..high.

        Where there is none, the one of the largest overlap.
        """
        suits = (overlap > low) & (overlap < high)
        return torch.where(suits, 1 + self.uniform(0, 1, *overlap.shape), overlap).argmax(1)
