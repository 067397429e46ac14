"""What other packages see of a one-time code."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

VERIFY_EMAIL, CHANGE_EMAIL = "email_verify", "email_change"
RESET_PASSWORD, INVITATION = "password_reset", "invitation"
MFA_PENDING, MFA_ENROLLMENT = "mfa_pending", "mfa_enrollment"
PASSKEY_REGISTRATION, PASSKEY_LOGIN = "passkey_registration", "passkey_login"
PASSKEY_SECOND, PASSKEY_REAUTH = "passkey_second", "passkey_reauth"

LIVES = {
    VERIFY_EMAIL: timedelta(hours=24),
    CHANGE_EMAIL: timedelta(hours=24),
    RESET_PASSWORD: timedelta(minutes=15),
    INVITATION: timedelta(days=7),
    MFA_PENDING: timedelta(minutes=5),
    MFA_ENROLLMENT: timedelta(minutes=15),
    PASSKEY_REGISTRATION: timedelta(minutes=5),
    PASSKEY_LOGIN: timedelta(minutes=5),
    PASSKEY_SECOND: timedelta(minutes=5),
    PASSKEY_REAUTH: timedelta(minutes=5),
}
"""How long a code of each purpose works."""

HALF_LOGINS = (MFA_PENDING, MFA_ENROLLMENT, PASSKEY_SECOND)
"""What was proved on the way to a session, and waits for the rest."""
OF_SESSIONS = (*HALF_LOGINS, CHANGE_EMAIL, PASSKEY_REGISTRATION, PASSKEY_REAUTH)
"""What somebody has begun in a session, or on the way to one."""


@dataclass(frozen=True, slots=True)
class Code:
    """A live code; `user_id` is None where it is nobody's yet. `payload` is what it was bound to, sealed at rest."""

    code_id: UUID
    client_id: UUID
    user_id: UUID | None
    purpose: str
    payload: dict[str, Any]
    tries: int
    created_at: datetime
    expires_at: datetime
