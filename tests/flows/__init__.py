"""Stories over HTTP."""
