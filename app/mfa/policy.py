"""What a client's setting mfa_policy asks of its users."""

from app.clients.models import MFA_POLICIES, ClientSettings
from app.mfa.errors import LastFactor, SecondFactorsOff
from app.roles import service as roles

OFF, OPTIONAL, FOR_ADMINS, REQUIRED = MFA_POLICIES


def demands(policy: str, *, role: str, scopes: frozenset[str]) -> bool:
    """Return whether a user of a role, with its scopes, gets a session by a second factor only."""
    if policy == REQUIRED:
        return True
    return policy == FOR_ADMINS and (role in (roles.ADMIN, roles.SUPER_ADMIN) or roles.ADMIN in scopes)


def check_open(settings: ClientSettings) -> None:
    """Raise SecondFactorsOff where nobody enrols."""
    if settings.mfa_policy == OFF:
        raise SecondFactorsOff()


def check_may_be_without(settings: ClientSettings, *, role: str, scopes: frozenset[str]) -> None:
    """Raise LastFactor where a user would be left without the factor that its client asks for.

    Were it let go, whoever knows the password could set up the next one.
    """
    if demands(settings.mfa_policy, role=role, scopes=scopes):
        raise LastFactor()
