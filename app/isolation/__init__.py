"""The proof that no client's data is reachable by another: examined daily, signed, and checkable by anyone."""
