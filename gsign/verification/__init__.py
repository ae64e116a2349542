"""The verdict on a document: what signatures cover, what came after, who signed and when, what it is worth."""
