"""Whom to believe: anchors, paths, status, timestamps and the worth of algorithms."""
