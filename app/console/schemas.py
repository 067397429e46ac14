"""Bodies of the console's own calls. No token is in any of them: those travel in cookies."""

from marshmallow import fields

from app.accounts.mfa_schemas import Reauthentication, SecondFactor
from app.accounts.passkey_schemas import Credential
from app.accounts.schemas import LogIn
from app.users.schemas import UserView
from app.web.schemas import EmailAddress, Flag, Moment, Schema, Text


class NamedClient(Text):
    """Which client somebody logs in to."""

    def __init__(self) -> None:
        """Take whatever may be one: an unknown client is refused as a wrong password is."""
        told = "The client's slug, or its id; operators log in to `platform`."
        super().__init__(max_length=100, required=True, metadata={"example": "acme", "description": told})


class ConsoleLogIn(LogIn):
    """A client, an e-mail address and its password."""

    client = NamedClient()


class ConsoleSecondStep(SecondFactor):
    """The second factor of a login that is half done: a code or a passkey's answer."""


class ConsoleProof(Reauthentication):
    """A fresh proof of identity."""


class ConsolePasskeyOptions(Schema):
    """Which client somebody logs in to."""

    client = NamedClient()


class ConsolePasskey(ConsolePasskeyOptions):
    """A browser's answer to the options of a login."""

    credential = Credential(required=True)


class ConsoleMailAddressed(ConsolePasskeyOptions):
    """Whom to mail."""

    email = EmailAddress(required=True, metadata={"example": "ada@example.com"})


class ConsoleClient(Schema):
    """The client whose data the console shows."""

    client_id = fields.UUID(required=True)
    client_name = Text(required=True)
    slug = Text(required=True)
    is_platform = Flag(required=True, metadata={"description": "Whether it is the operators' own."})


class ConsoleSession(Schema):
    """Who is logged in to the console, where, and what they may do."""

    session_id = fields.UUID(required=True)
    client = fields.Nested(ConsoleClient, required=True)
    user = fields.Nested(UserView, required=True)
    scopes = fields.List(fields.String(), required=True, metadata={"description": "What the user's role holds now."})
    is_operator = Flag(required=True)
    fresh_until = Moment(
        required=True,
        metadata={"description": "Until then the proof of identity counts as recent; in the past: prove it again."},
    )
    expires_at = Moment(required=True, metadata={"description": "When the session ends, at the latest."})
