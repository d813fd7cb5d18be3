"""Ground truth between two cameras: relative pose, homographies, overlap; and its text formats."""

import numpy as np


def relative_pose(first, second):
    """4x4 from coordinates of the first camera to those of the second."""
    R = second.R @ first.R.T
    T = np.eye(4)
    T[:3, :3], T[:3, 3] = R, second.t - R @ first.t
    return T


def plane_homography(first, second, point, axis_u, axis_v):
    """From pixels of the first to pixels of the second camera, for the plane through `point` along the two axes."""
    def to_pixels(camera):
        return camera.K @ np.stack([camera.R @ axis_u, camera.R @ axis_v, camera.R @ point + camera.t], 1)

    H = to_pixels(second) @ np.linalg.inv(to_pixels(first))
    return H / H[2, 2]


def turn_homography(first, second):
    """The same for two cameras in one place, whatever they see."""
    H = second.K @ second.R @ first.R.T @ np.linalg.inv(first.K)
    return H / H[2, 2]


def transfer(first, second, depth):
    """Where each pixel of the first picture is in the second: x, y and depth there, each (height, width)."""
    height, width = depth.shape
    y, x = np.mgrid[0:height, 0:width]
    seen = np.where(np.isfinite(depth), depth, 1.0)
    rays = np.stack([x, y, np.ones_like(x)], -1).reshape(-1, 3) @ np.linalg.inv(first.K).T
    points = (rays * seen.reshape(-1, 1) - first.t) @ first.R
    xy, z = second.project(points)
    z = np.where(np.isfinite(depth).reshape(-1), z, np.nan)
    return xy[:, 0].reshape(depth.shape), xy[:, 1].reshape(depth.shape), z.reshape(depth.shape)


def visible(first, second, depth0, depth1, tolerance=0.02):
    """Which pixels of the first picture are seen in the second as well: inside of it, and not hidden there."""
    x, y, z = transfer(first, second, depth0)
    ix, iy = np.rint(np.nan_to_num(x, nan=-9)), np.rint(np.nan_to_num(y, nan=-9))
    inside = np.isfinite(z) & (z > 0) & (ix >= 0) & (iy >= 0) & (ix < second.width) & (iy < second.height)
    found = depth1[np.where(inside, iy, 0).astype(np.int64), np.where(inside, ix, 0).astype(np.int64)]
    with np.errstate(invalid="ignore"):
        return inside & (np.abs(found - z) < tolerance * z)


def numbers(matrix):
    """A matrix row by row, as many digits as it takes to read it back to 1e-12."""
    return " ".join(f"{value:.12g}" for value in np.asarray(matrix).reshape(-1))


def pair_line(path0, path1, first, second):
    """One line of SuperGlue's pair file: 38 fields."""
    return f"{path0} {path1} 0 0 {numbers(first.K)} {numbers(second.K)} {numbers(relative_pose(first, second))}"
