"""Sending results and originals by carrier: shipments, tracking, callbacks."""
