"""Bodies of the calls about second factors."""

from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from app.accounts.passkey_schemas import Credential
from app.users.schemas import Password
from app.web.schemas import Moment, Schema, Text

_CODE = {
    "example": "492039",
    "description": "Of the authenticator app, or a recovery code; spaces and dashes are fine.",
}


class SecondFactor(Schema):
    """A second factor: a code or a passkey's answer."""

    code = Text(max_length=64, metadata=dict(_CODE))
    credential = Credential()

    @validates_schema
    def _one_factor(self, data: dict[str, Any], **_: Any) -> None:
        if ("code" in data) == ("credential" in data):
            raise ValidationError("Send either a code or a passkey's credential.", "code")


class SecondStep(SecondFactor):
    """A second factor for a login that a password began: a code or a passkey's answer."""

    mfa_token = Text(required=True, max_length=128, metadata={"example": "rlk_oc_…"})


class Reauthentication(Schema):
    """A fresh proof of identity: the password, with a code where there is a second factor; or a passkey's answer."""

    password = Password(metadata={"example": "correct horse battery"})
    code = Text(max_length=64, metadata=dict(_CODE))
    credential = Credential()

    @validates_schema
    def _password_or_passkey(self, data: dict[str, Any], **_: Any) -> None:
        if "credential" in data and len(data) > 1:
            raise ValidationError("A passkey's credential proves enough by itself.", "credential")
        if "credential" not in data and "password" not in data:
            raise ValidationError("Send the password, or a passkey's credential.", "password")


class TotpCode(Schema):
    """A code that the app shows for the new secret."""

    code = Text(required=True, max_length=64, metadata={"example": "492039"})


class TotpEnrolment(Schema):
    """A new secret for an authenticator app, shown this once; it is not in use before it is confirmed."""

    secret = fields.String(required=True, metadata={"example": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"})
    otpauth_uri = fields.String(required=True, metadata={"description": "What the QR code says."})
    qr_svg = fields.String(required=True, metadata={"description": "The QR code, an SVG picture."})


class RecoveryCodes(Schema):
    """Ten codes that stand in for a lost second factor, each once; shown this once."""

    recovery_codes = fields.List(fields.String(), required=True)


class FactorsView(Schema):
    """Your second factors; never a secret."""

    methods = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "`totp`, `passkey`, `recovery_code`: what a login takes, in the order to offer it."},
    )
    totp_confirmed_at = Moment(required=True, allow_none=True)
    passkeys = fields.Integer(required=True)
    recovery_codes_left = fields.Integer(required=True)
