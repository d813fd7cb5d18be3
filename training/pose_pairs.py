"""Writes pose pairs of real scenes for `match evaluate pose`: pictures, and lists in SuperGlue's format.

    python -m training.pose_pairs --data DATA --out DIR
    match evaluate pose DIR/held-out.txt --images DIR --protocol modern

`held-out.txt` has the scenes that no training sees, `others.txt` the rest of the posed photos (no depth-camera frames).
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np
import torch

from training.data.pairs import Material
from training.data.posed import Frames
from training.pose_validation import pose_pairs

DEPTH_CAMERAS = ("kinect", "hololens")  # their poses are good to a pixel or two only

Pair = tuple[str, int, int]


def other_pairs(frames: Frames, each: int) -> list[Pair]:
    """Up to `each` pairs of every scene that is not held out, spread over the overlaps."""
    pairs, _ = frames.pairs(held_out=False)
    scene = frames.sequence[pairs[:, 0].cpu().numpy()]
    found: list[Pair] = []
    for index in np.unique(scene):
        if frames.names[index] in DEPTH_CAMERAS:
            continue
        own = list(dict.fromkeys(tuple(pair) for pair in pairs[torch.from_numpy(scene == index)].tolist()))
        places = np.unique(np.linspace(0, len(own) - 1, min(each, len(own))).round().astype(int))
        found += [(frames.names[index], *own[place]) for place in places]
    return found


def line(frames: Frames, pair: Pair) -> str:
    """Names, no turns, both camera matrices, and the pose from the first to the second."""
    scene, first, second = pair
    values: list[float] = []
    for index in (first, second):
        fx, fy, cx, cy = frames.calibration[index].double().tolist()
        values += [fx, 0, cx, 0, fy, cy, 0, 0, 1]
    turn, place = (t[[first, second]].double().cpu().numpy() for t in (frames.rotation, frames.position))
    pose = np.eye(4)
    pose[:3, :3] = turn[1].T @ turn[0]
    pose[:3, 3] = turn[1].T @ (place[0] - place[1])
    values += pose.ravel().tolist()
    return f"{scene}_{first}.png {scene}_{second}.png 0 0 " + " ".join(f"{value:.9g}" for value in values)


def write(frames: Frames, pairs: list[Pair], folder: Path, name: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for scene, *members in pairs:
        for index in members:
            path = folder / f"{scene}_{index}.png"
            if not path.exists():
                image = frames.pool.image(index).cpu().numpy()
                cv2.imwrite(str(path), (image * 255).round().astype(np.uint8))
    (folder / name).write_text("\n".join(line(frames, pair) for pair in pairs) + "\n")
    print(f"{folder / name}: {len(pairs)} pairs")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--held-out", type=int, default=160, help="pairs of held-out scenes, about")
    parser.add_argument("--each", type=int, default=8, help="most pairs of each other scene")
    arguments = parser.parse_args()
    frames = Material.load(arguments.data, torch.device("cpu"), 1, None).frames
    if frames is None:
        parser.error(f"no posed frames in {arguments.data}")
    write(frames, pose_pairs(frames, arguments.held_out), arguments.out, "held-out.txt")
    write(frames, other_pairs(frames, arguments.each), arguments.out, "others.txt")


if __name__ == "__main__":
    main()
