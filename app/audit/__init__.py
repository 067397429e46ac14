"""The audit log: one row for every change and every attempt, written in the transaction of the change itself."""
