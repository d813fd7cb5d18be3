"""A traced run of the compact network: every stage by name, and the photos it runs on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import torch
from torch import Tensor, nn

from training.model.compact import Compact, Pyramid, mutual_matches

TRACED_WINDOWS = 8  # matches whose fine logits are stored


@dataclass(frozen=True)
class Crop:
    """A rectangle of a photo, in its pixels."""

    photo: str
    x: int
    y: int
    width: int
    height: int

    def read(self, folder: Path) -> Tensor:
        """The crop as grey values [height, width] in [0, 1]."""
        pixels = cv2.imread(str(folder / self.photo), cv2.IMREAD_GRAYSCALE)
        if pixels is None:
            raise FileNotFoundError(f"{folder / self.photo}: not a readable image; install opencv-doc or pass --photos")
        cut = pixels[self.y : self.y + self.height, self.x : self.x + self.width]
        return torch.from_numpy(cut.copy()).float() / 255

    def rectangle(self) -> Tensor:
        """x, y, width, height."""
        return torch.tensor([self.x, self.y, self.width, self.height])


@torch.no_grad()
def trace(network: Compact, image0: Tensor, image1: Tensor) -> dict[str, Tensor]:
    """Runs `network` on two images [height, width]: stages by name (maps [height, width, channels]), and matches."""
    stages: dict[str, Tensor] = {}

    def record(name: str, tensor: Tensor) -> None:
        # Every part runs on image 0 first, then on image 1.
        stages[f"{name}.{int(f'{name}.0' in stages)}"] = tensor

    def record_map(name: str, tensor: Tensor) -> None:
        record(name, tensor[0].permute(1, 2, 0))

    def on_backbone(_: nn.Module, inputs: tuple[Tensor], pyramid: Pyramid) -> None:
        record("normalized", inputs[0][0, 0])
        record_map("half", pyramid.half)
        record_map("quarter", pyramid.quarter)
        record_map("backbone_coarse", pyramid.coarse)

    def on_layer(index: int) -> Callable[..., None]:
        return lambda _, inputs, output: record_map(f"after_layer_{index}", output)

    handles = [network.backbone.register_forward_hook(on_backbone)]
    handles += [layer.register_forward_hook(on_layer(i)) for i, layer in enumerate(network.transformer.layers)]
    try:
        features = network.features(image0[None, None], image1[None, None])
    finally:
        for handle in handles:
            handle.remove()
    matches = network.match(image0[None, None], image1[None, None])

    for one, coarse in zip(features, (stages["backbone_coarse.0"], stages["backbone_coarse.1"])):
        record("projection", one.projection[0].unflatten(0, coarse.shape[:2]))
        record("matchability", one.matchability[0].unflatten(0, coarse.shape[:2]))
        record_map("fine", one.fine)
    confidence = network.coarse_matching.confidence(*features)[0]
    cells0, cells1, _ = mutual_matches(confidence, network.configuration.threshold)
    cells0, cells1 = cells0[:TRACED_WINDOWS], cells1[:TRACED_WINDOWS]
    estimates = network.fine_matching(features[0].fine, features[1].fine, torch.zeros_like(cells0), cells0, cells1)
    return stages | {
        "confidence": confidence,
        "window_cells0": cells0,
        "window_cells1": cells1,
        "fine_logits": estimates.logits,
        "fine_offsets": estimates.final,
        **({"fine_first": estimates.first} if network.configuration.patch else {}),
        "cells0": matches.cells0,
        "cells1": matches.cells1,
        "scores": matches.scores,
        "keypoints0": matches.keypoints0,
        "keypoints1": matches.keypoints1,
    }
