"""The outside parties of the demo: payment provider, carrier, beacon; absent in production."""
