"""Two views of one photo: scale, rotation, perspective and bending, with exact ground truth."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from training.data.distortion import Distortion, spline_solution
from training.data.draws import Draws
from training.data.geometry import centred_grid, gather_candidate, inverse, matrix_of, project, rotation, within
from training.data.photos import Pool, level_of
from training.data.truth import LEAST_MARGIN, Rendering, Truth, Views

CANDIDATES = 8
OVERLAP_CELLS = 12  # along a side, to measure the overlap of candidates
LEAST_OVERLAP = 0.07  # share of either view: a scale of 3 leaves 0.11 of the nearer one's image
MILD = 0.85  # share of pairs turned by less than MILD_ANGLE: quarter turns are the caller's to try
MILD_ANGLE = math.pi / 4
LEAST_DEPTH = 0.1  # of a view's perspective: what is farther in front is stretched tenfold


@dataclass(frozen=True)
class HomographyRange:
    """What is drawn; the defaults are for training."""

    scale: float = 3.0  # largest ratio of the views' scales, either way
    rotation: float | None = None  # radians; None: any, and small ones more often
    perspective: float = 0.45  # change of the third coordinate from the middle to the border
    bends: bool = True
    fixed_scale: bool = False  # the ratio is `scale` itself, either way


def view_homography(
    draws: Draws, size: int, centre: Tensor, scale: Tensor, angle: Tensor, perspective: Tensor, shear: Tensor
) -> Tensor:
    """[...]: from a view's pixels to a photo's; its middle at `centre` [..., 2], `scale` photo pixels a pixel."""
    shape = scale.shape
    middle = (size - 1) / 2
    stretch = (draws.uniform(-1, 1, *shape) * shear).exp()
    slant = draws.uniform(-1, 1, *shape) * shear
    tilt_x, tilt_y = (draws.uniform(-1, 1, *shape) * perspective / middle for _ in range(2))
    to_middle = matrix_of(1.0, 0.0, -middle + 0 * scale, 0.0, 1.0, -middle, 0.0, 0.0, 1.0)
    tilt = matrix_of(1.0, 0.0, 0.0, 0.0, 1.0, 0.0, tilt_x, tilt_y, 1.0)
    affine = matrix_of(stretch, slant, 0.0, 0.0, 1 / stretch, 0.0, 0.0, 0.0, 1.0)
    place = matrix_of(scale, 0.0, centre[..., 0], 0.0, scale, centre[..., 1], 0.0, 0.0, 1.0)
    return place @ rotation("z", angle) @ affine @ tilt @ to_middle


class Homographies:
    """Generator of pairs from single photos."""

    def __init__(self, pool: Pool, photos: Tensor, draws: Draws, drawn: HomographyRange | None = None) -> None:
        self.pool, self.photos, self.draws = pool, photos, draws
        self.drawn = drawn or HomographyRange()
        self.solution = spline_solution(draws.device)

    def photo(self, count: int) -> Tensor:
        """Random photos, as indices into the pool."""
        return self.photos[self.draws.index(len(self.photos), count)]

    def views(self, pairs: int, size: int, hardness: Tensor, rendering: Rendering) -> Views:
        """`hardness` [pairs] in 0..1 scales every range."""
        draws, hardness = self.draws, self.spread(hardness)
        photo = self.photo(pairs)
        matrix0, matrix1 = self.candidates(pairs, size, hardness, photo)
        extent = self.pool.size[photo]  # [pairs, 2]
        none = torch.zeros_like(hardness)
        bend0, bend1 = (
            Distortion.draw(draws, size, hardness if self.drawn.bends else none, self.solution) for _ in range(2)
        )
        cells = centred_grid(size, size // 8, draws.device).expand(pairs, -1, 2)
        truth0, truth1 = (
            Truth(*transfer(cells, *way, extent, size))
            for way in ((matrix0, bend0, matrix1, bend1), (matrix1, bend1, matrix0, bend0))
        )
        sides = ((photo, matrix0, bend0), (self.partner(photo), matrix1, bend1))
        images = [self.draw_view(*side, size, rendering) for side in sides]
        homography = None if self.drawn.bends else inverse(matrix1) @ matrix0
        return Views(*images, truth0, truth1, homography, self.weight(photo))

    def partner(self, photo: Tensor) -> Tensor:
        """What the second view shows: the same photo."""
        return photo

    def weight(self, photo: Tensor) -> Tensor | None:
        """What each pair counts in the fine losses; None: 1."""
        return None

    def spread(self, hardness: Tensor) -> Tensor:
        """The difficulty of each pair [pairs]."""
        return hardness

    def candidates(self, pairs: int, size: int, hardness: Tensor, photo: Tensor) -> tuple[Tensor, Tensor]:
        """Both views' homographies [pairs, 3, 3] to their photo: of several drawn ones, such that overlap enough."""
        draws, drawn, shape = self.draws, self.drawn, (pairs, CANDIDATES)
        hard = hardness[:, None].expand(shape)
        extent = self.pool.size[photo][:, None]  # [pairs, 1, 2]
        # The wider view covers about the photo, the nearer one a part of it.
        wide = draws.uniform(0.55, 1.15, *shape) * extent.amin(-1) / size
        exponent = torch.ones(shape, device=draws.device) if drawn.fixed_scale else draws.uniform(0, 1, *shape) * hard
        near = wide * drawn.scale**-exponent
        swaps = draws.chance(0.5, *shape)
        scale0, scale1 = torch.where(swaps, near, wide), torch.where(swaps, wide, near)
        half = torch.minimum((size * scale0 / 2)[..., None], extent / 2)
        centre0 = half + (extent - 2 * half) * draws.uniform(0, 1, *shape, 2)
        offset = draws.uniform(-0.45, 0.45, *shape, 2) * (size * (scale0 * scale1).sqrt() * hard)[..., None]
        if drawn.rotation is None:
            mild = draws.chance(MILD, *shape)
            angle = torch.where(mild, draws.uniform(-MILD_ANGLE, MILD_ANGLE, *shape), draws.angle(*shape))
        else:
            angle = torch.full(shape, drawn.rotation, device=draws.device)
        base = draws.normal(0.05, *shape)
        tilt = drawn.perspective * hard
        matrix0 = view_homography(draws, size, centre0, scale0, base, 0.2 * tilt, 0.05 * hard)
        matrix1 = view_homography(draws, size, centre0 + offset, scale1, base + angle, tilt, 0.3 * hard)
        # Either view may be the tilted one.
        turned = draws.chance(0.5, *shape)[..., None, None]
        matrix0, matrix1 = torch.where(turned, matrix1, matrix0), torch.where(turned, matrix0, matrix1)
        grid = centred_grid(size, OVERLAP_CELLS, draws.device)
        ways = ((matrix0, matrix1), (matrix1, matrix0))
        overlap = [transfer_flat(grid, *way, extent, size)[1].float().mean(-1) for way in ways]
        return gather_candidate(draws.candidate(torch.minimum(*overlap), LEAST_OVERLAP, 1.1), matrix0, matrix1)

    def draw_view(self, photo: Tensor, matrix: Tensor, bend: Distortion, size: int, rendering: Rendering) -> Tensor:
        """[pairs, size, size]: the photo as the view sees it; another photo where it ends."""
        draws, pairs = self.draws, len(photo)
        pixels = centred_grid(size, size, draws.device)
        points, _ = project(matrix, bend.undistorted_pixels())
        level = level_of(points, size, rendering.least_level)
        inside = self.pool.sample(photo[:, None], points, level)
        is_outside = ((points < 0) | (points > self.pool.size[photo][:, None] - 1)).any(-1)
        other, turn = self.photo(pairs), draws.angle(pairs, 1)
        scale = draws.uniform(0.5, 1.5, pairs, 1)
        x, y = pixels.unbind(-1)
        start = draws.uniform(0, size, pairs, 1, 2)
        turned = torch.stack([turn.cos() * x - turn.sin() * y, turn.sin() * x + turn.cos() * y], -1)
        around = self.pool.sample(other[:, None], turned * scale[..., None] + start, scale.log2().expand(pairs, len(x)))
        return torch.where(is_outside, around, inside).unflatten(1, (size, size))


def transfer_flat(
    points: Tensor, matrix0: Tensor, matrix1: Tensor, extent: Tensor, size: int, margin: float = LEAST_MARGIN
) -> tuple[Tensor, Tensor]:
    """Points of view 0 in view 1 without bends [..., points, 2], and whether they are on photo and view."""
    on_photo, depth0 = project(matrix0, points)
    moved, depth1 = project(inverse(matrix1), on_photo)
    covered = ((on_photo > 0) & (on_photo < extent[..., None, :] - 1)).all(-1)
    # The photo is in front of a view where that view's third coordinate is positive; of view 1 it is 1 / depth1.
    in_front = (depth0 > LEAST_DEPTH) & (depth1 > 0) & (depth1 < 1 / LEAST_DEPTH)
    return moved, covered & in_front & within(moved, size, margin)


def transfer(
    points: Tensor,
    matrix0: Tensor,
    bend0: Distortion,
    matrix1: Tensor,
    bend1: Distortion,
    extent: Tensor,
    size: int,
) -> tuple[Tensor, Tensor, Tensor]:
    """Points [pairs, points, 2] of view 0 in view 1, whether they are visible there, and that this is known."""
    flat, visible = transfer_flat(bend0.undistort(points), matrix0, matrix1, extent, size, margin=-size / 4)
    moved, found = bend1.distort(flat)
    visible = visible & found & within(moved, size, LEAST_MARGIN)
    return moved, visible, torch.ones_like(visible)
