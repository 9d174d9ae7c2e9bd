"""Mutual ratings of an order, sealed until both sides have rated."""
