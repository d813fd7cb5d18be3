"""Materials: a texture as a pyramid, looked up without aliasing.

Textures are painted in sRGB and kept in linear light. A look-up takes the two pyramid levels around the ray's
footprint and interpolates (trilinear filtering).
"""

import cv2
import numpy as np

from training.render.noise import fractal

ROW = 4096  # cv2.remap wants pictures, not lists
_STAIN = 512


def to_linear(image):
    return (np.clip(image, 0, 1) ** 2.2).astype(np.float32)


def _pyramid(image):
    levels = [np.ascontiguousarray(image, np.float32)]
    while min(levels[-1].shape[:2]) > 2:
        height, width = levels[-1].shape[:2]
        levels.append(cv2.resize(levels[-1], (max(width // 2, 1), max(height // 2, 1)), interpolation=cv2.INTER_AREA))
    return levels


def _sample(image, x, y, wrap):
    """Bilinear values of `image` at pixel coordinates x, y (N)."""
    rows = -(-x.size // ROW)
    maps = np.zeros((2, rows * ROW), np.float32)
    maps[0, :x.size], maps[1, :x.size] = x, y
    border = cv2.BORDER_WRAP if wrap else cv2.BORDER_REPLICATE
    out = cv2.remap(image, maps[0].reshape(rows, ROW), maps[1].reshape(rows, ROW), cv2.INTER_LINEAR, borderMode=border)
    return out.reshape(rows * ROW, -1)[:x.size]


class Material:
    """A texture `image` (height, width, 3) in sRGB, `metres` (wide, high) large; it repeats unless `wrap` is False.

    `stain` is how much slow dirt varies its brightness (so that repeats are not copies); `jitter` how much single
    pieces of a `Patches` surface differ.
    """

    def __init__(self, image, metres, wrap=True, stain=0.12, stain_metres=5.3, jitter=0.0, seed=0):
        self.levels = _pyramid(to_linear(image))
        self.metres, self.wrap, self.jitter, self.stain_metres = metres, wrap, jitter, stain_metres
        self.stains = None
        if stain > 0:
            field = fractal((_STAIN, _STAIN), 1.3, seed + 977)
            self.stains = _pyramid(np.clip(1 + stain * field, 0.3, 1.8))

    def look_up(self, u, v, footprint, piece):
        """Linear RGB (N, 3) at u, v metres for rays `footprint` metres wide; `piece` tells pieces apart."""
        colour = self._filtered(self.levels, self.metres, u, v, footprint, self.wrap)
        if self.stains is not None:
            offset = self.stain_metres * 0.37
            size = (self.stain_metres, self.stain_metres)
            colour = colour * self._filtered(self.stains, size, u + offset, v + offset, footprint, True)
        if self.jitter:
            # A hash of the piece's number: its own brightness and hue.
            h = (piece.astype(np.uint64) * np.uint64(2654435761)) % np.uint64(4093)
            a = h.astype(np.float32) / 4093
            b = (h * np.uint64(17) % np.uint64(4093)).astype(np.float32) / 4093
            gain = 1 + self.jitter * (2 * a - 1)
            warm = 1 + 0.5 * self.jitter * (2 * b - 1)
            colour = colour * np.stack([gain * warm, gain, gain * (2 - warm)], 1)
        return colour

    @staticmethod
    def _filtered(levels, metres, u, v, footprint, wrap):
        height, width = levels[0].shape[:2]
        s, t = u.astype(np.float64) / metres[0], v.astype(np.float64) / metres[1]
        if wrap:
            s, t = s - np.floor(s), t - np.floor(t)
        texels = footprint * max(width / metres[0], height / metres[1])
        level = np.clip(np.log2(np.maximum(texels, 1e-9)), 0, len(levels) - 1.001)
        lower = np.floor(level).astype(np.int64)
        share = (level - lower).astype(np.float32)[:, None]
        out = np.empty((u.size, levels[0].shape[2] if levels[0].ndim == 3 else 1), np.float32)
        for k in np.unique(lower):
            here = np.flatnonzero(lower == k)
            values = []
            for image in (levels[k], levels[k + 1]):
                h, w = image.shape[:2]
                values.append(_sample(image, s[here] * w - 0.5, t[here] * h - 0.5, wrap))
            out[here] = values[0] * (1 - share[here]) + values[1] * share[here]
        return out


def plain(colour, seed=0, stain=0.1):
    """A material of nearly one colour."""
    return Material(np.broadcast_to(colour, (8, 8, 3)).copy(), (1.0, 1.0), stain=stain, seed=seed)
