"""Ends of lines: mail travels with CRLF, files on disk often have LF."""

from __future__ import annotations

__all__ = ["canonical_lines", "line_faults"]


def canonical_lines(data: bytes) -> bytes:
    """Return a message as it travels, with CRLF at the end of each line (RFC 5321 clause 2.3.8).

    For `.eml` files on disk: one whose first line ends in LF alone is of a system where lines end so, even where a
    program has written parts of it, such as what was signed, with CRLF. Anything else is returned as it is: then a bare
    CR or LF is no local habit but something that readers take differently, and is left to be found.
    """
    first = data.find(b"\n")
    if first < 0 or data[max(first - 1, 0) : first] == b"\r":
        return data
    return data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def line_faults(data: bytes) -> list[str]:
    """Name what no message may hold on its way (RFC 5322 clause 2.3): `bare-cr`, `bare-lf`, `nul`."""
    ends = data.count(b"\r\n")
    counted = (("bare-cr", data.count(b"\r") - ends), ("bare-lf", data.count(b"\n") - ends), ("nul", b"\0" in data))
    return [fault for fault, found in counted if found]
