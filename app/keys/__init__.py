"""Access keys and API keys: issued once, stored as a digest, refused the moment they are revoked."""
