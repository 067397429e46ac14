"""The tests: stories over HTTP, contracts, and units where logic is dense."""
