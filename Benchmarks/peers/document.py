"""Puts measured tables into docs/performance.md, between the marks <!-- name --> and <!-- /name -->."""

from __future__ import annotations

from pathlib import Path


def replace(document: Path, name: str, text: str) -> None:
    """Replaces what stands between the marks of `name`; raises ValueError where they are missing."""
    start, end = f"<!-- {name} -->\n", f"<!-- /{name} -->"
    before, found, rest = document.read_text().partition(start)
    _, closed, after = rest.partition(end)
    if not (found and closed):
        raise ValueError(f"{document}: the marks {start.strip()} and {end} are missing")
    document.write_text(f"{before}{start}{text.strip()}\n{end}{after}")
