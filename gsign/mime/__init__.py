"""A message read where it lies: every part is a pair of offsets into the original bytes, nothing is written again."""

from gsign.mime.limits import Limits
from gsign.mime.lines import canonical_lines
from gsign.mime.part import Part
from gsign.mime.reading import read

__all__ = ["Limits", "Part", "canonical_lines", "read"]
