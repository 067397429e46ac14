"""Schemas that are made to cost much: what is taken of them, and that no check takes long whatever was taken."""

import contextlib
import json
import time
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.clients import custom_fields, json_schemas
from app.clients import service as clients
from app.clients.models import Client
from app.core import db
from app.core.errors import ValidationFailed
from tests.clients.changing import change, refused_fields
from tests.factories import PASSWORD, Tenant, fresh_email
from tests.user_management.importing import imported

LONGEST_CHECK = 0.1
"""Seconds of a core."""
LONG = [[1] * 8_000]
TOO_MUCH = "There is too much to check against the client's schema; send less."


def doubled(inner: dict[str, Any], times: int) -> dict[str, Any]:
    """Return a schema that asks the same of a field `v`, twice for each level of its references."""
    levels = {f"a{n}": {"allOf": [{"$ref": f"#/$defs/a{n - 1}"}] * 2} for n in range(1, times + 1)}
    return {"$defs": {"a0": inner} | levels, "properties": {"v": {"$ref": f"#/$defs/a{times}"}}}


def chained(times: int) -> dict[str, Any]:
    """Return a schema in which each definition leads to the next."""
    levels = {f"a{n}": {"$ref": f"#/$defs/a{n - 1}"} for n in range(1, times)}
    return {"$defs": {"a0": {}} | levels, "properties": {"v": {"$ref": f"#/$defs/a{times - 1}"}}}


def test_IN_06_references_count_as_all_that_they_lead_to(tenant: Tenant) -> None:
    for schema in (doubled({"uniqueItems": True}, 12), doubled({}, 90), chained(60)):
        answer = change(tenant, custom_fields_schema=schema)
        assert refused_fields(answer) == ["settings.custom_fields_schema"]
        assert "each $ref counts" in answer.text
    for schema in (doubled({"type": "array"}, 6), chained(30)):
        assert change(tenant, custom_fields_schema=schema).status_code == 200


def test_IN_06_no_part_of_a_schema_names_a_dialect_that_is_checked_without_bounds(tenant: Tenant) -> None:
    part = {"$schema": json_schemas.DIALECT, "uniqueItems": True}
    answer = change(tenant, custom_fields_schema={"properties": {"x": part}})
    assert refused_fields(answer) == ["settings.custom_fields_schema"]
    assert "#/properties/x/$schema: $schema stands at the top" in answer.text
    schema = {"$schema": json_schemas.DIALECT, "properties": {"$schema": {"type": "string"}}}
    assert change(tenant, custom_fields_schema=schema).status_code == 200


@pytest.mark.parametrize(
    "inner",
    [{"uniqueItems": True}, {"const": [[7] * 3_500]}, {"enum": [[[7] * 3_500]]}, {"contains": {"const": [2]}}],
    ids=["unique", "const", "enum", "contains"],
)
def test_IN_06_whole_values_are_not_compared_again_and_again(tenant: Tenant, inner: dict[str, Any]) -> None:
    assert change(tenant, custom_fields_schema=doubled(inner, 7)).status_code == 200
    value = {"v": LONG if "contains" in inner or "uniqueItems" in inner else [[7] * 3_500]}
    body = {"email": fresh_email(), "password": PASSWORD, "custom_fields": value}
    began = time.thread_time()
    answer = tenant.call("POST", "/signup", json=body)
    assert time.thread_time() - began < 1
    assert answer.json()["errors"] == {"custom_fields": [TOO_MUCH]}
    ((report, *_), _counts) = imported(tenant, {"email": fresh_email(), "custom_fields": value})
    assert report["errors"] == {"custom_fields": [TOO_MUCH]}


def test_IN_06_a_check_ends_when_its_time_is_up(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    change(tenant, custom_fields_schema={"properties": {"x": {"type": "string"}}})
    body = {"email": fresh_email(), "password": PASSWORD, "custom_fields": {"x": "y"}}
    with monkeypatch.context() as patched:
        patched.setattr(custom_fields, "MOST_SECONDS", 0.0)
        assert tenant.call("POST", "/signup", json=body).json()["errors"] == {"custom_fields": [TOO_MUCH]}
    assert tenant.call("POST", "/signup", json=body).status_code == 201


def test_a_form_of_many_fields_and_a_long_list_are_checked_to_the_end(tenant: Tenant) -> None:
    address = {"type": "object", "properties": {"city": {"type": "string", "maxLength": 99}}, "required": ["city"]}
    fields = {f"field{number}": {"enum": [f"choice{each}" for each in range(12)]} for number in range(40)}
    many = {"type": "array", "items": {"type": "string", "pattern": "^[a-z]{2,9}$"}, "uniqueItems": True}
    listed = {"type": "array", "items": {"$ref": "#/$defs/address"}}
    schema = {"$defs": {"address": address}, "properties": fields | {"tags": many, "addresses": listed}}
    assert change(tenant, custom_fields_schema=schema).status_code == 200
    letters = "abcdefghijklmnopqrstuvwxyz"
    tags = [f"{one}{two}" for one in letters for two in letters]
    value = {f"field{number}": "choice11" for number in range(40)} | {"tags": tags, "addresses": [{"city": "Ulm"}] * 99}
    assert tenant.sign_up(custom_fields=value).user_id


# Values are drawn small and made large: what a schema costs is seen on those that fill what a user may send.
ATOMS = st.sampled_from([None, True, 0, 1, 1.0, 7, -0.5, 1e300, "", "a", "é" * 50, "a" * 900, 10**3_000])
SMALL = st.recursive(
    ATOMS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("xyz"), inner, max_size=3),
    max_leaves=6,
)


def large(piece: Any, wraps: int) -> Any:
    """Return a list of as many of a piece as fit into 16 KiB, within lists of one."""
    each: Any = [piece] * (15_000 // (len(json.dumps(piece)) + 1))
    for _ in range(wraps):
        each = [each]
    return each


def named(piece: Any) -> dict[str, Any]:
    """Return an object with as many names as fit."""
    return {f"{number:x}": piece for number in range(15_000 // (len(json.dumps(piece)) + 8))}


VALUES = st.one_of(
    st.builds(large, SMALL, st.integers(0, 6)),
    st.builds(named, SMALL),
    st.sampled_from(["a" * 15_000, [[number] for number in range(2_500)], [{"x": number} for number in range(1_200)]]),
)
REFERENCES = st.sampled_from([{"$ref": f"#/$defs/a{number}"} for number in range(4)])
BOUNDS = st.sampled_from(
    [
        *({}, {"uniqueItems": True}, {"type": "string"}, {"type": ["null", "boolean"]}, {"minLength": 3}),
        *({"multipleOf": 0.0001}, {"multipleOf": 1e-300}, {"pattern": "^[a-z]*$"}, {"pattern": "^a{0,900}b$"}),
        *({"format": "ipv6"}, {"format": "uuid"}, {"maxItems": 1}, {"required": ["x"]}, {"const": LONG}),
        *({"dependentRequired": {"x": [f"y{number}" for number in range(40)]}}, {"enum": list(range(2_000))}),
        {"minContains": 2, "contains": {}},
    ]
)


def combined(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Draw a schema of others."""
    ones = ("items", "contains", "not", "additionalProperties", "propertyNames", "if")
    wide = st.tuples(st.sampled_from(["allOf", "anyOf", "oneOf"]), inner, st.sampled_from([1, 2, 9, 60]))
    return st.one_of(
        st.builds(lambda keyword, one: {keyword: one}, st.sampled_from(ones), inner),
        wide.map(lambda drawn: {drawn[0]: [drawn[1]] * drawn[2]}),
        st.builds(lambda one, two: one | two, inner, inner),
    )


PARTS = st.recursive(BOUNDS | REFERENCES, combined, max_leaves=5)


@st.composite
def whole_schemas(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a schema whose definitions lead to those before them only."""
    definitions: dict[str, Any] = {}
    for number in range(4):
        text = json.dumps(draw(PARTS))
        for later in range(number, 4):
            text = text.replace(f'"$ref": "#/$defs/a{later}"', '"title": "later"')
        definitions[f"a{number}"] = json.loads(text)
    return {"$defs": definitions, "properties": {"v": draw(PARTS | REFERENCES)}}


def seconds(client: Client, value: Any) -> float:
    """Return what time of a core a check takes."""
    began = time.thread_time()
    with contextlib.suppress(ValidationFailed):
        custom_fields.check(client, {"v": value})
    return time.thread_time() - began


def test_IN_06_whatever_schema_is_taken_and_whatever_is_sent_a_check_ends_soon(app: Flask, tenant: Tenant) -> None:
    with app.app_context(), db.reading():
        client = clients.require(UUID(tenant.client_id))
    taken: list[Any] = []

    @settings(max_examples=80, deadline=None)
    @given(whole_schemas(), VALUES)
    @example(doubled({"const": large(1, 1)}, 7), json.loads(json.dumps(large(1, 1))))
    @example(doubled({"uniqueItems": True}, 7), large([1], 2))
    @example(doubled({"items": {"anyOf": [{"type": "string"}] * 40}}, 3), large({}, 0))
    def ends_soon(schema: dict[str, Any], value: Any) -> None:
        try:
            json_schemas.check(schema)
        except json_schemas.SchemaRefused:
            return
        taken.append(schema)
        own = replace(client, own_settings={"custom_fields_schema": schema})
        # Whatever else the machine does may slow one down, but not all of them.
        assert any(seconds(own, value) < LONGEST_CHECK for _ in range(3)), schema

    ends_soon()
    assert len(taken) > 30
