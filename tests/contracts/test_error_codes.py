"""Every error that the code can raise has a code and status of the contract, and every code due has an error."""

import importlib
import pkgutil
from collections.abc import Iterator

import pytest

import app as application
from app.core.errors import AppError
from tests.contracts.contract import CONTRACT


def _with_subclasses(kind: type[AppError]) -> Iterator[type[AppError]]:
    yield kind
    for below in kind.__subclasses__():
        yield from _with_subclasses(below)


for _module in pkgutil.walk_packages(application.__path__, "app."):
    importlib.import_module(_module.name)
# Tests define errors of their own; only the application's count.
KINDS = [kind for kind in dict.fromkeys(_with_subclasses(AppError)) if kind.__module__.startswith("app.")]
EVERY_KIND = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__qualname__)


@EVERY_KIND
def test_the_code_and_status_of_an_error_are_the_contracts(kind: type[AppError]) -> None:
    assert CONTRACT.errors.get(kind.code) == kind.status


@EVERY_KIND
def test_an_error_tells_what_happened_and_what_to_do(kind: type[AppError]) -> None:
    for text in (kind.title, kind.advice):
        assert text.endswith("."), text
        assert len(text) >= 10


def test_a_code_has_one_error_that_owns_it_and_others_only_below_that() -> None:
    owners: dict[str, set[type[AppError]]] = {}
    for kind in KINDS:
        owners.setdefault(kind.code, set()).add(_owner(kind))
    assert {code: kinds for code, kinds in owners.items() if len(kinds) > 1} == {}


def test_every_code_due_has_an_error() -> None:
    assert {kind.code for kind in KINDS} == CONTRACT.errors.keys() - CONTRACT.later_errors.keys()


def _owner(kind: type[AppError]) -> type[AppError]:
    """Return the class that first gives a kind its code."""
    return next(base for base in reversed(kind.__mro__) if issubclass(base, AppError) and base.code == kind.code)
