"""How a loop is supplied: pairs come several times on a CPU, never alike; shapes are what was asked for."""

from __future__ import annotations

import pytest
import torch

from training.data.pairs import Material, Mix, PairMaker
from training.data.stream import FRESH, USES, DeviceStream, Reservoir, WorkerStream
from training.settings import read_shapes
from training.validation import real_score, table

SHAPES = (64, 96), (48, 80)


def test_a_reservoir_shows_batches_again_but_changed(material: Material) -> None:
    maker = PairMaker(material, 1)
    made = []
    plain = maker.make_plain

    def counted(*given: object, **more: object) -> object:
        made.append(plain(*given, **more))
        return made[-1]

    maker.make_plain = counted
    reservoir = Reservoir(maker, Mix(), 3)
    batches = [reservoir.next(*SHAPES, 2, 1.0) for _ in range(40)]
    assert FRESH + 36 / USES * 0.4 < len(made) < FRESH + 36 / USES * 2
    assert all(batch.shapes == SHAPES for batch in batches)
    images = {tuple(batch.image0.flatten()[::97].tolist()) for batch in batches}
    assert len(images) == len(batches)
    # Every batch shown is one that was made, as it is or mirrored: visible cells are as many.
    known = {tuple(sorted(b.visible0.sum(1).tolist())) for b in made}
    assert {tuple(sorted(b.visible0.sum(1).tolist())) for b in batches} <= known


def test_streams_supply_what_is_asked_for(material: Material) -> None:
    worker = WorkerStream(PairMaker(material, 1), Mix(), 5, workers=1)
    for stream in (DeviceStream(PairMaker(material, 1), Mix()), worker):
        pairs = stream.next(*SHAPES, 3, 0.5)
        assert pairs.shapes == SHAPES and len(pairs) == 3
        assert pairs.points0.shape == (3, 96, 2) and pairs.visible1.shape == (3, 60)
        assert torch.isfinite(pairs.image0).all()


def test_shapes_are_read() -> None:
    assert read_shapes("192x256") == ((192, 256), (192, 256))
    assert read_shapes("192x256-64x32") == ((192, 256), (64, 32))
    for wrong in ("192", "192x250", "16x16-16x16-16x16", "0x16"):
        with pytest.raises(ValueError, match="expected HEIGHTxWIDTH|invalid literal"):
            read_shapes(wrong)


def test_states_are_compared_by_real_pairs_alone() -> None:
    cells = {"within 1": 0.5, "exact": 0.4}
    figures = {"homography": cells | {"within 1": 0.9}, "posed": cells, "static": cells | {"within 1": 0.3}}
    assert real_score(figures | {"all": cells}) == pytest.approx(0.4)
    poses = {"AUC@5": 20.0, "AUC@10": 40.0, "AUC@20": 60.0}
    assert real_score(figures | {"all": cells, "poses": poses}) == pytest.approx((0.5 + 0.3 + 0.2 + 0.4) / 4)
    assert "AUC@10 40.0" in table(figures | {"poses": poses})
