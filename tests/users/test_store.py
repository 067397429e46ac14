"""All SQL over users tables names its client: a template without one is an error, and two clients never mix."""

import uuid
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select, text

from app.core import clock, db, errors
from app.users import tables
from app.users.store import UserDirectory
from app.users.tables import users
from tests import database
from tests.factories import Tenant, fresh_email

POSTGRESQL_NAME_LIMIT = 63
COPY_OF_ID = UUID("01890000-0000-7000-8000-00000000abcd")


def row(user_id: UUID, email: str, **values: Any) -> dict[str, Any]:
    """Return the values of a users row."""
    now = clock.now()
    profile = dict.fromkeys(("full_name", "username", "avatar_url", "password_hash", "last_login_at"))
    fixed = {"email_verified": False, "role": "user", "status": "active", "custom_fields": {}, "password_version": 1}
    return {"user_id": user_id, "email": email, **profile, **fixed, "created_at": now, "updated_at": now, **values}


def directory(tenant: Tenant) -> UserDirectory:
    """Return a client's directory."""
    return UserDirectory(UUID(tenant.client_id))


@pytest.mark.parametrize(
    "option",
    [{}, {tables.OPTION: None}, {tables.OPTION: ""}, {tables.OPTION: "0" * 31}, {tables.OPTION: "0" * 33},
     {tables.OPTION: "A" * 32}, {tables.OPTION: "0" * 32 + "\n"}, {tables.OPTION: "0" * 31 + '"'},
     {tables.OPTION: uuid.UUID(int=7)}],
)  # fmt: skip
def test_TEN_05_a_statement_over_the_template_that_names_no_client_is_never_sent(
    app: Flask, option: dict[str, Any]
) -> None:
    with app.app_context(), db.reading(), pytest.raises(RuntimeError, match="names no client"):
        db.execute(select(users), **option)


def test_TEN_05_raw_sql_over_the_template_is_never_sent(app: Flask) -> None:
    with app.app_context(), db.reading(), pytest.raises(RuntimeError, match="names no client"):
        db.execute(text(f'SELECT * FROM "{tables.PLACEHOLDER}"'))


def test_TEN_05_the_client_named_by_one_statement_is_not_that_of_the_next(app: Flask, tenant: Tenant) -> None:
    with app.app_context(), db.unit_of_work():
        assert directory(tenant).count() == 0
        with pytest.raises(RuntimeError, match="names no client"):
            db.execute(select(users))


def test_TEN_01_equal_ids_and_addresses_in_two_clients_never_mix(app: Flask, tenant: Tenant, other: Tenant) -> None:
    mine, theirs, email = directory(tenant), directory(other), fresh_email()
    with app.app_context():
        with db.unit_of_work():
            assert mine.add(row(COPY_OF_ID, email, full_name="Mine"))
            assert theirs.add(row(COPY_OF_ID, email, full_name="Theirs"))
        with db.unit_of_work():
            for _ in range(2):
                for held, name in ((mine, "Mine"), (theirs, "Theirs")):
                    user, login = held.find(COPY_OF_ID), held.find_login(email)
                    assert user is not None
                    assert login is not None
                    assert (user.full_name, login.user.full_name) == (name, name)
            assert mine.change(COPY_OF_ID, {"full_name": "Changed"}) is not None
            assert mine.delete(COPY_OF_ID)
        with db.reading():
            assert mine.find(COPY_OF_ID) is None
            left = theirs.find(COPY_OF_ID)
    assert left is not None
    assert left.full_name == "Theirs"


def test_ACC_01_the_table_itself_takes_one_row_for_an_address_and_one_for_a_username(
    app: Flask, tenant: Tenant, database_url: str
) -> None:
    held, email = directory(tenant), fresh_email()
    with app.app_context(), db.unit_of_work():
        assert held.add(row(uuid.uuid4(), email, username="Ada"))
        assert not held.add(row(uuid.uuid4(), email))
        assert not held.add(row(uuid.uuid4(), fresh_email(), username="aDA"))
        assert held.add(row(uuid.uuid4(), fresh_email()))
    assert database.count(database_url, tenant.table) == 2


def test_TEN_05_every_name_in_the_catalogue_carries_the_whole_id_and_fits_postgresql(
    tenant: Tenant, database_url: str
) -> None:
    engine = database.seeing_all(database_url)
    try:
        with engine.connect() as connection:
            catalogue = "SELECT name FROM sqlite_master WHERE type = 'index'"
            if database_url.startswith("postgresql"):
                catalogue = "SELECT relname AS name FROM pg_class WHERE relkind = 'i'"
            names = [found for (found,) in connection.execute(text(catalogue)) if tenant.table in found]
    finally:
        engine.dispose()
    assert len(tenant.table) == len("users_") + 32
    assert {f"{tenant.table}_email", f"{tenant.table}_username"} <= set(names)
    own = [name for name in names if not name.startswith("sqlite_autoindex")]
    assert max(len(name.encode()) for name in own) <= POSTGRESQL_NAME_LIMIT
    assert not [name for name in names if tables.PLACEHOLDER in name]


def test_a_client_without_a_table_is_an_unknown_client(app: Flask) -> None:
    nobody = UserDirectory(uuid.uuid4())
    with app.app_context(), db.reading(), pytest.raises(errors.ClientNotFound):
        nobody.count()
