"""What real servers need: processes that die with us, and a PostgreSQL of our own."""
