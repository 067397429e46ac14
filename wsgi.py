"""What gunicorn and the flask command load."""

import os
import sys

from app import create_app
from app.core.settings import SettingsError

# The database, its log and its locks are for this account alone, whatever the shell's habit.
os.umask(0o077)
try:
    app = create_app()
except SettingsError as refused:
    sys.exit(f"Rowlock does not start: {refused}")
