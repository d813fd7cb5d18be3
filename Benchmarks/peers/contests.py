"""What is compared: for each row of the table the peer's work, ready to run again and again, and ours for `match bench`.

Everything runs in float32 on all cores, on the same pictures of 640x480 pixels, from pixels in memory to results in
memory: neither reading files nor loading weights counts.
"""

from __future__ import annotations

import contextlib
import copy
import io
import logging
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import torch
from torch import Tensor, nn

from Benchmarks.peers import ours
from training.goldens import loftr
from training.model import load_compact, write_model

WHITENING = (192, 256)  # the texture on which random weights are made to tell places apart; time goes by its size
SIFT_FEATURES = 2048
SIFT_RATIO = 0.8


@dataclass(frozen=True)
class Contest:
    """One row: their work, and the arguments and the stage of our own."""

    theirs: Callable[[], object]
    arguments: list[str | Path]
    stage: str = "matching"


def random_loftr(folder: Path) -> tuple[nn.Module, list[str | Path]]:
    """kornia's LoFTR at full size with random weights, and our arguments for the same weights."""
    from kornia.feature.loftr.loftr import default_cfg

    configuration = copy.deepcopy(default_cfg)
    network = loftr.random_loftr(configuration, 0, WHITENING)
    weights = folder / "loftr.safetensors"
    model = loftr.model_json(configuration, "loftr-random", "full-size LoFTR of random weights")
    write_model(weights, model, loftr.our_weights(network))
    return network, ["--weights", weights]


def kornia_loftr(folder: Path) -> Contest:
    network, arguments = random_loftr(folder)
    pictures = ours.textures(folder)
    image0, image1 = map(ours.as_tensor, pictures)
    return Contest(lambda: network({"image0": image0, "image1": image1}), [*pictures, *arguments])


def onnx_backbone(folder: Path) -> Contest:
    """The backbone on both images as one batch, as kornia runs it."""
    import onnxruntime

    network, arguments = random_loftr(folder)
    pictures = ours.textures(folder)
    batch = torch.cat([ours.as_tensor(picture) for picture in pictures])
    file = folder / "backbone.onnx"
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        torch.onnx.export(network.backbone, (batch,), str(file), input_names=["images"], output_names=["coarse", "fine"])
    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    inputs = {"images": batch.numpy()}
    # The exported network computes what it should.
    coarse = torch.from_numpy(session.run(["coarse"], inputs)[0])
    expected = network.backbone(batch)[0]
    if float((coarse - expected).abs().max() / expected.abs().max()) > 1e-3:
        raise RuntimeError("the exported backbone differs from PyTorch's")
    return Contest(lambda: session.run(None, inputs), [*pictures, *arguments], "backbone")


def transformers_efficientloftr(folder: Path) -> Contest:
    """EfficientLoFTR at full size with random weights; transformers takes both images as one tensor of three channels."""
    from transformers import EfficientLoFTRConfig

    from training.goldens import efficientloftr

    configuration = EfficientLoFTRConfig()
    network = efficientloftr.random_network(configuration, 0, WHITENING)
    weights = folder / "efficientloftr.safetensors"
    name, description = "efficientloftr-random", "full-size EfficientLoFTR of random weights"
    model = efficientloftr.model_json(configuration, name, description)
    write_model(weights, model, efficientloftr.our_weights(efficientloftr.authors_names(network)))
    pictures = ours.textures(folder)
    pixels = torch.stack([ours.as_tensor(picture)[0].expand(3, -1, -1) for picture in pictures])[None]
    return Contest(lambda: network(pixel_values=pixels), [*pictures, "--weights", weights])


def opencv_sift(folder: Path) -> Contest:
    """SIFT of both images, all pairs of descriptors, Lowe's ratio test; OpenCV's own threads."""
    pictures = ours.street(folder)
    pixels = [cv2.imread(str(picture), cv2.IMREAD_GRAYSCALE) for picture in pictures]
    sift, matcher = cv2.SIFT_create(SIFT_FEATURES), cv2.BFMatcher(cv2.NORM_L2)

    def work() -> int:
        (_, descriptors0), (_, descriptors1) = (sift.detectAndCompute(image, None) for image in pixels)
        pairs = matcher.knnMatch(descriptors0, descriptors1, k=2)
        return sum(best.distance < SIFT_RATIO * second.distance for best, second in pairs)

    return Contest(work, pictures)


def pytorch_compact(folder: Path) -> Contest:
    """The default model's definition, with its weights, as it is trained."""
    network = load_compact(ours.COMPACT)
    pictures = ours.street(folder)
    image0, image1 = map(ours.as_tensor, pictures)

    def work() -> Tensor:
        return network.match(image0, image1).scores

    return Contest(work, pictures)


@dataclass(frozen=True)
class Row:
    """A row of the table, its target, and how to prepare it."""

    name: str
    title: str
    target: float
    prepare: Callable[[Path], Contest]


ROWS = (
    Row("loftr", "LoFTR, 11.6 M, vs kornia (PyTorch)", 0.33, kornia_loftr),
    Row("backbone", "LoFTR's backbone vs ONNX Runtime", 0.5, onnx_backbone),
    Row("efficientloftr", "EfficientLoFTR, 16 M, vs transformers (PyTorch)", 0.33, transformers_efficientloftr),
    Row("sift", "default model vs OpenCV SIFT", 1.0, opencv_sift),
    Row("pytorch", "default model vs the same in PyTorch", 0.33, pytorch_compact),
)
