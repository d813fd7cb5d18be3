"""The losses: least at the truth, reaching every parameter, and falling on a batch seen again and again."""

from __future__ import annotations

import dataclasses
import json

import pytest
import torch

from training.coarse_loss import DualSoftmaxLoss, by_definition
from training.data.pairs import Material, PairMaker
from training.data.sources import UNMEASURED, fine_weight
from training.losses import LossWeights, draw_fine_sample, losses, true_cells, window_loss
from training.model import Compact, CompactConfiguration
from training.model.compact import Features, cell_centres
from training.settings import MODELS


def small_network() -> Compact:
    """The compact network, narrower."""
    model = json.loads((MODELS / "compact.json").read_text())
    model["backbone"] |= {"channels": [16, 24, 32], "blocks": [1, 1, 1], "fineChannels": 16}
    model["transformer"] |= {"channels": 32, "heads": 2, "layers": ["self", "cross"]}
    torch.manual_seed(0)
    return Compact(CompactConfiguration.from_model(model)).train()


def test_one_batch_is_learnt(material: Material) -> None:
    network, pairs = small_network(), PairMaker(material, 1).make(4, 96, hardness=0.3)
    optimizer = torch.optim.AdamW(network.parameters(), lr=3e-3)
    found = []
    for step in range(60):
        torch.manual_seed(step)
        loss, parts = losses(network, network.paired_features(pairs.image0, pairs.image1), pairs, LossWeights())
        optimizer.zero_grad()
        loss.backward()
        if step == 0:
            without = [n for n, p in network.named_parameters() if p.grad is None or not p.grad.isfinite().all()]
            assert not without
        optimizer.step()
        found.append(parts)
    assert found[-1]["loss"] < 0.6 * found[0]["loss"]
    assert found[-1]["exact"] > found[0]["exact"] + 0.3


def test_the_truth_has_the_least_loss(material: Material) -> None:
    """Projections that meet exactly at the true cells have nearly no coarse loss; swapped ones a large one."""
    network, pairs = small_network(), PairMaker(material, 2).make(3, 96, hardness=0.3)
    cells = 144
    truth = true_cells(pairs.points0, pairs.visible0, 12)
    code = torch.eye(cells)
    ideal = Features(
        projection=code[truth] * 1e4,
        matchability=torch.where(pairs.visible0, 20.0, -20.0),
        fine=torch.zeros(3, 16, 48, 48),
        valid=torch.ones(cells, dtype=torch.bool),
        coarse_width=12,
    )
    other = dataclasses.replace(
        ideal, projection=code.expand(3, -1, -1), matchability=torch.where(pairs.visible1, 20.0, -20.0)
    )
    with torch.no_grad():
        _, right = losses(network, (ideal, other), pairs, LossWeights())
        rolled = dataclasses.replace(ideal, projection=ideal.projection.roll(1, 1))
        _, wrong = losses(network, (rolled, other), pairs, LossWeights())
    assert right["rows"] < 1e-3 < wrong["rows"]
    assert right["matchability"] < 1e-3
    assert abs(right["exact"] - 1) < 1e-6


@pytest.mark.parametrize("offset", [(0.0, 0.0), (1.0, -2.5), (-4.2, 6.1)])
def test_window_loss_is_least_at_the_offset(offset: tuple[float, float]) -> None:
    """Logits peaked about a place cost least there, in pixels and in the order x, y."""
    steps = torch.arange(8) * 2.0 - 7
    y, x = torch.meshgrid(steps, steps, indexing="ij")
    logits = -((x - offset[0]) ** 2 + (y - offset[1]) ** 2).flatten()[None] / 2
    losses_at = {
        (dx, dy): float(window_loss(logits, torch.tensor([[offset[0] + dx, offset[1] + dy]]), 8))
        for dx in (-1.5, 0.0, 1.5)
        for dy in (-1.5, 0.0, 1.5)
        if abs(offset[0] + dx) < 7 and abs(offset[1] + dy) < 7
    }
    assert min(losses_at, key=losses_at.get) == (0.0, 0.0)


def test_fine_samples_point_at_their_targets(material: Material) -> None:
    """A sample's cell and offset lead to where the cell of image 0 is visible; measured pairs weigh less."""
    pairs = PairMaker(material, 3).make(10, 96)
    truth = true_cells(pairs.points0, pairs.visible0, 12)
    sample = draw_fine_sample(pairs, truth, torch.ones(10, 144), 12, 12)
    reached = cell_centres(sample.cells1, 12) + sample.offset
    target = pairs.points0[sample.pairs, sample.cells0]
    counts = sample.weight > 0
    assert counts.sum() > 100
    assert (reached - target)[counts].abs().max() < 1e-3
    assert pairs.visible0[sample.pairs, sample.cells0][counts].all()
    assert sample.offset.abs().max() < 6.5
    assert abs(float(sample.weight.sum()) - 1) < 1e-4
    heavy, light = (sample.weight[counts & (pairs.exact[sample.pairs] == e)] for e in (1.0, fine_weight(UNMEASURED)))
    assert len(light) and torch.allclose(light, heavy[:1] * fine_weight(UNMEASURED))


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_the_coarse_loss_is_its_definition(dtype: torch.dtype) -> None:
    """Values and gradients, of images of two sizes."""
    torch.manual_seed(3)
    projections = [(torch.randn(3, cells, 16) * 2).to(dtype) for cells in (60, 88)]
    cells1, cells0 = torch.randint(88, (3, 60)), torch.randint(60, (3, 88))
    visible0, visible1 = torch.rand(3, 60) < 0.6, torch.rand(3, 88) < 0.4
    found = []
    for work in (DualSoftmaxLoss.apply, by_definition):
        leaves = [p.clone().requires_grad_() for p in projections] + [torch.tensor(0.7, requires_grad=True)]
        result = work(*leaves, cells1, visible0, cells0, visible1)
        parts = result[1:] if isinstance(result[1], torch.Tensor) else vars(result[1]).values()
        (3 * result[0]).backward()
        found.append([result[0].detach(), *parts, *(leaf.grad for leaf in leaves)])
    tolerance = 1e-5 if dtype == torch.float32 else 2e-2
    for fast, plain in zip(*found):
        assert fast.shape == plain.shape
        assert (fast.float() - plain.float()).abs().max() <= tolerance * plain.float().abs().max()


def test_losses_take_images_of_two_sizes(material: Material) -> None:
    network = small_network()
    network.freeze_statistics()
    pairs = PairMaker(material, 5).make(4, (96, 128), shape1=(64, 80))
    assert pairs.shapes == ((96, 128), (64, 80)) and pairs.points1.shape == (4, 80, 2)
    loss, parts = losses(network, network.features(pairs.image0, pairs.image1), pairs, LossWeights())
    loss.backward()
    assert all(part.isfinite() for part in parts.values())
    assert all(p.grad.isfinite().all() for p in network.parameters())


@pytest.mark.parametrize("device", ["cpu"] + ["cuda"] * torch.cuda.is_available())
def test_a_bad_gradient_changes_nothing(device: str) -> None:
    """The fused optimiser skips a step where `found_inf` says so: train.py relies on it."""
    network = small_network().to(device)
    before = [p.clone() for p in network.parameters()]
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-2, fused=True)
    for parameter in network.parameters():
        parameter.grad = torch.full_like(parameter, float("nan"))
    optimizer.grad_scale, optimizer.found_inf = None, torch.ones((), device=device)
    optimizer.step()
    assert all(torch.equal(a, b) for a, b in zip(before, network.parameters()))
    for parameter in network.parameters():
        parameter.grad = torch.ones_like(parameter)
    optimizer.found_inf = torch.zeros((), device=device)
    optimizer.step()
    assert not any(torch.equal(a, b) for a, b in zip(before, network.parameters()))
