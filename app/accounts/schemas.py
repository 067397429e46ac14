"""Bodies of the account calls."""

from marshmallow import fields

from app.users.schemas import CustomFields, Password, Profile, UserView
from app.web.pages import page_of
from app.web.schemas import EmailAddress, Flag, Moment, Name, Schema, Text

_EXAMPLE_EMAIL = {"example": "ada@example.com"}
_EXAMPLE_PASSWORD = {"example": "correct horse battery"}


class RedirectTo(Text):
    """A page that the link of a mail leads to, instead of the hosted one."""

    def __init__(self) -> None:
        """Say what it may be."""
        told = "One of the client's `redirect_urls`, exactly; the code comes as `#token=…&purpose=…`."
        super().__init__(max_length=2048, metadata={"description": told})


class SignUp(Profile):
    """A new user."""

    email = EmailAddress(required=True, metadata=dict(_EXAMPLE_EMAIL))
    password = Password(required=True, metadata=dict(_EXAMPLE_PASSWORD))
    custom_fields = CustomFields()
    redirect_to = RedirectTo()


class EmailVerificationSent(Schema):
    """A mail is on its way, whether or not the address was taken; its link leads on."""

    email_verification = fields.Constant("sent", required=True)


class LogIn(Schema):
    """An e-mail address and its password."""

    email = EmailAddress(required=True, metadata=dict(_EXAMPLE_EMAIL))
    password = Password(required=True, metadata=dict(_EXAMPLE_PASSWORD))


class Refresh(Schema):
    """A refresh token, which is spent by this."""

    refresh_token = Text(required=True, max_length=512)


class LogOut(Schema):
    """Which session to end; without a refresh token, the caller's own."""

    refresh_token = Text(max_length=512, load_default=None)
    everywhere = Flag(load_default=False, metadata={"description": "All of the user's sessions."})


class LoggedIn(Schema):
    """A user with the tokens of its session."""

    user_id = fields.UUID(required=True, attribute="user.user_id")
    access_token = fields.String(required=True, attribute="tokens.access_token")
    refresh_token = fields.String(required=True, attribute="tokens.refresh_token")
    token_type = fields.Constant("Bearer", required=True)
    expires_in = fields.Integer(
        required=True, attribute="tokens.expires_in", metadata={"description": "Life of the access token in seconds."}
    )
    user = fields.Nested(UserView, required=True)


class PasswordChange(Schema):
    """The password that is, and the one to be."""

    current_password = Password(required=True)
    new_password = Password(required=True)


class SessionView(Schema):
    """One login."""

    session_id = fields.UUID(required=True)
    ip_address = Text(required=True, allow_none=True)
    user_agent = Text(required=True, allow_none=True, max_length=256)
    created_at = Moment(required=True)
    last_seen_at = Moment(required=True)
    current = Flag(required=True, metadata={"description": "Whether it is the session of this call."})
    impersonated = fields.Function(
        lambda session: session["impersonator_id"] is not None,
        required=True,
        metadata={"type": "boolean", "description": "Whether an admin acts for the user in it."},
    )


SessionPage = page_of(SessionView)


class TokenToIntrospect(Schema):
    """A token that somebody has sent to you."""

    token = Text(required=True, max_length=8192, metadata={"example": "rlk_rt_…"})
    token_type_hint = Text(max_length=64, metadata={"description": "Taken and ignored: a token tells its kind itself."})


class ActingParty(Schema):
    """Who acts for the user of a token."""

    sub = fields.UUID(required=True, metadata={"description": "The admin."})


class IntrospectionView(Schema):
    """Whether a token is good (RFC 7662); of one that is not, nothing else is told. `exp` is Unix seconds."""

    active = fields.Boolean(required=True)
    token_type = fields.String(metadata={"example": "Bearer"})
    kind = fields.String(metadata={"example": "access", "description": "`access` or `refresh`."})
    client_id = fields.UUID()
    aud = fields.UUID()
    sub = fields.UUID(metadata={"description": "The user."})
    sid = fields.UUID(metadata={"description": "The session."})
    username = fields.String(metadata={"description": "The user's e-mail address."})
    scope = fields.String(metadata={"example": "read write"})
    iss = fields.String()
    exp = fields.Integer()
    act = fields.Nested(ActingParty, metadata={"description": "Only where an admin acts for the user (RFC 8693, 4.1)."})


class MailAddressed(Schema):
    """Whom to mail."""

    email = EmailAddress(required=True, metadata=dict(_EXAMPLE_EMAIL))
    redirect_to = RedirectTo()


class MailedCode(Schema):
    """The code of a mail."""

    token = Text(required=True, max_length=512, metadata={"example": "rlk_oc_…"})


class PasswordReset(MailedCode):
    """The code of a mail, and the password to be."""

    new_password = Password(required=True, metadata=dict(_EXAMPLE_PASSWORD))


class Acceptance(MailedCode):
    """The code of an invitation, and what its user sets."""

    password = Password(required=True, metadata=dict(_EXAMPLE_PASSWORD))
    full_name = Name(max_length=120)
