"""Start-up: are CLIENT_DEFAULTS and CLIENT_BOUNDS such as a client could have set itself?"""

from app.clients.models import BOUNDS
from app.core.settings import SettingsError, settings
from app.onboarding.settings_changes import contradictions
from app.onboarding.settings_schemas import SettingsChange
from app.web.bodies import flattened

_DEFAULTS, _BOUNDS = "CLIENT_DEFAULTS", "CLIENT_BOUNDS"


def check() -> None:
    """Raise SettingsError, naming the setting, for one of a client's settings that could not be."""
    _check_bounds()
    given = settings().client_defaults
    wrong = flattened(SettingsChange().validate(dict(given)))
    wrong |= {name: ["null is no default; leave it out."] for name, value in given.items() if value is None}
    if not wrong:
        wrong = {name: [message] for name, message in contradictions(given, given).items()}
    for name, messages in wrong.items():
        raise SettingsError(f"{_DEFAULTS}: {_shown(name)}: {messages[0]}")


def _check_bounds() -> None:
    for name, (least, most) in settings().client_bounds.items():
        if name not in BOUNDS:
            raise SettingsError(f"{_BOUNDS}: {_shown(name)} has no bounds; there are {', '.join(BOUNDS)}")
        widest = BOUNDS[name]
        if least < widest[0] or most > widest[1]:
            raise SettingsError(f"{_BOUNDS}: {name} must lie within {widest[0]} and {widest[1]}")


def _shown(name: str) -> str:
    return ascii(name[:64])[1:-1]
