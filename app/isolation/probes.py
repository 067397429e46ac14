"""Probes: throw-away clients with users, keys, sessions and audit rows whose values nobody else may ever see."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from app.accounts.subjects import subject_of
from app.audit import service as audit
from app.clients import service as clients
from app.clients.models import PROBE_SLUGS, Client
from app.core import clock, crypto, db, isolation
from app.core.actors import Origin, SystemActor
from app.core.isolation import Crossing
from app.isolation import queries, store
from app.isolation.models import Probe
from app.keys import service as keys
from app.keys import usage as key_usage
from app.keys.models import PUBLISHABLE, SECRET
from app.limits import tiers
from app.limits import usage as series
from app.mfa.models import MFA
from app.onboarding import registration
from app.roles import administration as roles
from app.roles.service import ADMIN, RESERVED_SCOPES, USER
from app.sessions import service as sessions
from app.sessions.models import IssuedTokens
from app.users import service as users
from app.users.models import User

MADE = "isolation.probe"
LEFT_ALONE = timedelta(hours=1)
"""A probe that is older was left behind by a run that died."""
_LABEL = "isolation probes"
_WIDTH = 16


@dataclass(frozen=True, slots=True)
class _Person:
    user: User
    tokens: IssuedTokens


def make() -> Probe:
    """Make a probe: two users with sessions, three keys, a role, an audit row, all with one canary in them."""
    made = registration.register(SystemActor(), client_name="Isolation probe", slug=_new_slug(), probe=True)
    try:
        return _filled(made.client_id, made.access_key)
    except BaseException:
        remove(made.client_id)
        raise


def _filled(client_id: UUID, access_key: str) -> Probe:
    actor, canary = SystemActor(), f"canary{secrets.token_hex(12)}"
    role = canary[:24]
    with isolation.within(client_id):
        roles.put(actor, client_id, role, ["read"])
        with db.unit_of_work():
            client = clients.change(client_id, limits=dict.fromkeys(tiers.LIMIT_NAMES))
            user, admin = (_add_person(client, canary, held) for held in (USER, ADMIN))
            secret = keys.issue(client_id, kind=SECRET, name=f"{canary} secret", scopes=RESERVED_SCOPES - {"admin"})
            public = keys.issue(client_id, kind=PUBLISHABLE, name=f"{canary} publishable")
            clients.touch(client_id)
            audit.record(actor, MADE, client_id=client_id, detail={"canary": canary})
    ids = {"user_id": user.user.user_id, "session_id": user.tokens.session_id, "key_id": secret.key_id}
    others = (public.key_id, admin.user.user_id, admin.tokens.session_id)
    return Probe(
        client_id=client_id,
        credentials={
            "access key": _bearer(access_key),
            "access key in X-API-Key": {"X-API-Key": access_key},
            "secret key": _bearer(secret.secret),
            "publishable key": _bearer(public.secret),
            "user": _bearer(user.tokens.access_token),
            "admin": _bearer(admin.tokens.access_token),
        },
        user_token=user.tokens.access_token,
        ids={name: str(value) for name, value in ids.items()} | {"name": role},
        canaries=(canary, *map(str, (*ids.values(), *others))),
    )


def remove(client_id: UUID) -> None:
    """Remove a probe with everything of it: its rows, its table, and what this process has yet to write of it."""
    series.flush()
    key_usage.flush()
    with isolation.across(Crossing.REPORT), db.unit_of_work():
        clients.lock(client_id)
        clients.touch(client_id)
        store.remove_rows(client_id)
        users.drop_table(client_id)


def sweep() -> int:
    """Remove the probes that runs have left behind that died; return how many there were."""
    with isolation.across(Crossing.REPORT), db.reading():
        found = queries.probes(PROBE_SLUGS, made_before=clock.now() - LEFT_ALONE)
    left = [client_id for client_id, slug in found if _is_ours(slug)]
    for client_id in left:
        remove(client_id)
    return len(left)


def _add_person(client: Client, canary: str, role: str) -> _Person:
    user = users.add(
        client.client_id,
        email=f"{canary}.{role}@isolation-probe.invalid",
        password_hash=None,
        role=role,
        email_verified=True,
        full_name=f"{canary} {role}",
        custom_fields={"canary": canary},
    )
    subject = subject_of(user, client_id=client.client_id, client_version=client.version, settings=client.settings)
    tokens = sessions.start(subject, origin=Origin(user_agent=canary), amr=["pwd", MFA])
    return _Person(user, tokens)


def _bearer(credential: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {credential}"}


def _new_slug() -> str:
    """Return a slug that only this installation can have made: what is swept is surely no real client."""
    text = secrets.token_hex(_WIDTH // 2)
    return f"{PROBE_SLUGS}{text}-{crypto.mac(_LABEL, text.encode()).hex()[:_WIDTH]}"


def _is_ours(slug: str) -> bool:
    text, _, proof = slug.removeprefix(PROBE_SLUGS).partition("-")
    return proof in {one.hex()[:_WIDTH] for one in crypto.macs(_LABEL, text.encode())}
