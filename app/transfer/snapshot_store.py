"""All SQL over snapshots."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, delete, exists, func, insert, select, update

from app.core import db
from app.transfer.snapshot_models import Snapshot
from app.transfer.snapshot_tables import snapshots

_SNAPSHOT = [snapshots.c[field.name] for field in fields(Snapshot)]


def add(snapshot: Snapshot) -> None:
    """Add a snapshot whose file is whole."""
    db.execute(insert(snapshots).values(**{field.name: getattr(snapshot, field.name) for field in fields(Snapshot)}))


def find(client_id: UUID, snapshot_id: UUID) -> Snapshot | None:
    """Return a snapshot of a client."""
    columns = snapshots.c
    query = select(*_SNAPSHOT).where(columns.client_id == client_id, columns.snapshot_id == snapshot_id)
    return _snapshot(db.execute(query).one_or_none())


def newest(client_id: UUID, *, not_after: datetime) -> Snapshot | None:
    """Return a client's newest snapshot of a moment or before."""
    columns = snapshots.c
    query = select(*_SNAPSHOT).where(columns.client_id == client_id, columns.taken_at <= not_after)
    query = query.order_by(columns.taken_at.desc(), columns.snapshot_id.desc()).limit(1)
    return _snapshot(db.execute(query).one_or_none())


def page(client_id: UUID, *, limit: int) -> list[Snapshot]:
    """Return a client's snapshots, newest first."""
    columns = snapshots.c
    query = select(*_SNAPSHOT).where(columns.client_id == client_id)
    rows = db.execute(query.order_by(columns.taken_at.desc(), columns.snapshot_id.desc()).limit(limit))
    return [Snapshot(*row) for row in rows]


def remove(snapshot_ids: Sequence[UUID]) -> None:
    """Delete snapshots, and with them what opens their files."""
    db.execute(delete(snapshots).where(snapshots.c.snapshot_id.in_(snapshot_ids)))


def beyond_number(kind: str, *, kept: int, limit: int) -> list[Snapshot]:
    """Return some snapshots of a kind beyond the newest so many of their client."""
    columns = snapshots.c
    newest_first = (columns.taken_at.desc(), columns.snapshot_id.desc())
    place = func.row_number().over(partition_by=columns.client_id, order_by=newest_first).label("place")
    placed = select(columns.snapshot_id, place).where(columns.kind == kind).subquery()
    beyond = select(placed.c.snapshot_id).where(placed.c.place > kept).limit(limit)
    return [Snapshot(*row) for row in db.execute(select(*_SNAPSHOT).where(columns.snapshot_id.in_(beyond)))]


def beyond_age(kind: str, *, before: datetime, limit: int) -> list[Snapshot]:
    """Return some snapshots of a kind from before a moment, save the newest of these of each client.

    That one says how its client was at that moment, and until the next was taken.
    """
    columns, later = snapshots.c, snapshots.alias("later")
    between = later.c.taken_at > columns.taken_at, later.c.taken_at < before
    followed = exists().where(later.c.client_id == columns.client_id, later.c.kind == kind, *between)
    query = select(*_SNAPSHOT).where(columns.kind == kind, columns.taken_at < before, followed)
    return [Snapshot(*row) for row in db.execute(query.limit(limit))]


def known_files(files: Sequence[str]) -> set[str]:
    """Return which of some files belong to a snapshot."""
    return set(db.execute(select(snapshots.c.file).where(snapshots.c.file.in_(files))).scalars())


def keys_after(snapshot_id: UUID | None, *, limit: int) -> Sequence[db.AnyRow]:
    """Return the next files' keys by their snapshots' ids, held until the unit of work ends."""
    columns = snapshots.c
    query = select(columns.snapshot_id, columns.client_id, columns.sealed_key)
    query = query if snapshot_id is None else query.where(columns.snapshot_id > snapshot_id)
    return db.execute(query.order_by(columns.snapshot_id).limit(limit).with_for_update()).all()


def replace_keys(sealed: Mapping[UUID, bytes]) -> None:
    """Put keys in place that were sealed anew."""
    if sealed:
        statement = update(snapshots).where(snapshots.c.snapshot_id == bindparam("of_snapshot"))
        statement = statement.values(sealed_key=bindparam("sealed"))
        db.execute(statement, [{"of_snapshot": key, "sealed": value} for key, value in sealed.items()])


def _snapshot(row: db.AnyRow | None) -> Snapshot | None:
    return None if row is None else Snapshot(*row)
