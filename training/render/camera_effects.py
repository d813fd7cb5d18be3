"""What a camera makes of light: exposure, vignetting, blur, noise, gamma, JPEG."""

from dataclasses import dataclass

import cv2
import numpy as np

from training.render.noise import generator


@dataclass(frozen=True)
class Effects:
    """How a clean rendering becomes a photograph; the defaults are those of a good camera."""

    exposure: float = 1.0  # factor on linear light
    balance: tuple = (1.0, 1.0, 1.0)  # gain of red, green, blue
    gamma: float = 1.0  # of the final picture, beside the standard 2.2
    contrast: float = 1.0
    vignette: float = 0.12  # loss of light in the corners
    defocus: float = 0.0  # deviation of a Gaussian, pixels
    motion: tuple = (0.0, 0.0)  # length in pixels, angle in degrees
    noise: float = 0.004  # deviation of the noise at middle grey, share of white
    quality: int = 90  # JPEG


def develop(image, effects, seed):
    """Linear RGB float (height, width, 3) to 8-bit RGB."""
    height, width = image.shape[:2]
    x = (np.arange(width) - (width - 1) / 2) / (width / 2)
    y = (np.arange(height) - (height - 1) / 2) / (width / 2)
    radius = (x[None, :] ** 2 + y[:, None] ** 2) / (1 + (height / width) ** 2)
    image = image * (effects.exposure * np.asarray(effects.balance, np.float32))
    image = image * (1 - effects.vignette * radius)[..., None].astype(np.float32)
    if effects.defocus > 0:
        image = cv2.GaussianBlur(image, (0, 0), effects.defocus, borderType=cv2.BORDER_REFLECT_101)
    if effects.motion[0] > 0:
        image = cv2.filter2D(image, -1, _streak(*effects.motion), borderType=cv2.BORDER_REFLECT_101)
    rng = generator(seed, 97)
    # Photon noise grows with the root of the light, reading noise does not.
    grain = rng.standard_normal(image.shape, dtype=np.float32)
    image = image + effects.noise * (0.35 + np.sqrt(image.clip(0) / 0.22)) * 0.6 * grain
    image = _shoulder(image.clip(0))
    image = image ** np.float32(1 / 2.2)
    image = (0.5 + effects.contrast * (image - 0.5)).clip(0, 1) ** np.float32(effects.gamma)
    return np.rint(image * 255).astype(np.uint8)


def _shoulder(image):
    """Keeps values to 0.7, rolls brighter ones off towards 1 as film does."""
    knee = np.float32(0.7)
    over = (image - knee).clip(0)
    return np.where(image > knee, knee + (1 - knee) * (1 - np.exp(-over / (1 - knee))), image)


def _streak(length, angle):
    size = int(np.ceil(length)) | 1
    kernel = np.zeros((size, size), np.float32)
    c = (size - 1) / 2
    d = np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))]) * (length - 1) / 2
    for share in np.linspace(-1, 1, 8 * size):
        x, y = c + share * d
        x0, y0 = int(np.floor(x)), int(np.floor(y))
        for yy, wy in ((y0, 1 - (y - y0)), (y0 + 1, y - y0)):
            for xx, wx in ((x0, 1 - (x - x0)), (x0 + 1, x - x0)):
                if 0 <= xx < size and 0 <= yy < size:
                    kernel[yy, xx] += wx * wy
    return kernel / kernel.sum()


def encode_jpeg(image, quality):
    """The bytes of an 8-bit RGB picture as JPEG."""
    done, data = cv2.imencode(".jpg", image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_OPTIMIZE, 1])
    if not done:
        raise RuntimeError("OpenCV could not encode a JPEG")
    return data.tobytes()
