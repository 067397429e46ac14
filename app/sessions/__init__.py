"""Sessions: access tokens, refresh families and their end, and the keys that sign."""
