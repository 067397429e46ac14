"""Bodies of the account calls."""

from marshmallow import fields

from app.users.schemas import CustomFields, Password, Profile, UserView
from app.web.pages import page_of
from app.web.schemas import EmailAddress, Flag, Moment, Schema, Text

_EXAMPLE_EMAIL = {"example": "ada@example.com"}
_EXAMPLE_PASSWORD = {"example": "correct horse battery"}


class SignUp(Profile):
    """A new user."""

    email = EmailAddress(required=True, metadata=dict(_EXAMPLE_EMAIL))
    password = Password(required=True, metadata=dict(_EXAMPLE_PASSWORD))
    custom_fields = CustomFields()


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


class Reauthentication(Schema):
    """A fresh proof of identity."""

    password = Password(required=True, metadata=dict(_EXAMPLE_PASSWORD))


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


SessionPage = page_of(SessionView)


class TokenToIntrospect(Schema):
    """A token that somebody has sent to you."""

    token = Text(required=True, max_length=8192, metadata={"example": "rlk_rt_…"})
    token_type_hint = Text(max_length=64, metadata={"description": "Taken and ignored: a token tells its kind itself."})


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
