"""The ground truth of every generator, by warping: what is at a cell in one view is at its target in the other."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from training.data.camera import Camera
from training.data.draws import Draws
from training.data.geometry import centred_grid, intrinsics
from training.data.pairs import KINDS, Material, Mix, PairMaker
from training.data.photos import Pool
from training.data.surfaces import FACES, FLAT, UNBOUNDED, draw_surfaces
from training.data.truth import Pairs, Rendering
from training.tests.conftest import texture

SIZE = 192
PAIRS = 24
# From pyramid level 2 on both views show the same detail, whatever their scales: what is left is geometry.
PLAIN = Rendering(light=False, least_level=2.0)


def make(material: Material, kind: str, seed: int = 3) -> Pairs:
    return PairMaker(material, seed).make(PAIRS, SIZE, mix=Mix(**{k: float(k == kind) for k in KINDS}), rendering=PLAIN)


def blurred(images: Tensor) -> Tensor:
    steps = torch.arange(-4.0, 5.0)
    weights = torch.exp(-0.5 * (steps / 1.2) ** 2)
    weights = weights / weights.sum()
    images = F.conv2d(F.pad(images, (4, 4, 4, 4), mode="reflect"), weights.view(1, 1, 1, -1))
    return F.conv2d(images, weights.view(1, 1, -1, 1))


def values_at(images: Tensor, points: Tensor) -> Tensor:
    grid = points / (SIZE - 1) * 2 - 1
    return F.grid_sample(images, grid[:, None], padding_mode="border", align_corners=True)[:, 0, 0]


def correlation(first: Tensor, second: Tensor, counts: Tensor) -> Tensor:
    """[pairs]: over the cells that count."""
    counts = counts.double()
    total = counts.sum(1, keepdim=True).clamp_min(1)
    first, second = (
        (v - (v * counts).sum(1, keepdim=True) / total) * counts for v in (first.double(), second.double())
    )
    return (first * second).sum(1) / (first.square().sum(1) * second.square().sum(1)).sqrt().clamp_min(1e-12)


def correlations(pairs: Pairs, shift: tuple[float, float] = (0.0, 0.0)) -> Tensor:
    """Both ways, of the pairs where enough cells are visible; targets moved by `shift`."""
    cells = centred_grid(SIZE, SIZE // 8, torch.device("cpu")).expand(len(pairs), -1, 2)
    image0, image1 = blurred(pairs.image0), blurred(pairs.image1)
    moved = torch.tensor(shift)
    ways = (
        (image0, image1, pairs.points0, pairs.visible0),
        (image1, image0, pairs.points1, pairs.visible1),
    )
    found = [correlation(values_at(a, cells), values_at(b, points + moved), seen) for a, b, points, seen in ways]
    enough = torch.cat([pairs.visible0.sum(1), pairs.visible1.sum(1)]) >= 25
    return torch.cat(found)[enough]


@pytest.mark.parametrize("kind", KINDS)
def test_targets_show_the_same(material: Material, kind: str) -> None:
    found = correlations(make(material, kind))
    assert len(found) >= PAIRS
    assert found.median() > 0.985
    assert found.quantile(0.1) > 0.93


@pytest.mark.parametrize("kind", KINDS)
def test_targets_are_not_shifted(material: Material, kind: str) -> None:
    """The correlation peaks at the target, to a tenth of a pixel: half a pixel is a wrong convention."""
    pairs = make(material, kind, seed=4)
    for axis in ((1.0, 0.0), (0.0, 1.0)):
        before, at, after = (
            correlations(pairs, (step * axis[0], step * axis[1])).mean().item() for step in (-1.0, 0.0, 1.0)
        )
        peak = 0.5 * (before - after) / (before - 2 * at + after)
        assert abs(peak) < 0.1, f"{kind}: {before:.4f} {at:.4f} {after:.4f}"


@pytest.mark.parametrize("kind", KINDS)
def test_both_directions_agree(material: Material, kind: str) -> None:
    """A visible cell's target lies in a cell whose own target is near, unless an edge of a surface is between."""
    pairs = make(material, kind, seed=5)
    width = SIZE // 8
    cell = ((pairs.points0 + 0.5) / 8).floor().clamp(0, width - 1).long()
    back = cell[..., 1] * width + cell[..., 0]
    cells = centred_grid(SIZE, width, torch.device("cpu"))
    returned = pairs.points1.gather(1, back[..., None].expand(-1, -1, 2))
    seen = pairs.visible0 & pairs.visible1.gather(1, back)
    distance = (returned - cells).norm(dim=-1)[seen]
    # A cell of view 1 covers up to 3 cells of view 0 in each direction.
    assert (distance < 24).float().mean() > 0.9


def test_hidden_cells_show_something_else(material: Material) -> None:
    """Targets that another surface hides do not correlate: visibility is no formality."""
    maker = PairMaker(material, 6)
    scenes = maker.generators["scene"]
    truths = []
    transfer = scenes.transfer

    def recorded(points, surfaces, first, second, size):  # noqa: ANN001, ANN202
        moved, visible, known = transfer(points, surfaces, first, second, size)
        if len(points) == (size // 8) ** 2:
            truths.append((moved, visible))
        return moved, visible, known

    scenes.transfer = recorded
    with torch.no_grad():
        views = scenes.views(PAIRS, SIZE, torch.ones(PAIRS), PLAIN)
    moved, visible = truths[0]
    inside = ((moved > 3) & (moved < SIZE - 4)).all(-1)
    cells = centred_grid(SIZE, SIZE // 8, torch.device("cpu")).expand(PAIRS, -1, 2)
    first, second = (values_at(blurred(i[:, None]), p) for i, p in ((views.image0, cells), (views.image1, moved)))
    # Pooled over all pairs: hidden cells are few in each.
    hidden = correlation(first.flatten()[None], second.flatten()[None], (inside & ~visible).flatten()[None])
    seen = correlation(first.flatten()[None], second.flatten()[None], (inside & visible).flatten()[None])
    assert (inside & ~visible).sum() > 200
    assert seen > 0.97
    assert hidden < 0.5


def test_unknown_depth_is_not_invisible(material: Material) -> None:
    """Where depth is missing, nothing is known; elsewhere all is."""
    frames = material.frames
    last = torch.tensor([len(frames.depth) - 1])
    points = torch.tensor([[[40.0, 120.0], [280.0, 120.0]]])
    _, visible, known = frames.transfer(last, last, points)
    assert known.tolist() == [[False, True]]
    assert visible.tolist() == [[False, True]]
    # Seen from another frame, whose depth is whole, into the part where this one's is missing.
    first, points = torch.tensor([0]), centred_grid(240, 30, torch.device("cpu"))[None]
    moved, visible, known = frames.transfer(first, last, points)
    inside = ((moved > 1) & (moved < torch.tensor([318.0, 238.0]))).all(-1)
    left = moved[..., 0] < 150
    assert (inside & left).sum() > 20 and (inside & ~left).sum() > 20
    assert not known[inside & left].any()
    assert visible[inside & (moved[..., 0] > 170)].float().mean() > 0.95


def test_rays_hit_the_near_side() -> None:
    """A ball, a column and a patch, by hand: depth, outline, and what hides what."""
    surfaces = draw_surfaces(Draws("cpu", 0), 101, torch.tensor([100.0]), *two_photos())
    surfaces.present[:] = 0
    surfaces.present[:, 0] = surfaces.present[:, UNBOUNDED + FACES] = 1
    surfaces.centre[:, 0] = torch.tensor([0.0, 0.0, 8.0])
    surfaces.axes[:, 0] = torch.eye(3)
    patch = UNBOUNDED + FACES
    surfaces.centre[:, patch] = torch.tensor([2.0, 0.0, 5.0])
    surfaces.axes[:, patch] = torch.eye(3)
    surfaces.half[:, patch] = torch.tensor([0.5, 0.25])
    surfaces.ellipse[:], surfaces.cut[:, :, 2] = 4.0, 4.0
    surfaces.round_centre[:] = torch.tensor([[0.0, 0.0, 5.0], [-2.0, 0.0, 5.0]])
    surfaces.round_frame[:] = torch.diag(torch.tensor([1.0, 0.8, 1.0]))
    surfaces.round_frame[:, 0] = torch.eye(3)
    surfaces.round_weight[:] = torch.tensor([[1.0, 1.0, 1.0], [1.0, 0.0, 1.0]])
    camera = Camera(intrinsics(torch.tensor([100.0]), 101), torch.eye(3)[None], torch.zeros(1, 3))
    # The ball's middle, beside it, the column's middle, above the column's end, on the patch, outside of it.
    pixels = [[50, 50], [50, 76], [10, 50], [10, 1], [90, 50], [90, 60]]
    hit, nearness = surfaces.trace(*surfaces.seen_from(camera), torch.tensor(pixels, dtype=torch.float32)[None])
    assert hit[0].tolist() == [FLAT, 0, FLAT + 1, 0, patch, 0]
    depth = 1 / nearness[0]
    assert torch.allclose(depth[[0, 1, 3, 4, 5]], torch.tensor([4.0, 8.0, 8.0, 5.0, 8.0]), atol=1e-4)
    # The ray (-0.4 t, 0, t) meets the cylinder (x + 2)^2 + (z - 5)^2 = 1 first at t = (5.8 - sqrt(1.16)) / 1.16.
    assert abs(float(depth[2]) - (5.8 - 1.16**0.5) / 1.16) < 1e-3


def two_photos() -> tuple[Pool, torch.Tensor]:
    return Pool([texture(0, 200, 200), texture(1, 200, 200)], "cpu"), torch.arange(2)
