"""How the parts of the Postman collection write a call down."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Call:
    """One request: an operation by its id, whose credential it carries, what it sends and what must come back.

    `saves` keeps fields of the answer as variables, `checks` are tests in JavaScript by their names (the body is
    `answer`), `code` is the error expected, `file` the body where that is a file. `or_refused`: 401 where the
    credential's variable is empty. `as_api_key`: the credential goes into X-API-Key.
    """

    operation: str
    credential: str | None = None
    status: int | None = None
    body: Mapping[str, Any] | None = None
    file: str | None = None
    code: str | None = None
    saves: Mapping[str, str] = field(default_factory=dict)
    checks: Mapping[str, str] = field(default_factory=dict)
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    name: str | None = None
    or_refused: bool = False
    as_api_key: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)
