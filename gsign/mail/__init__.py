"""What is in a message: every document wherever it hides, and whatever readers of mail may take differently."""
