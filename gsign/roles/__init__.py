"""What each role asks of a document, and what it shows where: a story that needs drawing, placing and verifying."""
