"""What a generator of pairs returns: two views and where the cells of each are in the other."""

from __future__ import annotations

from dataclasses import dataclass, fields

import torch
from torch import Tensor

ABSENT = -100.0  # coordinates of points that no loss may use
LEAST_MARGIN = 2.0  # pixels: targets closer to the border count as outside


@dataclass
class Rendering:
    """How views are drawn; the defaults are for training."""

    light: bool = True  # light that differs between the views; False for tests of the ground truth
    least_level: float = 0.0  # of the textures' pyramids; from 2 on, a change of scale leaves the same detail


@dataclass
class Truth:
    """Where the coarse cells' centres of one view are in the other, and what is known about them."""

    points: Tensor  # [pairs, cells, 2]
    visible: Tensor  # [pairs, cells]: on the other view and not hidden there
    known: Tensor  # [pairs, cells]: whether `visible` is known; measured depth has gaps

    def __post_init__(self) -> None:
        self.visible = self.visible & self.known
        self.points = torch.where(self.visible[..., None], self.points, ABSENT)


@dataclass
class Views:
    """Views before photometric changes, [pairs, size, size] in [0, 1] each, and the truth in both directions."""

    image0: Tensor
    image1: Tensor
    truth0: Truth
    truth1: Truth
    homography: Tensor | None = None  # [pairs, 3, 3] from view 0 to view 1, where it is one


@dataclass
class Pairs:
    """A batch to train on."""

    image0: Tensor  # [pairs, 1, size, size]
    image1: Tensor
    points0: Tensor  # [pairs, cells, 2], as `Truth`
    visible0: Tensor
    known0: Tensor
    points1: Tensor
    visible1: Tensor
    known1: Tensor
    exact: Tensor  # [pairs]: 1 where the truth is exact, less where it is measured; weighs the fine losses

    @property
    def size(self) -> int:
        return self.image0.shape[-1]

    def __len__(self) -> int:
        return len(self.image0)

    def every(self, step: int, start: int) -> Pairs:
        """Every `step`-th pair from `start` on: each kind's share stays."""
        return Pairs(*(tensor[start::step] for tensor in self.tensors()))

    def tensors(self) -> tuple[Tensor, ...]:
        return tuple(getattr(self, f.name) for f in fields(self))
