"""Commands of ``python -m market``: dry by default where they change something."""
