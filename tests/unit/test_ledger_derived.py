"""What is derived from entries stays what it is, until a revision rebuilds it in every ledger there is.

A rule that changed without one would make every verification of a ledger of before say that somebody had changed it.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from gsign.audit.derived import rows_of_all
from gsign.audit.entry import Entry, canonical, next_entry
from gsign.audit.rows import REVISION
from tests.unit.ledgers import body_of

SIGNER: Final = {"name": "Nguyễn Văn An", "email": "an@hungyen.gov.vn", "serial": "5401", "kind": "signature"}
BODIES: Final[list[tuple[str, dict[str, Any]]]] = [
    *(("decided", body_of(n)) for n in range(4)),
    ("decided", {"documents": [{"sha256": "ab" * 32, "signers": [{**SIGNER, "indication": "TOTAL_PASSED"}]}]}),
    ("done", {"entry": "a.1-1", "sha256": "00" * 32, "made": "11" * 32, "records": []}),
    ("forwarded", {"entry": "a.1-1", "sha256": "00" * 32, "done": ["sign-message"], "replies": ["250 2.0.0 Ok"]}),
    ("forwarded", {"entry": "a.1-2", "sha256": "00" * 32, "done": [], "replies": ["550 5.1.1 no", "450 later"]}),
    ("refused", {"entry": "a.1-3", "sha256": "00" * 32, "code": "mail-unclear"}),
    ("held", {"entry": "a.1-4", "sha256": "00" * 32}),
    ("released", {"entry": "a.1-4", "sha256": "00" * 32, "done": [], "replies": ["250 Ok"]}),
    ("rejected", {"entry": "a.1-4", "sha256": "00" * 32, "told": "a@b.vn"}),
    ("signed", {"act": "sign", "sha256": "22" * 32, "of": "33" * 32, "agency": "UBND tỉnh An Hòa", "kind": "cong-van",
                "role": "leader", "level": "B-LT", "key": "token", "signer": SIGNER}),
    ("verified", {"what": "document", "sha256": "22" * 32, "indication": "TOTAL_FAILED", "level": None}),
    ("administered", {"act": "trust-add", "object": "44" * 32, "by": "root"}),
    ("anchored", {"heads": {"b.1": [7, "55" * 32]}}),
]  # fmt: skip
KNOWN: Final = {"r0004": "1a1d5fc7b0aeeab2de32e0910b4262e5b8edbfae05ef48506714fb6cfb19561f"}


def entries() -> list[Entry]:
    made: list[Entry] = []
    for number, (kind, body) in enumerate(BODIES):
        when = datetime(2026, 1 + number % 12, 28, 17, 30, tzinfo=UTC)
        made.append(next_entry(made[-1] if made else None, "a.1", kind, body, now=when))
    return made


def test_what_is_derived_changes_with_a_revision_alone() -> None:
    """Where this fails: add a revision that calls `rebuild`, name it in `rows.REVISION`, and put its digest here."""
    derived = {table: [repr(row) for row in rows] for table, rows in rows_of_all(entries()).items()}
    assert hashlib.sha256(canonical(derived).encode()).hexdigest() == KNOWN[REVISION]


def test_a_later_revision_rebuilds_what_an_earlier_one_derived(tmp_path: Path) -> None:
    """The rebuilding itself, over rows that somebody or some earlier rule has made."""
    from gsign.audit.migrating import open_engine
    from gsign.audit.rebuilding import rebuild
    from gsign.audit.verifying import verify_ledger
    from tests.unit.ledgers import change, url_of, written

    path = written(tmp_path / "ledger.db")
    with change(path) as connection:
        connection.execute("UPDATE mention SET word = word + 1")
        connection.execute("DELETE FROM fact_document")
    assert not verify_ledger(url_of(path)).is_whole
    engine = open_engine(url_of(path))
    with engine.begin() as connection:
        rebuild(connection)
    engine.dispose()
    assert verify_ledger(url_of(path)).is_whole
