"""Batches of pairs of all kinds from one folder of material."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from training.data.draws import Draws
from training.data.homographies import Homographies, HomographyRange
from training.data.photometric import change_light
from training.data.photos import Pool, is_held_out, load_photos
from training.data.rgbd import FramePairs, Frames
from training.data.scenes import Scenes
from training.data.truth import Pairs, Rendering, Truth, Views

KINDS = ("homography", "scene", "rgbd")
MEASURED = 0.25  # weight of RGB-D pairs in the fine losses: their truth is off by a pixel or two
LIGHT = (0.1, 0.8)  # strength of photometric changes
VALIDATION_SEED = 12345


@dataclass(frozen=True)
class Mix:
    """Shares of the kinds of pairs."""

    homography: float = 0.4
    scene: float = 0.4
    rgbd: float = 0.2

    def counts(self, pairs: int, kinds: list[str]) -> dict[str, int]:
        """Pairs of each kind; the first kind takes what rounding leaves."""
        total = sum(getattr(self, kind) for kind in kinds) or 1.0
        counts = {kind: round(pairs * getattr(self, kind) / total) for kind in kinds[1:]}
        return {kinds[0]: pairs - sum(counts.values())} | counts


@dataclass
class Material:
    """Photos and frames on one device, and the photos that are held out for validation."""

    names: list[str]
    pool: Pool
    frames: Frames | None
    fingerprint: str

    @staticmethod
    def load(
        folder: Path, device: torch.device | str, photos: int | None = None, frames: int | None = None
    ) -> Material:
        """Reads `folder`; `photos` and `frames` (of each sequence) limit how many, for tests."""
        names, images = load_photos(folder, photos)
        has_frames = (folder / "rgbd.tar").exists() and frames != 0
        content = hashlib.sha256("\n".join(names).encode()).hexdigest()[:12]
        return Material(names, Pool(images, device), Frames(folder, device, frames) if has_frames else None, content)

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
        return text + (f", {len(self.frames.depth)} RGB-D frames" if self.frames else "")


class PairMaker:
    """Makes batches of pairs on the material's device, of photos for training or of those held out."""

    def __init__(
        self, material: Material, seed: int, held_out: bool = False, homographies: HomographyRange | None = None
    ) -> None:
        self.draws = Draws(material.pool.size.device, seed)
        photos = material.photos(held_out)
        self.generators: dict[str, Homographies | Scenes | FramePairs] = {
            "homography": Homographies(material.pool, photos, self.draws, homographies),
            "scene": Scenes(material.pool, photos, self.draws),
        }
        if material.frames:
            frame_pairs = FramePairs(material.frames, self.draws, held_out)
            if len(frame_pairs.pairs):
                self.generators["rgbd"] = frame_pairs

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
        return self.generators["rgbd"].frames.pool if "rgbd" in self.generators else None

    @torch.no_grad()
    def views(self, kind: str, count: int, size: int, hardness: float, rendering: Rendering | None = None) -> Views:
        """Views of one kind; every pair's difficulty is drawn in 0.1..hardness."""
        drawn = self.draws.uniform(min(0.1, hardness), hardness, count)
        return self.generators[kind].views(count, size, drawn, rendering or Rendering())

    @torch.no_grad()
    def make(
        self,
        count: int,
        size: int,
        hardness: float = 1.0,
        mix: Mix | None = None,
        light: tuple[float, float] = LIGHT,
        rendering: Rendering | None = None,
    ) -> Pairs:
        """A batch of `count` pairs of square images, kinds one after the other."""
        rendering = rendering or Rendering()
        counts = (mix or Mix()).counts(count, list(self.generators))
        parts = {k: self.views(k, n, size, hardness, rendering) for k, n in counts.items() if n}
        image0, image1 = (torch.cat([getattr(v, name) for v in parts.values()]) for name in ("image0", "image1"))
        if rendering.light:
            strength = self.draws.uniform(*light, count)
            both = change_light(self.draws, torch.cat([image0, image1]), torch.cat([strength, strength]))
            image0, image1 = both.chunk(2)
        truths = [joined([getattr(v, name) for v in parts.values()]) for name in ("truth0", "truth1")]
        exact = torch.cat(
            [v.image0.new_full((len(v.image0),), MEASURED if k == "rgbd" else 1.0) for k, v in parts.items()]
        )
        return Pairs(image0[:, None], image1[:, None], *truths[0], *truths[1], exact)


def joined(truths: list[Truth]) -> tuple[Tensor, Tensor, Tensor]:
    """The fields of several truths, one after the other."""
    return tuple(torch.cat([getattr(t, name) for t in truths]) for name in ("points", "visible", "known"))
