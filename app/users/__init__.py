"""The people of one client, in a table of their own."""
