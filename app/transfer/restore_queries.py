"""What a restoring would change, counted by the database over the rows that wait and those that are there."""

from typing import Any
from uuid import UUID

from sqlalchemy import CompoundSelect, exists, func, literal, select, union_all
from sqlalchemy.sql.elements import ColumnElement

from app.transfer.restore_store import PAIRS, PASSKEYS, TOTP, USERS, Pair, count_of
from app.transfer.snapshot_models import Changes, Difference
from app.users.models import DISABLED
from app.users.store import UserDirectory

ADDED, CHANGED, REMOVED = "comes back", "changes", "goes"
_WORDS = ("then", "now", "both", "same")
_NAMED = {pair.name: pair for pair in PAIRS}
_USERS = _NAMED[USERS]


def compare(client_id: UUID, restore_id: UUID, *, revive: bool) -> dict[str, Changes]:
    """Return how many rows would come, change, go and stay, by table."""
    counts: list[ColumnElement[int]] = []
    for pair in PAIRS:
        then = pair.waiting.c.restore_id == restore_id
        now = pair.of_client(client_id)
        counts += [
            count_of(pair.waiting, then).label(f"{pair.name}_then"),
            count_of(pair.table, *now).label(f"{pair.name}_now"),
            _count_joined(pair, then, *now, pair.same_key()).label(f"{pair.name}_both"),
            _count_joined(pair, then, *now, pair.equal(revive=revive)).label(f"{pair.name}_same"),
        ]
    found = UserDirectory(client_id).execute(select(*counts)).one()._mapping
    return {pair.name: _changes(*(found[f"{pair.name}_{word}"] for word in _WORDS)) for pair in PAIRS}


def of_both(client_id: UUID, restore_id: UUID) -> dict[str, int]:
    """Return of how many users who are there now and then: the password changes, the disabling and all factors go."""
    now, then, joined = _USERS.table.c, _USERS.waiting.c, (_USERS.waiting.c.restore_id == restore_id, _USERS.same_key())
    has, had = (_has_factor(now.user_id, guarded) for guarded in _guarded(client_id, restore_id))
    counts = [
        _count_joined(_USERS, *joined, now.password_hash.is_distinct_from(then.password_hash)).label("passwords"),
        _count_joined(_USERS, *joined, now.status == DISABLED, then.status != DISABLED).label("disabled"),
        _count_joined(_USERS, *joined, has, ~had).label("factors"),
    ]
    return dict(UserDirectory(client_id).execute(select(*counts)).one()._mapping)


def roles_of_both(client_id: UUID, restore_id: UUID) -> list[tuple[str, str, int]]:
    """Return the roles of users who are there now and then: that of now, that of then, and of how many."""
    now, then = _USERS.table.c.role, _USERS.waiting.c.role
    query = select(now, then, func.count()).where(_USERS.waiting.c.restore_id == restore_id, _USERS.same_key())
    return [(row[0], row[1], row[2]) for row in UserDirectory(client_id).execute(query.group_by(now, then))]


def differences(client_id: UUID, restore_id: UUID, *, revive: bool) -> list[Difference]:
    """Return the users who would come back, change and go."""
    now, then = _USERS.table, _USERS.waiting
    of_this, directory = then.c.restore_id == restore_id, UserDirectory(client_id)
    back = select(literal(ADDED), then.c.user_id, then.c.email).where(
        of_this, ~exists(select(now.c.user_id).where(_USERS.same_key()))
    )
    changed = select(literal(CHANGED), now.c.user_id, then.c.email).where(
        of_this, _USERS.same_key(), ~_USERS.equal(revive=revive)
    )
    gone = select(literal(REMOVED), now.c.user_id, now.c.email).where(
        ~exists(select(then.c.user_id).where(of_this, _USERS.same_key()))
    )
    return [Difference(*row) for query in (back, changed, gone) for row in directory.execute(query)]


def _guarded(client_id: UUID, restore_id: UUID) -> tuple[CompoundSelect[Any], CompoundSelect[Any]]:
    """Return the selects of who has a second factor, now and then."""
    app, key = _NAMED[TOTP], _NAMED[PASSKEYS]
    now = (
        select(app.table.c.user_id).where(*app.of_client(client_id), app.table.c.seed.is_not(None)),
        select(key.table.c.user_id).where(*key.of_client(client_id)),
    )
    then = (
        select(app.waiting.c.user_id).where(app.waiting.c.restore_id == restore_id, app.waiting.c.seed.is_not(None)),
        select(key.waiting.c.user_id).where(key.waiting.c.restore_id == restore_id),
    )
    return union_all(*now), union_all(*then)


def _has_factor(user_id: ColumnElement[UUID], guarded: CompoundSelect[Any]) -> ColumnElement[bool]:
    found = guarded.subquery()
    return exists(select(found.c.user_id).where(found.c.user_id == user_id).correlate(_USERS.table))


def _count_joined(pair: Pair, *conditions: ColumnElement[bool]) -> Any:
    return select(func.count()).select_from(pair.table, pair.waiting).where(*conditions).scalar_subquery()


def _changes(then: int, now: int, both: int, same: int) -> Changes:
    return Changes(added=then - both, changed=both - same, removed=now - both, same=same)
