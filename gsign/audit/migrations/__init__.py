"""How ledgers of older forms are brought up to date."""
