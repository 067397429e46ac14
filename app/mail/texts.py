"""What mails say where a client has no text of its own; placeholders as in a client's texts."""

from dataclasses import dataclass

from app.mail.models import (
    EMAIL_CHANGE,
    EMAIL_CHANGE_ATTEMPT,
    EMAIL_CHANGE_NOTICE,
    EMAIL_CHANGED,
    EMAIL_VERIFY,
    INVITATION,
    MFA_CHANGED,
    PASSWORD_CHANGED,
    PASSWORD_RESET,
    SIGNUP_ATTEMPT,
)


@dataclass(frozen=True, slots=True)
class Wording:
    """Subject, text (paragraphs apart by a blank line), what the link is called, and a word on how long it works."""

    subject: str
    text: str
    button: str = ""
    closing: str = ""


_ONCE = "The link works once, and only the newest one does"
_NOT_YOU = "If you did not ask for this, you need not do anything."
_CONTACT = "If this was not you, reset your password now and tell {client_name}."

WORDINGS = {
    EMAIL_VERIFY: Wording(
        "Confirm your e-mail address for {client_name}",
        "An account at {client_name} was made with {email}, by you or for you. Please confirm that this address is "
        "yours.",
        "Confirm this address",
        f"{_ONCE}, for 24 hours. If you know of no such account, do not follow the link: it would let somebody else "
        "in.",
    ),
    PASSWORD_RESET: Wording(
        "Choose a new password for {client_name}",
        "Somebody asked for a new password for your account {email} at {client_name}.",
        "Choose a new password",
        f"{_ONCE}, for 15 minutes. {_NOT_YOU} Your password stays as it is until you follow the link.",
    ),
    EMAIL_CHANGE: Wording(
        "Confirm your new e-mail address for {client_name}",
        "Please confirm that you want to use {email} for your account at {client_name} from now on.",
        "Use this address",
        f"{_ONCE}, for 24 hours. {_NOT_YOU}",
    ),
    EMAIL_CHANGE_NOTICE: Wording(
        "Your e-mail address at {client_name} is to change",
        "Somebody logged in to your account at {client_name} asked to change its e-mail address, which is {email}. It "
        f"changes once the new address is confirmed.\n\n{_CONTACT}",
    ),
    EMAIL_CHANGED: Wording(
        "Your e-mail address at {client_name} was changed",
        "Your account at {client_name} has another e-mail address now; {email} no longer belongs to it. If this was "
        "not you, tell {client_name} at once.",
    ),
    EMAIL_CHANGE_ATTEMPT: Wording(
        "Somebody wants to use your e-mail address at {client_name}",
        "Somebody, perhaps you, asked to use {email} for another account at {client_name}. There is an account with "
        "this address already, so nothing has changed.",
        "Open {client_name}",
        _NOT_YOU,
    ),
    INVITATION: Wording(
        "You are invited to {client_name}",
        "{client_name} has made an account for {email}. Choose a password to use it.",
        "Accept the invitation",
        f"{_ONCE}, for 7 days. If you do not know {{client_name}}, you need not do anything.",
    ),
    SIGNUP_ATTEMPT: Wording(
        "You already have an account at {client_name}",
        "Somebody, perhaps you, tried to sign up at {client_name} with {email}. There is an account with this address "
        "already, so nothing has changed: log in, or ask for a new password if you have forgotten yours.",
        "Open {client_name}",
        _NOT_YOU,
    ),
    PASSWORD_CHANGED: Wording(
        "Your password at {client_name} was changed",
        f"The password of your account {{email}} at {{client_name}} was changed.\n\n{_CONTACT}",
    ),
    MFA_CHANGED: Wording(
        "The second factors of your account at {client_name} were changed",
        f"{{change}}: your account {{email}} at {{client_name}}, on {{moment}}.\n\n{_CONTACT}",
    ),
}
