"""What can go wrong with roles."""

from app.core.errors import InsufficientScope


class BeyondOwnRights(InsufficientScope):
    """A caller would hand out, or change, more than it holds itself; the audit row of the attempt stays."""

    title = "Nobody grants or changes rights that it does not hold itself."
    advice = "Leave out what you lack, or use a credential that holds it."
    keeps_writes = True
