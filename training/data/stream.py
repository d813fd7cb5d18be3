"""Keeps a training loop supplied with pairs.

On a GPU they are made there, between the steps: small beside a step, and nothing to transfer. On a CPU the same code
runs in worker processes of one thread each, ahead of time: its many small operations do not gain from threads, and the
network's do. There drawing the views costs as much as learning from them, so that each batch is kept and shown a few
times: mirrored, in the other order, and always in other light.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Iterator
from dataclasses import replace

import torch
from torch import Tensor
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from training.data.pairs import Mix, PairMaker
from training.data.truth import Pairs, Shape

PREFETCHED = 3  # batches a worker
STEPS_AT_ONCE = 2  # that a GPU makes pairs for
USES = 4  # of each batch, on a CPU
KEPT = 24  # batches of each shape that wait for their next use
FRESH = 4  # batches of a shape that are made before any is used again

Request = tuple[Shape, Shape, int, float]  # shapes of both images, pairs, hardness


class DeviceStream:
    """Pairs made on the device of the maker, for a few steps at once: its thousands of small launches cost the same."""

    def __init__(self, maker: PairMaker, mix: Mix) -> None:
        self.maker, self.mix = maker, mix
        self.ready: dict[tuple, list[Pairs]] = {}  # by shapes and count

    def next(self, shape0: Shape, shape1: Shape, count: int, hardness: float) -> Pairs:
        ready = self.ready.setdefault((shape0, shape1, count), [])
        if not ready:
            made = self.maker.make(count * STEPS_AT_ONCE, shape0, hardness, self.mix, shape1=shape1)
            ready += [made.every(STEPS_AT_ONCE, start) for start in range(STEPS_AT_ONCE)]
        return ready.pop()


class Reservoir:
    """Batches that are shown several times, each time changed; kept as bytes."""

    def __init__(self, maker: PairMaker, mix: Mix, seed: int) -> None:
        self.maker, self.mix = maker, mix
        self.random = random.Random(seed)
        self.kept: dict[tuple, deque[tuple[Pairs, int]]] = {}  # with the uses that are left

    def next(self, shape0: Shape, shape1: Shape, count: int, hardness: float) -> Pairs:
        """A batch; one in `USES` is new."""
        kept = self.kept.setdefault((shape0, shape1, count), deque(maxlen=KEPT))
        if len(kept) < FRESH or self.random.random() < 1 / USES:
            plain, uses = self.maker.make_plain(count, shape0, hardness, self.mix, shape1=shape1), USES
        else:
            index = self.random.randrange(len(kept))
            plain, uses = kept[index]
            del kept[index]
            plain = replace(plain, image0=plain.image0.float() / 255, image1=plain.image1.float() / 255)
        if uses > 1:
            images = {n: (getattr(plain, n) * 255).round().clamp(0, 255).byte() for n in ("image0", "image1")}
            kept.append((replace(plain, **images), uses - 1))
        if self.random.random() < 0.5:
            plain = plain.mirrored()
        if shape0 == shape1 and self.random.random() < 0.5:
            plain = plain.swapped()
        return self.maker.lit(plain)


class WorkerBatches(IterableDataset):
    """Batches as the shared request (shapes, count, hardness) asks at the time they are made."""

    def __init__(self, maker: PairMaker, mix: Mix, seed: int, request: Tensor) -> None:
        self.maker, self.mix, self.seed, self.request = maker, mix, seed, request

    def __iter__(self) -> Iterator[tuple[Tensor, ...]]:
        worker = get_worker_info()
        seed = self.seed * 100 + (worker.id if worker else 0)
        self.maker.reseed(seed)
        reservoir = Reservoir(self.maker, self.mix, seed)
        while True:
            *sides, count, hardness = self.request.tolist()
            height0, width0, height1, width1 = (int(side) for side in sides)
            yield reservoir.next((height0, width0), (height1, width1), int(count), hardness).tensors()


class WorkerStream:
    """Pairs made ahead by worker processes; a new request takes effect a few batches later."""

    def __init__(self, maker: PairMaker, mix: Mix, seed: int, workers: int) -> None:
        self.request = torch.zeros(6, dtype=torch.float64).share_memory_()
        batches = WorkerBatches(maker, mix, seed, self.request)
        self.loader = DataLoader(batches, batch_size=None, num_workers=workers, prefetch_factor=PREFETCHED)
        self.batches: Iterator | None = None

    def next(self, shape0: Shape, shape1: Shape, count: int, hardness: float) -> Pairs:
        self.request.copy_(torch.tensor([*shape0, *shape1, count, hardness], dtype=torch.float64))
        if self.batches is None:
            self.batches = iter(self.loader)
        return Pairs(*next(self.batches))


Stream = DeviceStream | WorkerStream
