"""Exports a run for the program: `python -m training.export runs/x model.safetensors`, then `match --weights`.

Writes the averaged weights of the newest state, and where they come from into the model file's `provenance`.
"""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path
from typing import Any

from training.checkpoint import averaged_weights, read_state
from training.model import write_model


def provenance(record: dict[str, Any]) -> dict[str, str]:
    """What a model card needs to know about a run; texts, as the program prints them."""
    mix = record["model"]["training"]["mix"]
    shares = ", ".join(f"{kind} {share:g}" for kind, share in mix.items())
    finished = record["pairs"] >= record["total_pairs"]
    facts = {
        "training": "training/train.py of this project, bf16 autocast, moving average of the weights",
        "start": record["init"] or "random weights",
        "pairs": record["pairs"],
        "steps": record["step"],
        "minutes": round(record["elapsed"] / 60, 1),
        "schedulePairs": record["total_pairs"],
        "scheduleFinished": "yes" if finished else "no",
        "device": "; ".join(record["devices"]),
        "data": f"{record['data']}; shares of pairs: {shares}",
        "seed": record["seed"],
        "commit": ", ".join(name or "unknown" for name in record["commits"]),
        "date": date.today().isoformat(),
    }
    return {key: str(value) for key, value in facts.items()}


def export(run: Path, output: Path, name: str | None = None, half: bool = False) -> dict[str, Any]:
    """Writes the model file; returns its configuration. Raises FileNotFoundError where the folder has no state."""
    found = read_state(run)
    if not found:
        raise FileNotFoundError(f"{run}: no complete state of a run; train first, or name another folder")
    record, tensors = found
    model = {key: value for key, value in record["model"].items() if key != "training"}
    model["name"] = name or model["name"]
    model["provenance"] = provenance(record)
    write_model(output, model, averaged_weights(tensors), half)
    return model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, help="folder of a run")
    parser.add_argument("output", type=Path, help="model file to write")
    parser.add_argument("--name", help="of the model, such as compact-v1 (default: the configuration's)")
    parser.add_argument("--half", action="store_true", help="16-bit weights: half the size")
    arguments = parser.parse_args()
    try:
        model = export(arguments.run, arguments.output, arguments.name, arguments.half)
    except FileNotFoundError as error:
        raise SystemExit(str(error)) from None
    print(f"{arguments.output}: {model['name']}, {arguments.output.stat().st_size} bytes")
    for key, value in model["provenance"].items():
        print(f"  {key}: {value}")


if __name__ == "__main__":
    main()
