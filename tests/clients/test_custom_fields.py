"""A client's schema of custom fields: which schemas are taken, and how users' fields are held to them."""

import json
import time
from typing import Any

import pytest

from tests.clients.changing import change, refused_fields, shown
from tests.factories import PASSWORD, Tenant, fresh_email

STAFF: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {
        "department": {"enum": ["kitchen", "hall"]},
        "badge": {"type": "string", "pattern": "^[A-Z]{2}-\\d{4,6}$"},
        "since": {"format": "date"},
        "languages": {"type": "array", "items": {"$ref": "#/$defs/language"}, "uniqueItems": True, "maxItems": 3},
        "desk": {"type": "object", "properties": {"floor": {"type": "integer", "minimum": 0}}, "required": ["floor"]},
    },
    "required": ["department"],
    "additionalProperties": False,
    "$defs": {"language": {"type": "string", "minLength": 2, "maxLength": 5}},
}
RIGHT = {
    "department": "kitchen", "badge": "AB-1234", "since": "2026-01-31", "languages": ["de", "en"], "desk": {"floor": 0},
}  # fmt: skip
REFUSED: list[tuple[Any, str]] = [
    ("object", ""), (5, ""), ([], ""), (True, ""),
    ({"type": "array"}, "#/type"), ({"type": "thing"}, "#/type"), ({"properties": []}, "#/properties"),
    ({"required": "name"}, "#/required"), ({"minProperties": -1}, "#/minProperties"),
    ({"multipleOf": 0}, "#/multipleOf"),
    ({"typ": "object"}, "#/typ"), ({"definitions": {}}, "#/definitions"), ({"$id": "https://example.com/x"}, "#/$id"),
    ({"$schema": "http://json-schema.org/draft-07/schema#"}, "#/$schema"),
    ({"$ref": "https://example.com/schema.json"}, "#/$ref"), ({"$ref": "file:///etc/passwd"}, "#/$ref"),
    ({"$ref": "other.json#/$defs/a"}, "#/$ref"), ({"$ref": "#"}, "#/$ref"), ({"$ref": 5}, "#/$ref"),
    ({"$dynamicRef": "#/$defs/a"}, "#/$dynamicRef"), ({"$ref": "#/$defs/missing"}, "#/$defs/missing"),
    ({"$defs": {"a": {"$ref": "#/$defs/a"}}}, "#/$defs/a"),
    ({"$defs": {"a": {"items": {"$ref": "#/$defs/b"}}, "b": {"not": {"$ref": "#/$defs/a"}}}}, "#/$defs/a"),
    ({"$defs": {"": {"$ref": "#/$defs/"}}}, "#/$defs"), ({"$defs": {"a/b": {}}}, "#/$defs"),
    ({"properties": {"a": {"$defs": {}}}}, "#/properties/a/$defs"),
    ({"patternProperties": {"(a+)+$": {}}}, "#/patternProperties"), ({"unevaluatedProperties": False}, "#/unevaluated"),
    ({"properties": {"a": {"pattern": "^(a+)+$"}}}, "#/properties/a/pattern"),
    ({"properties": {"a": {"pattern": 5}}}, "#/properties/a/pattern"),
    ({"description": "x" * 17_000}, "At most 16 KiB"),
    ({"allOf": [{}] * 400}, "At most 300 schemas"),
]  # fmt: skip


def nested(depth: int) -> dict[str, Any]:
    """Return a schema in which schemas lie so deep in each other."""
    schema: dict[str, Any] = {}
    for _ in range(depth - 1):
        schema = {"not": schema}
    return schema


def test_a_schema_is_taken_shown_and_kept_to_from_the_next_call(tenant: Tenant) -> None:
    before = tenant.sign_up(custom_fields={"anything": 1})
    assert change(tenant, custom_fields_schema=STAFF).status_code == 200
    assert shown(tenant)["custom_fields_schema"] == {"value": STAFF, "source": "client"}
    assert tenant.sign_up(custom_fields=RIGHT).call("GET", "/me").json()["custom_fields"] == RIGHT
    # What was stored before stays until it is changed.
    assert before.call("PATCH", "/me", json={"full_name": "Ada"}).json()["custom_fields"] == {"anything": 1}
    wrong = before.call("PATCH", "/me", json={"custom_fields": {"anything": 2}})
    assert sorted(refused_fields(wrong)) == ["custom_fields.anything", "custom_fields.department"]
    assert before.call("PATCH", "/me", json={"custom_fields": RIGHT}).json()["custom_fields"] == RIGHT
    change(tenant, custom_fields_schema=None)
    assert before.call("PATCH", "/me", json={"custom_fields": {"anything": 3}}).status_code == 200


def test_wrong_fields_are_named_by_their_path_and_what_was_sent_is_not_repeated(tenant: Tenant) -> None:
    change(tenant, custom_fields_schema=STAFF)
    wrong = {
        "badge": "AB-1234\n", "since": "31.1.2026", "languages": ["de", "hush-hush", "de"], "desk": {"floor": -1},
        "hobby": "tea",
    }  # fmt: skip
    answer = tenant.call("POST", "/signup", json=account(custom_fields=wrong))
    assert answer.json()["errors"] == {
        "custom_fields.department": ["Is required."],
        "custom_fields.badge": ["Must be written as ^[A-Z]{2}-\\d{4,6}$ says."],
        "custom_fields.since": ["Must be a date, such as 2026-01-31."],
        "custom_fields.languages": ["Must not hold the same twice."],
        "custom_fields.languages.1": ["Must have at most 5 characters."],
        "custom_fields.desk.floor": ["Must be at least 0."],
        "custom_fields.hobby": ["The client's schema has no such field."],
    }
    assert "hush-hush" not in answer.text
    assert refused_fields(tenant.call("POST", "/signup", json=account())) == ["custom_fields.department"]
    (row, *_) = tenant.audit(action="signup", status="failed")
    assert row["detail"] == {"reason": "validation_failed"}
    many = {f"field{number}": 1 for number in range(500)} | {"x" * 5000: 1}
    errors = tenant.call("POST", "/signup", json=account(custom_fields=many)).json()["errors"]
    assert len(errors) == 10
    assert all(len(name) < 100 for name in errors)


@pytest.mark.parametrize(
    ("rule", "value", "message"),
    [
        ({"enum": ["kitchen", 5, None]}, "x", 'Must be one of "kitchen", 5, null.'),
        ({"enum": ["long" * 60]}, "x", f'Must be one of "{"long" * 29}lon….'),
        ({"const": "x"}, 5, 'Must be "x".'),
        ({"type": "boolean"}, 5, "Must be true or false."),
        ({"type": ["integer", "null"]}, "x", "Must be a whole number or null."),
        ({"minimum": 2}, 1, "Must be at least 2."),
        ({"maximum": 2.5}, 3, "Must be at most 2.5."),
        ({"exclusiveMinimum": 2}, 2, "Must be more than 2."),
        ({"exclusiveMaximum": 2}, 2, "Must be less than 2."),
        ({"multipleOf": 5}, 3, "Must be a multiple of 5."),
        ({"minLength": 1}, "", "Must have at least 1 character."),
        ({"minItems": 2}, [], "Must have at least 2 entries."),
        ({"maxItems": 1}, [1, 2], "Must have at most 1 entry."),
        ({"minProperties": 1}, {}, "Must have at least 1 field."),
        ({"maxProperties": 0}, {"a": 1}, "Must have at most 0 fields."),
        ({"format": "email"}, "x", "Must be an e-mail address."),
        ({"dependentRequired": {"a": ["b"]}}, {"a": 1}, "Needs other fields beside those that it has."),
        ({"contains": {"type": "string"}}, [1], "Must hold an entry that the client's schema asks for."),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, 5, "Does not fit the client's schema (anyOf)."),
    ],
    ids=lambda given: "",
)  # fmt: skip
def test_each_rule_that_is_broken_is_told_in_a_sentence(tenant: Tenant, rule: Any, value: Any, message: str) -> None:
    change(tenant, custom_fields_schema={"properties": {"a": rule}})
    answer = tenant.call("POST", "/signup", json=account(custom_fields={"a": value}))
    assert answer.json()["errors"] == {"custom_fields.a": [message]}


def account(**fields: Any) -> dict[str, Any]:
    """Return the body of a sign-up."""
    return {"email": fresh_email(), "password": PASSWORD, **fields}


def test_IN_06_a_schema_that_is_none_or_too_much_is_refused_with_its_place(tenant: Tenant) -> None:
    for schema, place in [*REFUSED, (nested(13), "At most")]:
        answer = change(tenant, custom_fields_schema=schema)
        assert refused_fields(answer) == ["settings.custom_fields_schema"], schema
        message = answer.json()["errors"]["settings.custom_fields_schema"][0]
        assert message.startswith(place), (schema, message)
        assert len(message) < 500
    assert shown(tenant)["custom_fields_schema"] == {"value": None, "source": "default"}
    for schema in ({}, nested(12), {"type": ["object", "null"]}, {"default": {"$ref": "https://example.com"}}):
        assert change(tenant, custom_fields_schema=schema).status_code == 200, schema


def test_a_property_may_be_called_as_a_keyword_is(tenant: Tenant) -> None:
    schema = {"properties": {"$ref": {"type": "string"}, "pattern": {"type": "integer"}}, "required": ["$ref"]}
    assert change(tenant, custom_fields_schema=schema).status_code == 200
    assert tenant.sign_up(custom_fields={"$ref": "x", "pattern": 5}).user_id
    answer = tenant.call("POST", "/signup", json=account(custom_fields={"pattern": "x"}))
    assert sorted(answer.json()["errors"]) == ["custom_fields.$ref", "custom_fields.pattern"]


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"anyOf": [{"type": "string"}] * 90}, [1] * 7000),
        ({"items": {"enum": list(range(2000))}}, [-1] * 5000),
        ({"contains": {"$ref": "#/$defs/d7"}}, [[1]] * 10),
        ({"uniqueItems": True, "contains": {"uniqueItems": True}}, [[number, [number]] for number in range(1500)]),
        ({"items": {"multipleOf": 0.0001}}, [10**4000]),
        ({"items": {"multipleOf": 1e-300}}, [1e300] * 500),
    ],
    ids=["anyOf", "enum", "doubling", "unique", "huge", "tiny"],
)
def test_IN_06_a_dear_schema_costs_no_more_than_a_check_may(tenant: Tenant, schema: Any, value: Any) -> None:
    doubling = {f"d{number}": {"allOf": [{"$ref": f"#/$defs/d{number - 1}"}] * 2} for number in range(1, 21)}
    whole = {"properties": {"a": schema}, "$defs": {"d0": {"items": {"type": "string"}}} | doubling}
    assert change(tenant, custom_fields_schema=whole).status_code == 200
    started = time.thread_time()
    answer = tenant.call("POST", "/signup", json=account(custom_fields={"a": value}))
    assert time.thread_time() - started < 2
    assert answer.status_code in (201, 422), answer.text
    assert len(json.dumps(answer.json())) < 80_000
