"""How far an upgrade of the users tables is: a bar with rate and remaining time, or lines where nobody watches."""

import contextlib
import time
from collections.abc import Iterator

from rich.progress import BarColumn, MofNCompleteColumn, Progress, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from app.onboarding.terminal import out

LINE_SECONDS = 5.0


class Rate(TextColumn):
    """Tables per second."""

    def __init__(self) -> None:
        """Show it as plain text."""
        super().__init__("")

    def render(self, task: Task) -> Text:
        """Return the rate of the last half minute."""
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:,.0f} tables/s", style="progress.data.speed")


class Show:
    """What an operator sees; quiet where there is nothing to do."""

    def __init__(self, total: int) -> None:
        """Begin with so many tables to do."""
        self.total, self.done = total, 0
        self._began = self._said = time.monotonic()
        self._bar = Progress(
            *(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Rate()),
            *(TextColumn("left:"), TimeRemainingColumn()),
            console=out,
            transient=True,
            disable=not out.is_terminal or not total,
        )
        self._task = self._bar.add_task("Users tables", total=total)

    @property
    def seconds(self) -> float:
        """How long it has taken so far."""
        return time.monotonic() - self._began

    @property
    def rate(self) -> float:
        """Tables per second, from the beginning."""
        return self.done / max(self.seconds, 0.001)

    def advance(self, tables: int) -> None:
        """Count tables that are done; some may have come since the beginning."""
        self.done += tables
        self.total = max(self.total, self.done)
        self._bar.update(self._task, completed=self.done, total=self.total)
        if not out.is_terminal and tables and time.monotonic() - self._said > LINE_SECONDS:
            self._said = time.monotonic()
            left = (self.total - self.done) / max(self.rate, 0.001)
            self.say(f"Users tables: {self.done:,} of {self.total:,}, {self.rate:,.0f} tables/s, {left:,.0f} s left")

    def say(self, line: str) -> None:
        """Print a line, above the bar if there is one."""
        self._bar.console.print(line, markup=False)


@contextlib.contextmanager
def shown(total: int) -> Iterator[Show]:
    """Show the bar until the block ends."""
    show = Show(total)
    with show._bar:
        yield show
