"""The state of a run in its folder, small and always complete.

Files `state-STEP-K-of-N.safetensors`: weights in float32; the average of the weights as its difference from them, and
the optimiser's moments, in bfloat16; what else there is as JSON in the metadata of each. A state is written beside the
one before and renamed, and only then the older one goes. Parts are small enough for tools that limit file sizes.
Once a schedule has ended, the moments are left out.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

PART_BYTES = 15 << 20
NAME = re.compile(r"state-(\d+)-(\d+)-of-(\d+)\.safetensors")

Parts = list[Path]


def complete_states(folder: Path) -> list[tuple[int, Parts]]:
    """Steps and files of all states with all parts, the oldest first."""
    found: dict[tuple[int, int], Parts] = {}
    for path in sorted(folder.glob("state-*.safetensors")):
        if match := NAME.fullmatch(path.name):
            step, _, count = (int(group) for group in match.groups())
            found.setdefault((step, count), []).append(path)
    return sorted((step, parts) for (step, count), parts in found.items() if len(parts) == count)


def save_state(
    folder: Path,
    network: nn.Module,
    average: dict[str, Tensor],
    optimizer: torch.optim.Optimizer,
    record: dict[str, Any],
    finished: bool,
) -> None:
    """Writes the state of step `record["step"]`."""
    state = network.state_dict()
    tensors = {f"weights/{name}": tensor for name, tensor in state.items()}
    for name, tensor in average.items():
        tensors[f"average/{name}"] = (tensor - state[name]).bfloat16()
    if not finished:
        for name, parameter in network.named_parameters():
            for moment in ("exp_avg", "exp_avg_sq"):
                if moment in (moments := optimizer.state[parameter]):
                    tensors[f"{moment}/{name}"] = moments[moment].bfloat16()
    groups: list[dict[str, Tensor]] = [{}]
    room = PART_BYTES
    for name, tensor in tensors.items():
        size = tensor.numel() * tensor.element_size()
        if size > room and groups[-1]:
            groups.append({})
            room = PART_BYTES
        groups[-1][name] = tensor.detach().cpu().contiguous()
        room -= size
    folder.mkdir(parents=True, exist_ok=True)
    older = [path for _, parts in complete_states(folder) for path in parts]
    written = []
    for index, group in enumerate(groups):
        path = folder / f"state-{record['step']:07d}-{index + 1}-of-{len(groups)}.safetensors"
        save_file(group, f"{path}.part", metadata={"record": json.dumps(record)})
        written.append(path)
    for path in written:
        Path(f"{path}.part").replace(path)
    for path in set(older) - set(written):
        path.unlink()


def read_state(folder: Path) -> tuple[dict[str, Any], dict[str, Tensor]] | None:
    """The record and the tensors of the newest complete state; None where the folder has none."""
    states = complete_states(folder)
    if not states:
        return None
    record, tensors = {}, {}
    for path in states[-1][1]:
        with safe_open(path, "pt") as file:
            record = json.loads(file.metadata()["record"])
            tensors |= {name: file.get_tensor(name) for name in file.keys()}
    return record, tensors


def part_of(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """The tensors whose names start with `prefix/`, without it."""
    return {n.removeprefix(f"{prefix}/"): t for n, t in tensors.items() if n.startswith(f"{prefix}/")}


def averaged_weights(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """The average of the weights, in float32: what is exported."""
    weights = part_of(tensors, "weights")
    return weights | {n: weights[n] + t.float() for n, t in part_of(tensors, "average").items()}


def restore(
    network: nn.Module,
    average: dict[str, Tensor],
    optimizer: torch.optim.Optimizer,
    record: dict[str, Any],
    tensors: dict[str, Tensor],
) -> bool:
    """Loads a state; returns whether it had the optimiser's moments."""
    network.load_state_dict(part_of(tensors, "weights"))
    stored = averaged_weights(tensors)
    for name, tensor in average.items():
        tensor.copy_(stored[name])
    moments = {key: part_of(tensors, key) for key in ("exp_avg", "exp_avg_sq")}
    parameters = dict(network.named_parameters())
    if any(set(moment) != set(parameters) for moment in moments.values()):
        return False
    for name, parameter in parameters.items():
        step = torch.tensor(float(record["step"]), device=parameter.device if parameter.is_cuda else "cpu")
        copies = {key: torch.empty_like(parameter).copy_(moment[name]) for key, moment in moments.items()}
        optimizer.state[parameter] = {"step": step} | copies
    return True
