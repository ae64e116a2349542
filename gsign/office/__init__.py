"""What a running relay holds: judge, keys, accounts, admission, and all of it opened from the configuration."""
