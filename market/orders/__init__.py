"""Direct orders of the shop: from placing to settling."""
