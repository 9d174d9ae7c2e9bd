"""What the order pages of all audiences share: words, forms, the room, and acting on an order."""
