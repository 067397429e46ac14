"""Tests of app.onboarding."""
