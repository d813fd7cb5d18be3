"""Draws sample pairs with their ground truth: `python -m training.data.show --data DIR --out FOLDER`.

One picture a kind, with light as in training, and one without. Dots of one colour are one point; lines join a few.
Tinted blue: cells that the other view does not show; tinted grey: cells of which that is not known.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from training.data.geometry import centred_grid
from training.data.pairs import KINDS, Material, Mix, PairMaker
from training.data.truth import Pairs, Rendering

ZOOM = 2
EVERY = 7  # cells between two dots
LINES = 4  # dots between two lines


def draw(pairs: Pairs, index: int) -> NDArray[np.uint8]:
    """Both images of a pair side by side, from image 0's truth."""
    size = pairs.image0.shape[-1]  # square
    cells = centred_grid(size, size // 8, torch.device("cpu"))
    sides = []
    for image, visible, known in (
        (pairs.image0, pairs.visible0, pairs.known0),
        (pairs.image1, pairs.visible1, pairs.known1),
    ):
        grey = (image[index, 0].cpu().numpy() * 255).astype(np.uint8)
        colour = cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR).astype(np.float32)
        hidden, unknown = (
            np.kron(flag.cpu().view(size // 8, size // 8).numpy(), np.ones((8, 8), bool))
            for flag in (~visible[index] & known[index], ~known[index])
        )
        colour[hidden] = colour[hidden] * 0.7 + np.array([110, 40, 0]) * 0.5
        colour[unknown] = colour[unknown] * 0.5 + 60
        enlarged = cv2.resize(colour.clip(0, 255).astype(np.uint8), None, fx=ZOOM, fy=ZOOM)
        sides.append(enlarged)
    picture = np.hstack(sides)
    random = np.random.default_rng(index)
    seen = pairs.visible0[index].nonzero()[:, 0].tolist()
    for order, cell in enumerate(seen[::EVERY]):
        colour = tuple(int(value) for value in random.integers(60, 255, 3))
        ends = [
            tuple(int(round((value + 0.5) * ZOOM - 0.5)) + shift for value, shift in zip(point.tolist(), (offset, 0)))
            for point, offset in ((cells[cell], 0), (pairs.points0[index, cell], size * ZOOM))
        ]
        for end in ends:
            cv2.circle(picture, end, 3, colour, -1, cv2.LINE_AA)
        if order % LINES == 0:
            cv2.line(picture, *ends, colour, 1, cv2.LINE_AA)
    return picture


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of photos.tar, or of photos")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--pairs", type=int, default=6, help="of each kind")
    parser.add_argument("--photos", type=int, default=300, help="how many photos to draw from")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    maker = PairMaker(Material.load(arguments.data, "cpu", arguments.photos, frames=100), arguments.seed)
    for kind in (k for k in KINDS if k in maker.generators):
        mix = Mix(**{name: float(name == kind) for name in KINDS})
        for name, light in (("light", True), ("plain", False)):
            pairs = maker.make(arguments.pairs, arguments.size, mix=mix, rendering=Rendering(light=light))
            pictures = [draw(pairs, i) for i in range(len(pairs))]
            columns = [np.vstack(pictures[i::2]) for i in range(2)]
            height = min(column.shape[0] for column in columns)
            path = arguments.out / f"{kind}-{name}.png"
            cv2.imwrite(str(path), np.hstack([column[:height] for column in columns]))
            print(path)


if __name__ == "__main__":
    main()
