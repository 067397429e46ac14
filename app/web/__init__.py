"""The front door: credentials, limits, request bodies, answers and the pages that explain the API."""
