"""Mail and in-site notices; written inside the act, sent outside of any transaction."""
