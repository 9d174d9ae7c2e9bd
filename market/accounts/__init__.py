"""People, organisations, memberships, sessions."""
