"""What generators draw: ranges, seeds, bends that can be undone, light that stays in range."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest
import torch

from training.data.distortion import Distortion, control_points, spline_solution
from training.data.draws import Draws
from training.data.geometry import centred_grid, inverse, project, rotation
from training.data.homographies import Homographies, HomographyRange
from training.data.jpeg import compress
from training.data.pairs import Material, PairMaker
from training.data.photometric import change_light
from training.data.photos import is_held_out, level_of
from training.data.truth import Rendering
from training.tests.conftest import texture


def test_a_seed_replays_a_batch(material: Material) -> None:
    first, again, other = (PairMaker(material, seed).make(5, 96).tensors() for seed in (1, 1, 2))
    assert all(torch.equal(a, b) for a, b in zip(first, again))
    assert not torch.equal(first[0], other[0])


def test_a_batch_is_fit_for_use(material: Material) -> None:
    pairs = PairMaker(material, 7).make(20, 128)
    assert all(torch.isfinite(t.float()).all() for t in pairs.tensors())
    for image in (pairs.image0, pairs.image1):
        assert image.shape == (20, 1, 128, 128)
        assert 0 <= image.min() and image.max() <= 1
    for points, visible, known in (
        (pairs.points0, pairs.visible0, pairs.known0),
        (pairs.points1, pairs.visible1, pairs.known1),
    ):
        assert points.shape == (20, 256, 2)
        assert (visible & ~known).sum() == 0
        assert ((points[visible] > 0) & (points[visible] < 127)).all()
        assert visible.float().mean() > 0.3
    assert set(pairs.exact.tolist()) == {1.0, 0.5}


def test_training_and_validation_photos_differ(material: Material) -> None:
    training, held_out = (set(material.photos(flag).tolist()) for flag in (False, True))
    assert not training & held_out
    assert len(training | held_out) == len(material.names)
    assert 0.03 < np.mean([is_held_out(f"set/{i}.jpg") for i in range(2000)]) < 0.07


def test_homographies_cover_scale_and_rotation(material: Material) -> None:
    """Scales up to 3 both ways, angles all around."""
    maker = Homographies(material.pool, material.photos(False), Draws("cpu", 1), HomographyRange(bends=False))
    views = maker.views(300, 64, torch.ones(300), Rendering(light=False))
    middle = torch.tensor([[31.5, 31.5], [32.5, 31.5], [31.5, 32.5]])
    moved, _ = project(views.homography, middle.expand(300, -1, 2))
    right, down = moved[:, 1] - moved[:, 0], moved[:, 2] - moved[:, 0]
    scale = (right[:, 0] * down[:, 1] - right[:, 1] * down[:, 0]).abs().sqrt()
    angle = torch.atan2(right[:, 1] - down[:, 0], right[:, 0] + down[:, 1])
    assert scale.min() < 0.45 and scale.max() > 2.2
    assert all(((angle - a).abs() < 0.5).any() for a in np.arange(-3, 3.1, 1.0))
    # And the truth is that homography's.
    cells = centred_grid(64, 8, torch.device("cpu")).expand(300, -1, 2)
    expected, _ = project(views.homography, cells)
    seen = views.truth0.visible
    assert (expected - views.truth0.points)[seen].abs().max() < 0.02


@pytest.mark.parametrize(("angle", "scale"), [(math.pi / 2, 1.0), (math.pi, 1.0), (0.0, 3.0)])
def test_grades_are_what_they_say(material: Material, angle: float, scale: float) -> None:
    drawn = HomographyRange(scale=scale, rotation=angle, perspective=0.0, bends=False, fixed_scale=True)
    maker = Homographies(material.pool, material.photos(False), Draws("cpu", 1), drawn)
    matrix = maker.views(60, 64, torch.full((60,), 0.01), Rendering(light=False)).homography
    linear = matrix[:, :2, :2] / matrix[:, 2:, 2:]
    assert ((linear.det().sqrt().log().abs() - math.log(scale)).abs() < 0.05).all()
    turned = torch.atan2(linear[:, 1, 0] - linear[:, 0, 1], linear[:, 0, 0] + linear[:, 1, 1])
    assert ((turned.abs() - angle).abs() < 0.05).all()


def test_bends_are_undone() -> None:
    size, views = 256, 200
    draws = Draws("cpu", 2)
    bend = Distortion.draw(draws, size, torch.ones(views), spline_solution(draws.device))
    points = draws.uniform(10, size - 11, views, 100, 2)
    restored, found = bend.distort(bend.undistort(points))
    assert found.float().mean() > 0.97
    assert (restored - points)[found].abs().max() < 0.1
    moved = (bend.undistort(points) - points).norm(dim=-1).mean(1)
    assert (moved > 1).float().mean() > 0.2, "too few views are bent"
    dense = bend.undistorted_pixels().unflatten(1, (size, size))
    exact = bend.undistort(centred_grid(size, size, draws.device).expand(views, -1, 2)).unflatten(1, (size, size))
    difference = (dense - exact).abs()
    # The kernel's curvature has no bound at a control point.
    assert difference.max() < 0.15
    assert (difference > 0.01).float().mean() < 0.01


def test_the_spline_meets_its_control_points() -> None:
    """A displacement of one control point moves that point alone."""
    controls = control_points(torch.device("cpu"))
    moved = torch.zeros(1, 16, 2)
    moved[0, 5] = torch.tensor([0.1, -0.05])
    coefficients = (spline_solution(torch.device("cpu"))[None, :, :, None] * moved[:, None]).sum(2)
    bend = Distortion(101, torch.zeros(1), coefficients, controls)
    found = bend.displacement((controls * 50 + 50)[None])[0] / 50
    assert (found - moved[0]).abs().max() < 1e-4


def test_levels_follow_the_step() -> None:
    """A texture sampled every 4 pixels is taken from about its third level; edges between surfaces do not count."""
    pixels = centred_grid(32, 32, torch.device("cpu"))[None]
    assert abs(level_of(pixels * 4, 32).mean().item() - 1.75) < 0.01
    jump = torch.where(pixels[..., :1] > 15, pixels + 500, pixels)
    assert level_of(jump, 32).max() < 0.01


def test_pool_samples_its_photos(material: Material) -> None:
    pool, photo = material.pool, 3
    width, height = (int(v) for v in pool.size[photo])
    image = texture(photo, 300 + 8 * (photo % 3), 420)[:height, :width] / 255
    points = torch.tensor([[0.0, 0.0], [17.0, 5.0], [width - 1.0, height - 1.0], [-3.0, 4.0], [10.25, 20.5]])
    found = pool.sample(torch.tensor(photo), points, torch.zeros(5))
    between = 0.5 * (0.75 * image[20, 10] + 0.25 * image[20, 11]) + 0.5 * (0.75 * image[21, 10] + 0.25 * image[21, 11])
    expected = [image[0, 0], image[5, 17], image[-1, -1], image[4, 3], between]
    assert np.allclose(found.numpy(), expected, atol=1e-5)
    half = pool.sample(torch.tensor(photo), torch.tensor([[20.5, 30.5]]), torch.ones(1))
    assert abs(float(half) - image[30:32, 20:22].mean()) < 0.01


def test_inverse_and_rotations() -> None:
    matrix = torch.randn(50, 3, 3, generator=torch.Generator().manual_seed(0)) + 2 * torch.eye(3)
    assert (inverse(matrix) @ matrix - torch.eye(3)).abs().max() < 1e-3
    turned = rotation("z", torch.tensor(math.pi / 2)) @ torch.tensor([1.0, 0.0, 0.0])
    assert torch.allclose(turned, torch.tensor([0.0, 1.0, 0.0]), atol=1e-6)


def test_compression_is_jpegs() -> None:
    """Within rounding of what OpenCV's codec leaves of the image, whose noise leaves no flat block to round either way."""
    noise = np.random.default_rng(0).normal(size=(128, 128)) * 2
    image = (cv2.GaussianBlur(texture(1, 128, 128), (0, 0), 1) + noise).clip(0, 255).round().astype(np.uint8)
    for quality in (25, 60, 85):
        code = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        expected = cv2.imdecode(code, cv2.IMREAD_GRAYSCALE).astype(np.float32)
        ours = compress(torch.from_numpy(image).float()[None] / 255, torch.tensor([float(quality)]))[0] * 255
        assert np.abs(ours.round().numpy() - expected).mean() < 0.3
        assert np.abs(image - expected).mean() > 0.5


def test_light_changes_both_sides_differently() -> None:
    image = torch.from_numpy(texture(2, 128, 128)).float() / 255
    draws = Draws("cpu", 3)
    changed = change_light(draws, image.expand(64, -1, -1), torch.full((64,), 0.8))
    assert 0 <= changed.min() and changed.max() <= 1
    assert torch.allclose(changed * 255, (changed * 255).round(), atol=1e-3)
    difference = (changed - image).abs().mean((1, 2))
    assert (difference > 0.03).float().mean() > 0.7
    assert (changed[0] - changed[1]).abs().mean() > 0.01
    mild = change_light(draws, image.expand(64, -1, -1), torch.zeros(64))
    # Compression and loss of pixels go to a fixed share, whatever the strength.
    assert (mild - image).abs().mean((1, 2)).median() < 0.01
