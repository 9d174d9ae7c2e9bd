"""Figures for supervisors and for everyone: limits, promises kept, draws."""
