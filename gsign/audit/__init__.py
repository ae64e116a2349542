"""The account of what was signed, judged and decided: appended to, chained by hashes, never changed."""
