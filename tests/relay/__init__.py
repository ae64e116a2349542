"""The relay as it runs: a process of its own, clients before it, a next hop behind it that does as it is told."""
