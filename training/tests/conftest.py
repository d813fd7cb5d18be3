"""Material that is made up: photos of random blobs and edges, posed frames of a tilted textured plane, groups."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from training.data.pairs import Material

PHOTOS = 24
FRAMES = 14
GROUPS = 24
FOCAL, WIDTH, HEIGHT = 280.0, 320, 240
DEPTH_SCALE = 2  # image pixels to a depth pixel


def texture(seed: int, height: int, width: int) -> NDArray[np.uint8]:
    """Structure at all scales, from smooth to fine, and some edges."""
    random = np.random.default_rng(seed)
    image = np.zeros((height, width), np.float32)
    for cells in (3, 8, 20, 50):
        noise = random.normal(size=(cells, cells)).astype(np.float32)
        image += cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC)
    for _ in range(25):
        centre = tuple(int(v) for v in random.uniform(0, 1, 2) * [width, height])
        cv2.circle(image, centre, int(random.uniform(3, 30)), float(random.normal(0, 2)), -1, cv2.LINE_AA)
    image = (image - image.mean()) / image.std()
    return (128 + 50 * image).clip(0, 255).astype(np.uint8)


def plane_frame(plane: NDArray[np.uint8], pose: NDArray) -> tuple[NDArray[np.uint8], NDArray[np.uint16]]:
    """What a camera sees of the plane z = 2 + 0.3 x, and its depth in millimetres at half the size."""

    def hit(x: NDArray, y: NDArray) -> tuple[NDArray, NDArray]:
        ray = np.stack([(x - WIDTH / 2) / FOCAL, (y - HEIGHT / 2) / FOCAL, np.ones_like(x)], -1)
        direction = ray @ pose[:3, :3].T
        start = pose[:3, 3]
        depth = (2 + 0.3 * start[0] - start[2]) / (direction[..., 2] - 0.3 * direction[..., 0])
        return start + direction * depth[..., None], depth

    x, y = np.meshgrid(np.arange(WIDTH, dtype=np.float64), np.arange(HEIGHT, dtype=np.float64))
    place, _ = hit(x, y)
    half = plane.shape[0] / 2
    maps = [(place[..., i] * 180 + half).astype(np.float32) for i in (0, 1)]
    image = cv2.remap(plane, *maps, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    offset = (DEPTH_SCALE - 1) / 2
    _, depth = hit(x[::2, ::2] + offset, y[::2, ::2] + offset)
    return image, np.rint(depth * 1000).astype(np.uint16)


def add(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    archive.addfile(info, io.BytesIO(data))


def write_frames(path: Path, sequence: str, count: int, camera_in_frames: bool = False) -> None:
    """An archive like the real ones; the last frame's depth is unknown on its left half."""
    random = np.random.default_rng(5)
    plane = texture(99, 800, 800)
    camera = [[FOCAL, 0, WIDTH / 2], [0, FOCAL, HEIGHT / 2], [0, 0, 1]]
    frames = []
    with tarfile.open(path, "w") as archive:
        for index in range(count):
            pose = np.eye(4)
            angles = random.uniform(-0.25, 0.25, 3)
            pose[:3, :3] = cv2.Rodrigues(angles)[0]
            pose[:3, 3] = random.uniform(-0.4, 0.4, 3)
            image, depth = plane_frame(plane, pose)
            if index == count - 1:
                depth[:, : depth.shape[1] // 2] = 0
            name = f"{sequence}/{index:04d}"
            add(archive, f"{name}.png", cv2.imencode(".png", image)[1].tobytes())
            add(archive, f"{name}-depth.png", cv2.imencode(".png", depth)[1].tobytes())
            frames.append({"image": f"{name}.png", "depth": f"{name}-depth.png", "camera_to_world": pose.tolist()})
            frames[-1] |= {"K": camera} if camera_in_frames else {}
        meta = {
            "depth_unit_m": 0.001,
            "depth_to_image": {"scale": DEPTH_SCALE, "offset": (DEPTH_SCALE - 1) / 2},
            "frames": frames,
        } | ({} if camera_in_frames else {"K": camera})
        add(archive, "meta.json", json.dumps({sequence: meta}).encode())


def write_aligned(path: Path) -> None:
    """Groups of two or three pictures that differ in light alone; of every third group the truth is off."""
    groups = {}
    with tarfile.open(path, "w") as archive:
        for index in range(GROUPS):
            plain = texture(200 + index, 288, 384)
            pictures = [((plain / 255) ** gamma * 255).astype(np.uint8) for gamma in (1.0, 0.7, 1.4)[: 2 + index % 2]]
            entries = [{"image": f"light/{index}/{i}.png", "label": str(i)} for i in range(len(pictures))]
            for entry, picture in zip(entries, pictures):
                add(archive, entry["image"], cv2.imencode(".png", picture)[1].tobytes())
            shift = 1.2 if index % 3 == 0 else 0.0
            groups[f"light/{index}"] = {"kind": "light", "images": entries, "shift_px": [shift] * (len(pictures) - 1)}
        add(archive, "meta.json", json.dumps(groups).encode())


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of photos and of archives of each kind."""
    path = tmp_path_factory.mktemp("data")
    for seed in range(PHOTOS):
        cv2.imwrite(str(path / f"photo{seed:02d}.png"), texture(seed, 300 + 8 * (seed % 3), 420))
    write_frames(path / "rgbd.tar", "made", FRAMES)
    write_frames(path / "multiview.tar", "fox", 5)
    write_frames(path / "multiview_k.tar", "many", 6, camera_in_frames=True)
    write_aligned(path / "static.tar")
    return path


@pytest.fixture(scope="session")
def material(folder: Path) -> Material:
    torch.set_num_threads(2)
    return Material.load(folder, "cpu")
