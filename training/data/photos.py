"""Photos as textures: read from an archive or a folder, kept as pyramids of bytes on the device, sampled in batches."""

from __future__ import annotations

import os
import tarfile
import zlib
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Grey = NDArray[np.uint8]  # [height, width]

ARCHIVES = ("photos.tar", "photos2.tar")
LEVELS = 4  # of a pyramid, each half as wide as the one before
SHORTER_SIDE = 384  # larger photos are shrunk to this
LEAST_SIDE = 100  # smaller ones are left out
LEAST_DEVIATION = 10.0  # grey values: flat photos are left out
HELD_OUT = 20  # one photo of so many is for validation
SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff")


class Pool:
    """Grey images on a device, each with its pyramid."""

    def __init__(self, images: Sequence[Grey], device: torch.device | str) -> None:
        # Sides that halve exactly: pixel p of one level is centred at 2 p + 0.5 of the level before.
        multiple = 2 ** (LEVELS - 1)
        levels = [
            [
                image[: h // multiple * multiple, : w // multiple * multiple]
                for image in images
                for h, w in [image.shape]
            ]
        ]
        for _ in range(1, LEVELS):
            levels.append([cv2.resize(i, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA) for i in levels[-1]])
        flat = [image for level in levels for image in level]
        starts = np.cumsum([0] + [image.size for image in flat[:-1]])
        self.bytes = torch.from_numpy(np.concatenate([image.ravel() for image in flat])).to(device)
        self.start = torch.from_numpy(starts.reshape(LEVELS, -1)).to(device)  # [levels, images]
        sizes = [(image.shape[1], image.shape[0]) for image in levels[0]]
        self.size = torch.tensor(sizes, dtype=torch.float32, device=device)  # [images, 2]: width, height
        # The second level of a trilinear sample halves the speed; a GPU has speed to spare.
        self.blends_levels = torch.device(device).type != "cpu"

    def __len__(self) -> int:
        return len(self.size)

    def image(self, index: int) -> Tensor:
        """[height, width] in [0, 1]: a whole image."""
        width, height = (int(side) for side in self.size[index])
        start = int(self.start[0, index])
        return self.bytes[start : start + width * height].view(height, width).float() / 255

    def sample(self, image: Tensor, points: Tensor, level: Tensor) -> Tensor:
        """Values in [0, 1] at points [..., 2] of images [...] (shapes broadcast), mirrored beyond their borders.

        `level` is the pyramid level, a fraction blending two; every step up suits twice as large steps between points.
        """
        last = self.size[image] - 1
        points = torch.nan_to_num(points, nan=0.0, posinf=0.0, neginf=0.0).clamp(-1e5, 1e5)
        points = last - (torch.remainder(points, 2 * last) - last).abs()
        level = torch.nan_to_num(level).clamp(0, LEVELS - 1)
        if not self.blends_levels:
            return self.at_level(image, points, level.round().long())
        finer = level.floor()
        coarser = (finer + 1).clamp_max(LEVELS - 1)
        fine, coarse = (self.at_level(image, points, one.long()) for one in (finer, coarser))
        return torch.lerp(fine, coarse, level - finer)

    def at_level(self, image: Tensor, points: Tensor, level: Tensor) -> Tensor:
        """Bilinear samples of one level of each image."""
        scale = torch.exp2(-level.float())[..., None]
        last = self.size[image] * scale - 1
        places = torch.minimum(((points + 0.5) * scale - 0.5).clamp_min(0), last)
        # The cell's first corner is never in the last row or column, so that its other corners exist.
        corner = torch.minimum(places.floor(), last - 1)
        right, down = (places - corner).unbind(-1)
        width = (last[..., 0] + 1).long()
        column, row = corner.long().unbind(-1)
        index = self.start[level, image] + row * width + column

        def value(offset: Tensor | int) -> Tensor:
            return self.bytes[index + offset].float()

        upper = torch.lerp(value(0), value(1), right)
        lower = torch.lerp(value(width), value(width + 1), right)
        return torch.lerp(upper, lower, down) / 255


def level_of(points: Tensor, size: int, least: float = 0.0) -> Tensor:
    """[..., pixels]: the pyramid level that suits texture points [..., pixels, 2] of a square image's pixels.

    From the distances between neighbours: between their area and the longer one. Where a surface ends, the
    neighbour on the other side counts.
    """
    grid = points.unflatten(-2, (size, size))

    def squared_step(dimension: int) -> Tensor:
        x, y = grid.diff(dim=dimension).unbind(-1)
        length = x * x + y * y
        along = dimension + 1  # the last one is gone
        first, last = length.narrow(along, 0, 1), length.narrow(along, size - 2, 1)
        return torch.minimum(torch.cat([length, last], along), torch.cat([first, length], along))

    across, down = squared_step(-2), squared_step(-3)
    # Of area^2 and longest^2 the geometric mean: log2 of its square root, a little sharper than that.
    mean = (across * down).clamp_min(1e-12).sqrt() * torch.maximum(across, down).clamp_min(1e-12)
    return (0.25 * torch.log2(mean) - 0.25).clamp_min(least).flatten(-2)


def decode(blob: bytes) -> NDArray | None:
    """An image file as it is stored; colours become grey. None where it is no image."""
    image = cv2.imdecode(np.frombuffer(blob, np.uint8), cv2.IMREAD_UNCHANGED)
    if image is None or image.ndim == 2:
        return image
    return cv2.cvtColor(image[..., :3], cv2.COLOR_BGR2GRAY)


def read_archive(path: Path) -> dict[str, bytes]:
    """The files of a tar archive by name."""
    with tarfile.open(path) as archive:
        members = [member for member in archive if member.isfile()]
        return {m.name.removeprefix("./"): archive.extractfile(m).read() for m in members}


def read_files(folder: Path) -> Iterable[tuple[str, bytes]]:
    """Image files by name, in order: those of `ARCHIVES` where the folder has one, else all below the folder."""
    archives = [path for name in ARCHIVES if (path := folder / name).exists()]
    if archives:
        files = [(name, blob) for path in archives for name, blob in read_archive(path).items()]
        return sorted((name, blob) for name, blob in files if name.lower().endswith(SUFFIXES))
    paths = sorted(p for p in folder.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file())
    return ((p.relative_to(folder).as_posix(), p.read_bytes()) for p in paths)


def prepare(blob: bytes) -> Grey | None:
    """A photo as a texture, or None for one that is no image, too small, flat, or a silhouette mask."""
    image = decode(blob)
    if image is None or min(image.shape) < LEAST_SIDE:
        return None
    if image.dtype != np.uint8:
        image = (image / 257).astype(np.uint8)
    is_mask = ((image < 8) | (image > 247)).mean() > 0.9
    if is_mask or image.std() < LEAST_DEVIATION:
        return None
    return prepare_texture(image)


def prepare_texture(image: NDArray) -> Grey:
    """An image at the size that textures are kept at."""
    scale = SHORTER_SIDE / min(image.shape)
    if scale < 1:
        image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return image[: 2 * SHORTER_SIDE, : 2 * SHORTER_SIDE]


def is_held_out(name: str) -> bool:
    """Whether a photo is for validation: by the hash of its name, so the same on every machine."""
    return zlib.crc32(name.encode()) % HELD_OUT == 0


def load_photos(folder: Path, limit: int | None = None) -> tuple[list[str], list[Grey]]:
    """Names and textures of the folder's photos; of `limit` of them, evenly spread, where it is given."""
    files = list(read_files(folder))
    if limit:
        files = files[:: max(1, len(files) // limit)][:limit]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        images = list(pool.map(lambda file: prepare(file[1]), files))
    kept = [i for i, image in enumerate(images) if image is not None]
    if not kept:
        raise FileNotFoundError(f"{folder}: no usable photos (photos.tar, or image files of at least {LEAST_SIDE} px)")
    return [files[i][0] for i in kept], [images[i] for i in kept]
