"""Where the time of a training step goes, without making a GPU wait: by events, read once a log line."""

from __future__ import annotations

import time

import torch


class Clock:
    """Marks the ends of the sections of a step."""

    def __init__(self, device: torch.device, sections: tuple[str, ...]) -> None:
        self.is_gpu, self.sections = device.type == "cuda", sections
        self.steps: list[list] = []

    def start(self) -> None:
        self.steps.append([])
        self.mark()

    def mark(self) -> None:
        """Ends a section."""
        if self.is_gpu:
            event = torch.cuda.Event(enable_timing=True)
            event.record()
            self.steps[-1].append(event)
        else:
            self.steps[-1].append(time.perf_counter())

    def shares(self) -> dict[str, float]:
        """Share of each section since the last call; waits for the GPU."""
        if self.is_gpu:
            torch.cuda.synchronize()
        totals = [0.0] * len(self.sections)
        for marks in self.steps:
            for i, (begin, end) in enumerate(zip(marks, marks[1:])):
                totals[i] += begin.elapsed_time(end) if self.is_gpu else end - begin
        self.steps = []
        return {name: total / max(sum(totals), 1e-9) for name, total in zip(self.sections, totals)}
