"""What can go wrong with managing a user."""

from app.core.errors import Conflict


class InvitationPending(Conflict):
    """An invited user would be made active by somebody else, without a password."""

    title = "This user has not accepted the invitation yet."
    advice = "Wait until it does, which makes it active; POST /users/{user_id}/invitation mails it another invitation."
