"""Runs COLMAP's commands, and reads what its models and databases hold."""

import os
import re
import sqlite3
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np

PAIR_FACTOR = 2147483647


def colmap(*arguments, log):
    """Runs a command of COLMAP without a display; its output goes to `log`."""
    environment = dict(os.environ, QT_QPA_PLATFORM="offscreen")
    with open(log, "w") as output:
        status = subprocess.run(["colmap", *map(str, arguments)], stdout=output, stderr=subprocess.STDOUT, env=environment).returncode
    if status != 0:
        raise SystemExit(f"colmap {arguments[0]} failed with status {status}: see {log}")


@dataclass
class Model:
    """What COLMAP's model_analyzer says of a model, and where its cameras stand (x_camera = R x_world + t)."""

    registered: int
    points: int
    observations: int
    track_length: float
    error: float
    poses: dict


def reconstruct(database, photos, folder, options=()):
    """Runs the mapper; returns the model of most images, or None."""
    folder.mkdir(parents=True, exist_ok=True)
    colmap("mapper", "--database_path", database, "--image_path", photos, "--output_path", folder, *options, log=f"{folder}.log")
    models = [read_model(path) for path in sorted(folder.iterdir()) if path.is_dir()]
    return max(models, key=lambda model: (model.registered, model.points), default=None)


def read_model(path):
    log = path / "analysis.txt"
    colmap("model_analyzer", "--path", path, log=log)
    text = log.read_text()

    def number(name):
        return float(re.search(rf"{name}: ([0-9.]+)", text).group(1))

    colmap("model_converter", "--input_path", path, "--output_path", path, "--output_type", "TXT", log=path / "conversion.txt")
    return Model(int(number("Registered images")), int(number("Points")), int(number("Observations")), number("Mean track length"),
                 number("Mean reprojection error"), read_poses(path / "images.txt"))


def read_poses(path):
    """{name: (R, t)} of images.txt, of whose lines every other one lists points."""
    poses = {}
    lines = [line for line in Path(path).read_text().split("\n") if not line.startswith("#")]
    for line in lines[::2]:
        fields = line.split(maxsplit=9)
        if len(fields) == 10:
            poses[fields[9]] = (rotation(np.array(fields[1:5], float)), np.array(fields[5:8], float))
    return poses


def rotation(quaternion):
    w, x, y, z = quaternion / np.linalg.norm(quaternion)
    return np.array([[1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
                     [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
                     [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)]])


def align(source, target):
    """The similarity (scale, R, t) that brings points (N, 3) nearest to others: target ~ scale R source + t (Umeyama 1991)."""
    mean0, mean1 = source.mean(0), target.mean(0)
    centred0, centred1 = source - mean0, target - mean1
    u, s, vt = np.linalg.svd(centred1.T @ centred0 / len(source))
    signs = np.array([1, 1, np.sign(np.linalg.det(u) * np.linalg.det(vt))])
    R = (u * signs) @ vt
    scale = (s * signs).sum() / (centred0**2).sum(1).mean()
    return scale, R, mean1 - scale * R @ mean0


def pose_errors(poses, truth):
    """Angles (degrees) and distances between the cameras of a model and the true ones, after similarity alignment."""
    names = sorted(set(poses) & set(truth))
    centre = {name: -poses[name][0].T @ poses[name][1] for name in names}
    true_centre = {name: -truth[name][0].T @ truth[name][1] for name in names}
    scale, R, t = align(np.array([centre[name] for name in names]), np.array([true_centre[name] for name in names]))
    angles, distances = [], []
    for name in names:
        difference = poses[name][0] @ R.T @ truth[name][0].T
        sine = np.linalg.norm(difference - difference.T) / (2 * np.sqrt(2))
        angles.append(np.degrees(np.arctan2(sine, (np.trace(difference) - 1) / 2)))
        distances.append(np.linalg.norm(scale * R @ centre[name] + t - true_centre[name]))
    return np.array(angles), np.array(distances)


def read_database(path):
    """Keypoints (N, 2) by image, matches and verified matches (N, 2) by pair of images."""
    database = sqlite3.connect(path)
    names = dict(database.execute("SELECT image_id, name FROM images"))
    keypoints = {}
    for image, rows, cols, data in database.execute("SELECT image_id, rows, cols, data FROM keypoints"):
        keypoints[names[image]] = np.frombuffer(data or b"", np.float32).reshape(rows, cols)[:, :2]

    def pairs(table):
        found = {}
        for key, rows, cols, data in database.execute(f"SELECT pair_id, rows, cols, data FROM {table}"):
            second = key % PAIR_FACTOR
            found[names[(key - second) // PAIR_FACTOR], names[second]] = np.frombuffer(data or b"", np.uint32).reshape(rows, cols)
        return found

    return keypoints, pairs("matches"), pairs("two_view_geometries")
