"""A bench of the tests' own: an overlay on an existing bench, its services, its site and its people."""
