"""Registration: client, users table, signing key, access key, first admin and audit row, all in one transaction."""

from typing import Any
from uuid import UUID

from app.accounts import email_verification
from app.audit import service as audit
from app.clients import room
from app.clients import service as clients
from app.clients.models import Client, effective_settings
from app.core import db, isolation
from app.core.actors import Actor
from app.core.errors import ValidationFailed
from app.core.ids import new_id
from app.core.isolation import Crossing
from app.core.settings import settings
from app.idempotency import service as idempotency
from app.idempotency.service import IdempotentCall
from app.keys import service as keys
from app.keys.models import ACCESS
from app.limits import tiers
from app.onboarding import table_versions
from app.onboarding.models import Registered
from app.roles.service import ADMIN
from app.sessions import signing
from app.users import passwords
from app.users import service as users
from app.users.store import SCHEMA_VERSION

REGISTERED = "client.register"


def register(
    actor: Actor,
    *,
    client_name: str,
    slug: str | None = None,
    admin: dict[str, Any] | None = None,
    call: IdempotentCall | None = None,
    tier: str | None = None,
    **given: Any,
) -> Registered:
    """Make a client, all or nothing.

    `admin`: `{email, password, full_name?}` of its first user. Raises SlugTaken, PasswordRefused, and what
    idempotency.claim raises.
    """
    tier = tier or settings().default_tier
    hashed = _admin_hash(admin, client_name) if admin else None
    client_id = new_id()
    pair = signing.new_pair(client_id)
    with isolation.across(Crossing.REGISTRATION), db.unit_of_work():
        idempotency.claim(call)
        if tier not in tiers.names():
            raise ValidationFailed({"tier": ["There is no such tier."]})
        client = clients.add(
            client_id, client_name=client_name, slug=slug, users_schema_version=SCHEMA_VERSION, tier=tier, **given
        )
        with isolation.within(client_id):
            table_versions.make_users_table(client_id)
            signing.add(pair)
            key = keys.issue(client_id, kind=ACCESS, name="Access key")
            admin_id = _add_admin(client, admin, hashed) if admin and hashed else None
            detail = {"slug": client.slug, "admin_user_id": str(admin_id) if admin_id else None}
            audit.record(actor, REGISTERED, client_id=client_id, key_id=key.key_id, detail=detail)
        idempotency.finish(call, client_id=client_id, access_key_id=key.key_id)
        room.warn()
    return Registered(
        client_id=client_id,
        client_name=client.client_name,
        slug=client.slug,
        tier=client.tier,
        access_key=key.secret,
        access_key_id=key.key_id,
        documentation_url=f"{settings().public_url}/docs/{client_id}",
        created_at=client.created_at,
        admin_user_id=admin_id,
    )


def _admin_hash(admin: dict[str, Any], client_name: str) -> str:
    users.check_password(
        admin["password"],
        field="admin.password",
        email=admin["email"],
        client_name=client_name,
        settings=effective_settings({}),
    )
    return passwords.hash_password(admin["password"])


def _add_admin(client: Client, admin: dict[str, Any], hashed: str) -> UUID:
    user = users.add(
        client.client_id, email=admin["email"], password_hash=hashed, role=ADMIN, full_name=admin.get("full_name")
    )
    email_verification.send_if_asked(client, user)
    return user.user_id
