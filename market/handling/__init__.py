"""The one-on-one room of an order: material checklist, documents, messages."""
