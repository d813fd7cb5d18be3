"""Checks of the fixtures' ground truth: `python -m pytest training/render`.

Clean pictures, warped through depth and pose or through the homography, must agree where both see the same thing; and
what lies in fixtures/rendered must say the same as the cameras that rendered it.
"""

import hashlib
from pathlib import Path

import cv2
import numpy as np
import pytest

from training.render import homography_pairs
from training.render.light import LightField
from training.render.pose_pairs import SCENES
from training.render.render import render
from training.render.truth import pair_line, plane_homography, relative_pose, transfer, turn_homography, visible
from training.render.views import PLAN, orbit, plans, take
from training.render.geometry import Camera

FIXTURES = Path("fixtures/rendered")


def grey(rendering):
    return cv2.cvtColor(np.clip(rendering.image, 0, 4), cv2.COLOR_RGB2GRAY)


def correlation(a, b, where):
    """Of blurred pictures, so that the pixels' own sampling does not count."""
    a, b = (cv2.GaussianBlur(picture, (0, 0), 1.0)[where] for picture in (a, b))
    return float(np.corrcoef(a, b)[0, 1])



@pytest.mark.parametrize("name", ["facade", "table"])
def test_depth_and_pose_agree_with_the_pictures(name):
    scene = SCENES[name]()
    plan = next(iter(plans(scene)))
    first, second = plan.first.camera, plan.second.camera
    field = LightField(scene, scene.lighting)
    a, b = (render(scene, camera, field) for camera in (first, second))
    where = visible(first, second, a.depth, b.depth)
    assert where.mean() > 0.3
    x, y, _ = transfer(first, second, a.depth)
    x, y = np.nan_to_num(x).astype(np.float32), np.nan_to_num(y).astype(np.float32)
    warped = [cv2.remap(grey(b), x + np.float32(dx), y, cv2.INTER_LINEAR) for dx in (0.0, 1.0, -1.0)]
    right, left_off, right_off = (correlation(grey(a), picture, where) for picture in warped)
    assert right > 0.9
    # A pixel to either side fits worse: the truth is not off by half a pixel.
    assert right > left_off and right > right_off


def test_essential_constraint_holds_for_projected_points():
    scene = SCENES["kitchen"]()
    for plan in plans(scene):
        first, second = plan.first.camera, plan.second.camera
        T = relative_pose(first, second)
        points = np.asarray(scene.stand.target) + np.random.default_rng(0).uniform(-0.5, 0.5, (50, 3))
        (p0, z0), (p1, z1) = first.project(points), second.project(points)
        assert (z0 > 0).all() and (z1 > 0).all()
        n0, n1 = (np.c_[p, np.ones(len(p))] @ np.linalg.inv(c.K).T for p, c in ((p0, first), (p1, second)))
        moved = (n0 * z0[:, None]) @ T[:3, :3].T + T[:3, 3]
        np.testing.assert_allclose(moved, n1 * z1[:, None], atol=1e-9)


def test_plane_homography_maps_projected_points():
    first = take(homography_pairs._plane_scene("mural"), -8, 3, 1.0, 1.0, 4, (0, 0, 0))
    second = take(homography_pairs._plane_scene("mural"), 14, -2, 1.3, 1.2, -12, (0, 0, 0))
    corner, u, v = np.array([-30.0, 0, 30]), np.array([60.0, 0, 0]), np.array([0, 0, -60.0])
    H = plane_homography(first, second, corner, u, v)
    points = corner + np.random.default_rng(1).uniform(0.45, 0.55, (20, 2)) @ np.stack([u, v])
    (p0, _), (p1, _) = first.project(points), second.project(points)
    mapped = np.c_[p0, np.ones(len(p0))] @ H.T
    np.testing.assert_allclose(mapped[:, :2] / mapped[:, 2:], p1, atol=1e-6)


def test_turn_homography_holds_at_any_depth():
    eye = orbit((0, 0, 0), 30, 4.0, 10)
    first = Camera.look_at(eye, (0, 0, 0), 500, (640, 480))
    second = Camera.look_at(eye, (0.4, 0.3, -0.1), 620, (640, 480), 15)
    H = turn_homography(first, second)
    points = np.random.default_rng(2).uniform(-1, 1, (20, 3))
    (p0, _), (p1, _) = first.project(points), second.project(points)
    mapped = np.c_[p0, np.ones(len(p0))] @ H.T
    np.testing.assert_allclose(mapped[:, :2] / mapped[:, 2:], p1, atol=1e-6)


def test_the_files_are_those_of_the_list():
    for line in (FIXTURES / "SHA256SUMS").read_text().splitlines():
        digest, path = line.split("  ")
        assert hashlib.sha256((FIXTURES.parent / path).read_bytes()).hexdigest() == digest, path


def test_the_pair_file_is_that_of_the_cameras():
    lines = (FIXTURES / "pose" / "pairs.txt").read_text().splitlines()
    assert len(lines) == 4 * len(PLAN) and all(len(line.split()) == 38 for line in lines)
    for number, name in enumerate(SCENES):
        for k, plan in enumerate(plans(SCENES[name]())):
            paths = [f"{name}/{plan.name}{side}.jpg" for side in "ab"]
            assert lines[4 * number + k] == pair_line(*paths, plan.first.camera, plan.second.camera)
            assert all((FIXTURES / "pose" / path).is_file() for path in paths)
