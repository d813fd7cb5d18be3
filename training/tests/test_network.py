"""The network's second fine step against its definition, and the two ways to run pairs."""

from __future__ import annotations

import dataclasses
import json

import torch
import torch.nn.functional as F

from training.data.pairs import Material, PairMaker
from training.model import Compact, CompactConfiguration
from training.model.configuration import PatchConfiguration
from training.model.fine_matching import FineMatching, patches
from training.settings import MODELS


def configuration(name: str) -> CompactConfiguration:
    return CompactConfiguration.from_model(json.loads((MODELS / f"{name}.json").read_text()))


def test_patch_correlation_is_its_definition() -> None:
    """Every product, one by one: patch pixels in the outer order, window pixels in the inner one, both by rows."""
    generator = torch.Generator().manual_seed(0)
    fine0, fine1 = (torch.randn(2, 5, 12, 16, generator=generator) for _ in range(2))
    matching = FineMatching(5, 8, PatchConfiguration(window=7, channels=(8, 8)))
    pairs, cells0, cells1 = torch.tensor([0, 1]), torch.tensor([6, 0]), torch.tensor([5, 11])
    centre = torch.tensor([[0.25, -1.5], [2.75, 5.5]])
    found = matching.patch_correlation(patches(fine0, pairs, cells0), fine1, pairs, cells1, centre).view(2, 16, 49)

    def feature(fine: torch.Tensor, pair: int, y: float, x: float) -> torch.Tensor:
        """Bilinear, the border repeated."""
        top, left = int(y // 1), int(x // 1)
        down, right = y - top, x - left
        value = torch.zeros(5)
        for dy, dx, weight in (
            (0, 0, (1 - down) * (1 - right)),
            (0, 1, (1 - down) * right),
            (1, 0, down * (1 - right)),
            (1, 1, down * right),
        ):
            value += weight * fine[pair, :, min(max(top + dy, 0), 11), min(max(left + dx, 0), 15)]
        return F.normalize(value, dim=0)

    for match in range(2):
        row0, column0 = divmod(int(cells0[match]), 4)
        row1, column1 = divmod(int(cells1[match]), 4)
        for patch in range(16):
            first = feature(fine0, match, row0 * 4 + patch // 4, column0 * 4 + patch % 4)
            for window in range(49):
                y = row1 * 4 + 1.5 + float(centre[match, 1]) + window // 7 - 3
                x = column1 * 4 + 1.5 + float(centre[match, 0]) + window % 7 - 3
                expected = float(first @ feature(fine1, match, y, x))
                assert abs(float(found[match, patch, window]) - expected) < 1e-5


def test_the_second_step_starts_as_nothing(material: Material) -> None:
    """Untrained it only bounds the first estimate; without it both are one."""
    torch.manual_seed(0)
    pairs = PairMaker(material, 1).make(2, 96)
    with_patch = Compact(configuration("compact")).eval()
    without = Compact(configuration("compact-v0")).eval()
    without.load_state_dict(with_patch.state_dict(), strict=False)
    chosen = torch.zeros(20, dtype=torch.long), torch.arange(20), torch.arange(20) + 50
    with torch.no_grad():
        features = with_patch.features(pairs.image0, pairs.image1)
        both = [n.fine_matching(features[0].fine, features[1].fine, *chosen) for n in (with_patch, without)]
    assert torch.equal(both[0].first, both[1].first)
    assert torch.equal(both[1].first, both[1].final)
    assert torch.allclose(both[0].final, both[0].first.clamp(-12, 12), atol=1e-6)


def test_batches_and_single_pairs_agree(material: Material) -> None:
    torch.manual_seed(0)
    network = Compact(configuration("compact")).eval()
    pairs = PairMaker(material, 2).make(3, 96)
    with torch.no_grad():
        together = network.paired_features(pairs.image0, pairs.image1)
        apart = network.features(pairs.image0[1:2], pairs.image1[1:2])
    for one, other in zip(together, apart):
        for field in dataclasses.fields(one):
            values = getattr(one, field.name), getattr(other, field.name)
            if field.name in ("projection", "matchability", "fine"):
                assert torch.allclose(values[0][1], values[1][0], atol=1e-4)


def test_attention_in_training_is_attention(material: Material) -> None:
    torch.manual_seed(0)
    layer = Compact(configuration("compact")).transformer.layers[0]
    query, key, value = torch.randn(3, 2, 4, 30, 24).unbind(0)
    assert torch.allclose(layer.train().attend(query, key, value), layer.eval().attend(query, key, value), atol=1e-5)
