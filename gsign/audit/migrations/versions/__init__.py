"""One revision of the tables each."""
