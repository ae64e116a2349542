"""The report that heads of agencies answer for: what was counted in the ledger, as a page, a table or for programs."""
