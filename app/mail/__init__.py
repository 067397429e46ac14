"""Mails: an outbox in the database, what is written into them, and how they leave."""
