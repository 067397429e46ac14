"""Limits: the tiers and the throttle of failed logins."""
