"""The figures of `make bench-tenants`: each size against the smallest, as a table that docs/benchmarks.md holds too."""

import math
import os
import platform
import time
from dataclasses import dataclass, field
from pathlib import Path

from bench.tenant_calls import Timings
from bench.tenant_memory import Weights
from tests.servers import ROOT

PARTS, AIMS = (0.5, 0.95), (1.25, 1.5)
_PAGE = ROOT / "docs" / "benchmarks.md"
_BEGIN, _END = "<!-- tenants: written by make bench-tenants -->", "<!-- tenants: end -->"


@dataclass
class Outcome:
    """Everything that was measured; memory in MiB, the rest in seconds."""

    sizes: list[int]
    runs: int
    timings: Timings = field(default_factory=dict)
    prepared: dict[int, float] = field(default_factory=dict)
    workers: dict[int, float] = field(default_factory=dict)
    connections: dict[int, list[float]] = field(default_factory=dict)
    memory: Weights | None = None
    shared_buffers: str = ""


def percentile(values: list[float], part: float) -> float:
    """Return the value that so large a part of all lies at or below (nearest rank)."""
    return sorted(values)[max(0, math.ceil(part * len(values)) - 1)]


def as_text(outcome: Outcome, *, seconds: float) -> str:
    """Return everything as Markdown."""
    return "\n\n".join([_head(outcome, seconds), _calls(outcome), _memory(outcome)])


def write(text: str, page: Path = _PAGE) -> None:
    """Put the figures between their marks on a page; raises ValueError where there are none."""
    before, found, rest = page.read_text().partition(_BEGIN)
    _, ended, after = rest.partition(_END)
    if not found or not ended:
        raise ValueError(f"{page.name} has no marks to write between")
    page.write_text(f"{before}{_BEGIN}\n\n{text}\n\n{_END}{after}")


def _head(outcome: Outcome, seconds: float) -> str:
    made = ", ".join(f"{size:,} in {took:.0f} s" for size, took in outcome.prepared.items())
    today = time.strftime("%Y-%m-%d", time.gmtime())
    return (
        f"Measured by `make bench-tenants` on {today}, in {seconds / 60:.0f} minutes: {os.cpu_count()} cores,"
        f" {platform.machine()}, Python {platform.python_version()},\ngunicorn with 2 workers of 8 threads, PostgreSQL"
        f" with fsync and {outcome.shared_buffers} of `shared_buffers`, Redis, bcrypt at cost 4;\n{outcome.runs} runs"
        f" taken together. Clients were made over HTTP, each with a user and a key: {made}."
    )


def _calls(outcome: Outcome) -> str:
    sizes, least = outcome.sizes, outcome.sizes[0]
    titles = [
        "p50, p95 in ms",
        *(f"{size:,} clients" for size in sizes),
        *(f"{size:,} / {least}" for size in sizes[1:]),
    ]
    lines = [titles, ["---"] * (len(titles) + 1)]
    titles.append(f"p50 ≤ {AIMS[0]}, p95 ≤ {AIMS[1]}")
    for name, by_size in outcome.timings.items():
        lines.append([name, *_cells(by_size, sizes)])
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _cells(by_size: dict[int, list[float]], sizes: list[int]) -> list[str]:
    """Return the figures of each size, the ratios to the smallest, and whether those of the largest are as aimed at."""
    if not all(by_size.get(size) for size in sizes):
        return ["no such call yet", *[""] * (2 * len(sizes) - 1)]
    figures = {size: [percentile(by_size[size], part) for part in PARTS] for size in sizes}
    ratios = [[mine / base for mine, base in zip(figures[size], figures[sizes[0]], strict=True)] for size in sizes[1:]]
    met = all(ratio <= aim for pair in ratios for ratio, aim in zip(pair, AIMS, strict=True))
    shown = [", ".join(f"{1000 * value:.2f}" for value in figures[size]) for size in sizes]
    return [*shown, *(", ".join(f"{ratio:.2f}" for ratio in pair) for pair in ratios), "met" if met else "**missed**"]


def _memory(outcome: Outcome) -> str:
    weights = outcome.memory
    rows = [
        f"| both workers and their master at {size:,} clients (PSS) | {mib:.0f} |"
        for size, mib in outcome.workers.items()
    ]
    rows += [
        f"| their {len(each)} connections to PostgreSQL at {size:,} clients, together; the heaviest |"
        f" {sum(each):.0f}; {max(each):.1f} |"
        for size, each in outcome.connections.items()
    ]
    if weights is not None:
        rows += [
            f"| a connection that has met one client | {weights.untouched:.1f} |",
            f"| one that has met all {weights.clients:,} and is never replaced | {weights.unbounded:.1f} |",
            f"| the heaviest with `CONNECTION_CLIENTS={weights.bound}` | {weights.bounded:.1f} |",
        ]
        rows.append(f"| (not MiB) milliseconds to make a fresh connection | {weights.connect_ms:.1f} |")
    return "\n".join(["| memory | MiB |", "| --- | --- |", *rows])
