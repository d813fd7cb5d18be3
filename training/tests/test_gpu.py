"""On a GPU, where there is one: the same ground truth, and steps that never wait for it."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from training.data.pairs import KINDS, Material, Mix, PairMaker
from training.data.truth import Pairs
from training.losses import LossWeights, losses
from training.tests.test_losses import small_network
from training.tests.test_truth import PAIRS, PLAIN, SIZE, correlations

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here")


@pytest.fixture(scope="module")
def gpu_material(folder: Path) -> Material:
    return Material.load(folder, "cuda")


@pytest.mark.parametrize("kind", KINDS)
def test_targets_show_the_same(gpu_material: Material, kind: str) -> None:
    mix = Mix(**{k: float(k == kind) for k in KINDS})
    pairs = PairMaker(gpu_material, 3).make(PAIRS, SIZE, mix=mix, rendering=PLAIN)
    found = correlations(Pairs(*(t.cpu() for t in pairs.tensors())))
    assert found.median() > 0.985
    assert found.quantile(0.1) > 0.93


def test_nothing_waits(gpu_material: Material) -> None:
    """Neither making pairs nor a training step asks the GPU for a value."""
    maker, network = PairMaker(gpu_material, 1), small_network().cuda()
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-3, fused=True)

    def step() -> None:
        pairs = maker.make(8, 96)
        with torch.autocast("cuda", torch.bfloat16):
            features = network.paired_features(pairs.image0, pairs.image1)
        loss, _ = losses(network, features, pairs, LossWeights())
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(network.parameters(), 2.0)
        optimizer.grad_scale, optimizer.found_inf = None, (~torch.isfinite(norm)).float()
        optimizer.step()

    for _ in range(2):
        step()
    torch.cuda.set_sync_debug_mode("error")
    try:
        step()
    finally:
        torch.cuda.set_sync_debug_mode("default")
