"""What `make bench` and `make crash` run."""
