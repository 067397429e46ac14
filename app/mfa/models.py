"""What other packages see of second factors."""

from dataclasses import dataclass
from datetime import datetime

TOTP, PASSKEY, RECOVERY_CODE = "totp", "passkey", "recovery_code"
MFA = "mfa"
"""The method reference that says that more than one factor was proved (RFC 8176, 2)."""


@dataclass(frozen=True, slots=True)
class Factors:
    """What a user has; `totp_confirmed_at` is None where no authenticator app is in use."""

    totp_confirmed_at: datetime | None
    passkeys: int
    recovery_codes_left: int

    @property
    def has_second_factor(self) -> bool:
        """Whether a login asks for more than the password: recovery codes alone do not count."""
        return self.totp_confirmed_at is not None or self.passkeys > 0

    @property
    def methods(self) -> tuple[str, ...]:
        """Return what a login takes beside the password, in the order to offer it; none without a second factor."""
        if not self.has_second_factor:
            return ()
        had = {
            TOTP: self.totp_confirmed_at is not None,
            PASSKEY: self.passkeys,
            RECOVERY_CODE: self.recovery_codes_left,
        }
        return tuple(method for method, there in had.items() if there)


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A new seed for an authenticator app: as text, as a link and as a picture. It is shown this once."""

    secret: str
    otpauth_uri: str
    qr_svg: str
