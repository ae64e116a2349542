"""What reports ask of a ledger's facts, in SQL that SQLite and PostgreSQL both take. `?` stands for values.

What is counted, and when:

* A message counts when it got there: its fate is `delivered`, or `released` by a person. However often it was tried,
  and by way of however many relays that share the ledger, it counts once: a message is what has one Message-ID and one
  sender. It counts in the period in which it got there.
* A document is a file, told by its SHA-256. For each agency it counts once as sent, once as received and once as kept
  internal, in the month of the period in which it first got there, by the best verdict that it had in that month.
* A message that was refused, put off, held, released or rejected counts once for each of these, whether or not it got
  there at another time.
* What happens to a message again does not count again in the next period: whoever did not hear the answer before
  midnight asks once more behind it. Senders give up after four or five days (RFC 5321 clause 4.5.4.1).

So documents and messages come sorted, with the parties that each went between; who reads them merges what goes
together and never holds more than one of them.
"""

from __future__ import annotations

from typing import Final

__all__ = [
    "AGAIN",
    "DOCUMENTS",
    "FATES",
    "LONGEST",
    "MEDIAN",
    "MESSAGES",
    "REASONS_HELD",
    "REASONS_REFUSED",
    "RELEASED",
    "SERVICES",
    "WAITING",
    "completed",
    "names_of",
    "unpacked",
    "verdict_of",
]

# ruff: noqa: S608 - nothing but our own words is put together here
_IN_PERIOD: Final = "f.month BETWEEN ? AND ? {again}"
"""Every question begins with it; `again` is filled in by `completed`."""
_GOT_THERE: Final = "('delivered', 'released')"
_DELIVERED: Final = f"{_IN_PERIOD} AND f.fate IN {_GOT_THERE}"
_OF_MESSAGE: Final = "JOIN fact_message m ON m.writer = f.of_writer AND m.number = f.of_number"
_ALL: Final = ("delivered", "released", "refused", "deferred", "held", "rejected")

AGAIN: Final = f"""
SELECT a.writer, a.number FROM fact_fate a JOIN fact_message t ON t.writer = a.of_writer AND t.number = a.of_number
JOIN (
  SELECT DISTINCT s.message, b.fate FROM fact_fate b
  JOIN fact_message s ON s.writer = b.of_writer AND s.number = b.of_number
  WHERE b.month = ? AND b.time >= ? AND b.fate IN {_ALL}
) AS before ON before.message = t.message
WHERE a.month = ? AND a.time < ? AND a.fate IN {_ALL}
  AND (before.fate = a.fate OR (before.fate IN {_GOT_THERE} AND a.fate IN {_GOT_THERE}))
"""
"""Entries that tell again what was told of the same message shortly before the period.

Values: the month before, from which time on; the first month, until which time.
"""

DOCUMENTS: Final = f"""
SELECT d.document, d.parties,
  min(((CAST(f.month AS bigint) * 8 + d.verdict) * 8 + d.domain) * 8 + d.level), min(d.kind)
FROM fact_fate f JOIN fact_document d ON d.writer = f.of_writer AND d.number = f.of_number
WHERE {_DELIVERED} GROUP BY d.document, d.parties ORDER BY d.document, d.parties
"""
"""Document, parties, `unpacked` month, verdict, domain and level, kind."""

MESSAGES: Final = f"""
SELECT m.message, m.parties, max(m.is_own), max(m.carries_valid), max(f.is_signed), min(m.sender)
FROM fact_fate f {_OF_MESSAGE} WHERE {_DELIVERED} GROUP BY m.message, m.parties ORDER BY m.message, m.parties
"""

FATES: Final = f"""
SELECT f.fate, m.message, m.parties FROM fact_fate f {_OF_MESSAGE}
WHERE {_IN_PERIOD} AND f.fate IN ('refused', 'deferred', 'held', 'released', 'rejected')
GROUP BY f.fate, m.message, m.parties ORDER BY f.fate, m.message, m.parties
"""

_REASONS: Final = f"""
SELECT reason, count(*) FROM (
  SELECT DISTINCT r.reason, m.message FROM fact_fate f {_OF_MESSAGE}
  JOIN fact_reason r ON <of_reason> WHERE {_IN_PERIOD} AND f.fate = '<fate>') AS named
GROUP BY reason ORDER BY count(*) DESC, reason
"""


def _reasons(of_reason: str, fate: str) -> str:
    return _REASONS.replace("<of_reason>", of_reason).replace("<fate>", fate)


REASONS_REFUSED: Final = _reasons("r.writer = f.writer AND r.number = f.number", "refused")
"""Why messages were refused is said by the entry that says that they were."""
REASONS_HELD: Final = _reasons("r.writer = f.of_writer AND r.number = f.of_number", "held")
"""Why messages were held is said by the decision."""

_WAITED: Final = f"""
FROM (
  SELECT min(f.time) - min(h.time) AS waited
  FROM fact_fate f
  JOIN fact_fate h ON h.of_writer = f.of_writer AND h.of_number = f.of_number AND h.fate || '' = 'held'
  WHERE {_IN_PERIOD} AND f.fate = 'released' GROUP BY f.of_writer, f.of_number) AS released
"""
"""Whoever was interrupted may have written down twice that a message is held, or released: it waited once.

What is computed is not looked up: SQLite would go through all that was ever held, rather than by the entry.
"""
RELEASED: Final = f"SELECT count(*) {_WAITED}"
LONGEST: Final = f"SELECT max(waited) {_WAITED}"
MEDIAN: Final = f"SELECT waited {_WAITED} ORDER BY waited LIMIT ? OFFSET ?"
"""Times that messages waited which were released, in microseconds; ends in how many and from which on."""
WAITING: Final = """
SELECT count(*) FROM (
  SELECT of_writer, of_number FROM fact_fate WHERE fate = 'held' AND month <= ?
  EXCEPT SELECT of_writer, of_number FROM fact_fate WHERE fate IN ('released', 'rejected') AND month <= ?) AS waiting
"""

SERVICES: Final = """
SELECT f.act, f.key, f.level, f.verdict, count(*) FROM fact_service f WHERE f.month BETWEEN ? AND ?
GROUP BY f.act, f.key, f.level, f.verdict ORDER BY f.act, f.key, f.level, f.verdict
"""


def names_of(number: int) -> str:
    """Return the question for the names of so many parties: the number of each, and its names."""
    values = ", ".join(["(CAST(? AS bigint))"] * number)
    name = "(SELECT names FROM fact_message WHERE parties = column1 LIMIT 1)"
    return f"SELECT column1, {name} FROM (VALUES {values}) AS asked"


def completed(query: str, *, is_again: bool) -> str:
    """Return a question as it is asked: without what was told again, whose values then follow those of the period."""
    return query.replace("{again}", f"AND (f.writer, f.number) NOT IN ({AGAIN})" if is_again else "")


def verdict_of(number: int) -> int:
    """Return the verdict alone."""
    return number >> 6 & 7


def unpacked(number: int) -> tuple[int, int, int, int]:
    """Return month, verdict, domain and level."""
    return number >> 9, number >> 6 & 7, number >> 3 & 7, number & 7
