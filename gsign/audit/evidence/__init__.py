"""What a dispute needs of a ledger, in one file that can be verified without it."""
