"""The catalogue: approval matters, kinds of service, listings and their search."""
