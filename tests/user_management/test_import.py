"""Importing users: who goes in, what is told of who does not, and that nothing else happens."""

import json
from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from app.core.actors import SystemActor
from app.user_management import imports
from tests import database
from tests.factories import PASSWORD, Tenant, bearer, register
from tests.keys.making import make, through
from tests.user_management.importing import CSV, NDJSON, counts, imported, ndjson, send, told
from tests.users.foreign import by_bcrypt

HASH = by_bcrypt(PASSWORD)
NO_HASH = (
    "This is no form of hash that is known. Taken are $2a$, $2b$ and $2y$ (bcrypt), $argon2id$, $argon2i$, $argon2d$, "
    "$scrypt$, $pbkdf2-sha256$ (also -sha1, -sha512); Django's bcrypt$$2b$, bcrypt_sha256$$2b$, argon2$argon2id$, "
    "scrypt$, pbkdf2_sha256$, pbkdf2_sha1$; and Keycloak's credential as an object. Examples: docs/moving-in.md."
)
TAKEN = {"email": ["A user with this e-mail address exists."]}
NO_PASSWORD = {"password": ["Only hashes are taken: send password_hash."]}
NO_OBJECT = {"row": ["This is not one JSON object."]}
UNKNOWN = {"row": ["There is a field that is not known."], "user_id": ["There is no such field."]}


def users_of(tenant: Tenant) -> list[dict[str, Any]]:
    """Return a client's users as its export shows them."""
    return [json.loads(line) for line in tenant.call("GET", "/users/export").text.splitlines()]


def test_a_row_becomes_the_user_that_it_describes(tenant: Tenant) -> None:
    described = {
        "email": "Ada@Example.com", "email_verified": True, "full_name": "Ada Lovelace", "username": "ada",
        "status": "disabled", "avatar_url": "https://example.com/a.png", "role": "admin",
        "custom_fields": {"plan": "gold"}, "created_at": "2019-05-06T07:08:09+02:00",
    }  # fmt: skip
    reports, summary = imported(tenant, described | {"password_hash": HASH}, {"email": "bare@example.com"})
    assert (reports, summary) == ([], counts(2, added=2))
    ada, bare = users_of(tenant)
    shown = described | {"email": "ada@example.com", "created_at": "2019-05-06T05:08:09.000000Z", "last_login_at": None}
    assert {name: ada[name] for name in shown} == shown
    assert (bare["role"], bare["status"], bare["email_verified"], bare["custom_fields"]) == (
        "user",
        "active",
        False,
        {},
    )
    assert tenant.call("POST", "/login", json={"email": "bare@example.com", "password": PASSWORD}).status_code == 401


def test_a_csv_says_the_same_by_its_header(tenant: Tenant) -> None:
    text = (
        "\ufeffemail,email_verified,full_name,custom_fields,password_hash,username\r\n"
        f'ada@example.com,TRUE,"Lovelace, ""Ada""\nCountess","{{""plan"": ""gold""}}",{HASH},ada\r\n'
        "\r\n"
        "bob@example.com,,,,,\r\n"
        "carol@example.com,perhaps,,,,\n"
        'dora@example.com,,,"{""a"": NaN}",,\n'
        'eve@example.com,,"a"b,,,\n'
        "too,few\n"
        "fay@example.com,,\udce9,,,\n"
    )
    reports, summary = told(send(tenant, text.encode("utf-8", "surrogateescape"), headers=CSV))
    assert summary == counts(7, added=2, failed=5)
    assert [report["line"] for report in reports] == [6, 7, 8, 9, 10]
    assert [list(report["errors"]) for report in reports] == [
        ["email_verified"],
        ["custom_fields"],
        ["row"],
        ["row"],
        ["full_name"],
    ]
    ada, _ = users_of(tenant)
    assert (ada["email_verified"], ada["full_name"]) == (True, 'Lovelace, "Ada"\nCountess')
    assert (ada["custom_fields"], ada["username"]) == ({"plan": "gold"}, "ada")


@pytest.mark.parametrize(
    "header",
    [
        "",
        "full_name,username",
        "email,email",
        "email,password",
        "ada@example.com,secret-thing",
        "email," * 40_000,
        '"email',
    ],
    ids=map(str, range(7)),
)
def test_a_csv_without_a_proper_header_is_refused_and_not_repeated(tenant: Tenant, header: str) -> None:
    answer = send(tenant, f"{header}\nada@example.com,x\n".encode(), headers=CSV)
    assert (answer.status_code, list(answer.json()["errors"])) == (422, ["header"])
    assert "secret-thing" not in answer.text
    assert users_of(tenant) == []


def test_every_bad_row_is_told_apart_and_stops_no_other(tenant: Tenant) -> None:
    tenant.sign_up("here@example.com", username="ada")
    rows: list[tuple[Any, dict[str, list[str]] | None]] = [
        ({"email": "first@example.com"}, None),
        ({"email": "HERE@example.com", "full_name": "Changed"}, TAKEN),
        ({"email": "other@example.com", "username": "ADA"}, {"username": ["This username is taken."]}),
        ({"email": "First@example.com"}, TAKEN),
        ({"email": "nobody"}, {"email": ["This is not a valid e-mail address."]}),
        ({"full_name": "No address"}, {"email": ["Missing data for required field."]}),
        ({"email": ["victim@example.com", "evil@example.com"]}, {"email": ["Not a valid string."]}),
        ({"email": "a@example.com", "password": "secret-thing"}, NO_PASSWORD),
        ({"email": "a@example.com", "secret-thing": 1, "user_id": "x"}, UNKNOWN),
        ({"email": "a@example.com", "email_verified": "true"}, {"email_verified": ["Not a valid boolean."]}),
        ({"email": "a@example.com", "role": "nothing"}, {"role": ["There is no such role."]}),
        ({"email": "a@example.com", "role": "super_admin"}, {"role": ["There is no such role."]}),
        ({"email": "a@example.com", "status": "invited"}, {"status": ["Must be one of: active, disabled."]}),
        ({"email": "a@example.com", "created_at": "2999-01-01T00:00:00Z"},
         {"created_at": ["This moment is yet to come."]}),
        ({"email": "a@example.com", "full_name": "a\0b"}, {"full_name": ["NUL is not allowed."]}),
        ({"email": "a@example.com", "full_name": "x" * 66_000}, {"row": ["A row has at most 64 KiB."]}),
        ({"email": "a@example.com", "password_hash": "$1$secret-thing"},
         {"password_hash": [NO_HASH]}),
        ({"email": "a@example.com", "password_hash": 7}, {"password_hash": ["A hash is a text or an object."]}),
        ([], NO_OBJECT), ("text", NO_OBJECT), (None, NO_OBJECT),
        ({"email": "last@example.com"}, None),
    ]  # fmt: skip
    answer = send(
        tenant, b"\n" + ndjson(row for row, _ in rows) + b'{"email": "a@b.cc", "email": "c@d.ee"}\n[[[\n\xff\n'
    )
    reports, summary = told(answer)
    expected = [(line, errors) for line, (_, errors) in enumerate(rows, 2) if errors]
    expected += [(line, NO_OBJECT) for line in range(len(rows) + 2, len(rows) + 5)]
    assert [(report["line"], report["errors"]) for report in reports] == expected
    assert summary == counts(len(rows) + 3, added=2, skipped=2, failed=len(rows) - 1)
    codes = [report["code"] for report in reports[:4]]
    assert codes == ["email_taken", "conflict", "email_taken", "validation_failed"]
    assert "secret-thing" not in answer.text
    assert {user["email"]: user["full_name"] for user in users_of(tenant)} == dict.fromkeys(
        ("here@example.com", "first@example.com", "last@example.com")
    )


def test_a_field_that_is_not_known_is_named_where_its_name_looks_like_one_and_no_value_ever_is(tenant: Tenant) -> None:
    strange = {"Vorname": "secret-value", "x" * 41: 1, "two words": 1, "größe": 1}
    many = {f"field{number}": 1 for number in range(500)}
    answer = send(tenant, ndjson([{"email": "a@example.com"} | strange, {"email": "b@example.com"} | many]))
    named, cut = (report["errors"] for report in told(answer)[0])
    assert named == {"Vorname": ["There is no such field."], "row": ["There is a field that is not known."]}
    assert (len(cut), "row" in cut, "secret-value" in answer.text) == (11, True, False)


def test_a_batch_leaves_one_audit_row_and_no_hash_anywhere_else(tenant: Tenant, capfd: Any) -> None:
    answer = send(tenant, ndjson({"email": f"p{number}@example.com", "password_hash": HASH} for number in range(600)))
    batches = tenant.audit(action="user.import")
    import_id = json.loads(answer.text.splitlines()[-1])["import_id"]
    same = {"import_id": import_id, "skipped": 0, "failed": 0}
    assert [row["detail"] for row in reversed(batches)] == [
        same | {"rows": 500, "added": 500, "finished": False},
        same | {"rows": 100, "added": 100, "finished": True},
    ]
    assert {row["status"] for row in batches} == {"success"}
    export = tenant.call("GET", "/users/export").text + tenant.call("GET", "/users/export?format=csv").text
    for text in (answer.text, json.dumps(tenant.audit()), export, *capfd.readouterr()):
        assert HASH[7:] not in text


def test_a_dry_run_finds_the_same_and_writes_nothing(tenant: Tenant, database_url: str) -> None:
    tenant.sign_up("here@example.com")
    rows = [
        {"email": "a@example.com", "username": "one"}, {"email": "here@example.com"}, {"email": "A@example.com"},
        {"email": "b@example.com", "username": "One"}, {"email": "b@example.com"}, {"email": "?"},
    ]  # fmt: skip
    tables = (tenant.table, "user_imports", "audit_logs")
    before = [database.count(database_url, table) for table in tables]
    tried, would = told(send(tenant, ndjson(rows), dry_run=True))
    assert [database.count(database_url, table) for table in tables] == before
    reports, summary = imported(tenant, *rows)
    assert (tried, would) == (reports, summary | {"dry_run": True})
    assert summary == counts(6, added=2, skipped=2, failed=2)


def test_R_20_nobody_imports_roles_that_hold_more_than_they_do(tenant: Tenant) -> None:
    tenant.call("PUT", "/roles/auditor", json={"permissions": ["audit:read"]})
    key = make(tenant, scopes=["users:write", "audit:read"])["api_key"]
    rows = [{"email": f"{role}@example.com", "role": role} for role in ("user", "auditor", "admin")]
    reports, summary = told(through(tenant, key, "POST", "/users/import", content=ndjson(rows), headers=NDJSON))
    assert summary == counts(3, added=2, failed=1)
    assert [report["errors"] for report in reports] == [{"role": ["This role holds rights that you do not hold."]}]


def test_custom_fields_keep_to_the_clients_schema(tenant: Tenant) -> None:
    schema = {"type": "object", "properties": {"seats": {"type": "integer"}}, "required": ["seats"]}
    body = {"settings": {"custom_fields_schema": schema}}
    answer = tenant.api.patch(f"/api/v1/clients/{tenant.client_id}", json=body, headers=bearer(tenant.access_key))
    assert answer.status_code == 200, answer.text
    rows = [
        {"email": f"p{number}@example.com", "custom_fields": fields}
        for number, fields in enumerate(({"seats": 3}, {"seats": "x"}))
    ]
    reports, summary = imported(tenant, *rows, {"email": "none@example.com"})
    assert summary == counts(3, added=1, failed=2)
    assert [list(report["errors"]) for report in reports] == [["custom_fields.seats"], ["custom_fields.seats"]]


def test_TEN_01_a_file_goes_into_the_callers_own_client_and_nobody_elses(tenant: Tenant, other: Tenant) -> None:
    rows = [{"email": "ada@example.com"}]
    path, foreign = f"{other.path}/users/import", bearer(tenant.access_key) | NDJSON
    assert tenant.api.post(path, content=ndjson(rows), headers=foreign).json()["code"] == "client_not_found"
    assert users_of(other) == []
    assert imported(tenant, *rows) == imported(other, *rows) == ([], counts(1, added=1))
    assert users_of(tenant)[0]["user_id"] != users_of(other)[0]["user_id"]


def test_only_who_may_write_users_imports_and_only_who_may_read_them_exports(tenant: Tenant) -> None:
    person, admin = tenant.sign_up(), register(tenant.api, admin=True)
    publishable = make(tenant, kind="publishable")["api_key"]
    reader, writer = (make(tenant, scopes=[scope])["api_key"] for scope in ("users:read", "users:write"))
    file = {"content": ndjson([{"email": "ada@example.com"}]), "headers": NDJSON}
    assert person.call("POST", "/users/import", **file).status_code == 403
    assert person.call("GET", "/users/export").status_code == 403
    for key, imports_too, exports_too in ((publishable, 403, 403), (reader, 403, 200), (writer, 200, 403)):
        assert through(tenant, key, "POST", "/users/import", **file).status_code == imports_too
        assert through(tenant, key, "GET", "/users/export").status_code == exports_too
    assert imported(admin.log_in_admin(), {"email": "ada@example.com", "role": "admin"})[1] == counts(1, added=1)


def test_a_file_without_a_bad_row_is_not_read_twice_a_day_and_one_with_some_is(tenant: Tenant) -> None:
    whole, partly = ndjson([{"email": "a@example.com"}]), ndjson([{"email": "b@example.com", "role": "later"}])
    assert send(tenant, whole).text.splitlines()[-1] == send(tenant, whole).text.splitlines()[-1]
    assert len(tenant.audit(action="user.import")) == 1
    assert told(send(tenant, partly))[1] == counts(1, failed=1)
    tenant.call("PUT", "/roles/later", json={"permissions": ["read"]})
    assert told(send(tenant, partly))[1] == counts(1, added=1)
    assert told(send(tenant, b"email\nc@example.com\n", headers=CSV))[1] == counts(1, added=1)
    assert told(send(tenant, b""))[1] == counts(0)


def test_of_two_imports_of_a_client_at_once_one_goes_on(app: Flask, tenant: Tenant, other: Tenant) -> None:
    with app.app_context():
        run = imports.begin(UUID(tenant.client_id), digest=b"1" * 32, form="ndjson")
        answer = send(tenant, ndjson([{"email": "a@example.com"}]))
        assert (answer.status_code, answer.json()["code"]) == (409, "in_progress")
        assert 0 < int(answer.headers["Retry-After"]) <= imports.HELD_FOR.total_seconds()
        assert imported(other, {"email": "a@example.com"})[1] == counts(1, added=1)
        assert users_of(tenant) == []
        list(imports.carry_out(SystemActor(), run, iter([])))
    assert imported(tenant, {"email": "a@example.com"})[1] == counts(1, added=1)
