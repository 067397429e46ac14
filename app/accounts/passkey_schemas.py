"""Bodies of the passkey calls. What browsers read and write keeps the names of their own JSON forms (WebAuthn L3)."""

from typing import Any

from marshmallow import fields

from app.web.pages import page_of
from app.web.schemas import Flag, Moment, Name, Schema, Text


class Credential(fields.Dict):
    """What PublicKeyCredential.toJSON() gives; what is wrong within it is `invalid_code`, without a word on where."""

    def __init__(self, **options: Any) -> None:
        """Say where it comes from."""
        options["metadata"] = {"description": "The result of `credential.toJSON()` in the browser."}
        super().__init__(**options)


class PasskeyDescriptor(Schema):
    """A passkey, to an authenticator."""

    type = fields.String(required=True)
    id = fields.String(required=True)
    transports = fields.List(fields.String(), required=True)


class PasskeyDomain(Schema):
    """Where a passkey works."""

    id = fields.String(required=True)
    name = fields.String(required=True)


class PasskeyHolder(Schema):
    """Whose a passkey is."""

    id = fields.String(required=True, metadata={"description": "The user handle."})
    name = fields.String(required=True)
    displayName = fields.String(required=True)


class PasskeyAlgorithm(Schema):
    """An algorithm, by its number in COSE."""

    type = fields.String(required=True)
    alg = fields.Integer(required=True, metadata={"example": -7})


class PasskeySelection(Schema):
    """What an authenticator must be able to do."""

    residentKey = fields.String(required=True)
    requireResidentKey = Flag(required=True)
    userVerification = fields.String(required=True)


class PasskeyCreationOptions(Schema):
    """For `PublicKeyCredential.parseCreationOptionsFromJSON()`; good for one answer, within five minutes."""

    rp = fields.Nested(PasskeyDomain, required=True)
    user = fields.Nested(PasskeyHolder, required=True)
    challenge = fields.String(required=True)
    pubKeyCredParams = fields.List(fields.Nested(PasskeyAlgorithm), required=True)
    timeout = fields.Integer(required=True, metadata={"description": "Milliseconds."})
    excludeCredentials = fields.List(fields.Nested(PasskeyDescriptor), required=True)
    authenticatorSelection = fields.Nested(PasskeySelection, required=True)
    attestation = fields.String(required=True)


class PasskeyRequestOptions(Schema):
    """For `PublicKeyCredential.parseRequestOptionsFromJSON()`; good for one answer, within five minutes."""

    challenge = fields.String(required=True)
    timeout = fields.Integer(required=True, metadata={"description": "Milliseconds."})
    rpId = fields.String(required=True)
    allowCredentials = fields.List(fields.Nested(PasskeyDescriptor), required=True)
    userVerification = fields.String(required=True)


class NewPasskey(Schema):
    """A passkey that a browser has made."""

    credential = Credential(required=True)
    name = Name(max_length=100, load_default="Passkey", metadata={"example": "My phone"})


class PasskeyName(Schema):
    """What a passkey is called from now on."""

    name = Name(max_length=100, required=True, metadata={"example": "My phone"})


class PasskeyLogin(Schema):
    """A browser's answer to the options of a login."""

    credential = Credential(required=True)


class PasskeyView(Schema):
    """A passkey as its user sees it."""

    passkey_id = fields.UUID(required=True)
    name = Text(required=True, max_length=100)
    transports = fields.List(fields.String(), required=True)
    aaguid = fields.String(required=True, metadata={"description": "The model of the authenticator; zeros: not told."})
    backed_up = Flag(required=True, metadata={"description": "Whether it lives on in a cloud when the device is lost."})
    created_at = Moment(required=True)
    last_used_at = Moment(required=True, allow_none=True)


class AddedPasskey(PasskeyView):
    """A passkey just added; with a user's first factor come the recovery codes, which are shown once, here."""

    recovery_codes = fields.List(fields.String(), required=True, allow_none=True)


PasskeyList = page_of(PasskeyView)
