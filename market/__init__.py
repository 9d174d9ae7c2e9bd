"""The Sunlit market; importing it has no effect."""
