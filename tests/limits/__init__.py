"""Tests of app.limits."""
