"""A payment provider for development and tests; it must not exist in production."""
