"""Trains a model: `python -m training.train --model compact --data DIR --out runs/x --pairs 200000`.

The schedule counts pairs, not time, so that a busy machine changes nothing. Continues the run where the folder has a
state. SIGTERM and SIGINT save the state and end it within a step. Writes the state, `log.txt`, the figures on held-out
pairs to `validation.jsonl`, and the weights that were best on real pairs to `best.safetensors`. See training/README.md.
"""

from __future__ import annotations

import argparse
import copy
import json
import os
import platform
import random
import signal
import subprocess
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from training.checkpoint import read_state, restore, save_state
from training.data.pairs import Material, PairMaker
from training.data.stream import DeviceStream, Stream, WorkerStream
from training.export import provenance
from training.losses import LossWeights, losses
from training.model import Compact, CompactConfiguration, read_model, write_model
from training.pose_validation import network_matcher, pose_errors, pose_figures, pose_pairs
from training.settings import Settings, choose_device, read_model_settings, read_shapes
from training.timing import Clock
from training.validation import real_score, table, validate, validation_pairs

VALIDATION_SIZE = 256
SCALAR_RATE = 5.0  # of the learned scales, against the other parameters'
BETAS = (0.9, 0.98)
REWARM_STEPS = 100  # of a run that continues without the optimiser's moments


class Stopped(BaseException):
    """A signal asked for the end."""


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--model", default="compact", help="name of a file in training/model, or a path (default: compact)")
    add("--data", type=Path, required=True, help="folder of photos or of photos.tar, and of archives of real pairs")
    add("--out", type=Path, required=True, help="folder of the run; continued if it exists")
    add("--device", default="auto", help="auto, cuda or cpu")
    add("--pairs", type=int, help="of the whole schedule (default: as before, or 100000); may be changed later")
    add("--minutes", type=float, help="end this piece after so long")
    add("--init", type=Path, help="model file to start from, as far as names and shapes agree")
    add("--seed", type=int, default=0)
    add("--rate", type=float, help="learning rate, instead of the configuration's")
    add("--batch", type=int, help="pairs of 192x256 a step, instead of the configuration's")
    add("--shapes", help="of the images, such as 192x256,288x384-192x256, instead of the configuration's")
    add("--workers", type=int, default=1, help="processes that make pairs, on a CPU (default: 1)")
    add("--threads", type=int, help="of the network, on a CPU (default: the other cores)")
    add("--compile", action="store_true", help="torch.compile the network")
    add("--compile-data", action="store_true", help="torch.compile the generators' longest chains")
    add("--steps", type=int, help="end the piece after so many steps, for tests")
    add("--log-every", type=float, default=15.0, help="seconds")
    add("--validate-every", type=int, default=10000, help="pairs")
    add("--save-every", type=int, default=500, help="pairs")
    add("--validation-pairs", type=int, default=192, help="of all kinds (default: 192)")
    add("--validation-poses", type=int, default=192, help="pairs of held-out scenes (default: 192)")
    add("--photos", type=int, help="use so many photos only, for tests")
    add("--frames", type=int, help="use so many frames of each sequence only, for tests; 0: none")
    return parser.parse_args()


def commit() -> str | None:
    """The checkout's commit, with a plus where files differ; None outside of one."""
    folder = Path(__file__).parent
    try:
        name, changes = (
            subprocess.run(["git", *command], cwd=folder, capture_output=True, text=True, check=True).stdout.strip()
            for command in (["rev-parse", "--short=12", "HEAD"], ["status", "--porcelain", "--", "."])
        )
    except (OSError, subprocess.CalledProcessError):
        return os.environ.get("TRAINING_COMMIT")
    return name + ("+" if changes else "")


def device_name(device: torch.device) -> str:
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    processor = Path("/proc/cpuinfo")
    lines = processor.read_text().splitlines() if processor.exists() else []
    model = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine())
    return f"{torch.get_num_threads()} threads of {model}"


class Run:
    """A piece of a run: everything that one process holds."""

    def __init__(self, given: argparse.Namespace) -> None:
        self.started = time.time()
        self.given = given
        self.device = choose_device(given.device)
        given.out.mkdir(parents=True, exist_ok=True)
        self.log = (given.out / "log.txt").open("a")
        if self.device.type == "cpu":
            torch.set_num_threads(given.threads or max(1, (os.cpu_count() or 1) - given.workers))
        else:
            torch.backends.cudnn.benchmark = True
        found = read_state(given.out)
        self.model: dict[str, Any] = found[0]["model"] if found else read_model_settings(given.model)
        self.settings = self.settings_given()
        torch.manual_seed(given.seed)
        configuration = CompactConfiguration.from_model(self.model)
        self.network = Compact(configuration).to(self.device, memory_format=torch.channels_last)
        if given.init and not found:
            self.initialize(given.init)
        self.average = {n: t.clone() for n, t in self.network.state_dict().items() if t.is_floating_point()}
        self.averaged = copy.deepcopy(self.network).eval().requires_grad_(False)
        self.optimizer = self.make_optimizer()
        self.record: dict[str, Any] = {
            "step": 0,
            "pairs": 0,
            "elapsed": 0.0,
            "piece": 0,
            "seed": given.seed,
            "total_pairs": given.pairs or 100_000,
            # What comes from trained weights keeps their statistics.
            "frozen": given.init is not None,
            "best": -1.0,
            "init": given.init.name if given.init else None,
            "model": self.model,
            "devices": [],
            "commits": [],
        }
        self.rewarm = 0
        if found:
            self.record |= found[0]
            if given.pairs:
                self.record["total_pairs"] = given.pairs
            if not restore(self.network, self.average, self.optimizer, *found):
                self.rewarm = REWARM_STEPS
            done = (
                f"step {self.record['step']}, {self.record['pairs']} pairs, {self.record['elapsed'] / 60:.1f} minutes"
            )
            self.say(f"continues at {done}")
        self.network.train()
        if self.record["frozen"]:
            self.network.freeze_statistics()
        self.record["piece"] += 1
        for key, value in (("devices", device_name(self.device)), ("commits", commit())):
            self.record[key] = list(dict.fromkeys([*self.record[key], value]))
        self.material = Material.load(given.data, self.device, given.photos, given.frames)
        self.record["data"] = self.material.description()
        self.say(f"{self.record['devices'][-1]}; torch {torch.__version__}; {self.record['data']}")
        self.validation: list | None = None  # made when it is first needed
        parameters = sum(p.numel() for p in self.network.parameters())
        self.say(f"{self.model['name']}: {parameters} parameters; {self.settings}")

    def say(self, text: str) -> None:
        line = f"[{(time.time() - self.started) / 60:6.2f}] {text}"
        print(line, flush=True)
        print(line, file=self.log, flush=True)

    def settings_given(self) -> Settings:
        """The configuration's, with what the command line says."""
        settings = Settings.from_model(self.model, self.device)
        changes = {key: getattr(self.given, key) for key in ("rate", "batch") if getattr(self.given, key)}
        if self.given.shapes:
            changes["shapes"] = tuple((read_shapes(text), 1.0) for text in self.given.shapes.split(","))
        return replace(settings, **changes)

    def initialize(self, path: Path) -> None:
        """Takes over the weights of a model file whose names and shapes agree."""
        _, weights = read_model(path)
        own = self.network.state_dict()
        fitting = {n: t for n, t in weights.items() if n in own and own[n].shape == t.shape}
        self.network.load_state_dict(fitting, strict=False)
        left = [n for n in own if n not in fitting and not n.endswith("num_batches_tracked")]
        self.say(f"starts from {path.name}; new: {', '.join(left) or 'nothing'}")

    def make_optimizer(self) -> torch.optim.Optimizer:
        """AdamW: weight decay for matrices alone, a higher rate for the scales."""
        matrices, vectors, scalars = (
            [p for p in self.network.parameters() if min(p.ndim, 2) == dimensions] for dimensions in (2, 1, 0)
        )
        groups = [
            {"params": matrices, "weight_decay": self.settings.weight_decay, "factor": 1.0},
            {"params": vectors, "weight_decay": 0.0, "factor": 1.0},
            {"params": scalars, "weight_decay": 0.0, "factor": SCALAR_RATE},
        ]
        return torch.optim.AdamW(groups, lr=self.settings.rate, betas=BETAS, fused=True)

    def make_stream(self) -> Stream:
        """Every piece draws other pairs."""
        seed = self.given.seed * 1000 + self.record["piece"]
        torch.manual_seed(seed)
        maker = PairMaker(self.material, seed)
        if self.device.type == "cpu" and self.given.workers:
            return WorkerStream(maker, self.settings.mix, seed, self.given.workers)
        if self.given.compile_data:
            maker.compile()
        return DeviceStream(maker, self.settings.mix)

    def autocast(self) -> torch.autocast:
        return torch.autocast(self.device.type, torch.bfloat16)

    def train(self) -> None:
        """The loop."""
        given, record, settings = self.given, self.record, self.settings
        stream = self.make_stream()
        shapes_drawn = random.Random(given.seed * 1000 + record["piece"])
        features = self.network.paired_features
        if given.compile:
            features = torch.compile(features, dynamic=False)
        clock = Clock(self.device, ("data", "forward", "backward", "update"))
        live = [t for t in self.network.state_dict().values() if t.is_floating_point()]
        mean = list(self.average.values())
        parts: dict[str, Tensor] = {}
        skipped = torch.zeros((), device=self.device)
        begun, before, first = time.time(), record["elapsed"], record["step"]
        logged, saved = begun, record["pairs"]
        steps_logged = pairs_logged = 0
        while True:
            now = time.time()
            record["elapsed"] = before + now - begun
            progress = record["pairs"] / record["total_pairs"]
            is_last = given.steps is not None and record["step"] - first >= given.steps
            is_late = given.minutes is not None and now - self.started > given.minutes * 60
            if progress >= 1 or is_last or is_late:
                break
            rate = settings.rate_at(progress)
            if self.rewarm:
                rate *= min(1.0, (record["step"] - first + 1) / self.rewarm)
            for group in self.optimizer.param_groups:
                group["lr"] = rate * group["factor"]
            shapes = settings.shapes_of_a_step(shapes_drawn)

            clock.start()
            pairs = stream.next(*shapes, settings.batch_of(shapes), settings.hardness_at(progress))
            clock.mark()
            is_even = pairs.image0.shape == pairs.image1.shape
            with self.autocast():
                described = (features if is_even else self.network.features)(pairs.image0, pairs.image1)
            loss, found = losses(self.network, described, pairs, LossWeights())
            clock.mark()
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            clock.mark()
            norm = torch.nn.utils.clip_grad_norm_(self.network.parameters(), settings.clip)
            bad = (~torch.isfinite(norm)).float()
            # The fused step leaves everything as it is where `found_inf` is 1, without the host asking.
            self.optimizer.grad_scale, self.optimizer.found_inf = None, bad
            self.optimizer.step()
            skipped += bad
            record["step"] += 1
            record["pairs"] += len(pairs)
            decay = min(settings.average, (1 + record["step"]) / (10 + record["step"]))
            torch._foreach_lerp_(mean, live, 1 - decay)
            clock.mark()

            found["norm"] = norm.nan_to_num(0, 0, 0)
            parts = {n: parts.get(n, 0) + v.nan_to_num() for n, v in found.items()}
            steps_logged, pairs_logged = steps_logged + 1, pairs_logged + len(pairs)
            if time.time() - logged > given.log_every:
                shares = " ".join(f"{n} {v:.0%}" for n, v in clock.shares().items())
                values = " ".join(f"{n} {float(v) / steps_logged:.3f}" for n, v in parts.items())
                now = time.time()
                self.say(
                    f"step {record['step']} pairs {record['pairs']} rate {rate:.1e} "
                    f"{pairs_logged / (now - logged):.1f} pairs/s, {shares} | {values} | skipped {int(skipped)}"
                )
                parts, steps_logged, pairs_logged, logged = {}, 0, 0, now
            due = record["pairs"] // given.validate_every > (record["pairs"] - len(pairs)) // given.validate_every
            if due or record["pairs"] - saved >= given.save_every:
                self.save(finished=False)
                saved = record["pairs"]
            if due:
                self.validate()
        finished = progress >= 1
        self.save(finished)
        if record["pairs"] // given.validate_every * given.validate_every != record["pairs"]:
            self.validate()
        if self.device.type == "cuda":
            self.say(f"peak memory {torch.cuda.max_memory_allocated() / 2**30:.1f} GiB")
        self.say(
            f"{'finished' if finished else 'piece ends'}: step {record['step']}, {record['pairs']} pairs "
            f"of {record['total_pairs']}, {record['elapsed'] / 60:.1f} minutes"
        )

    def save(self, finished: bool) -> None:
        save_state(self.given.out, self.network, self.average, self.optimizer, self.record, finished)

    def validate(self) -> None:
        """The averaged weights' figures, printed and appended to the file; the best on real pairs are kept."""
        if self.validation is None:
            self.validation = validation_pairs(self.material, VALIDATION_SIZE, self.given.validation_pairs)
        state = self.averaged.state_dict()
        for name, tensor in self.average.items():
            state[name].copy_(tensor)
        figures = validate(self.averaged, self.validation, self.autocast())
        frames = self.material.frames
        if frames and (pairs := pose_pairs(frames, self.given.validation_poses)):
            matcher = network_matcher(self.averaged, self.device, self.autocast())
            figures["poses"] = pose_figures(pose_errors(frames, pairs, matcher))
        score = real_score(figures)
        self.say(f"held-out pairs after {self.record['pairs']}, real score {score:.4f}:\n{table(figures)}")
        line = {key: self.record[key] for key in ("step", "pairs", "elapsed")} | {"real": score, "figures": figures}
        with (self.given.out / "validation.jsonl").open("a") as file:
            print(json.dumps(line), file=file)
        if score > self.record["best"]:
            self.record["best"] = score
            model = {key: value for key, value in self.model.items() if key != "training"}
            model["provenance"] = provenance(self.record)
            write_model(self.given.out / "best.safetensors", model, self.averaged.state_dict())


def stop(*_: object) -> None:
    """Ends the run where it is; a second signal changes nothing."""
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, signal.SIG_IGN)
    raise Stopped


def main() -> None:
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, stop)
    run = None
    try:
        run = Run(arguments())
        run.train()
    except Stopped:
        if run and run.record["step"]:
            run.save(finished=False)
            run.say(f"stopped: step {run.record['step']}, {run.record['pairs']} pairs")


if __name__ == "__main__":
    main()
