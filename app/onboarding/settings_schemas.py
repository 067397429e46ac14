"""The settings of a client over HTTP: what each may be, and how it is shown with the level it comes from."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validate

from app.clients import json_schemas
from app.clients.models import BOUNDS, EMAIL_VERIFICATIONS, MAIL_KINDS, MFA_POLICIES, SIGNUPS
from app.core import web_addresses
from app.mail.models import PLACEHOLDERS
from app.web.schemas import Name, Schema, Text, WebOrigins, Whole

MOST_WORDS = 200
MOST_REDIRECTS = 20
_PLACEHOLDER = re.compile(r"\{[ \t]*[\w.-]+[ \t]*\}")
_NOT_IN_A_LINE = frozenset({"Cc", "Zl", "Zp"})


class OneLine(Name):
    """Text in one line: nothing in it that ends a line or moves a cursor."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if any(unicodedata.category(letter) in _NOT_IN_A_LINE for letter in text):
            raise ValidationError("Write it in one line, without control characters.")
        return text


class PlainText(Name):
    """Text in lines."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs).replace("\r\n", "\n")
        if any(unicodedata.category(letter) == "Cc" for letter in text if letter not in "\n\t"):
            raise ValidationError("Control characters are not allowed.")
        return text


class RedirectUrl(Text):
    """The exact address of a page of the client's own, the same to every browser."""

    def __init__(self, **options: Any) -> None:
        """Bound the length."""
        options.setdefault("metadata", {}).setdefault("example", "https://app.example.com/welcome")
        super().__init__(max_length=web_addresses.LONGEST, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        url = super()._deserialize(value, attr, data, **kwargs)
        if not web_addresses.is_plain(url):
            raise ValidationError(
                "Give an https address as browsers write it (or http on localhost), without a fragment, "
                "as in https://app.example.com/welcome."
            )
        return url


class Domain(Text):
    """A host by name, in lower case."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs).lower()
        if not web_addresses.is_domain(text):
            raise ValidationError("Give a domain such as example.com, or localhost.")
        return text


class PasskeyOrigins(WebOrigins):
    """Origins that browsers hold secure, as WebAuthn asks: https, or http on localhost."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        origins: list[str] = super()._deserialize(value, attr, data, **kwargs)  # type: ignore[assignment]
        for number, origin in enumerate(origins):
            host = origin.removeprefix("http://").partition(":")[0]
            if not origin.startswith("https://") and host != "localhost":
                raise ValidationError({number: ["Passkeys need https, or http on localhost."]})
        return origins


class Color(Text):
    """A colour as `#rrggbb`."""

    def __init__(self, **options: Any) -> None:
        """Take six hexadecimal digits."""
        check = validate.Regexp(r"#[0-9A-Fa-f]{6}\Z", error="Give a colour such as #1a6b4f.")
        super().__init__(max_length=7, validate=check, metadata={"example": "#1a6b4f"}, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> str:
        return super()._deserialize(value, attr, data, **kwargs).lower()


class FieldsSchema(fields.Dict):
    """A JSON Schema (2020-12) of at most 16 KiB that stands by itself."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> dict[Any, Any]:
        if not isinstance(value, dict):
            raise self.make_error("invalid")
        try:
            json_schemas.check(value)
        except json_schemas.SchemaRefused as refused:
            raise ValidationError(f"{refused}.") from refused
        return value


def _check_placeholders(text: str) -> None:
    """Refuse what looks like a placeholder and is none: it would be sent as it stands."""
    if set(_PLACEHOLDER.findall(text)) - {f"{{{name}}}" for name in PLACEHOLDERS}:
        *names, last = (f"{{{name}}}" for name in PLACEHOLDERS)
        raise ValidationError(f"Placeholders are {', '.join(names)} and {last}; no others.")


class MailText(Schema):
    """What a mail says in place of the built-in words; `{client_name}`, `{email}`, `{full_name}` are filled in.

    So are `{change}`, what has been changed where the mail tells of a change, and `{moment}`, when it was written.
    """

    subject = OneLine(max_length=120, validate=_check_placeholders)
    text = PlainText(max_length=2000, validate=_check_placeholders)


_OF_KINDS = {kind: fields.Nested(MailText) for kind in MAIL_KINDS}
MailTexts: type[Schema] = type("MailTexts", (Schema,), {"__doc__": "The words of mails, by kind.", **_OF_KINDS})


def _number(name: str) -> Whole:
    least, most = BOUNDS[name]
    return Whole(least=least, most=most, allow_none=True)


def _one_of(words: tuple[str, ...]) -> Text:
    return Text(validate=validate.OneOf(words), allow_none=True)


class SettingsChange(Schema):
    """Settings to change; null takes a setting back to the default."""

    password_min_length = _number("password_min_length")
    access_token_ttl = _number("access_token_ttl")
    session_idle_ttl = _number("session_idle_ttl")
    session_absolute_ttl = _number("session_absolute_ttl")
    allowed_origins = WebOrigins(
        allow_none=True, metadata={"description": "The pages from which your users may call with their tokens."}
    )
    password_blocklist = fields.List(OneLine(max_length=64), validate=validate.Length(max=MOST_WORDS), allow_none=True)
    email_verification = _one_of(EMAIL_VERIFICATIONS)
    signup = _one_of(SIGNUPS)
    mfa_policy = _one_of(MFA_POLICIES)
    redirect_urls = fields.List(RedirectUrl(), validate=validate.Length(max=MOST_REDIRECTS), allow_none=True)
    passkey_rp_id = Domain(max_length=253, allow_none=True, metadata={"example": "example.com"})
    passkey_origins = PasskeyOrigins(allow_none=True)
    sender_name = OneLine(max_length=64, allow_none=True)
    brand_color = Color(allow_none=True)
    mail_texts = fields.Nested(MailTexts, allow_none=True)
    custom_fields_schema = FieldsSchema(allow_none=True)


class _Level(Schema):
    source = fields.String(
        required=True,
        validate=validate.OneOf(["default", "platform", "client"]),
        metadata={"description": "Built in, the operator's, or the client's own."},
    )


class NumberLevel(_Level):
    """A number and the level it comes from."""

    value = fields.Integer(required=True)


class TextLevel(_Level):
    """A text and the level it comes from."""

    value = fields.String(required=True, allow_none=True)


class ListLevel(_Level):
    """A list and the level it comes from."""

    value = fields.List(fields.String(), required=True)


class EmailVerificationLevel(_Level):
    """Whether addresses are to be proved, and the level it comes from."""

    value = fields.String(required=True, validate=validate.OneOf(EMAIL_VERIFICATIONS))


class SignupLevel(_Level):
    """Who may sign up, and the level it comes from."""

    value = fields.String(required=True, validate=validate.OneOf(SIGNUPS))


class MfaPolicyLevel(_Level):
    """Who needs a second factor, and the level it comes from."""

    value = fields.String(required=True, validate=validate.OneOf(MFA_POLICIES))


class MailTextsLevel(_Level):
    """The words of mails by kind, and the level they come from."""

    value = fields.Dict(
        keys=fields.String(validate=validate.OneOf(MAIL_KINDS)), values=fields.Nested(MailText), required=True
    )


class SchemaLevel(_Level):
    """A JSON Schema and the level it comes from."""

    value = fields.Dict(required=True, allow_none=True)


class SettingsView(Schema):
    """A client's settings; times are seconds."""

    password_min_length = fields.Nested(NumberLevel, required=True)
    access_token_ttl = fields.Nested(NumberLevel, required=True)
    session_idle_ttl = fields.Nested(NumberLevel, required=True)
    session_absolute_ttl = fields.Nested(NumberLevel, required=True)
    allowed_origins = fields.Nested(ListLevel, required=True)
    password_blocklist = fields.Nested(ListLevel, required=True)
    email_verification = fields.Nested(EmailVerificationLevel, required=True)
    signup = fields.Nested(SignupLevel, required=True)
    mfa_policy = fields.Nested(MfaPolicyLevel, required=True)
    redirect_urls = fields.Nested(ListLevel, required=True)
    passkey_rp_id = fields.Nested(TextLevel, required=True)
    passkey_origins = fields.Nested(ListLevel, required=True)
    sender_name = fields.Nested(TextLevel, required=True)
    brand_color = fields.Nested(TextLevel, required=True)
    mail_texts = fields.Nested(MailTextsLevel, required=True)
    custom_fields_schema = fields.Nested(SchemaLevel, required=True)
