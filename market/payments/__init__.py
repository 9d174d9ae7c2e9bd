"""The market's side of billing: orders meet money here and nowhere else."""
