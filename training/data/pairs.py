"""Batches of pairs of all kinds from one folder of material."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from training.data.aligned import ARCHIVE as ALIGNED_ARCHIVE
from training.data.aligned import AlignedPairs, Groups
from training.data.draws import Draws
from training.data.homographies import Homographies, HomographyRange
from training.data.photometric import change_light
from training.data.photos import Pool, is_held_out, load_photos
from training.data.posed import ARCHIVES as POSED_ARCHIVES
from training.data.posed import FramePairs, Frames
from training.data.scenes import Scenes
from training.data.truth import Pairs, Rendering, Shape, Truth, Views, cropped

KINDS = ("homography", "scene", "posed", "static")
LIGHT = (0.1, 0.8)  # strength of photometric changes
VALIDATION_SEED = 12345


@dataclass(frozen=True)
class Mix:
    """Shares of the kinds of pairs."""

    homography: float = 0.25
    scene: float = 0.2
    posed: float = 0.35
    static: float = 0.2

    def counts(self, pairs: int, kinds: list[str], start: float = 0.5) -> dict[str, int]:
        """Pairs of each kind; with a random `start` in 0..1 the expected counts are exact, however few the pairs."""
        total = sum(getattr(self, kind) for kind in kinds) or 1.0
        ends = [pairs * sum(getattr(self, k) for k in kinds[: i + 1]) / total for i in range(len(kinds))]
        places = [0] + [math.floor(end + start) for end in ends[:-1]] + [pairs]
        return {kind: after - before for kind, before, after in zip(kinds, places, places[1:])}


@dataclass
class Material:
    """Photos and frames on one device, and the photos that are held out for validation."""

    names: list[str]
    pool: Pool
    frames: Frames | None
    groups: Groups | None
    fingerprint: str

    @staticmethod
    def load(
        folder: Path, device: torch.device | str, photos: int | None = None, frames: int | None = None
    ) -> Material:
        """Reads `folder`; `photos` and `frames` (of each sequence) limit how many, for tests."""
        names, images = load_photos(folder, photos)
        has_frames = any((folder / name).exists() for name in POSED_ARCHIVES) and frames != 0
        has_groups = (folder / ALIGNED_ARCHIVE).exists()
        content = hashlib.sha256("\n".join(names).encode()).hexdigest()[:12]
        return Material(
            names,
            Pool(images, device),
            Frames(folder, device, frames) if has_frames else None,
            Groups(folder, device) if has_groups else None,
            content,
        )

    def photos(self, held_out: bool) -> Tensor:
        """Indices of the photos for validation or for training; of few photos every tenth is held out."""
        flags = torch.tensor([is_held_out(name) for name in self.names])
        if len(self.names) < 100 or not flags.any():
            flags = torch.arange(len(self.names)) % 10 == 0
        return (flags == held_out).nonzero()[:, 0].to(self.pool.size.device)

    def description(self) -> str:
        """One line for logs and provenance."""
        training, validation = len(self.photos(False)), len(self.photos(True))
        text = f"{training} photos and {validation} held out (names' hash {self.fingerprint})"
        if self.frames:
            held_out = self.frames.is_held_out
            scenes = len(set(self.frames.sequence[~held_out]))
            text += f", {(~held_out).sum()} posed frames of {scenes} scenes and {held_out.sum()} held out"
        if self.groups:
            held_out = self.groups.is_held_out.sum()
            text += f", {len(self.groups.is_held_out) - held_out} aligned pictures and {held_out} held out"
        return text


class PairMaker:
    """Makes batches of pairs on the material's device, of photos for training or of those held out."""

    def __init__(
        self, material: Material, seed: int, held_out: bool = False, homographies: HomographyRange | None = None
    ) -> None:
        self.draws = Draws(material.pool.size.device, seed)
        photos = material.photos(held_out)
        self.generators: dict[str, Homographies | Scenes | FramePairs | AlignedPairs] = {
            "homography": Homographies(material.pool, photos, self.draws, homographies),
            "scene": Scenes(material.pool, photos, self.draws),
        }
        if material.frames:
            frame_pairs = FramePairs(material.frames, self.draws, held_out)
            if len(frame_pairs.pairs):
                self.generators["posed"] = frame_pairs
        if material.groups:
            self.generators["static"] = AlignedPairs(material.groups, self.draws, held_out)

    def reseed(self, seed: int) -> None:
        """Starts another sequence of draws."""
        self.draws.generator.manual_seed(seed)

    def compile(self) -> None:
        """Fuses the longest chains of small operations: tracing of scenes, sampling of textures."""
        scenes = self.generators["scene"]
        scenes.trace = torch.compile(scenes.trace, dynamic=True)
        for pool in {id(p): p for p in (scenes.pool, self.pool_of_frames()) if p}.values():
            pool.at_level = torch.compile(pool.at_level, dynamic=True)

    def pool_of_frames(self) -> Pool | None:
        return self.generators["posed"].frames.pool if "posed" in self.generators else None

    @torch.no_grad()
    def views(self, kind: str, count: int, size: int, hardness: float, rendering: Rendering | None = None) -> Views:
        """Views of one kind; every pair's difficulty is drawn in 0.1..hardness."""
        drawn = self.draws.uniform(min(0.1, hardness), hardness, count)
        return self.generators[kind].views(count, size, drawn, rendering or Rendering())

    @torch.no_grad()
    def make(
        self,
        count: int,
        shape: Shape | int,
        hardness: float = 1.0,
        mix: Mix | None = None,
        light: tuple[float, float] = LIGHT,
        rendering: Rendering | None = None,
        shape1: Shape | None = None,
    ) -> Pairs:
        """A batch of `count` pairs, kinds one after the other; of square images where `shape` is a number.

        The second images are of `shape1`, where that is given. Sides are multiples of 16.
        """
        pairs = self.make_plain(count, shape, hardness, mix, rendering, shape1)
        return self.lit(pairs, light) if rendering is None or rendering.light else pairs

    @torch.no_grad()
    def make_plain(
        self,
        count: int,
        shape: Shape | int,
        hardness: float = 1.0,
        mix: Mix | None = None,
        rendering: Rendering | None = None,
        shape1: Shape | None = None,
    ) -> Pairs:
        """As `make`, before photometric changes. Views are drawn square; of each the middle is kept."""
        shape = (shape, shape) if isinstance(shape, int) else shape
        shape1 = shape1 or shape
        size = max(*shape, *shape1)
        rendering = replace(rendering or Rendering(), shorter=(min(shape), min(shape1)))
        counts = (mix or Mix()).counts(count, list(self.generators), self.draws.fraction())
        parts = [self.views(k, n, size, hardness, rendering) for k, n in counts.items() if n]
        image0, image1 = (torch.cat([getattr(v, name) for v in parts]) for name in ("image0", "image1"))
        truths = [joined([getattr(v, name) for v in parts]) for name in ("truth0", "truth1")]
        exact = [v.image0.new_ones(len(v.image0)) if v.exact is None else v.exact for v in parts]
        pairs = Pairs(image0[:, None], image1[:, None], *truths[0], *truths[1], torch.cat(exact))
        return pairs if pairs.shapes == (shape, shape1) else cropped(pairs, shape, shape1)

    @torch.no_grad()
    def lit(self, pairs: Pairs, light: tuple[float, float] = LIGHT) -> Pairs:
        """The pairs with photometric changes of a strength in that range, the same for both images of a pair."""
        strength = self.draws.uniform(*light, len(pairs))
        if pairs.image0.shape == pairs.image1.shape:
            both = torch.cat([pairs.image0, pairs.image1])[:, 0]
            images = change_light(self.draws, both, torch.cat([strength, strength])).chunk(2)
        else:
            images = [change_light(self.draws, image[:, 0], strength) for image in (pairs.image0, pairs.image1)]
        return replace(pairs, image0=images[0][:, None], image1=images[1][:, None])


def joined(truths: list[Truth]) -> tuple[Tensor, Tensor, Tensor]:
    """The fields of several truths, one after the other."""
    return tuple(torch.cat([getattr(t, name) for t in truths]) for name in ("points", "visible", "known"))
