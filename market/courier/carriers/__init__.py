"""Adapters to carriers."""
