"""Writes the names and shapes of all tensors of the published networks: `python -m training.goldens.published_names`.

fixtures/published/NETWORK.txt, a line `name extents` a tensor. The Swift tests check that each list, and no shorter or
longer one, makes up the network. LoFTR's from kornia, whose names are the authors'; EfficientLoFTR's from transformers,
and under the authors' names (the authors' own class loads that list with strict=True).
"""

from __future__ import annotations

from pathlib import Path

import torch
from kornia.feature import LoFTR
from kornia.feature.loftr.loftr import default_cfg
from torch import Tensor
from transformers import EfficientLoFTRConfig, EfficientLoFTRForKeypointMatching

from training.goldens import efficientloftr, optimal_transport

OUTPUT = Path("fixtures/published")


def write(name: str, state: dict[str, Tensor]) -> None:
    # Counters of training steps belong to no network.
    lines = [
        f"{key} {'x'.join(map(str, tensor.shape)) or '-'}\n"
        for key, tensor in sorted(state.items())
        if not key.endswith("num_batches_tracked")
    ]
    (OUTPUT / f"{name}.txt").write_text("".join(lines))
    print(f"{name}: {len(lines)} tensors")


def main() -> None:
    OUTPUT.mkdir(parents=True, exist_ok=True)
    with torch.device("meta"):
        port = EfficientLoFTRForKeypointMatching(EfficientLoFTRConfig())
    authors = efficientloftr.authors_names(port)
    write("loftr", LoFTR(None, default_cfg).state_dict())
    write("loftr-transport", LoFTR(None, optimal_transport.configuration_of(default_cfg)).state_dict())
    write("efficientloftr", authors)
    write("efficientloftr-folded", efficientloftr.deployed({key: torch.zeros(x.shape) for key, x in authors.items()}))
    write("efficientloftr-transformers", port.state_dict())


if __name__ == "__main__":
    main()
