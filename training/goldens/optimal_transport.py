"""Optimal transport with dustbins in float64, from the papers (Sarlin et al. 2020, section 3.2; Cuturi 2013), and kornia's
LoFTR with it.

kornia has the matching rule but not the transport itself, whose published code has a licence of its own; here it is
written from its definition: scale the rows and columns of exp(scores) in turn until each cell has mass 1 and each
dustbin as much as the other side has cells.
"""

from __future__ import annotations

import copy
import sys
from types import ModuleType
from typing import Any

import torch
from torch import Tensor

BIN_SCORE = -1.0


def log_assignment(scores: Tensor, bin_score: Tensor, iterations: int) -> Tensor:
    """scores [batch, rows, columns] -> the logarithm of the assignment [batch, rows + 1, columns + 1]."""
    batch, rows, columns = scores.shape
    extended = torch.full((batch, rows + 1, columns + 1), float(bin_score), dtype=torch.float64)
    extended[:, :rows, :columns] = scores.double()
    kernel = (extended - extended.max()).exp()
    row_mass = torch.tensor([1.0] * rows + [columns], dtype=torch.float64)
    column_mass = torch.tensor([1.0] * columns + [rows], dtype=torch.float64)
    row_scale, column_scale = torch.ones_like(row_mass)[None], torch.ones_like(column_mass)[None]
    for _ in range(iterations):
        row_scale = row_mass / (kernel @ column_scale[..., None])[..., 0]
        column_scale = column_mass / (kernel.transpose(1, 2) @ row_scale[..., None])[..., 0]
    return (row_scale[:, :, None] * kernel * column_scale[:, None]).log()


def configuration_of(configuration: dict[str, Any], prefilter: bool = False) -> dict[str, Any]:
    """kornia's configuration with optimal transport; `log_assignment` stands in for the code that it lacks."""
    module = ModuleType("kornia.feature.loftr.utils.superglue")
    setattr(module, "log_optimal_transport", lambda *given: log_assignment(*given).float())
    sys.modules[module.__name__] = module
    result = copy.deepcopy(configuration)
    result["match_coarse"] |= {
        "match_type": "sinkhorn",
        "skh_iters": 3,
        "skh_init_bin_score": BIN_SCORE,
        "skh_prefilter": prefilter,
        "sparse_spvs": False,
    }
    return result


def coarse_json(configuration: dict[str, Any]) -> dict[str, Any]:
    """The group `coarseMatching` of our model files."""
    matching = configuration["match_coarse"]
    return {
        "kind": "optimal-transport",
        "iterations": matching["skh_iters"],
        "prefilter": matching["skh_prefilter"],
        "threshold": matching["thr"],
        "border": matching["border_rm"],
    }
