"""Pose and homography accuracy of RootSIFT on the fixtures, a grade a row: are they neither trivial nor hopeless?

    python -m training.render.check_sift [FOLDER]

Recipe: SIFT, 4000 keypoints, RootSIFT, ratio 0.9 and mutual check; essential matrix by RANSAC (0.5 px, 0.99999), pose error
the larger of rotation and translation error; homography by RANSAC (3 px), mean corner error at shorter side 480.
"""

import sys
from pathlib import Path

import cv2
import numpy as np


def root_sift(path, limit=4000):
    image = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    points, descriptors = cv2.SIFT_create(limit).detectAndCompute(image, None)
    if descriptors is None:
        return np.zeros((0, 2)), np.zeros((0, 128), np.float32), image.shape
    descriptors = np.sqrt(descriptors / np.maximum(descriptors.sum(1, keepdims=True), 1e-9))
    return np.array([p.pt for p in points]), descriptors, image.shape


def matches(a, b, ratio=0.9):
    if len(a) < 2 or len(b) < 2:
        return np.zeros((0, 2), np.int64)
    similar = a @ b.T
    best = np.argsort(-similar, 1)[:, :2]
    rows = np.arange(len(a))
    near, next_ = (np.sqrt(np.maximum(2 - 2 * similar[rows, best[:, k]], 0)) for k in (0, 1))
    keep = (near < ratio * next_) & (similar.argmax(0)[best[:, 0]] == rows)
    return np.stack([rows[keep], best[keep, 0]], 1)


def pose_error(p0, p1, K0, K1, T):
    """Degrees; infinite where no pose is found."""
    if len(p0) < 5:
        return np.inf
    n0, n1 = ((p - K[:2, 2]) / np.diag(K)[:2] for p, K in ((p0, K0), (p1, K1)))
    threshold = 0.5 / np.mean([K0[0, 0], K1[1, 1], K0[0, 0], K1[1, 1]])
    cv2.setRNGSeed(0)
    E, mask = cv2.findEssentialMat(n0, n1, np.eye(3), threshold=threshold, prob=0.99999, method=cv2.RANSAC)
    if E is None:
        return np.inf
    best, error = 0, np.inf
    for part in np.split(E, len(E) // 3):
        count, R, t, _ = cv2.recoverPose(part, n0, n1, np.eye(3), 1e9, mask=mask.copy())
        if count > best:
            turn = np.arccos(np.clip((np.trace(R.T @ T[:3, :3]) - 1) / 2, -1, 1))
            c = (t[:, 0] @ T[:3, 3]) / np.linalg.norm(T[:3, 3])
            shift = np.degrees(np.arccos(np.clip(abs(c), 0, 1)))
            best, error = count, max(np.degrees(turn), shift)
    return error


def corner_error(p0, p1, H, shape):
    """Pixels in the picture scaled to a shorter side of 480."""
    if len(p0) < 4:
        return np.inf
    cv2.setRNGSeed(0)
    found, _ = cv2.findHomography(p0, p1, cv2.RANSAC, 3.0)
    if found is None:
        return np.inf
    h, w = shape
    corners = np.array([[[0, 0], [w - 1, 0], [0, h - 1], [w - 1, h - 1]]], np.float64)
    d = cv2.perspectiveTransform(corners, found) - cv2.perspectiveTransform(corners, H)
    return np.sqrt((d**2).sum(-1)).mean() * 480 / min(h, w)


def area(errors, limit):
    """Area under the recall curve up to `limit`, in percent."""
    errors = np.concatenate([[0], np.sort(errors)])
    recall = np.arange(len(errors)) / (len(errors) - 1)
    last = np.searchsorted(errors, limit)
    x = np.concatenate([errors[:last], [limit]])
    y = np.concatenate([recall[:last], [recall[last - 1]]])
    return 100 * np.trapezoid(y, x) / limit


def table(title, rows, limits):
    print(f"{title:22}" + "".join(f"{f'AUC@{limit}':>8}" for limit in limits) + "   pairs  median matches")
    for name in ("easy", "medium", "hard", None):
        part = [r for r in rows if name in (None, r[0])]
        if part:
            errors = np.array([r[1] for r in part])
            print(f"{name or 'all':22}" + "".join(f"{area(errors, limit):8.1f}" for limit in limits) + f"{len(part):8}{np.median([r[2] for r in part]):16.0f}")


def pose_rows(folder, show=False):
    grades = {tuple(f[:2]): f[2:] for f in (line.split() for line in (folder / "grades.txt").read_text().splitlines() if line[0] != "#")}
    for line in (folder / "pairs.txt").read_text().splitlines():
        f = line.split()
        assert len(f) == 38, line
        K0, K1, T = (np.array(f[a:b], float).reshape(-1, n) for a, b, n in ((4, 13, 3), (13, 22, 3), (22, 38, 4)))
        (p0, d0, _), (p1, d1, _) = (root_sift(folder / path) for path in f[:2])
        m = matches(d0, d1)
        error = pose_error(p0[m[:, 0]], p1[m[:, 1]], K0, K1, T)
        row = (grades[tuple(f[:2])][0], error, len(m))
        if show:
            print(f"{f[0]:26} {' '.join(grades[tuple(f[:2])]):32} error {error:7.2f}  matches {len(m)}")
        yield row


def homography_rows(folder, show=False):
    for path in sorted(p for p in folder.iterdir() if p.is_dir()):
        H = np.loadtxt(path / "H_1_2")
        (p0, d0, shape), (p1, d1, _) = (root_sift(path / f"{k}.jpg") for k in (1, 2))
        m = matches(d0, d1)
        error = corner_error(p0[m[:, 0]], p1[m[:, 1]], H, shape)
        if show:
            print(f"{path.name:34} error {error:9.2f}  matches {len(m)}")
        yield path.name.split("_")[0], error, len(m)


def main():
    root = Path(sys.argv[1] if len(sys.argv) > 1 else "fixtures/rendered")
    show = "-v" in sys.argv
    if (root / "pose").is_dir():
        table("pose, degrees", list(pose_rows(root / "pose", show)), (5, 10, 20))
    if (root / "homography").is_dir():
        table("homography, pixels", list(homography_rows(root / "homography", show)), (3, 5, 10))


if __name__ == "__main__":
    main()
