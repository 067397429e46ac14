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
from bench.round_trips import Trips

BCRYPT = "bcrypt"
_TRIPS = (
    "Round trips of one warm request. What is remembered of a client holds for two seconds: once in that time a check "
    "reads its keys again (after a rest, both the caller's key and the one that is checked)."
)


@dataclass
class Figures:
    """Everything that was measured."""

    windows: dict[str, list[Window]] = field(default_factory=dict)
    raw_rates: list[float] = field(default_factory=list)
    trips: dict[str, Trips] = field(default_factory=dict)
    boot: Boot | None = None

    def add(self, case: str, window: Window) -> None:
        """Keep a window of a case."""
        self.windows.setdefault(case, []).append(window)

    def add_raw(self, rate: float) -> None:
        """Keep a rate of bcrypt alone."""
        self.raw_rates.append(rate)

    def rates(self, case: str, label: str) -> list[float]:
        """Return the rates of a label in each window of a case; [] if it was not measured."""
        if case == BCRYPT:
            return self.raw_rates
        return [window.rate(label) for window in self.windows.get(case, ())]


@dataclass(frozen=True)
class Line:
    """A row of the table: what was measured, beside which yardstick, and the least ratio that is aimed at."""

    name: str
    case: str
    yardstick: str = ""
    aim: float = 0.0
    label: str = ""

    def rates(self, figures: Figures) -> list[float]:
        """Return the rates per second in each window."""
        return figures.rates(self.case, self.label or self.case)

    def ratio(self, figures: Figures) -> float | None:
        """Return the ratio of the medians; None where there is nothing to compare with."""
        against = figures.rates(self.yardstick, self.yardstick)
        return statistics.median(self.rates(figures)) / statistics.median(against) if against else None


LINES = (
    Line("bare Flask route", "bare"),
    Line("POST /keys/verify", "verify", "bare", 0.45),
    Line("GET /keys/{id}, by that key", "api_key_read", "bare", 0.45),
    Line("verify, quotas, 1,000 keys", "verify_quota", "bare", 0.25),
    Line("verify, a quota, one hot key", "verify_hot", "bare"),
    Line("bare route, one worker", "bare_one"),
    Line("verify, one worker, SQLite", "verify_one", "bare_one", 0.60),
    Line("GET /me", "me", "bare", 0.30),
    Line("POST /refresh", "refresh", "bare", 0.15),
    Line("the same, address named", "refresh_named", "bare"),
    Line("bcrypt alone, all cores", BCRYPT),
    Line("POST /login", "login", BCRYPT, 0.90),
    Line("me, 12 beside 4 logins", "mixed", "me", 0.45, label="me"),
    Line("logins, 4 beside 12 me", "mixed", "login", 0.50, label="login"),
)


def show(figures: Figures, *, windows: int, took: float) -> None:
    """Print everything."""
    console = Console(width=132)
    console.print(_rates(figures, windows)) if figures.windows or figures.raw_rates else None
    console.print(_boot(figures.boot)) if figures.boot else None
    if figures.trips:
        console.print(_TRIPS, highlight=False)
    for case, trips in figures.trips.items():
        console.print(f"  [bold]{case}[/bold]: {trips}", highlight=False)
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
    for name in ("", "per s", "range", "ratio", "aim", "", "SQL", "Redis", "503 per s", "client's CPU"):
        table.add_column(name, justify="left" if name == "" else "right")
    for line in LINES:
        if rates := line.rates(figures):
            table.add_row(
                line.name,
                _number(statistics.median(rates)),
                f"{_number(min(rates))} - {_number(max(rates))}",
                *_compared(line, line.ratio(figures)),
                *_trips(figures.trips.get(line.case)),
                *_of_windows(figures.windows.get(line.case, ())),
            )
    return table


def _compared(line: Line, ratio: float | None) -> tuple[str, str, str]:
    """Return the ratio, the aim, and whether it is met."""
    if ratio is None:
        return "", "", ""
    aim = (f">= {line.aim:.2f}", _verdict(ratio >= line.aim)) if line.aim else ("", "")
    return f"{ratio:.2f} {line.yardstick}", *aim


def _trips(trips: Trips | None) -> tuple[str, str]:
    return ("", "") if trips is None else (str(len(trips.sql)), str(len(trips.redis)))


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
    return "[green]met[/green]" if met else "[red]missed[/red]"
