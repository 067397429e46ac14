"""A client as one file: bundles, copies of a client, scheduled snapshots and their restoring."""
