"""Writes the reference values of Tests/EvaluationTests: the field's figures on random input, computed with numpy.

    python -m training.evaluation.make_reference

AUC of pose errors (SuperGlue, LoFTR), symmetric squared epipolar error, pose error, corner error. Written from the
formulas, in double precision; the seed is fixed, so the file is the same every time.
"""

import json
import pathlib

import numpy as np

OUTPUT = pathlib.Path(__file__).parents[2] / "Tests/EvaluationTests/Fixtures/reference.json"


def auc(errors, thresholds):
    """Area under the recall over sorted errors, cut at each threshold, as a share of it."""
    x = np.concatenate([[0.0], np.sort(errors)])
    y = np.linspace(0, 1, len(x))
    areas = []
    for threshold in thresholds:
        cut = np.searchsorted(x, threshold)
        areas.append(
            np.trapezoid(np.append(y[:cut], y[cut - 1]), x=np.append(x[:cut], threshold)) / threshold)
    return [float(a) for a in areas]


def normalized(points, camera):
    fx, fy, cx, cy = camera
    return np.column_stack([(points[:, 0] - cx) / fx, (points[:, 1] - cy) / fy, np.ones(len(points))])


def epipolar(points0, points1, camera0, camera1, rotation, translation):
    """Squared distances to both epipolar lines, summed, on the planes Z = 1."""
    y0, y1 = normalized(points0, camera0), normalized(points1, camera1)
    tx, ty, tz = translation
    essential = np.array([[0, -tz, ty], [tz, 0, -tx], [-ty, tx, 0]]) @ rotation
    lines1, lines0 = y0 @ essential.T, y1 @ essential
    product = np.sum(y1 * lines1, axis=1)
    return product**2 * (1 / np.sum(lines1[:, :2] ** 2, axis=1) + 1 / np.sum(lines0[:, :2] ** 2, axis=1))


def rotation_about(axis, angle):
    axis = np.asarray(axis) / np.linalg.norm(axis)
    cross = np.array([[0, -axis[2], axis[1]], [axis[2], 0, -axis[0]], [-axis[1], axis[0], 0]])
    return np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross


def pose_error(rotation, translation, true_rotation, true_translation):
    cosine = (np.trace(rotation.T @ true_rotation) - 1) / 2
    angle = np.degrees(
        np.arccos(
            np.clip(
                translation @ true_translation / np.linalg.norm(translation) / np.linalg.norm(true_translation), -1,
                1)))
    return float(np.degrees(np.arccos(np.clip(cosine, -1, 1)))), float(min(angle, 180 - angle))


def corner_error(matrix, truth, width, height):
    corners = np.array([[0, 0, 1], [width - 1, 0, 1], [0, height - 1, 1], [width - 1, height - 1, 1.0]])

    def apply(h):
        mapped = corners @ h.T
        return mapped[:, :2] / mapped[:, 2:]

    return float(np.mean(np.linalg.norm(apply(matrix) - apply(truth), axis=1)))


def main():
    random = np.random.default_rng(20240311)
    curves = []
    for count, failed in [(1, 0), (7, 2), (50, 0), (200, 37), (5, 5)]:
        errors = random.exponential(9, count)
        errors[:failed] = np.inf
        random.shuffle(errors)
        curves.append({
            # JSON has no infinity: null stands for a pair without an estimate.
            "errors": [float(e) if np.isfinite(e) else None for e in errors],
            "thresholds": [3, 5, 10, 20],
            "auc": auc(errors, [3, 5, 10, 20]),
        })

    poses = []
    for _ in range(3):
        camera0 = [*random.uniform(400, 900, 2), *random.uniform(200, 400, 2)]
        camera1 = [*random.uniform(400, 900, 2), *random.uniform(200, 400, 2)]
        rotation = rotation_about(random.normal(size=3), random.uniform(0.1, 0.8))
        translation = random.normal(size=3) * 2
        points0, points1 = random.uniform(0, 640, (20, 2)), random.uniform(0, 640, (20, 2))
        estimate = rotation_about(random.normal(size=3), 0.2) @ rotation, translation + random.normal(size=3)
        values = epipolar(points0, points1, camera0, camera1, rotation, translation)
        poses.append({
            "camera0": camera0, "camera1": camera1, "rotation": rotation.ravel().tolist(),
            "translation": translation.tolist(), "points0": points0.ravel().tolist(),
            "points1": points1.ravel().tolist(), "epipolar": values.tolist(),
            "estimatedRotation": estimate[0].ravel().tolist(), "estimatedTranslation": estimate[1].tolist(),
            "error": pose_error(*estimate, rotation, translation),
        })

    homographies = []
    for _ in range(3):
        truth = np.eye(3) + random.normal(size=(3, 3)) * [[0.1, 0.1, 30], [0.1, 0.1, 30], [1e-4, 1e-4, 0]]
        matrix = truth + random.normal(size=(3, 3)) * [[0.01, 0.01, 3], [0.01, 0.01, 3], [1e-5, 1e-5, 0]]
        homographies.append({
            "truth": truth.ravel().tolist(), "matrix": matrix.ravel().tolist(), "width": 640, "height": 480,
            "error": corner_error(matrix, truth, 640, 480),
        })

    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    OUTPUT.write_text(json.dumps({"curves": curves, "poses": poses, "homographies": homographies}, indent=1) + "\n")


if __name__ == "__main__":
    main()
