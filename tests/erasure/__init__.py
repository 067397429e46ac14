"""Erasing clients."""
