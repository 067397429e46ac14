"""Draws the tables as a Mermaid entity-relationship diagram, from the metadata that SQL is made of."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from app.extensions import metadata
from app.users.store import UserDirectory

_USERS, _USERS_TITLE = "users", "users_‹client_id›"
_KINDS = {"LargeBinary": "bytes", "UtcDateTime": "timestamp"}
_ABOUT = """# Tables

Made by `flask docs build` from the tables' own metadata; do not edit it by hand. Central tables hold every client's
rows, each with its `client_id`. Each client's people are in a table of its own, `users_<client_id as 32 hex digits>`.

A dotted line is a reference that no foreign key holds: none can point at one table among many, so deleting is done by
explicit flows, and `flask doctor` finds what has no owner. A reference marked `o` may be empty.
"""


@dataclass(frozen=True, slots=True)
class Column:
    """One column, in Mermaid's words."""

    name: str
    kind: str
    is_key: bool
    is_unique: bool
    is_optional: bool
    comment: str | None


@dataclass(frozen=True, slots=True)
class Entity:
    """One table: its name in the diagram, the name shown, and its columns."""

    name: str
    title: str
    columns: tuple[Column, ...]

    def keys(self) -> list[str]:
        """Return the names of the primary key's columns."""
        return [column.name for column in self.columns if column.is_key]


def page() -> str:
    """Return the page with the diagram."""
    entities = _entities()
    lines = ["erDiagram", *_relations(entities)]
    for entity in entities:
        lines += [f'    {entity.name}["{entity.title}"] {{', *map(_column_line, entity.columns), "    }"]
    return _ABOUT + "\n```mermaid\n" + "\n".join(lines) + "\n```\n"


def _entities() -> list[Entity]:
    """Return the central tables by name, then the template of the users tables."""
    central = sorted(metadata.tables.values(), key=lambda table: table.name)
    users = UserDirectory.table
    return [*(_entity(table, table.name, table.name) for table in central), _entity(users, _USERS, _USERS_TITLE)]


def _entity(table: Any, name: str, title: str) -> Entity:
    alone = {index.columns.keys()[0] for index in table.indexes if index.unique and len(index.columns) == 1}
    columns = (
        Column(
            name=column.name,
            kind=_KINDS.get(type(column.type).__name__, type(column.type).__name__.lower()),
            is_key=column.primary_key,
            is_unique=bool(column.unique) or column.name in alone,
            is_optional=column.nullable,
            comment=column.comment,
        )
        for column in table.columns
    )
    return Entity(name, title, tuple(columns))


def _relations(entities: list[Entity]) -> Iterator[str]:
    """Yield a line for each column that is named as the id which is another table's whole primary key."""
    owners = {keys[0]: entity for entity in entities if len(keys := entity.keys()) == 1 and keys[0].endswith("_id")}
    for entity in entities:
        for column in entity.columns:
            owner = owners.get(column.name)
            if owner is not None and owner is not entity:
                one = "|o" if column.is_optional else "||"
                yield f'    {owner.name} {one}..o{{ {entity.name} : "{column.name}"'
    yield f'    clients ||..|| {_USERS} : "owns the table"'


def _column_line(column: Column) -> str:
    marks = [mark for mark, is_so in (("PK", column.is_key), ("UK", column.is_unique)) if is_so]
    words = [word for word in ("optional" if column.is_optional else None, column.comment) if word]
    note = f' "{"; ".join(words)}"' if words else ""
    return f"        {column.kind} {column.name} {', '.join(marks)}".rstrip() + note
