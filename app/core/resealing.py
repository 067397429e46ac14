"""Sealing a table's values anew, batch by batch: each is a transaction, so a run that is cut off is run again."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

from app.core import db

Key = TypeVar("Key")
Sealed = TypeVar("Sealed")


def in_batches(
    rows_after: Callable[[Key | None], Sequence[db.AnyRow]],
    *,
    key_of: Callable[[db.AnyRow], Key],
    renew: Callable[[db.AnyRow], Sealed | None],
    replace: Callable[[Mapping[Key, Sealed]], None],
) -> Iterator[int]:
    """Yield how many values of each batch were sealed anew.

    `rows_after` returns, held, the next rows by their keys; `renew` what a row is to hold, None if it stays.
    """
    last: Key | None = None
    while True:
        with db.unit_of_work():
            rows = rows_after(last)
            renewed = {key_of(row): fresh for row in rows if (fresh := renew(row)) is not None}
            replace(renewed)
        if not rows:
            return
        last = key_of(rows[-1])
        yield len(renewed)
