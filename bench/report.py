"""The table at the end of a bench: each figure beside its aim."""

import os
import platform
import statistics
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from rich.console import Console
from rich.table import Table

from bench.boot import Boot
from bench.load import Window


@dataclass
class Figures:
    """Everything that was measured."""

    windows: dict[str, list[Window]] = field(default_factory=dict)
    raw_rates: list[float] = field(default_factory=list)
    trips: dict[str, list[str]] = field(default_factory=dict)
    boot: Boot | None = None

    def add(self, case: str, window: Window) -> None:
        """Keep a window of a case."""
        self.windows.setdefault(case, []).append(window)

    def add_raw(self, rate: float) -> None:
        """Keep a rate of bcrypt alone."""
        self.raw_rates.append(rate)

    def rates(self, case: str, label: str) -> list[float]:
        """Return the rates of a label in each window of a case."""
        return [window.rate(label) for window in self.windows[case]]


@dataclass(frozen=True)
class Line:
    """A row of the table: rates per second, the yardstick's rates, and the least ratio that is aimed at."""

    name: str
    rates: list[float]
    yardstick: str = ""
    against: list[float] = field(default_factory=list)
    aim: float = 0.0
    case: str = ""
    trips: int | None = None

    @property
    def ratio(self) -> float:
        """The ratio of the medians."""
        return statistics.median(self.rates) / statistics.median(self.against)


def lines(figures: Figures) -> list[Line]:
    """Return the rows, in the order in which they build on each other."""
    bare, me, login = figures.rates("bare", "bare"), figures.rates("me", "me"), figures.rates("login", "login")
    refresh, raw = figures.rates("refresh", "refresh"), figures.raw_rates
    trips = {case: len(statements) for case, statements in figures.trips.items()}
    mixed_me, mixed_login = figures.rates("mixed", "me"), figures.rates("mixed", "login")
    return [
        Line("bare Flask route", bare, case="bare", trips=0),
        Line("GET /me", me, "bare", bare, 0.30, "me", trips["me"]),
        Line("POST /refresh", refresh, "bare", bare, 0.15, "refresh", trips["refresh"]),
        Line("the same, address named", figures.rates("refresh_named", "refresh_named"), "bare", bare),
        Line("bcrypt alone, all cores", raw),
        Line("POST /login", login, "bcrypt", raw, 0.90, "login", trips["login"]),
        Line("me, 12 beside 4 logins", mixed_me, "me", me, 0.45, "mixed"),
        Line("logins, 4 beside 12 me", mixed_login, "login", login, 0.50, "mixed"),
    ]


def show(figures: Figures, *, windows: int, took: float) -> None:
    """Print everything."""
    console = Console(width=110)
    console.print(_rates(figures, windows))
    console.print(_boot(figures.boot)) if figures.boot else None
    for case, statements in figures.trips.items():
        console.print(f"[bold]{case}[/bold]: " + "; ".join(statements), highlight=False)
    odd: Counter[int] = sum((w.unexpected() for ws in figures.windows.values() for w in ws), Counter())
    if odd:
        console.print(f"[red]unexpected answers (0 = connection closed): {dict(odd)}[/red]")
    console.print(
        f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}; gunicorn 2 x 4, "
        f"16 connections, PostgreSQL with fsync; {took:.0f} s in all.",
        highlight=False,
    )


def _rates(figures: Figures, windows: int) -> Table:
    table = Table(title=f"Requests per second: median of {windows} windows (lowest to highest)")
    for name in ("", "per s", "range", "ratio", "aim", "", "SQL trips", "503 per s", "client's CPU"):
        table.add_column(name, justify="left" if name == "" else "right")
    for line in lines(figures):
        compared = bool(line.against)
        table.add_row(
            line.name,
            _number(statistics.median(line.rates)),
            f"{_number(min(line.rates))} - {_number(max(line.rates))}",
            f"{line.ratio:.2f} {line.yardstick}" if compared else "",
            f">= {line.aim:.2f}" if line.aim else "",
            _verdict(line.ratio >= line.aim) if line.aim else "",
            "" if line.trips is None else str(line.trips),
            *_of_windows(figures.windows.get(line.case, ())),
        )
    return table


def _of_windows(windows: Iterable[Window]) -> tuple[str, str]:
    """Return how often a server said 503, and what the load generator took of one core."""
    listed = list(windows)
    if not listed:
        return "", ""
    refused = sum(window.refused() for window in listed) / sum(window.seconds for window in listed)
    return f"{refused:.1f}" if refused else "0", f"{statistics.median(w.own_cpu for w in listed):.0%}"


def _boot(boot: Boot) -> Table:
    table = Table(title="The default server: one worker, SQLite")
    for name in ("", "measured", "aim", ""):
        table.add_column(name)
    table.add_row("cold start to the first 200", f"{boot.seconds:.2f} s", "<= 2 s", _verdict(boot.seconds <= 2))
    table.add_row(
        "memory of all processes, idle", f"{boot.idle_mib:.0f} MiB", "<= 140 MiB", _verdict(boot.idle_mib <= 140)
    )
    table.add_row("the same after use", f"{boot.used_mib:.0f} MiB", "<= 140 MiB", _verdict(boot.used_mib <= 140))
    return table


def _number(rate: float) -> str:
    return f"{rate:,.0f}" if rate >= 100 else f"{rate:.2f}"


def _verdict(met: bool) -> str:
    return "[green]met[/green]" if met else "[red]below[/red]"
