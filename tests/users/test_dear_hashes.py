"""How dear a foreign hash may be: what others make by default is taken, and what it costs is known beforehand."""

import pytest
from sqlalchemy import text

from app.users import foreign_hashes
from tests import database
from tests.factories import PASSWORD, Tenant
from tests.user_management.importing import imported
from tests.users.foreign import by_scrypt

TAIL = "c29tZXNhbHRzb21lc2FsdA$" + "A" * 43
# What these make by default, or have been told to by OWASP's list.
USUAL = [
    *(f"$2y$13${'.' * 53}", f"$2b$12${'.' * 53}"),  # Symfony; PHP, Laravel, Devise
    *(f"$argon2id$v=19$m=65536,t=4,p=1${TAIL}", f"$argon2id$v=19$m=65536,t=3,p=4${TAIL}"),  # PHP; RFC 9106, Node
    *(f"argon2$argon2id$v=19$m=102400,t=2,p=8${TAIL}", f"$argon2id$v=19$m=7168,t=5,p=1${TAIL}"),  # Django; Keycloak
    *(f"$scrypt$ln=17,r=8,p=1${TAIL}", f"$scrypt$ln=16,r=8,p=1${TAIL}"),  # OWASP; passlib
    f"scrypt$16384$seasalt$8$5${'A' * 86}==",  # Django
    *(f"pbkdf2_sha256$1500000$seasalt${'A' * 43}=", f"pbkdf2_sha1$1500000$seasalt${'A' * 27}="),  # Django
    *(f"$pbkdf2-sha512$i=210000${TAIL[:23]}{'A' * 86}", f"$pbkdf2-sha256$i=27500${TAIL[:23]}{'A' * 86}"),  # Keycloak
    *(f"$pbkdf2-sha256$i=600000${TAIL[:23]}{'A' * 86}", f"$pbkdf2-sha1$i=1300000${TAIL[:23]}{'A' * 27}"),  # OWASP
]


@pytest.mark.parametrize("given", USUAL, ids=map(str, range(len(USUAL))))
def test_PWD_06_what_others_make_by_default_is_not_too_dear(given: str) -> None:
    assert foreign_hashes.is_foreign(foreign_hashes.stored_form(given))


@pytest.mark.parametrize(
    ("given", "cost"),
    [
        (f"$2b$11${'.' * 53}", 11),
        (f"$argon2id$v=19$m=65536,t=2,p=1${TAIL}", 11),
        (f"$scrypt$ln=15,r=8,p=1${TAIL}", 11),
        (f"$pbkdf2-sha1$i=450000${TAIL[:23]}{'A' * 27}", 11),
        (f"$pbkdf2-sha256$i=400000${TAIL}", 11),
        (f"$pbkdf2-sha512$i=187500${TAIL}", 11),
    ],
    ids=["bcrypt", "argon2", "scrypt", "SHA-1", "SHA-256", "SHA-512"],
)
def test_R_06_what_is_dearer_than_ours_is_known_without_a_check(given: str, cost: int) -> None:
    stored = foreign_hashes.stored_form(given)
    assert [foreign_hashes.is_dearer(stored, cost + off) for off in (-1, 0, 1)] == [True, False, False]


def test_IN_04_a_stored_hash_that_no_library_computes_is_no_passwords(tenant: Tenant, database_url: str) -> None:
    people = {f"person{number}@example.com": number for number in range(3)}
    imported(tenant, *({"email": email, "password_hash": by_scrypt(PASSWORD)} for email in people))
    bad = [f"$scrypt$ln=17,r=1,p=1${TAIL}", f"$argon2id$v=19$m=1,t=1,p=1${TAIL}", "$scrypt$"]
    engine = database.seeing_all(database_url)
    with engine.begin() as connection:
        for email, number in people.items():
            change = text(f'UPDATE "{tenant.table}" SET password_hash = :made WHERE email = :email')
            connection.execute(change, {"made": bad[number], "email": email})
    engine.dispose()
    logins = (tenant.call("POST", "/login", json={"email": email, "password": PASSWORD}) for email in people)
    assert [login.status_code for login in logins] == [401, 401, 401]
