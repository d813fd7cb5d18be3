"""The loaders of real pairs: what they read, what they hold out, how they weigh."""

from __future__ import annotations

import json
import math
import tarfile
from pathlib import Path

import numpy as np
import pytest
import torch

from training.data.aligned import AlignedPairs
from training.data.draws import Draws
from training.data.pairs import KINDS, Material, Mix, PairMaker
from training.data.posed import MOST_PAIRS
from training.data.sources import UNMEASURED, VALIDATION_ONLY, fine_weight
from training.data.truth import ABSENT, Rendering, Truth
from training.pose_validation import FAILED, pose_error, pose_figures, pose_pairs
from training.tests.conftest import FOCAL, FRAMES, HEIGHT, WIDTH, add


def test_posed_frames_of_all_archives(material: Material) -> None:
    frames = material.frames
    assert frames.names == ["fox", "made", "many"]
    counts = [(frames.sequence == index).sum() for index in range(3)]
    assert counts == [5, FRAMES, 6]
    # The camera of a sequence, and that of each frame.
    expected = torch.tensor([FOCAL, FOCAL, WIDTH / 2, HEIGHT / 2])
    assert torch.allclose(frames.calibration, expected.expand(len(frames.calibration), 4))
    assert torch.allclose(
        frames.weight,
        torch.tensor(fine_weight(UNMEASURED)) * (frames.weight < 0.6) + fine_weight(0.18) * (frames.weight >= 0.6),
    )


def test_whole_scenes_are_held_out(material: Material) -> None:
    """Those that no weights may learn from; of an RGB-D sequence its end; of others nothing."""
    frames = material.frames
    held_out = {frames.names[i]: frames.is_held_out[frames.sequence == i] for i in range(3)}
    assert "fox" in VALIDATION_ONLY and held_out["fox"].all()
    assert not held_out["many"].any()
    assert held_out["made"].tolist() == [i / FRAMES >= 0.92 for i in range(FRAMES)]
    training, _ = frames.pairs(held_out=False)
    assert not frames.is_held_out[training.numpy()].any()
    validation, _ = frames.pairs(held_out=True)
    assert frames.is_held_out[validation.numpy()].all() and len(validation)


def test_sequences_come_up_by_the_root_of_their_pairs(material: Material) -> None:
    frames = material.frames
    pairs, overlaps = frames.pairs(held_out=False)
    assert (overlaps.diff() >= 0).all()
    for index in (1, 2):
        own = pairs[torch.from_numpy(frames.sequence == index)[pairs[:, 0]]]
        distinct = len(own.unique(dim=0))
        assert len(own) == distinct * round(math.sqrt(MOST_PAIRS / distinct))


def test_a_frame_without_a_camera_is_refused(tmp_path: Path, folder: Path) -> None:
    with tarfile.open(folder / "multiview_k.tar") as archive:
        files = {m.name: archive.extractfile(m).read() for m in archive}
    meta = json.loads(files["meta.json"])
    del meta["many"]["frames"][2]["K"]
    with tarfile.open(tmp_path / "multiview_k.tar", "w") as archive:
        for name, data in (files | {"meta.json": json.dumps(meta).encode()}).items():
            add(archive, name, data)
    (tmp_path / "photo.png").symlink_to(folder / "photo00.png")
    with pytest.raises(ValueError, match="no camera matrix K"):
        Material.load(tmp_path, "cpu")


def test_groups(material: Material) -> None:
    """Partners are other pictures of the same group; groups are held out as a whole; measured shifts weigh."""
    groups = material.groups
    assert 0 < groups.is_held_out.sum() < len(groups.is_held_out) / 2
    pairs = AlignedPairs(groups, Draws("cpu", 1), held_out=False)
    pictures = pairs.photo(500)
    partners = pairs.partner(pictures)
    assert not groups.is_held_out[pictures].any()
    assert (partners != pictures).all() and (groups.first[partners] == groups.first[pictures]).all()
    both = {(int(a), int(b)) for a, b in zip(pictures, partners)}
    assert all((b, a) in both or (a, b) in both for a, b in both) and len(both) > 30
    expected = {round(fine_weight(shift), 4) for shift in (0.0, 1.2)}
    assert {round(float(w), 4) for w in groups.weight} == expected
    views = pairs.views(20, 64, torch.ones(20), Rendering())
    assert set(views.exact.tolist()) <= {float(w) for w in groups.weight}


def test_kinds_come_up_by_their_shares_however_few_the_pairs() -> None:
    random = np.random.default_rng(0)
    mix = Mix(homography=0.25, scene=0.2, posed=0.35, static=0.2)
    total = dict.fromkeys(KINDS, 0)
    for start in random.uniform(size=4000):
        counts = mix.counts(2, list(KINDS), start)
        assert sum(counts.values()) == 2 and min(counts.values()) >= 0
        total = {kind: total[kind] + counts[kind] for kind in KINDS}
    for kind in KINDS:
        assert abs(total[kind] / 8000 - getattr(mix, kind)) < 0.02
    assert mix.counts(20, list(KINDS)) == {"homography": 5, "scene": 4, "posed": 7, "static": 4}


def test_mirrored_and_swapped_pairs_are_true(material: Material) -> None:
    """Cell by cell: the mirror image of a target is the target of the mirror image."""
    pairs = PairMaker(material, 2).make(6, (96, 128), shape1=(64, 112), rendering=Rendering(light=False))
    mirrored = pairs.mirrored()
    for row, column in ((0, 0), (5, 9), (11, 15)):
        before, after = row * 16 + column, row * 16 + 15 - column
        assert torch.equal(pairs.visible0[:, before], mirrored.visible0[:, after])
        seen = pairs.visible0[:, before]
        x, y = pairs.points0[seen, before].unbind(-1)
        assert torch.allclose(mirrored.points0[seen, after], torch.stack([111 - x, y], -1), atol=1e-3)
        assert (mirrored.points0[~seen, after] == ABSENT).all()
    swapped = pairs.swapped()
    assert swapped.shapes == ((64, 112), (96, 128)) and torch.equal(swapped.points1, pairs.points0)
    assert torch.equal(swapped.image1, pairs.image0)


def test_poses_of_perfect_matches_are_right(material: Material) -> None:
    """Points transferred by the truth give the pose; too few give none."""
    frames = material.frames
    pairs = pose_pairs(frames, 6)
    assert pairs and all(scene == "fox" for scene, _, _ in pairs)
    _, first, second = pairs[-1]
    y, x = torch.meshgrid(torch.arange(8.0, HEIGHT, 12), torch.arange(8.0, WIDTH, 12), indexing="ij")
    points = torch.stack([x.flatten(), y.flatten()], 1)
    moved, visible, _ = frames.transfer(torch.tensor([first]), torch.tensor([second]), points[None])
    seen = visible[0]
    # A plane has two poses; off it, points in space by the cameras alone.
    depth = 1.5 + torch.rand(len(points), generator=torch.Generator().manual_seed(0))
    ray = torch.cat([(points - torch.tensor([WIDTH / 2, HEIGHT / 2])) / FOCAL, torch.ones(len(points), 1)], 1)
    world = (ray * depth[:, None]) @ frames.rotation[first].T + frames.position[first]
    there = (world - frames.position[second]) @ frames.rotation[second]
    moved = there[:, :2] / there[:, 2:] * FOCAL + torch.tensor([WIDTH / 2, HEIGHT / 2])
    assert seen.any() and pose_error(frames, first, second, points.double().numpy(), moved.double().numpy()) < 0.1
    assert pose_error(frames, first, second, np.zeros((3, 2)), np.zeros((3, 2))) == FAILED
    assert pose_figures(np.array([0.0, 180.0])) == {"AUC@5": 50.0, "AUC@10": 50.0, "AUC@20": 50.0}


def test_unknown_is_not_visible() -> None:
    truth = Truth(torch.zeros(1, 2, 2), torch.tensor([[True, True]]), torch.tensor([[True, False]]))
    assert truth.visible.tolist() == [[True, False]] and (truth.points[0, 1] == ABSENT).all()
