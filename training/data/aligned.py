"""Pairs from aligned pictures of one scene: other light, season, hour or sensor, the truth is the identity.

`static.tar` holds the pictures and `meta.json`: for each group its pictures, all of one size, and by how many pixels
each is off the first. Each view of a pair shows its picture through a homography of its own, as views of one photo do.
"""

from __future__ import annotations

import json
import zlib
from pathlib import Path

import torch
from torch import Tensor

from training.data.draws import Draws
from training.data.homographies import Homographies, HomographyRange
from training.data.photos import Pool, decode, prepare_texture, read_archive
from training.data.sources import fine_weight

ARCHIVE = "static.tar"
HELD_OUT = 8  # one group of so many is for validation
RANGE = HomographyRange(scale=1.6, perspective=0.2, bends=False)
STILL = 0.3  # share of pairs whose views hardly differ in place: a camera that stands


class Groups:
    """All pictures on the device, and which belong together."""

    def __init__(self, folder: Path, device: torch.device | str) -> None:
        files = read_archive(folder / ARCHIVE)
        images, held_out, shifts, members = [], [], [], []
        for name, meta in json.loads(files["meta.json"]).items():
            pictures = [prepare_texture(decode(files[entry["image"]])) for entry in meta["images"]]
            if len({picture.shape for picture in pictures}) != 1 or len(pictures) < 2:
                raise ValueError(f"{folder / ARCHIVE}: the pictures of group {name} are not two or more of one size")
            members += [(len(images), len(pictures))] * len(pictures)
            images += pictures
            held_out += [zlib.crc32(name.encode()) % HELD_OUT == 0] * len(pictures)
            shifts += [max(meta.get("shift_px") or [0.0])] * len(pictures)
        self.pool = Pool(images, device)
        self.first, self.count = torch.tensor(members, device=device).unbind(1)
        self.is_held_out = torch.tensor(held_out, device=device)
        self.weight = torch.tensor([fine_weight(shift) for shift in shifts], device=device)


class AlignedPairs(Homographies):
    """Generator of pairs of pictures of one group."""

    def __init__(self, groups: Groups, draws: Draws, held_out: bool) -> None:
        super().__init__(groups.pool, (groups.is_held_out == held_out).nonzero()[:, 0], draws, RANGE)
        self.groups = groups

    def partner(self, picture: Tensor) -> Tensor:
        """Another picture of the same group as each."""
        groups = self.groups
        first, count = groups.first[picture], groups.count[picture]
        step = 1 + (self.draws.uniform(0, 1, len(picture)) * (count - 1)).long().clamp_max(count - 2)
        return first + (picture - first + step) % count

    def weight(self, picture: Tensor) -> Tensor | None:
        """What each pair counts in the fine losses."""
        return self.groups.weight[picture]

    def spread(self, hardness: Tensor) -> Tensor:
        """Some views hardly differ in place."""
        return torch.where(self.draws.chance(STILL, len(hardness)), 0.02, hardness)
