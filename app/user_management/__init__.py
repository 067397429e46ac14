"""Managing a client's users: what its backend and its admins do with people other than themselves."""
