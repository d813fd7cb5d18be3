"""Writes checkpoints in every form that torch.save has: `python -m training.goldens.make_checkpoints`.

The Swift tests read each file and compare it, tensor by tensor, with NAME.safetensors: what PyTorch itself loads, as
contiguous float32 under the names of the file. Files in REFUSED have no such twin. Values are random, with a seed; all
but `legacy` and `script` have the same bytes whenever they are made. Their pickles, and a few small archives, are the
seeds of the fuzzer.
"""

from __future__ import annotations

import argparse
import enum
import pathlib
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from training.goldens.loftr import random_loftr, small_configuration
from training.model.tensorfile import write_tensors

OUTPUT = Path("Tests/WeightsTests/Fixtures/checkpoints")
SEEDS = Path("Fuzz/Corpus")
REFUSED = ("legacy", "whole-model", "script", "sparse")


class Network(nn.Module):
    """A few layers of every kind that a matcher has."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 2, 3, bias=False)
        self.norm = nn.BatchNorm2d(2)
        self.project = nn.Linear(3, 2)

    def forward(self, image: Tensor) -> Tensor:
        return self.norm(self.conv(image))


class Configuration(dict):
    """Stands for the classes that training frameworks put beside the weights (yacs' CfgNode is such a one)."""

    def __init__(self, *values: Any, **named: Any) -> None:
        super().__init__(*values, **named)
        self.frozen = True


class Grade(enum.Enum):
    EASY = 1


def network() -> Network:
    torch.manual_seed(0)
    result = Network()
    for _ in range(3):
        result(torch.randn(4, 1, 5, 5))  # moves the running statistics
    return result


def prefixed(prefix: str) -> dict[str, Tensor]:
    return OrderedDict((prefix + name, tensor) for name, tensor in network().state_dict().items())


def lightning() -> dict[str, Any]:
    """What a Lightning trainer saves, with the objects that are found in such files."""
    model = network()
    optimizer = torch.optim.AdamW(model.parameters())
    model(torch.randn(4, 1, 5, 5)).sum().backward()
    optimizer.step()
    configuration = Configuration(LOFTR=Configuration(RESOLUTION=(8, 2), THR=0.2, TEMP_BUG_FIX=True))
    return {
        "epoch": 28,
        "global_step": 2**40,
        "pytorch-lightning_version": "1.3.5",
        "callbacks": {"ModelCheckpoint": {"best_model_score": torch.tensor(0.5), "monitor": None, "last": b"\x00x"}},
        "optimizer_states": [optimizer.state_dict()],
        "lr_schedulers": [],
        "hparams_name": "hparams",
        "hyper_parameters": {
            "configuration": configuration,
            "namespace": argparse.Namespace(gpus=4, path=pathlib.PurePosixPath("a/b")),
            "misc": {"set": {1, 2}, "frozen": frozenset([3]), "big": 2**100, "negative": -(2**63), "complex": 1j},
            "grade": Grade.EASY,
            "dtype": torch.float16,
            "device": torch.device("cpu"),
            "size": torch.Size([2, 3]),
            "slice": slice(1, 2),
        },
        "state_dict": OrderedDict((f"matcher.{name}", tensor) for name, tensor in model.state_dict().items()),
    }


def loftr() -> dict[str, Any]:
    """A LoFTR as its authors publish it, but tiny."""
    configuration = small_configuration(corrected=False)
    configuration["resnetfpn"] = {"initial_dim": 8, "block_dims": [8, 8, 16]}
    configuration["coarse"].update(d_model=16, d_ffn=16, nhead=8, layer_names=["self", "cross"])
    configuration["fine"].update(d_model=8, d_ffn=8, nhead=8)
    state = random_loftr(configuration, 0).state_dict()
    return {"state_dict": OrderedDict((f"matcher.{name}", tensor) for name, tensor in state.items())}


def strided() -> dict[str, Tensor]:
    """Views of every kind."""
    torch.manual_seed(1)
    base, cube = torch.randn(6, 5), torch.randn(2, 3, 4)
    return {
        "transposed": base.T,
        "row": base[3],
        "column": base[:, 2],
        "block": base[1:4, 2:5],
        "stepped": base[::2, 1::3],
        "permuted": cube.permute(2, 0, 1),
        "channels_last": torch.randn(2, 3, 2, 2).contiguous(memory_format=torch.channels_last),
        "expanded": torch.tensor([[1.5], [-2.0]]).expand(2, 3),
        "scalar": base[5, 4],
        "empty": torch.empty(0, 3),
        "empty_inside": base[2:2],
    }


def shared() -> dict[str, Tensor]:
    """Several tensors of one storage, and one tensor under two names."""
    torch.manual_seed(2)
    base = torch.randn(12)
    return {"all": base, "tail": base[8:], "matrix": base.view(3, 4), "again": base, "turned": base.view(3, 4).T}


def parameters() -> dict[str, Any]:
    """Parameters instead of tensors, one with an attribute and one of a subclass; a plain dictionary; plain values."""
    torch.manual_seed(3)
    marked = nn.Parameter(torch.randn(2, 2))
    marked.lr_scale = 0.5  # type: ignore[attr-defined]
    return {"weight": nn.Parameter(torch.randn(3)), "marked": marked, "buffer": nn.Buffer(torch.randn(2)), "steps": 7}


def types() -> dict[str, Tensor]:
    """Element types that are skipped stand beside those that are read."""
    return {
        "float": torch.tensor([0.5, -0.0, 3e38]),
        "double": torch.tensor([0.1, 1e-300, 1 + 2**-24], dtype=torch.float64),
        "half": torch.tensor([0.1, 65504.0, 6e-8], dtype=torch.float16),
        "brain": torch.tensor([0.1, 3e38, -1e-40], dtype=torch.bfloat16),
        "long": torch.tensor([-(2**63), 2**63 - 1]),
        "int": torch.tensor([-7], dtype=torch.int32),
        "short": torch.tensor([-7], dtype=torch.int16),
        "bytes": torch.tensor([255], dtype=torch.uint8),
        "mask": torch.tensor([True, False]),
        "unsigned": torch.tensor([65535], dtype=torch.uint16),
    }


def write_all(output: Path) -> None:
    model = network()
    state = model.state_dict()

    def save(name: str, value: Any, **options: Any) -> None:
        torch.save(value, output / f"{name}.pt", **options)

    save("plain", state)
    for protocol in (3, 4, 5):
        save(f"protocol{protocol}", lightning(), pickle_protocol=protocol)
    save("lightning", lightning())
    save("matcher", prefixed("matcher."))
    save("parallel", {"model": prefixed("module.matcher."), "epoch": 3})
    save("half", OrderedDict((name, tensor.half()) for name, tensor in prefixed("").items()))
    save("brain", OrderedDict((name, tensor.bfloat16()) for name, tensor in prefixed("").items()))
    save("strided", strided())
    save("shared", {"state_dict": shared()})
    save("parameters", parameters())
    save("types", types())
    save("loftr", loftr())
    save("legacy", state, _use_new_zipfile_serialization=False)
    save("whole-model", model)
    save("sparse", {"weight": torch.eye(3).to_sparse(), "dense": torch.eye(2)})
    torch.jit.save(torch.jit.script(model), str(output / "script.pt"))
    # The same content packed again by another program.
    with zipfile.ZipFile(output / "lightning.pt") as original:
        with zipfile.ZipFile(output / "deflated.pt", "w", zipfile.ZIP_DEFLATED) as packed:
            for member in original.infolist():
                entry = zipfile.ZipInfo(member.filename)
                entry.compress_type = zipfile.ZIP_DEFLATED
                packed.writestr(entry, original.read(member))


def expected(value: Any) -> dict[str, Tensor]:
    """The floating-point tensors of a loaded checkpoint."""
    for key in ("state_dict", "model"):
        value = value.get(key, value)
    return {
        name: tensor.detach().float().contiguous().clone()
        for name, tensor in value.items()
        if isinstance(tensor, Tensor) and tensor.is_floating_point()
    }


def write_seeds(checkpoints: Path, seeds: Path) -> None:
    """Starting points of the fuzzer: pickles, and archives of every form."""
    for name in ("pickle", "zip"):
        (seeds / name).mkdir(parents=True, exist_ok=True)
    for path in sorted(checkpoints.glob("*.pt")):
        if path.stem not in ("legacy", "script", "deflated", "loftr"):
            with zipfile.ZipFile(path) as archive:
                (seeds / "pickle" / path.stem).write_bytes(archive.read(f"{path.stem}/data.pkl"))
    text = b"some text, some text, some text"
    for name, method in (("stored", zipfile.ZIP_STORED), ("deflated", zipfile.ZIP_DEFLATED)):
        with zipfile.ZipFile(seeds / "zip" / name, "w") as archive:
            for member in ("a", "b/c"):
                archive.writestr(zipfile.ZipInfo(member), text, method)
    torch.save({"a": torch.ones(1)}, seeds / "zip" / "wide")
    with zipfile.ZipFile(seeds / "zip" / "empty", "w"):
        pass


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-o", "--output", type=Path, default=OUTPUT)
    parser.add_argument("--seeds", type=Path, default=SEEDS)
    arguments = parser.parse_args()
    output = arguments.output
    output.mkdir(parents=True, exist_ok=True)
    write_all(output)
    write_seeds(output, arguments.seeds)
    for path in sorted(output.glob("*.pt")):
        if path.stem not in REFUSED:
            tensors = expected(torch.load(path, weights_only=False))
            write_tensors(output / f"{path.stem}.safetensors", tensors, {})
            print(f"{path.name}: {path.stat().st_size} bytes, {len(tensors)} tensors of floats")


if __name__ == "__main__":
    main()
