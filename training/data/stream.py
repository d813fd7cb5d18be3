"""Keeps a training loop supplied with pairs.

On a GPU they are made there, between the steps: small beside a step, and nothing to transfer. On a CPU the same code
runs in worker processes of one thread each, ahead of time: its many small operations do not gain from threads, and the
network's do.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from training.data.pairs import Mix, PairMaker
from training.data.truth import Pairs

PREFETCHED = 3  # batches a worker
STEPS_AT_ONCE = 2  # that a GPU makes pairs for


class DeviceStream:
    """Pairs made on the device of the maker, for a few steps at once: its thousands of small launches cost the same."""

    def __init__(self, maker: PairMaker, mix: Mix) -> None:
        self.maker, self.mix = maker, mix
        self.ready: dict[tuple[int, int], list[Pairs]] = {}  # by size and count

    def next(self, size: int, count: int, hardness: float) -> Pairs:
        ready = self.ready.setdefault((size, count), [])
        if not ready:
            made = self.maker.make(count * STEPS_AT_ONCE, size, hardness, self.mix)
            ready += [made.every(STEPS_AT_ONCE, start) for start in range(STEPS_AT_ONCE)]
        return ready.pop()


class WorkerBatches(IterableDataset):
    """Batches as the shared request (size, count, hardness) asks at the time they are made."""

    def __init__(self, maker: PairMaker, mix: Mix, seed: int, request: Tensor) -> None:
        self.maker, self.mix, self.seed, self.request = maker, mix, seed, request

    def __iter__(self) -> Iterator[tuple[Tensor, ...]]:
        worker = get_worker_info()
        self.maker.reseed(self.seed * 100 + (worker.id if worker else 0))
        while True:
            size, count, hardness = self.request.tolist()
            yield self.maker.make(int(count), int(size), hardness, self.mix).tensors()


class WorkerStream:
    """Pairs made ahead by worker processes; a new request takes effect a few batches later."""

    def __init__(self, maker: PairMaker, mix: Mix, seed: int, workers: int) -> None:
        self.request = torch.zeros(3, dtype=torch.float64).share_memory_()
        batches = WorkerBatches(maker, mix, seed, self.request)
        self.loader = DataLoader(batches, batch_size=None, num_workers=workers, prefetch_factor=PREFETCHED)
        self.batches: Iterator | None = None

    def next(self, size: int, count: int, hardness: float) -> Pairs:
        self.request.copy_(torch.tensor([size, count, hardness], dtype=torch.float64))
        if self.batches is None:
            self.batches = iter(self.loader)
        return Pairs(*next(self.batches))


Stream = DeviceStream | WorkerStream
