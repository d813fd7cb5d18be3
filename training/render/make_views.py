"""Photographs one rendered scene from many places, for reconstruction: pictures and their exact cameras.

    python -m training.render.make_views --output DIR [--scene street-corner] [--views 30] [--workers 2]

Writes view-00.jpg ... and cameras.txt, a line a view: `name fx fy cx cy R(9) t(3)`, x_camera = R x_world + t, row by row;
pixels with the centre of the first one at (0, 0). Needs NumPy and OpenCV only.
"""

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"  # before NumPy starts: sums must not depend on the number of threads

import argparse  # noqa: E402
import multiprocessing  # noqa: E402
from pathlib import Path  # noqa: E402

from training.render.camera_effects import Effects  # noqa: E402
from training.render.noise import generator  # noqa: E402
from training.render.pose_pairs import SCENES, Studio  # noqa: E402
from training.render.truth import numbers  # noqa: E402
from training.render.views import EXPOSURE, View, take  # noqa: E402

HEAD = "# name fx fy cx cy R(9) t(3), x_camera = R x_world + t, the centre of the first pixel is (0, 0)\n"
_studios = {}


def cameras(scene, count):
    """Places along the scene's whole range of azimuths, in three heights and at slightly different distances."""
    reach = scene.stand.reach
    for index in range(count):
        rng = generator(9100, index)
        azimuth = reach * (2 * index / max(count - 1, 1) - 1)
        rise = (0.0, 3.0, -1.5)[index % 3]
        aim = rng.uniform(-0.04, 0.04, 3)
        yield take(scene, azimuth, rise, rng.uniform(0.92, 1.08), 1.0, rng.uniform(-3, 3), aim)


def _photograph(task):
    name, index, count = task
    if name not in _studios:
        _studios[name] = Studio(SCENES[name]())
    studio = _studios[name]
    camera = list(cameras(studio.scene, count))[index]
    view = View(camera, studio.scene.lighting, Effects(exposure=EXPOSURE, quality=90))
    return camera, studio.photograph(view, index)[0]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--scene", choices=list(SCENES), default="street-corner")
    parser.add_argument("--views", type=int, default=30)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    lines = []
    tasks = [(options.scene, index, options.views) for index in range(options.views)]
    with multiprocessing.get_context("spawn").Pool(options.workers) as pool:
        for index, (camera, picture) in enumerate(pool.imap(_photograph, tasks)):
            name = f"view-{index:02}.jpg"
            (options.output / name).write_bytes(picture)
            K = camera.K
            lines.append(f"{name} {K[0, 0]:.12g} {K[1, 1]:.12g} {K[0, 2]:.12g} {K[1, 2]:.12g} {numbers(camera.R)} {numbers(camera.t)}")
            print("rendered", name, flush=True)
    (options.output / "cameras.txt").write_text(HEAD + "\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
