"""What request and response schemas are built from: strict fields, and no field that is not declared."""

import unicodedata
from collections.abc import Mapping
from datetime import UTC
from typing import Any
from uuid import UUID

import email_validator
import marshmallow as ma
from marshmallow import ValidationError, validate

from app.core import clock, web_origins
from app.core.ids import parse_id

_ID_LENGTH = 36


class Schema(ma.Schema):
    """A schema that refuses fields it does not know."""

    class Meta:
        """Unknown fields are an error (422)."""

        unknown = ma.RAISE


class Text(ma.fields.String):
    """Text of a bounded length; NUL is refused."""

    def __init__(self, *, max_length: int = 255, min_length: int = 1, **options: Any) -> None:
        """Bound the length in code points."""
        checks = [validate.Length(min=min_length, max=max_length), *_listed(options.pop("validate", None))]
        super().__init__(validate=checks, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if "\0" in text:
            raise ValidationError("NUL is not allowed.")
        return text


class Name(Text):
    """What somebody or something is called: never blank, and without the space around it."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        return super()._deserialize(value, attr, data, **kwargs).strip()


class EmailAddress(Text):
    """An e-mail address in its one canonical form: NFKC, then validated, then lower case, the domain in ASCII.

    Only ASCII local parts are taken, so that no two look alike; names like `corp.local` are fine on one's own network.
    """

    MOST = 254

    def __init__(self, **options: Any) -> None:
        """Bound the length (RFC 5321, 4.5.3.1)."""
        options.setdefault("metadata", {}).setdefault("format", "email")
        super().__init__(max_length=self.MOST, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if len(text) > self.MOST:
            raise ValidationError("This address is too long.")
        try:
            found = email_validator.validate_email(
                unicodedata.normalize("NFKC", text).strip(),
                check_deliverability=False,
                allow_smtputf8=False,
                globally_deliverable=False,
                strict=True,
            )
        except email_validator.EmailNotValidError as wrong:
            raise ValidationError("This is not a valid e-mail address.") from wrong
        return (found.ascii_email or found.normalized).lower()


class WebAddress(Text):
    """An http(s) address."""

    def __init__(self, **options: Any) -> None:
        """Take absolute addresses only."""
        check = validate.URL(schemes={"http", "https"}, require_tld=False)
        super().__init__(max_length=2048, validate=check, **options)


class WebOrigin(Text):
    """The origin of a page as browsers send it: scheme, host and, unless it is the scheme's own, port."""

    def __init__(self, **options: Any) -> None:
        """Bound the length."""
        options.setdefault("metadata", {}).setdefault("example", "https://app.example.com")
        super().__init__(max_length=web_origins.LONGEST, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        origin = web_origins.canonical(super()._deserialize(value, attr, data, **kwargs))
        if origin is None:
            raise ValidationError("Give one page's origin, as in https://app.example.com or http://localhost:3000.")
        return origin


class WebOrigins(ma.fields.List[str]):
    """At most 20 origins."""

    MOST = 20

    def __init__(self, **options: Any) -> None:
        """Bound how many there are."""
        super().__init__(WebOrigin(), validate=validate.Length(max=self.MOST), **options)


class Ids(ma.fields.Field[tuple[UUID, ...]]):
    """Ids of a query, separated by commas."""

    MOST = 100

    def __init__(self, **options: Any) -> None:
        """Say in the document what a text of them looks like."""
        told = f"At most {self.MOST} ids, separated by commas."
        longest = self.MOST * (_ID_LENGTH + 1) - 1
        super().__init__(metadata={"type": "string", "maxLength": longest, "description": told}, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> tuple[UUID, ...]:
        texts = str(value).split(",", self.MOST)
        ids = tuple(found for text in dict.fromkeys(texts) if (found := parse_id(text)))
        if len(texts) > self.MOST or len(ids) < len(set(texts)):
            raise ValidationError(f"Give at most {self.MOST} ids, separated by commas.")
        return ids


class Listed(ma.fields.List[Any]):
    """A list without repetitions, in the order given."""

    def __init__(self, inner: ma.fields.Field[Any], *, most: int = 50, **options: Any) -> None:
        """Bound its length."""
        super().__init__(inner, validate=validate.Length(max=most), **options)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> list[Any]:
        return list(dict.fromkeys(super()._deserialize(value, attr, data, **kwargs)))


class Flag(ma.fields.Boolean):
    """true or false, and nothing that merely looks like it."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class Whole(ma.fields.Integer):
    """A JSON integer within bounds; neither text, nor true, nor 1.0."""

    def __init__(self, *, least: int, most: int, **options: Any) -> None:
        """Bound the value, both ends included."""
        super().__init__(strict=True, validate=validate.Range(min=least, max=most), **options)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.make_error("invalid", input=value)
        return value


class Moment(ma.fields.DateTime):
    """A moment, RFC 3339 in UTC with `Z` on the way out, with any offset on the way in."""

    def __init__(self, **options: Any) -> None:
        """Take ISO 8601 with an offset only."""
        super().__init__(format="iso", **options)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return None if value is None else clock.rfc3339(value)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        moment = super()._deserialize(value, attr, data, **kwargs)
        if moment.tzinfo is None:
            raise ValidationError("Give the offset, e.g. 2026-01-31T00:00:00Z.")
        try:
            return moment.astimezone(UTC)
        except OverflowError as wrong:
            raise ValidationError("This moment is out of range.") from wrong


class Problem(ma.Schema):
    """An error: application/problem+json (RFC 9457)."""

    class Meta:
        """A problem may tell more: the ids of what was created, the reason a password is refused."""

        unknown = ma.INCLUDE

    type = ma.fields.String(required=True, metadata={"description": "Where the code is explained."})
    title = ma.fields.String(required=True)
    status = ma.fields.Integer(required=True)
    detail = ma.fields.String(required=True)
    code = ma.fields.String(required=True, metadata={"description": "Stable, machine-readable."})
    request_id = ma.fields.String(required=True)
    errors = ma.fields.Dict(
        keys=ma.fields.String(),
        values=ma.fields.List(ma.fields.String()),
        metadata={"description": "With 422: what is wrong, by field."},
    )


def _listed(checks: Any) -> list[Any]:
    if checks is None:
        return []
    return list(checks) if isinstance(checks, list | tuple) else [checks]
