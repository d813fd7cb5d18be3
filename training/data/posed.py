"""Pairs of frames with depth and poses: real parallax, real surfaces, truth as exact as its source.

Each of `ARCHIVES` holds images, depth maps (0 = unknown) and `meta.json`: for each sequence the camera matrix (or one
in each frame), the depth unit, how depth pixels lie on the image (image x = scale * depth x + offset), and the frames
with camera-to-world poses. Whole scenes are held out for validation: those of `sources.VALIDATION_ONLY`, and the ends
of the two long RGB-D sequences.
"""

from __future__ import annotations

import json
import math
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from training.data.draws import Draws
from training.data.geometry import apply_linear, centred_grid, gather_candidate, inverse, project, within
from training.data.homographies import view_homography
from training.data.photos import Pool, decode, level_of, read_archive
from training.data.sources import VALIDATION_ONLY, weight_of
from training.data.truth import LEAST_MARGIN, Rendering, Truth, Views

ARCHIVES = ("rgbd.tar", "multiview.tar", "multiview_k.tar")
CANDIDATES = 4
OVERLAP_CELLS = 12
OVERLAP = (0.2, 0.9)  # of pairs of frames
MOST_PAIRS = 2000  # of one sequence
HELD_OUT = 0.92  # of a sequence of `rgbd.tar`, frames after this share are for validation
LEAST_DEPTH = 0.1  # metres, or units of the sequence
EDGE = 1.05  # neighbouring depths that differ by more are an edge, where nothing is known
OCCLUSION = (0.02, 0.02)  # metres, and share of the depth, that a visible point may lie behind the measured one

# Sequences whose depth is not registered to the grey image, although the archive gives both one camera. The colour
# camera's focal length and centre (pixels) and its place beside the depth camera (metres), fitted on 80 pairs of
# frames by their correlation after warping, which rises from 0.894 to 0.963.
UNREGISTERED = {"kinect": {"focal": 262.5, "centre": (160.0, 118.0), "shift": (-0.026, 0.006, 0.0)}}


def registered(depth: NDArray, meta: dict, focal: float, centre: tuple, shift: tuple) -> NDArray:
    """The depth camera's map as the colour camera sees it: each point at its nearest pixel, the nearest point wins."""
    scale, offset = meta["depth_to_image"]["scale"], meta["depth_to_image"]["offset"]
    camera = meta["K"]
    rows, columns = np.nonzero(depth > 0)
    z = depth[rows, columns]
    x = (columns * scale + offset - camera[0][2]) / camera[0][0] * z + shift[0]
    y = (rows * scale + offset - camera[1][2]) / camera[1][1] * z + shift[1]
    column = np.rint((x / z * focal + centre[0] - offset) / scale).astype(int)
    row = np.rint((y / z * focal + centre[1] - offset) / scale).astype(int)
    far_first = np.argsort(-z, kind="stable")
    row, column, z = row[far_first], column[far_first], z[far_first]
    kept = (row >= 0) & (column >= 0) & (row < depth.shape[0]) & (column < depth.shape[1])
    moved = np.zeros_like(depth)
    moved[row[kept], column[kept]] = z[kept]
    return moved


@dataclass
class Row:
    """A frame as it is stored."""

    sequence: str
    meta: dict
    frame: dict
    image: bytes
    depth: bytes
    is_held_out: bool


def rows_of(path: Path, limit: int | None) -> list[Row]:
    """The frames of an archive; about `limit` of each sequence, evenly spread, where it is given.

    Raises ValueError where a sequence's camera is nowhere.
    """
    files = read_archive(path)
    rows = []
    for name, meta in json.loads(files["meta.json"]).items():
        frames = meta["frames"][:: max(1, len(meta["frames"]) // limit)] if limit else meta["frames"]
        for index, frame in enumerate(frames):
            if not (frame.get("K") or meta.get("K")):
                raise ValueError(
                    f"{path}: frame {frame['image']} of {name} has no camera matrix K, nor has its sequence"
                )
            is_end = path.name == "rgbd.tar" and index / len(frames) >= HELD_OUT
            stored = (files[frame[key]] for key in ("image", "depth"))
            rows.append(Row(name, meta, frame, *stored, name in VALIDATION_ONLY or is_end))
    return rows


class Frames:
    """All frames of all sequences on the device."""

    def __init__(self, folder: Path, device: torch.device | str, limit: int | None = None) -> None:
        rows = [row for name in ARCHIVES if (path := folder / name).exists() for row in rows_of(path, limit)]
        names = sorted({row.sequence for row in rows})

        def depth_of(row: Row) -> NDArray:
            depth = decode(row.depth).astype(np.float32) * row.meta["depth_unit_m"]
            fitted = UNREGISTERED.get(row.sequence)
            return registered(depth, row.meta, **fitted) if fitted else depth

        def calibration_of(row: Row) -> list[float]:
            if fitted := UNREGISTERED.get(row.sequence):
                return [fitted["focal"]] * 2 + list(fitted["centre"])
            camera = row.frame.get("K") or row.meta["K"]
            return [camera[0][0], camera[1][1], camera[0][2], camera[1][2]]

        with ThreadPoolExecutor(os.cpu_count()) as workers:
            images = list(workers.map(lambda row: decode(row.image), rows))
            depths = list(workers.map(depth_of, rows))
        self.pool = Pool(images, device)
        height, width = (max(depth.shape[axis] for depth in depths) for axis in (0, 1))
        padded = [np.pad(d, ((0, height - d.shape[0]), (0, width - d.shape[1]))) for d in depths]
        self.depth = torch.from_numpy(np.stack(padded)).to(device)  # [frames, height, width], metres

        def tensor(values: list) -> Tensor:
            return torch.tensor(values, dtype=torch.float32, device=device)

        self.calibration = tensor([calibration_of(row) for row in rows])  # [frames, 4]: focal x, y, centre x, y
        self.depth_grid = tensor([[r.meta["depth_to_image"][key] for key in ("scale", "offset")] for r in rows])
        pose = tensor([row.frame["camera_to_world"] for row in rows])
        shift = tensor([UNREGISTERED.get(row.sequence, {"shift": (0.0, 0.0, 0.0)})["shift"] for row in rows])
        self.rotation = pose[:, :3, :3]  # camera to world
        # The pose is the depth camera's; colour coordinates are depth coordinates plus the shift.
        self.position = pose[:, :3, 3] - apply_linear(self.rotation, shift[:, None])[:, 0]
        self.names = names
        self.sequence = np.array([names.index(row.sequence) for row in rows])
        self.is_held_out = np.array([row.is_held_out for row in rows])
        self.weight = tensor([weight_of(row.sequence) for row in rows])  # in the fine losses

    def depth_at(self, frame: Tensor, points: Tensor) -> tuple[Tensor, Tensor]:
        """Depth at image points [pairs, points, 2] of frames [pairs], and whether it is known there."""
        scale, offset = self.depth_grid[frame].unbind(1)
        places = (points - offset[:, None, None]) / scale[:, None, None]
        height, width = self.depth.shape[1:]
        x, y = torch.nan_to_num(places, nan=-1.0).unbind(-1)
        on_map = (x >= 0) & (y >= 0) & (x < width - 1) & (y < height - 1)
        x, y = x.clamp(0, width - 1.001), y.clamp(0, height - 1.001)
        column, row = x.long(), y.long()
        right, down = x - column, y - row
        index = (frame[:, None] * height + row) * width + column
        depth = torch.stack([self.depth.flatten()[index + step] for step in (0, 1, width, width + 1)])
        nearest, farthest = depth.amin(0), depth.amax(0)
        value = torch.lerp(torch.lerp(depth[0], depth[1], right), torch.lerp(depth[2], depth[3], right), down)
        return value, on_map & (nearest > LEAST_DEPTH) & (farthest < EDGE * nearest)

    def transfer(self, frame0: Tensor, frame1: Tensor, points: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Points [pairs, points, 2] of frames 0 in frames 1, whether visible there, and whether that is known.

        Known is what has a depth in frame 0 and either leaves frame 1 or has a depth there too.
        """
        depth, has_depth = self.depth_at(frame0, points)
        camera0, camera1 = self.calibration[frame0][:, None], self.calibration[frame1][:, None]
        ray = (points - camera0[..., 2:]) / camera0[..., :2]
        world = apply_linear(
            self.rotation[frame0], torch.cat([ray, torch.ones_like(ray[..., :1])], -1) * depth[..., None]
        )
        world = world + self.position[frame0][:, None] - self.position[frame1][:, None]
        seen = apply_linear(self.rotation[frame1].transpose(1, 2), world)
        expected = seen[..., 2]
        moved = seen[..., :2] / expected.clamp_min(LEAST_DEPTH)[..., None] * camera1[..., :2] + camera1[..., 2:]
        inside = ((moved > 0) & (moved < self.pool.size[frame1][:, None] - 1)).all(-1) & (expected > LEAST_DEPTH)
        measured, is_measured = self.depth_at(frame1, moved)
        agrees = (measured - expected).abs() < OCCLUSION[0] + OCCLUSION[1] * expected
        return moved, inside & is_measured & agrees, has_depth & (is_measured | ~inside)

    def pairs(self, held_out: bool) -> tuple[Tensor, Tensor]:
        """Pairs of frames of one sequence [pairs, 2] and their overlaps, sorted by overlap.

        Of a long sequence every so many, and those of a short one repeated: they come up by the root of their pairs.
        """
        device = self.depth.device
        grid = centred_grid(1, OVERLAP_CELLS, device) + 0.5  # in 0..1
        found, overlaps = [], []
        for sequence in np.unique(self.sequence):
            frames = np.nonzero((self.sequence == sequence) & (self.is_held_out == held_out))[0]
            frames = torch.from_numpy(frames).to(device)
            shares = torch.zeros(len(frames), len(frames), device=device)
            for i, frame in enumerate(frames):
                points = (grid * (self.pool.size[frame] - 1)).expand(len(frames), -1, -1)
                _, visible, _ = self.transfer(frame.expand(len(frames)), frames, points)
                _, has_depth = self.depth_at(frame[None], points[:1])
                shares[i] = visible.float().mean(1) / has_depth.float().mean().clamp_min(0.3)
            shares = torch.minimum(shares, shares.T)
            first, second = ((shares > OVERLAP[0]) & (shares < OVERLAP[1])).triu(1).nonzero(as_tuple=True)
            found.append(torch.stack([frames[first], frames[second]], 1))
            overlaps.append(shares[first, second])
        for index, (pairs, shares) in enumerate(zip(found, overlaps)):
            order = shares.argsort(stable=True)[:: max(1, -(-len(pairs) // MOST_PAIRS))]
            order = order.repeat(round(math.sqrt(MOST_PAIRS / max(1, len(order)))))
            found[index], overlaps[index] = pairs[order], shares[order]
        overlaps, order = torch.cat(overlaps).sort(stable=True)
        found = torch.cat(found)
        return found[order], overlaps


class FramePairs:
    """Generator of pairs of cuts from two frames each."""

    def __init__(self, frames: Frames, draws: Draws, held_out: bool) -> None:
        self.frames, self.draws = frames, draws
        self.pairs, self.overlaps = frames.pairs(held_out)

    def views(self, pairs: int, size: int, hardness: Tensor, rendering: Rendering) -> Views:
        """`hardness` [pairs] in 0..1 scales turn, tilt and shear of the cuts; overlaps are drawn evenly."""
        draws, frames = self.draws, self.frames
        drawn = torch.searchsorted(self.overlaps, draws.uniform(*OVERLAP, pairs)).clamp_max(len(self.pairs) - 1)
        frame = self.pairs[drawn]
        frame0, frame1 = torch.where(draws.chance(0.5, pairs, 1), frame, frame.flip(1)).unbind(1)
        cuts = zip((frame0, frame1), rendering.shorter)
        cut0, cut1 = (self.cuts(frame, size, shorter or size, hardness) for frame, shorter in cuts)

        grid = centred_grid(size, OVERLAP_CELLS, draws.device).expand(pairs * CANDIDATES, -1, 2)
        many0, many1 = (f.repeat_interleave(CANDIDATES) for f in (frame0, frame1))
        seen = self.transfer(cut0.flatten(0, 1), many0, cut1.flatten(0, 1), many1, grid, size)[1]
        chosen = draws.candidate(seen.float().mean(1).view(pairs, CANDIDATES), 0.1, 1.0)
        cut0, cut1 = gather_candidate(chosen, cut0, cut1)
        cells = centred_grid(size, size // 8, draws.device).expand(pairs, -1, 2)
        truth0 = Truth(*self.transfer(cut0, frame0, cut1, frame1, cells, size))
        truth1 = Truth(*self.transfer(cut1, frame1, cut0, frame0, cells, size))
        pixels = centred_grid(size, size, draws.device)
        images = []
        for cut, frame in ((cut0, frame0), (cut1, frame1)):
            points, _ = project(cut, pixels)
            level = level_of(points, size, rendering.least_level)
            images.append(frames.pool.sample(frame[:, None], points, level).unflatten(1, (size, size)))
        weight = torch.minimum(frames.weight[frame0], frames.weight[frame1])
        return Views(*images, truth0, truth1, exact=weight)

    def cuts(self, frame: Tensor, size: int, shorter: int, hardness: Tensor) -> Tensor:
        """Homographies [pairs, candidates, 3, 3] from a view's pixels to its frame's: nearly a scaled cut.

        `shorter` is the shorter side of what will be kept of the view: that fits into the frame, or nearly.
        """
        draws, shape = self.draws, (len(frame), CANDIDATES)
        hard = hardness[:, None].expand(shape)
        extent = self.frames.pool.size[frame][:, None]
        scale = draws.uniform(0.75, 1.0, *shape) * extent.amin(-1) / shorter
        half = torch.minimum((size * scale / 2)[..., None], extent / 2)
        centre = half + (extent - 2 * half) * draws.uniform(0, 1, *shape, 2)
        angle = torch.where(draws.chance(0.2, *shape), draws.angle(*shape), draws.normal(0.12, *shape) * hard)
        return view_homography(draws, size, centre, scale, angle, 0.15 * hard, 0.08 * hard)

    def transfer(
        self, cut0: Tensor, frame0: Tensor, cut1: Tensor, frame1: Tensor, points: Tensor, size: int
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Points of view 0 in view 1, whether they are visible there, and whether that is known."""
        moved, visible, known = self.frames.transfer(frame0, frame1, project(cut0, points)[0])
        moved, _ = project(inverse(cut1), moved)
        inside = within(moved, size, LEAST_MARGIN)
        return moved, visible & inside, known
