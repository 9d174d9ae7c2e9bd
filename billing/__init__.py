"""Ledger, escrow and payments: a library of its own, see README.md for its functions."""
