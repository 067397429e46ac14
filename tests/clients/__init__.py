"""Tests of a client's settings."""
