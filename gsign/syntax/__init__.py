"""PDF syntax (ISO 32000-2 clause 7): objects, cross-reference sections and revisions of a file, read and appended."""
