"""Whole runs in small: training, resuming, incomplete states, export, evaluation."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import pytest
import torch
from safetensors.torch import load_file

from training.checkpoint import averaged_weights, complete_states, part_of, read_state, restore, save_state
from training.export import export
from training.model import Compact, CompactConfiguration, load_compact, read_model
from training.settings import MODELS, Settings

ROOT = Path(__file__).parents[2]


def run_training(folder: Path, out: Path, *more: str) -> str:
    command = [sys.executable, "-m", "training.train", "--model", "compact", "--device", "cpu", "--data", folder]
    command += ["--out", out, "--batch", "1", "--shapes", "96x256,96x256-192x128", "--threads", "2"]
    command += ["--validation-pairs", "3", "--validation-poses", "2", "--log-every", "0", "--seed", "4", *more]
    return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def run(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """Three steps, then two more in another process."""
    out = tmp_path_factory.mktemp("runs") / "x"
    return out, [run_training(folder, out, "--steps", steps) for steps in ("3", "2")]


def test_a_run_continues(run: tuple[Path, list[str]]) -> None:
    out, printed = run
    record, tensors = read_state(out)
    assert (record["step"], record["pairs"], record["piece"]) == (5, 10, 2)
    assert "continues at step 3" in printed[1]
    assert record["elapsed"] > 0 and record["total_pairs"] == 100_000 and not record["frozen"]
    assert len(complete_states(out)) == 1
    assert not list(out.glob("*.part"))
    assert all(torch.isfinite(t).all() for t in tensors.values())
    steps = [json.loads(line)["step"] for line in (out / "validation.jsonl").read_text().splitlines()]
    assert steps == [3, 5]


def test_an_incomplete_state_is_passed_over(run: tuple[Path, list[str]], tmp_path: Path) -> None:
    for path in run[0].glob("state-*"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "state-0000009-1-of-2.safetensors").write_bytes(b"cut off")
    assert read_state(tmp_path)[0]["step"] == 5
    assert read_state(tmp_path / "nothing") is None


def test_states_are_restored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Weights exactly, the average and the moments to 16 bits; in several parts where they are large."""
    monkeypatch.setattr("training.checkpoint.PART_BYTES", 1 << 21)

    def fresh() -> tuple[Compact, torch.optim.Optimizer]:
        network = Compact(CompactConfiguration.from_model(json.loads((MODELS / "compact.json").read_text())))
        return network, torch.optim.AdamW(network.parameters(), lr=1e-2)

    network, optimizer = fresh()
    sum(p.square().sum() + p.sum() for p in network.parameters()).backward()
    optimizer.step()
    average = {n: t * 0.99 for n, t in network.state_dict().items() if t.is_floating_point()}
    save_state(tmp_path, network, average, optimizer, {"step": 1}, finished=False)
    assert len(list(tmp_path.iterdir())) > 1
    assert max(p.stat().st_size for p in tmp_path.iterdir()) < 1 << 22

    other, other_optimizer = fresh()
    other_average = {n: torch.zeros_like(t) for n, t in average.items()}
    assert restore(other, other_average, other_optimizer, *read_state(tmp_path))
    for name, tensor in network.state_dict().items():
        assert torch.equal(other.state_dict()[name], tensor)
        if name in average:
            assert torch.allclose(other_average[name], average[name], rtol=2e-4, atol=1e-6)
    for one, same in zip(network.parameters(), other.parameters()):
        for key in ("exp_avg", "exp_avg_sq"):
            expected = optimizer.state[one][key]
            assert torch.allclose(other_optimizer.state[same][key], expected, rtol=1e-2, atol=1e-8)
        assert other_optimizer.state[same]["step"] == 1

    save_state(tmp_path, network, average, optimizer, {"step": 2}, finished=True)
    assert not restore(other, other_average, other_optimizer, *read_state(tmp_path))
    assert [step for step, _ in complete_states(tmp_path)] == [2]


def test_export_holds_the_average(run: tuple[Path, list[str]], tmp_path: Path) -> None:
    model = export(run[0], tmp_path / "model.safetensors", name="mine")
    stored, weights = read_model(tmp_path / "model.safetensors")
    assert stored == model and "training" not in model and model["name"] == "mine"
    assert model["provenance"]["pairs"] == "10" and model["provenance"]["seed"] == "4"
    assert {"minutes", "device", "commit", "data", "date"} <= set(model["provenance"])
    expected = averaged_weights(read_state(run[0])[1])
    assert all(torch.equal(weights[n], expected[n]) for n in weights)
    assert any(
        not torch.equal(weights[n], t) for n, t in part_of(read_state(run[0])[1], "weights").items() if n in weights
    )
    export(run[0], tmp_path / "half.safetensors", half=True)
    half = load_compact(tmp_path / "half.safetensors").state_dict()
    assert load_file(tmp_path / "half.safetensors")["transformer.layers.0.merge.weight"].dtype == torch.float16
    assert all(torch.allclose(half[n], weights[n], rtol=1e-3, atol=1e-6) for n in weights)
    with pytest.raises(FileNotFoundError, match="no complete state"):
        export(tmp_path / "nothing", tmp_path / "x.safetensors")


def test_a_run_starts_from_a_model(folder: Path, run: tuple[Path, list[str]], tmp_path: Path) -> None:
    """Weights that fit are taken over, others are new."""
    printed = run_training(
        folder,
        tmp_path / "y",
        "--steps",
        "1",
        "--rate",
        "1e-9",
        "--init",
        str(ROOT / "Sources/CModels/compact.safetensors"),
    )
    assert "starts from compact.safetensors; new: nothing" in printed
    weights = averaged_weights(read_state(tmp_path / "y")[1])
    original = read_model(ROOT / "Sources/CModels/compact.safetensors")[1]
    name = "transformer.layers.3.q_proj.weight"
    assert torch.allclose(weights[name], original[name], atol=1e-5)


def test_evaluation_prints_its_tables(folder: Path, run: tuple[Path, list[str]]) -> None:
    command = [sys.executable, "-m", "training.evaluate", run[0], "--data", folder, "--device", "cpu", "--sift"]
    command += ["--size", "96", "--pairs", "4", "--homographies", "2", "--homography-size", "128"]
    printed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for word in ("exact", "scene", "AUC@5", "turn 90", "RootSIFT"):
        assert word in printed


@pytest.mark.parametrize("name", ["compact", "compact-wide", "base"])
def test_schedules(name: str) -> None:
    model = json.loads((MODELS / f"{name}.json").read_text())
    for device in ("cpu", "cuda"):
        settings = Settings.from_model(model, torch.device(device))
        assert settings.rate_at(0) == 0 and abs(settings.rate_at(settings.warmup) - settings.rate) < 1e-9
        assert settings.rate_at(0.5) == settings.rate_at(0.99 - settings.cooldown) == settings.rate
        assert settings.rate_at(1) < 0.02 * settings.rate
        assert settings.hardness_at(0) < settings.hardness_at(0.1) < settings.hardness_at(0.2) == 1
        assert abs(sum(share for _, share in settings.shapes) - 1) < 1e-9
        assert settings.batch_of(((192, 256), (256, 192))) == settings.batch
        random = Random(1)
        drawn = [settings.shapes_of_a_step(random) for _ in range(2000)]
        large = sum((480, 640) in shapes or (640, 480) in shapes for shapes in drawn) / len(drawn)
        assert 0.12 < large < 0.24


def test_a_signal_saves_the_state(folder: Path, tmp_path: Path) -> None:
    """Within a step; the same command goes on from there."""
    out = tmp_path / "z"
    command = [sys.executable, "-m", "training.train", "--device", "cpu", "--data", folder, "--out", out]
    command += ["--batch", "1", "--shapes", "96x128", "--threads", "1", "--log-every", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            if "step 3 " in line:
                process.terminate()
                break
        last = process.stdout.read()
    assert process.returncode == 0 and "stopped: step" in last
    record, _ = read_state(out)
    assert record["step"] >= 3 and f"stopped: step {record['step']}, {record['pairs']} pairs" in last


def test_the_script_starts_reports_and_stops(folder: Path, tmp_path: Path) -> None:
    run = tmp_path / "background"

    def script(*arguments: str) -> str:
        environment = os.environ | {"RUN": str(run), "PYTHON": sys.executable}
        command = [ROOT / "scripts/train-in-background", *arguments]
        return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout

    options = ["--data", str(folder), "--batch", "1", "--shapes", "96x128", "--log-every", "0"]
    assert "not running" in script("status")
    assert "process" in script("start", *options)
    try:
        assert "already running" in script("start")
        for _ in range(600):
            if "pairs/s" in (report := script("status")):
                break
            time.sleep(0.2)
        assert "running, process" in report and "pairs/s" in report
    finally:
        stopped = script("stop")
    assert "stopped: step" in stopped and read_state(run)[0]["step"] > 0
    assert "not running" in script("status")
    # Goes on with the options it has.
    script("start")
    time.sleep(0.5)
    script("stop")
