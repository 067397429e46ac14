"""Erasing a client: everything of it goes, wherever it is kept; the platform keeps a signed receipt."""
