"""What gunicorn and the flask command load."""

import os
import sys

from app import create_app
from app.core.settings import SettingsError
from app.onboarding import documents_cli

# The database, its log and its locks are for this account alone, whatever the shell's habit.
os.umask(0o077)
try:
    # Whoever checks a document by keys at hand has no settings, and need not have any.
    app = documents_cli.offline_app() if documents_cli.is_offline(sys.argv[1:]) else create_app()
except SettingsError as refused:
    sys.exit(f"Rowlock does not start: {refused}")
