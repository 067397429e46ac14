"""What gunicorn and the flask command load."""

import sys

from app import create_app
from app.core.settings import SettingsError

try:
    app = create_app()
except SettingsError as refused:
    sys.exit(f"Rowlock does not start: {refused}")
