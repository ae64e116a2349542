"""What a document holds that can be turned against whoever signs it."""
