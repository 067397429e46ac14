"""What authentication hands to the front door: who calls, and what is left of the windows in which the call counted."""

from dataclasses import dataclass

from app.core.actors import Actor
from app.core.windows import WindowState


@dataclass(frozen=True, slots=True)
class Admitted:
    """A caller and the windows that its call has just been counted in."""

    actor: Actor
    states: tuple[WindowState, ...] = ()
