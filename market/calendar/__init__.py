"""Working days of the mainland, counted from a versioned data file; pure."""
