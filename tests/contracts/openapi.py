"""Reads the OpenAPI document that the service serves."""

from dataclasses import dataclass
from typing import Any

from tests.contracts.notation import Fields, below

_METHODS = ("get", "post", "put", "patch", "delete", "head", "options", "trace")


@dataclass(frozen=True)
class Operation:
    """One method of one path in the document."""

    method: str
    path: str
    raw: dict[str, Any]
    shared_parameters: list[dict[str, Any]]
    components: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    def statuses(self) -> frozenset[int]:
        """Return the statuses of success."""
        return frozenset(int(status) for status in self.raw["responses"] if status.startswith("2"))

    def answer(self, status: int) -> dict[str, Any]:
        """Return the media types of an answer, each with its schema."""
        found: dict[str, Any] = self.raw["responses"][str(status)].get("content", {})
        return found

    def codes(self) -> dict[str, int]:
        """Return the error codes that the operation names, each with its status."""
        answers = self.raw["responses"].items()
        return {code: int(status) for status, answer in answers for code in answer.get("x-codes", [])}

    def request(self) -> Fields:
        """Return the fields of the body."""
        content = self.raw.get("requestBody", {}).get("content", {"application/json": {}})
        return self.fields(content.get("application/json", {}).get("schema", {}))

    def takes(self) -> frozenset[str]:
        """Return the media types of the body; JSON where there is none."""
        return frozenset(self.raw.get("requestBody", {}).get("content", ["application/json"]))

    def parameters(self, place: str) -> Fields:
        """Return the parameters in one place (`path`, `query`, `header`)."""
        every = [*self.shared_parameters, *self.raw.get("parameters", [])]
        return {one["name"]: one.get("required", False) for one in every if one["in"] == place}

    def enum(self, parameter: str) -> frozenset[str]:
        """Return the values that a query parameter takes."""
        schema = next(one["schema"] for one in self.raw["parameters"] if one["name"] == parameter)
        return frozenset(value for value in schema.get("enum", []) if value is not None)

    def security(self) -> set[tuple[str, tuple[str, ...]]]:
        """Return the credentials of which one is enough; `anyone` where none is needed."""
        listed: list[dict[str, list[str]]] = self.raw.get("security", [{}])
        assert all(len(one) <= 1 for one in listed)
        return {next(((name, tuple(scopes)) for name, scopes in one.items()), ("anyone", ())) for one in listed}

    def fields(self, schema: dict[str, Any]) -> Fields:
        """Return the fields of a schema, nested ones and those of items with dots."""
        schema = self._resolved(schema)
        needed = schema.get("required", [])
        found: Fields = {}
        for name, inner in schema.get("properties", {}).items():
            found[name] = name in needed
            found |= below(name, self.fields(self._resolved(inner).get("items", inner)))
        return found

    def _resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Follow a reference, and a choice of one thing or null."""
        choices = [one for one in schema.get("anyOf", schema.get("oneOf", [])) if one.get("type") != "null"]
        if len(choices) == 1:
            return self._resolved(choices[0])
        if "$ref" in schema:
            named: dict[str, Any] = self.components["schemas"][schema["$ref"].rpartition("/")[2]]
            return named
        return schema


def operations(document: dict[str, Any]) -> dict[str, Operation]:
    """Return every operation of the document by `METHOD path`."""
    components = document["components"]
    every = [
        Operation(method.upper(), path, item[method], item.get("parameters", []), components)
        for path, item in document["paths"].items()
        for method in _METHODS
        if method in item
    ]
    return {str(one): one for one in every}
