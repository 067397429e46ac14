"""What a restoring does, or would do, told in numbers; nothing is changed here."""

from collections import Counter
from dataclasses import dataclass, field
from uuid import UUID

from app.clients.models import Client
from app.core.ids import new_id
from app.roles import service as roles
from app.transfer import restore_ends_store, restore_queries
from app.transfer.restored_keys import KeyChanges, Values
from app.transfer.snapshot_models import BEFORE_RESTORE, Changes, Plan, Revived, Snapshot

OF_CLIENT = ("client_name", "domain", "industry", "contact_email", "settings", "limits")
KEYS, ROLES = "keys", "roles"


@dataclass(slots=True)
class LaidOut:
    """A snapshot that was read, checked and laid out."""

    snapshot: Snapshot
    restore_id: UUID = field(default_factory=new_id)
    client: Values = field(default_factory=dict)
    keys: list[Values] = field(default_factory=list)
    roles: list[Values] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def is_undo(self) -> bool:
        """Whether it is of a client right before a restoring, which is to be undone."""
        return self.snapshot.kind == BEFORE_RESTORE

    @property
    def client_id(self) -> UUID:
        """The client it is of."""
        return self.snapshot.client_id


def revives_users(ready: LaidOut, revived: Revived) -> bool:
    """Return whether users who were disabled since are so no more: if asked, and where a restoring is undone."""
    return revived.users or ready.is_undo


def planned(ready: LaidOut, client: Client, keys: KeyChanges, revived: Revived) -> Plan:
    """Return what becomes of a client, of whom one picture is in force, or whose rows are held."""
    held, revive = restore_ends_store.roles_of(ready.client_id), revives_users(ready, revived)
    changes = restore_queries.compare(ready.client_id, ready.restore_id, revive=revive)
    changes[ROLES] = _role_changes(held, ready.roles)
    changes[KEYS] = keys.changes
    both = restore_queries.of_both(ready.client_id, ready.restore_id)
    return Plan(
        snapshot=ready.snapshot,
        changes=changes,
        passwords=both["passwords"],
        active_again=both["disabled"] if revive else 0,
        kept_disabled=0 if revive else both["disabled"],
        roles_raised=_raised(restore_queries.roles_of_both(ready.client_id, ready.restore_id), held, ready.roles),
        factors_lost=both["factors"],
        kept_revoked=keys.kept_revoked,
        kept_keys=keys.kept,
        settings=_settings_changed(client, ready.client),
    )


def _raised(users: list[tuple[str, str, int]], now: list[Values], then: list[Values]) -> int:
    """Return how many users come to hold what they do not hold now, by another role or by what theirs held then."""
    held, wanted = ({row["name"]: row["permissions"] for row in rows} for rows in (now, then))
    return sum(
        number
        for role, other, number in users
        if roles.scopes_from(other, wanted.get(other)) - roles.scopes_from(role, held.get(role))
    )


def _role_changes(now: list[Values], then: list[Values]) -> Changes:
    held, wanted = ({row["name"]: set(row["permissions"]) for row in rows} for rows in (now, then))
    both = held.keys() & wanted.keys()
    same = sum(held[name] == wanted[name] for name in both)
    return Changes(len(wanted) - len(both), len(both) - same, len(held) - len(both), same)


def _settings_changed(client: Client, then: Values) -> tuple[str, ...]:
    now = {name: getattr(client, name) for name in OF_CLIENT[:4]} | client.own_settings | client.own_limits
    wanted = {name: then[name] for name in OF_CLIENT[:4]} | then["settings"] | then["limits"]
    return tuple(sorted(name for name in {*now, *wanted} if now.get(name) != wanted.get(name)))
