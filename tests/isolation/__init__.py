"""The proof of isolation: what it finds, and that it finds what is planted."""
