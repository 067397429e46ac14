"""`flask seed`: a demo client to play with, the same however often it is asked for."""

import secrets
from dataclasses import dataclass, field
from uuid import UUID

from app.audit import service as audit
from app.clients import service as clients
from app.core import db
from app.core.actors import SystemActor
from app.keys import rotation
from app.keys import service as keys
from app.keys.models import PUBLISHABLE
from app.onboarding import registration
from app.roles.service import ADMIN, USER
from app.users import passwords
from app.users import service as users
from app.users.store import UserDirectory

SLUG = "demo"
PEOPLE = (
    ("admin@example.com", "Grace Admin", ADMIN),
    ("ada@example.com", "Ada User", USER),
    ("alan@example.com", "Alan User", USER),
)
_KEY_CREATED, _USER_CREATED = "key.create", "user.create"


@dataclass
class Seeded:
    """The demo client and what was made for it this time; secrets are shown this once."""

    client_id: UUID
    access_key: str | None = None
    publishable_key: str | None = None
    passwords: dict[str, str] = field(default_factory=dict)
    people: list[str] = field(default_factory=list)


def seed(*, rotate: bool = False) -> Seeded:
    """Make what is missing of the demo client; `rotate` also replaces its keys."""
    actor = SystemActor()
    with db.reading():
        found = clients.find_by_slug(SLUG)
    if found is None:
        made = registration.register(actor, client_name="Demo", slug=SLUG, tier="enterprise", industry="demonstration")
        seeded = Seeded(made.client_id, access_key=made.access_key)
    else:
        seeded = Seeded(found.client_id)
        if rotate:
            seeded.access_key = rotation.rotate_access_key(actor, found.client_id).secret
    seeded.publishable_key = _publishable_key(actor, seeded.client_id, rotate=rotate)
    for email, full_name, role in PEOPLE:
        _add_person(actor, seeded, email, full_name, role)
    return seeded


def _publishable_key(actor: SystemActor, client_id: UUID, *, rotate: bool) -> str | None:
    with db.unit_of_work():
        clients.lock(client_id)
        if keys.publishable_keys(client_id) and not rotate:
            return None
        key = keys.issue(client_id, kind=PUBLISHABLE, name="Demo front end")
        audit.record(actor, _KEY_CREATED, client_id=client_id, key_id=key.key_id)
    return key.secret


def _add_person(actor: SystemActor, seeded: Seeded, email: str, full_name: str, role: str) -> None:
    seeded.people.append(email)
    with db.reading():
        if UserDirectory(seeded.client_id).find_login(email) is not None:
            return
    password = secrets.token_urlsafe(12)
    hashed = passwords.hash_password(password)
    with db.unit_of_work():
        user = users.add(seeded.client_id, email=email, password_hash=hashed, role=role, full_name=full_name)
        audit.record(actor, _USER_CREATED, client_id=seeded.client_id, user_id=user.user_id)
    seeded.passwords[email] = password
