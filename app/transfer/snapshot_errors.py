"""What can go wrong with snapshots and their restoring."""

from app.core.errors import Conflict


class SnapshotRefused(Conflict):
    """There is no such snapshot, or it cannot be used."""

    title = "This snapshot cannot be used."
    advice = "Nothing was changed; `flask clients snapshots` shows what there is."


class RestoreBroken(Conflict):
    """Another restoring of the same client was begun meanwhile, and cleared away what this one had laid out."""

    title = "The rows that were to be put in place are not all there."
    advice = "Nothing was changed; repeat the command, and have only one at a time restore a client."
