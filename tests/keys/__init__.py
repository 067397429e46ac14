"""API keys over HTTP: made, used, verified, ended, counted."""
