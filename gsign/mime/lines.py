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
    lfs = data.count(b"\n")
    ends = _count_ends(data, lfs)
    counted = (("bare-cr", data.count(b"\r") - ends), ("bare-lf", lfs - ends), ("nul", b"\0" in data))
    return [fault for fault, found in counted if found]


def _count_ends(data: bytes, lfs: int) -> int:
    """Count CRLFs.

    A large message is mostly lines of one length, as encoders write them; strided looks count those at a tenth of the
    cost, where the count of all LFs says that there are no others among them.
    """
    start, stop, inside = _even_lines(data)
    others = data.count(b"\n", 0, start) + data.count(b"\n", stop)
    if lfs != inside + others:
        return data.count(b"\r\n")
    return inside + data.count(b"\r\n", 0, start) + data.count(b"\r\n", stop)


def _even_lines(data: bytes) -> tuple[int, int, int]:
    """Return begin, end and number of the lines of one length, each ended by CRLF, around the middle of a message."""
    middle = data.find(b"\n", len(data) // 2)
    step = data.find(b"\n", middle + 1) - middle
    if middle < 1 or step < 2:
        return 0, 0, 0
    ahead = min(_run(data[middle::step], b"\n"), _run(data[middle - 1 :: step], b"\r"))
    behind = min(_run(data[middle::-step], b"\n"), _run(data[middle - 1 :: -step], b"\r"))
    number = ahead + behind - 2
    first = middle - (behind - 1) * step
    return (first + 1, first + 1 + number * step, number) if number > 0 else (0, 0, 0)


def _run(octets: bytes, octet: bytes) -> int:
    """Return how many of one octet a string begins with."""
    return len(octets) - len(octets.lstrip(octet))
