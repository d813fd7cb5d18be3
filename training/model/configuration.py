"""What the compact network is built from: the `model` JSON of a model file, checked and typed.

The JSON is the one the Swift side decodes (camel case); its schema is described by `compact-v0.json`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

COARSE_STRIDE = 8  # pixels to a coarse cell
FINE_STRIDE = 2  # pixels to a fine pixel


@dataclass(frozen=True)
class PatchConfiguration:
    """The second fine step, of a 4x4 patch against a window."""

    window: int  # side, in fine pixels, odd
    channels: tuple[int, int]  # of the hidden layers of its regression


@dataclass(frozen=True)
class CompactConfiguration:
    """Extents and settings of the compact network."""

    channels: tuple[int, int, int]  # of the maps at 1/2, 1/4 and 1/8
    blocks: tuple[int, int, int]  # residual blocks of each stage
    fine_channels: int
    heads: int
    layers: tuple[str, ...]  # "self" or "cross"
    aggregation: int  # coarse cells to one attention token, along each axis
    shortest_wavelength: float  # of the rotary encoding, in tokens
    longest_wavelength: float
    threshold: float  # least confidence of a match
    border: int  # coarse cells at the border that take no part
    window: int  # side of the fine window, in fine pixels
    patch: PatchConfiguration | None  # None: no second fine step

    @staticmethod
    def from_model(model: Mapping[str, Any]) -> CompactConfiguration:
        """Reads the decoded `model` JSON; raises ValueError where it asks for something else than this network."""
        transformer, attention = model["transformer"], model["transformer"]["attention"]
        coarse, fine, backbone = model["coarseMatching"], model["fineMatching"], model["backbone"]
        expected = {
            "architecture": (model["architecture"], "compact"),
            "backbone.kind": (backbone["kind"], "compact-fpn"),
            "backbone.block": (backbone["block"], "repvgg"),
            "positionEncoding.kind": (model["positionEncoding"]["kind"], "none"),
            "transformer.channels": (transformer["channels"], backbone["channels"][2]),
            "transformer.crossUpdate": (transformer["crossUpdate"], "simultaneous"),
            "transformer.attention.kind": (attention["kind"], "aggregated-softmax"),
            "coarseMatching.kind": (coarse["kind"], "dual-softmax"),
            "coarseMatching.scale": (coarse["scale"], "learned"),
            "coarseMatching.matchability": (coarse["matchability"], True),
            "fineMatching.kind": (fine["kind"], "two-step"),
        }
        patch = fine.get("patch")
        if patch and patch["window"] % 2 == 0:
            raise ValueError(f"model setting fineMatching.patch.window is {patch['window']}, but it needs to be odd")
        for key, (found, wanted) in expected.items():
            if found != wanted:
                raise ValueError(f"model setting {key} is {found!r}, but the compact network needs {wanted!r}")
        return CompactConfiguration(
            channels=tuple(backbone["channels"]),
            blocks=tuple(backbone["blocks"]),
            fine_channels=backbone["fineChannels"],
            heads=transformer["heads"],
            layers=tuple(transformer["layers"]),
            aggregation=attention["aggregation"],
            shortest_wavelength=attention["rotary"]["shortestWavelength"],
            longest_wavelength=attention["rotary"]["longestWavelength"],
            threshold=coarse["threshold"],
            border=coarse["border"],
            window=fine["window"],
            patch=PatchConfiguration(patch["window"], tuple(patch["channels"])) if patch else None,
        )
