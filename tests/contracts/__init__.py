"""The contract: docs/API.md against docs/contract.yaml, and that against the code."""
