"""The command line: one file for each family of commands."""

import gc

# A command imports much and ends soon: collecting again and again while it imports is a part of its start.
gc.set_threshold(50_000)
