"""What all fixtures share: strided maps, the check that no decision hangs on rounding, and how they are written.

Maps are [height, width, channels]; image i's stage is named `STAGE.i`. To save space, maps at 1/2 and 1/4 keep every
`fine_stride`-th row and column, maps at 1/8 every `coarse_stride`-th, both from the first on (see the metadata).
"""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

from torch import Tensor

from training.model.tensorfile import write_tensors

FINE_STAGES = ("half", "quarter", "fine")
COARSE_STAGES = ("backbone_coarse", "position_encoded", "projection", "after_layer_")
LEAST_MARGIN = 1e-4  # relative, of every comparison that decides which matches there are


def write_fixture(
    path: Path, stages: dict[str, Tensor], metadata: dict[str, str], fine_stride: int, coarse_stride: int
) -> None:
    """Writes `stages`, large maps strided, with the versions of the libraries they come from."""
    kept = {}
    for name, tensor in stages.items():
        stride = 1
        if name.startswith(COARSE_STAGES):
            stride = coarse_stride
        elif name.split(".")[0] in FINE_STAGES:
            stride = fine_stride
        kept[name] = tensor[::stride, ::stride] if stride > 1 else tensor
    versions = {"torch": version("torch"), "kornia": version("kornia")}
    strides = {"fine_stride": str(fine_stride), "coarse_stride": str(coarse_stride)}
    write_tensors(path, kept, versions | strides | metadata)


def decision_margin(confidence: Tensor, threshold: float) -> float:
    """The least relative margin of any decision: best against second best of rows and columns, and the threshold."""
    margins = []
    for best_first in (confidence.topk(2, dim=1).values, confidence.topk(2, dim=0).values.T):
        relevant = best_first[best_first[:, 0] > threshold / 2]
        margins += [1 - relevant[:, 1] / relevant[:, 0], (relevant[:, 0] / threshold - 1).abs()]
    return min(float(margin.min()) for margin in margins if len(margin))
