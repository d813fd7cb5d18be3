"""Relative poses of held-out real scenes, from matches of whole frames: what the program is for.

Essential matrices by OpenCV's MAGSAC on normalised points, as everywhere; the error of a pair is the larger of the
angles between the rotations and between the directions of travel, and AUC is the area under the share of pairs below.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from training.data.posed import Frames
from training.data.sources import VALIDATION_ONLY
from training.model.compact import Compact

LIMITS = (5.0, 10.0, 20.0)  # degrees
INLIER_PIXELS = 0.75
FAILED = 180.0
LEAST_POINTS = 8

Points = NDArray[np.float64]
Matcher = Callable[[torch.Tensor, torch.Tensor], tuple[Points, Points]]  # of images [height, width] in [0, 1]


def area_under_curve(errors: NDArray, limit: float) -> float:
    """Area under the share of pairs below an error, from 0 to the limit, as a share of the limit."""
    errors = np.sort(errors)
    x = np.concatenate([[0], errors[errors < limit], [limit]])
    y = np.concatenate([np.arange(len(x) - 1), [len(x) - 2]]) / len(errors)
    return float(np.trapezoid(y, x) / limit)


def pose_pairs(frames: Frames, count: int) -> list[tuple[str, int, int]]:
    """Scene and frames of about `count` pairs, as many of each held-out scene, spread over the overlaps."""
    pairs, _ = frames.pairs(held_out=True)
    scene = frames.sequence[pairs[:, 0].cpu().numpy()]
    chosen = [index for index in np.unique(scene) if frames.names[index] in VALIDATION_ONLY]
    found = []
    for index in chosen:
        own = list(dict.fromkeys(tuple(pair) for pair in pairs[torch.from_numpy(scene == index)].tolist()))
        wanted = -(-count // len(chosen))
        places = np.linspace(0, len(own) - 1, min(wanted, len(own))).round().astype(int)
        found += [(frames.names[index], *own[place]) for place in places]
    return found


def pose_error(frames: Frames, first: int, second: int, points0: Points, points1: Points) -> float:
    """Degrees; `FAILED` where no pose is found."""
    if len(points0) < LEAST_POINTS:
        return FAILED
    calibration = frames.calibration[[first, second]].double().cpu().numpy()
    rays = [(p - c[2:]) / c[:2] for p, c in zip((points0, points1), calibration)]
    threshold = INLIER_PIXELS / calibration[:, :2].mean()
    cv2.setRNGSeed(0)
    essential, mask = cv2.findEssentialMat(*rays, np.eye(3), cv2.USAC_MAGSAC, 0.99999, threshold, 5000)
    if essential is None or essential.shape != (3, 3):
        return FAILED
    _, rotation, travel, _ = cv2.recoverPose(essential, *rays, np.eye(3), mask=mask)
    turn, place = (t[[first, second]].double().cpu().numpy() for t in (frames.rotation, frames.position))
    true_rotation = turn[1].T @ turn[0]
    true_travel = turn[1].T @ (place[0] - place[1])
    cosine = (np.trace(rotation.T @ true_rotation) - 1) / 2
    along = travel[:, 0] @ true_travel / max(np.linalg.norm(true_travel) * np.linalg.norm(travel), 1e-12)
    return float(np.degrees(np.arccos(np.clip([cosine, along], -1, 1)).max()))


def pose_errors(frames: Frames, pairs: list[tuple[str, int, int]], matcher: Matcher) -> NDArray:
    """The error of every pair, in degrees."""
    return np.array(
        [pose_error(frames, a, b, *matcher(frames.pool.image(a), frames.pool.image(b))) for _, a, b in pairs]
    )


def pose_figures(errors: NDArray) -> dict[str, float]:
    """AUC in per cent."""
    return {f"AUC@{limit:g}": round(100 * area_under_curve(errors, limit), 2) for limit in LIMITS}


def network_matcher(network: Compact, device: torch.device, autocast: AbstractContextManager) -> Matcher:
    """The network as it is, without a search for views."""

    def match(image0: torch.Tensor, image1: torch.Tensor) -> tuple[Points, Points]:
        with autocast:
            found = network.match(image0[None, None].to(device), image1[None, None].to(device))
        return found.keypoints0.double().cpu().numpy(), found.keypoints1.double().cpu().numpy()

    return match
