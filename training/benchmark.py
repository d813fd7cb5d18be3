"""What a training step costs here, part by part: `python -m training.benchmark --data DIR`.

Milliseconds a pair for each kind of pairs, light, and the network's forward and backward passes; on a GPU also with
torch.compile, and the peak memory. Run it before a long training to choose batch and switches.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path

import torch

from training.data.pairs import Material, Mix, PairMaker
from training.data.photometric import change_light
from training.data.truth import Pairs, Rendering
from training.losses import LossWeights, losses
from training.model import Compact, CompactConfiguration
from training.settings import Settings, choose_device, read_model_settings


def seconds(work: Callable[[], object], device: torch.device, repeats: int) -> float:
    """Median of some runs after two to warm up; waits for the GPU."""
    times = []
    for _ in range(repeats + 2):
        if device.type == "cuda":
            torch.cuda.synchronize()
        start = time.perf_counter()
        work()
        if device.type == "cuda":
            torch.cuda.synchronize()
        times.append(time.perf_counter() - start)
    return sorted(times[2:])[repeats // 2]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", default="compact")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--size", type=int)
    parser.add_argument("--batch", type=int)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--photos", type=int, default=400)
    parser.add_argument("--frames", type=int, default=60, help="of each sequence; 0: none")
    parser.add_argument("--frozen", action="store_true", help="keep batch norm's statistics, as a run with --init does")
    parser.add_argument("--compile", action="store_true", help="compare with torch.compile (takes a minute or more)")
    arguments = parser.parse_args()
    device = choose_device(arguments.device)
    model = read_model_settings(arguments.model)
    settings = Settings.from_model(model, device)
    size = arguments.size or 224
    batch = arguments.batch or settings.batch_of(((size, size), (size, size)))
    maker = PairMaker(Material.load(arguments.data, device, arguments.photos, arguments.frames), 0)
    where = f"{device} with {torch.get_num_threads()} CPU threads (one for data)"
    print(f"{batch} pairs of {size} px on {where}, torch {torch.__version__}")

    def show(name: str, work: Callable[[], object]) -> float:
        taken = seconds(work, device, arguments.repeats)
        print(f"{name:28}{1e3 * taken:10.1f} ms{1e3 * taken / batch:10.2f} ms a pair", flush=True)
        return taken

    def data_costs(suffix: str) -> float:
        for kind in maker.generators:
            mix = Mix(**{f.name: float(f.name == kind) for f in fields(Mix)})
            show(f"{kind}{suffix}", lambda mix=mix: maker.make(batch, size, mix=mix, rendering=Rendering(light=False)))
        return show(f"mixed, with light{suffix}", lambda: maker.make(batch, size))

    threads = torch.get_num_threads()
    if device.type == "cpu":
        torch.set_num_threads(1)  # as in the worker processes of a training
    data = data_costs("")
    images, strength = torch.rand(2 * batch, size, size, device=device), torch.full((2 * batch,), 0.5, device=device)
    show("light", lambda: change_light(maker.draws, images, strength))
    pairs = maker.make(batch, size)
    torch.set_num_threads(threads)
    network = Compact(CompactConfiguration.from_model(model)).to(device, memory_format=torch.channels_last).train()
    if arguments.frozen:
        network.freeze_statistics()
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-4, fused=True)

    def step(features: Callable, pairs: Pairs) -> None:
        with torch.autocast(device.type, torch.bfloat16):
            described = features(pairs.image0, pairs.image1)
        loss, _ = losses(network, described, pairs, LossWeights())
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()

    def forward() -> None:
        with torch.autocast(device.type, torch.bfloat16):
            network.paired_features(pairs.image0, pairs.image1)

    show("network, forward", forward)
    whole = show("network, whole step", lambda: step(network.paired_features, pairs))
    print(f"about {batch / (data + whole):.1f} pairs/s where both take turns, {batch / whole:.1f} of the network alone")
    if arguments.compile:
        compiled = torch.compile(network.paired_features, dynamic=False)
        start = time.perf_counter()
        step(compiled, replace(pairs))
        print(f"compiling the network took {time.perf_counter() - start:.0f} s")
        whole = show("whole step, compiled", lambda: step(compiled, pairs))
        maker.compile()
        start = time.perf_counter()
        maker.make(batch, size)
        print(f"compiling the data took {time.perf_counter() - start:.0f} s")
        data = data_costs(", compiled")
        print(f"about {batch / (data + whole):.0f} pairs/s, all compiled")
    if device.type == "cuda":
        print(f"peak memory {torch.cuda.max_memory_allocated() / 2**30:.1f} GiB")


if __name__ == "__main__":
    main()
