"""The platform client and its operators."""

from uuid import UUID

from app.audit import service as audit
from app.clients import service as clients
from app.clients.models import PLATFORM_SLUG, Client
from app.core import db, isolation
from app.core.actors import Actor, SystemActor
from app.core.errors import NotMigrated
from app.core.ids import new_id
from app.core.isolation import Crossing
from app.keys import service as keys
from app.keys.models import ACCESS, PUBLISHABLE
from app.onboarding import table_versions
from app.roles.service import SUPER_ADMIN
from app.sessions import signing
from app.users import passwords
from app.users import service as users
from app.users.models import User
from app.users.store import SCHEMA_VERSION

CREATED, OPERATOR_CREATED, KEY_ISSUED = "client.register", "operator.create", "key.create"


def ensure(actor: Actor | None = None) -> bool:
    """Make the platform client unless it is there, in one transaction; return whether it was made.

    Its access key is thrown away unseen: operators log in, they hold no key.
    """
    with isolation.across(Crossing.SHELL), db.unit_of_work():
        if clients.find_by_slug(PLATFORM_SLUG) is not None:
            return False
        client_id = new_id()
        if not clients.add_platform(client_id, users_schema_version=SCHEMA_VERSION):
            return False
        table_versions.make_users_table(client_id)
        signing.add(signing.new_pair(client_id))
        keys.issue(client_id, kind=ACCESS, name="Thrown away unseen")
        audit.record(actor or SystemActor(), CREATED, client_id=client_id, detail={"slug": PLATFORM_SLUG})
        return True


def require() -> Client:
    """Return the platform client, in the unit in force; raises NotMigrated."""
    client = clients.find_by_slug(PLATFORM_SLUG)
    if client is None:
        raise NotMigrated()
    return client


def create_operator(actor: Actor, *, email: str, password: str, full_name: str | None = None) -> tuple[User, UUID, str]:
    """Make an operator; return the user, the platform's id and a publishable key for API logins.

    The publishable key is made anew each time: only digests are kept, so an older one cannot be shown again.
    Raises PasswordRefused and EmailTaken.
    """
    with db.reading():
        client = require()
    users.check_password(
        password, field="password", email=email, client_name=client.client_name, settings=client.settings
    )
    hashed = passwords.hash_password(password)
    with db.unit_of_work():
        user = users.add(client.client_id, email=email, password_hash=hashed, role=SUPER_ADMIN, full_name=full_name)
        audit.record(actor, OPERATOR_CREATED, client_id=client.client_id, user_id=user.user_id)
        key = keys.issue(client.client_id, kind=PUBLISHABLE, name=f"Operator login ({email})"[:120])
        audit.record(actor, KEY_ISSUED, client_id=client.client_id, key_id=key.key_id)
    return user, client.client_id, key.secret
