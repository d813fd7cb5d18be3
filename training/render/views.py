"""Where cameras stand."""

import numpy as np


def orbit(target, azimuth, distance, elevation):
    """The point `distance` metres from `target`, at these angles (degrees; azimuth 0 is +x, elevation 90 is up)."""
    a, e = np.radians(azimuth), np.radians(elevation)
    return np.asarray(target, np.float64) + distance * np.array([np.cos(a) * np.cos(e), np.sin(a) * np.cos(e), np.sin(e)])
