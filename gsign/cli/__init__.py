"""The command line: one file for each family of commands."""

import atexit
import gc

# A command imports much and ends soon: collecting again and again while it imports is a part of its start, and looking
# for cycles among all of it once more is the greater part of its end.
gc.set_threshold(50_000)
atexit.register(gc.freeze)
