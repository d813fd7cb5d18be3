"""What is known of the sources of real pairs: how exact their truth is, and which of them no weights may learn from.

Accuracy is the median shift, in pixels of the stored images, that is left after warping by the truth: measured on
tiles of each sequence, or of each group where the archive says it.
"""

from __future__ import annotations

# Their owners keep these for research or non-commercial use; the default weights are given away, so that these scenes
# serve for validation alone.
VALIDATION_ONLY = {
    "apple",
    "apple2",
    "british_museum",
    "dtu24",
    "dtu37",
    "family",
    "fox",
    "kitchen",
    "kitchen2",
    "statue",
}
SHIFT = {
    "ET": 0.09,
    "apple2": 0.29,
    "berlin": 0.19,
    "bonsai": 0.13,
    "brighton": 0.18,
    "british_museum": 0.09,
    "crazyhorse": 0.05,
    "cyprus": 0.25,
    "dtu37": 0.25,
    "family": 0.14,
    "fox": 0.18,
    "gs_data": 0.19,
    "gustav": 0.18,
    "hololens": 1.2,
    "icl_livingroom1": 0.15,
    "kermit": 0.11,
    "kinect": 1.2,
    "middlebury": 0.15,
    "monstree": 0.12,
    "o3d_rgbd": 0.13,
    "orthofield": 0.25,
    "pauls2": 0.24,
    "sacre2": 0.21,
    "saharov": 0.08,
    "snowpeak": 0.14,
    "south": 0.11,
    "square": 0.16,
    "statue": 0.15,
}
UNMEASURED = 0.4  # of sequences with too few tiles to tell
HALVES = 0.4  # pixels: a truth so far off counts half in the fine losses


def fine_weight(shift: float) -> float:
    """What a pair counts in the fine losses whose truth is off by `shift` pixels."""
    return 1 / (1 + shift / HALVES)


def weight_of(sequence: str) -> float:
    """`fine_weight` of a sequence of posed frames."""
    return fine_weight(SHIFT.get(sequence, UNMEASURED))
