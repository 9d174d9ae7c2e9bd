"""Agencies: licence, qualifications, capacity, suspension."""
