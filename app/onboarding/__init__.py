"""A client from registration on: its making, its administration, and the commands of the operator's shell."""
