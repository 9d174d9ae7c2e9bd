"""The worker: reactions to outbox messages and periodic work."""
