"""Tests of moving, copying and keeping a client."""
