"""Figures on pairs of held-out photos and frames: the same pairs every time, at the hardest setting.

- exact, within 1: share of visible cells whose best partner is the true cell, or one of its neighbours.
- fine px: median error of the refinement from the true cell.
- recall, precision at 0.03, the program's threshold, and at 0.2: mutual matches above that
  confidence within one cell of the truth, over the visible cells and over all such matches; px: their median error.
  Matches of cells about which nothing is known do not count.
"""

from __future__ import annotations

import math
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

import torch
from torch import Tensor

from training.data.pairs import KINDS, VALIDATION_SEED, Material, Mix, PairMaker
from training.data.truth import Pairs
from training.losses import cell_distance, true_cells
from training.model.compact import Compact, cell_centres

THRESHOLDS = (0.03, 0.2)
LIGHT = (0.8, 0.8)
BATCH = 16


def validation_pairs(material: Material, size: int, count: int) -> list[tuple[str, Pairs]]:
    """About `count` pairs, as many of each kind, in batches of one kind, with the name of the kind."""
    maker = PairMaker(material, VALIDATION_SEED, held_out=True)
    batches = []
    for kind in maker.generators:
        mix = Mix(**{name: float(name == kind) for name in KINDS})
        total = -(-count // len(maker.generators))
        for start in range(0, total, BATCH):
            batches.append((kind, maker.make(min(BATCH, total - start), size, mix=mix, light=LIGHT)))
    return batches


@dataclass
class Tally:
    """Sums over pairs."""

    cells: float = 0
    exact: float = 0
    near: float = 0
    fine: list[Tensor] = field(default_factory=list)
    found: dict[float, float] = field(default_factory=lambda: dict.fromkeys(THRESHOLDS, 0.0))
    right: dict[float, float] = field(default_factory=lambda: dict.fromkeys(THRESHOLDS, 0.0))
    errors: dict[float, list[Tensor]] = field(default_factory=lambda: {t: [] for t in THRESHOLDS})

    def add(self, network: Compact, pairs: Pairs, autocast: AbstractContextManager) -> None:
        """Runs the network on a batch."""
        with autocast:
            features0, features1 = network.paired_features(pairs.image0, pairs.image1)
        width = features0.coarse_width
        truth = true_cells(pairs.points0, pairs.visible0, width)
        similarity = network.coarse_matching.similarity(features0.projection, features1.projection)
        distance = cell_distance(similarity.argmax(2), truth, width)
        self.cells += float(pairs.visible0.sum())
        self.exact += float(((distance == 0) & pairs.visible0).sum())
        self.near += float(((distance <= 1) & pairs.visible0).sum())

        def errors(chosen: Tensor, cells1: Tensor) -> Tensor:
            pair, cell0 = chosen.nonzero(as_tuple=True)
            start = cells1[pair, cell0]
            estimate = network.fine_matching(features0.fine, features1.fine, pair, cell0, start).final
            return (cell_centres(start, width) + estimate - pairs.points0[pair, cell0]).norm(dim=1)

        self.fine.append(errors(pairs.visible0, truth))
        confidence = network.coarse_matching.confidence(features0, features1)
        best, partner = confidence.max(2)
        back = confidence.argmax(1).gather(1, partner)
        is_mutual = back == torch.arange(confidence.shape[1], device=back.device)
        for threshold in THRESHOLDS:
            found = is_mutual & (best > threshold) & pairs.known0
            right = found & pairs.visible0 & (cell_distance(partner, truth, width) <= 1)
            self.found[threshold] += float(found.sum())
            self.right[threshold] += float(right.sum())
            self.errors[threshold].append(errors(right, partner))

    def figures(self) -> dict[str, float]:
        def median(parts: list[Tensor]) -> float:
            values = torch.cat(parts)
            return float(values.median()) if len(values) else math.nan

        cells = max(self.cells, 1)
        figures = {"exact": self.exact / cells, "within 1": self.near / cells, "fine px": median(self.fine)}
        for t in THRESHOLDS:
            figures[f"recall@{t}"] = self.right[t] / cells
            figures[f"precision@{t}"] = self.right[t] / max(self.found[t], 1)
            figures[f"px@{t}"] = median(self.errors[t])
        return {name: round(value, 4) for name, value in figures.items()}


@torch.no_grad()
def validate(
    network: Compact, batches: list[tuple[str, Pairs]], autocast: AbstractContextManager
) -> dict[str, dict[str, float]]:
    """Figures by kind, and of all kinds together; the network in evaluation mode."""
    tallies: dict[str, Tally] = {}
    for kind, pairs in batches:
        for group in (kind, "all"):
            tallies.setdefault(group, Tally()).add(network, pairs, autocast)
    return {group: tally.figures() for group, tally in tallies.items()}


def real_score(figures: dict[str, dict[str, float]]) -> float:
    """What states of a run are compared by: real pairs alone, and what a match is worth, not only what is found."""
    parts = [figures[kind]["within 1"] for kind in ("posed", "static") if kind in figures]
    if "poses" in figures:
        parts += [figures["poses"][name] / 100 for name in ("AUC@5", "AUC@10")]
    return sum(parts) / len(parts) if parts else figures["all"]["within 1"]


def table(figures: dict[str, dict[str, float]]) -> str:
    """Figures as lines of text, a kind each."""
    poses = figures.get("poses")
    figures = {group: values for group, values in figures.items() if group != "poses"}
    names = list(next(iter(figures.values())))
    lines = ["".join([f"{'':12}"] + [f"{name:>14}" for name in names])]
    for group, values in figures.items():
        lines.append("".join([f"{group:12}"] + [f"{values[name]:>14.3f}" for name in names]))
    if poses:
        lines.append("poses of held-out scenes: " + ", ".join(f"{n} {v:.1f}" for n, v in poses.items()))
    return "\n".join(lines)
