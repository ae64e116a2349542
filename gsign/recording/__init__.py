"""What a run of the program writes into the ledger, where the configuration names one."""
