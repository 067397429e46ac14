"""Verification, recovery, e-mail change and invitation."""
