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
    shorter: tuple[int | None, int | None] = (None, None)  # shorter sides of what is kept of the views; None: all


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
    exact: Tensor | None = None  # [pairs]: as `Pairs.exact`; None: 1


Shape = tuple[int, int]  # height and width of an image


@dataclass
class Pairs:
    """A batch to train on."""

    image0: Tensor  # [pairs, 1, height, width]
    image1: Tensor
    points0: Tensor  # [pairs, cells, 2], as `Truth`
    visible0: Tensor
    known0: Tensor
    points1: Tensor
    visible1: Tensor
    known1: Tensor
    exact: Tensor  # [pairs]: 1 where the truth is exact, less where it is measured; weighs the fine losses

    @property
    def shapes(self) -> tuple[Shape, Shape]:
        return tuple(self.image0.shape[-2:]), tuple(self.image1.shape[-2:])

    def __len__(self) -> int:
        return len(self.image0)

    def every(self, step: int, start: int) -> Pairs:
        """Every `step`-th pair from `start` on: each kind's share stays."""
        return Pairs(*(tensor[start::step] for tensor in self.tensors()))

    def tensors(self) -> tuple[Tensor, ...]:
        return tuple(getattr(self, f.name) for f in fields(self))

    def swapped(self) -> Pairs:
        """The same pairs, their images in the other order."""
        first, second = (self.image0, self.image1), (self.points0, self.visible0, self.known0)
        return Pairs(*first[::-1], self.points1, self.visible1, self.known1, *second, self.exact)

    def mirrored(self) -> Pairs:
        """Both images as in a mirror, left for right."""

        def cells(values: Tensor, shape: Shape) -> Tensor:
            return values.unflatten(1, (shape[0] // 8, shape[1] // 8)).flip(2).flatten(1, 2)

        def points(values: Tensor, visible: Tensor, shape: Shape) -> Tensor:
            x, y = values.unbind(-1)
            moved = torch.stack([shape[1] - 1 - x, y], -1)
            return torch.where(visible[..., None], moved, ABSENT)

        shape0, shape1 = self.shapes
        return Pairs(
            self.image0.flip(-1),
            self.image1.flip(-1),
            cells(points(self.points0, self.visible0, shape1), shape0),
            cells(self.visible0, shape0),
            cells(self.known0, shape0),
            cells(points(self.points1, self.visible1, shape0), shape1),
            cells(self.visible1, shape1),
            cells(self.known1, shape1),
            self.exact,
        )


def cropped(pairs: Pairs, shape0: Shape, shape1: Shape) -> Pairs:
    """The middle of each image, of sides that are multiples of 8, to whole cells; what leaves it is not visible."""
    kept0, kept1 = (
        tuple((have - want) // 2 // 8 * 8 for have, want in zip(image.shape[-2:], shape))
        for image, shape in ((pairs.image0, shape0), (pairs.image1, shape1))
    )

    def image(values: Tensor, start: Shape, shape: Shape) -> Tensor:
        return values[..., start[0] : start[0] + shape[0], start[1] : start[1] + shape[1]]

    def truth(
        values: tuple[Tensor, Tensor, Tensor], whole: Shape, own: tuple[Shape, Shape], other: tuple[Shape, Shape]
    ) -> tuple[Tensor, Tensor, Tensor]:
        (start, shape), (other_start, other_shape) = own, other
        rows, columns = (slice(s // 8, (s + n) // 8) for s, n in zip(start, shape))
        points, visible, known = (
            v.unflatten(1, (whole[0] // 8, whole[1] // 8))[:, rows, columns].flatten(1, 2) for v in values
        )
        x, y = (along - first for along, first in zip(points.unbind(-1), other_start[::-1]))
        for along, side in ((x, other_shape[1]), (y, other_shape[0])):
            visible = visible & (along > LEAST_MARGIN) & (along < side - 1 - LEAST_MARGIN)
        points = torch.stack([x, y], -1)
        return torch.where(visible[..., None], points, ABSENT), visible, known

    whole0, whole1 = pairs.shapes
    window0, window1 = (kept0, shape0), (kept1, shape1)
    return Pairs(
        image(pairs.image0, *window0),
        image(pairs.image1, *window1),
        *truth((pairs.points0, pairs.visible0, pairs.known0), whole0, window0, window1),
        *truth((pairs.points1, pairs.visible1, pairs.known1), whole1, window1, window0),
        pairs.exact,
    )
