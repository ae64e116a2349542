"""Published sets of signed messages, where somebody has them: spoofed ones, and a mail program's own table.

Neither set is kept with the project, so this is no part of the test run:

    GSIGN_JOHNNY=folder GSIGN_THUNDERBIRD=folder pytest tests/outside/mail_sets.py

GSIGN_JOHNNY is a checkout of RUB-NDS/Johnny-You-Are-Fired (Müller et al., USENIX Security 2019), and
GSIGN_THUNDERBIRD one of comm-central.
"""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gsign import smime

JOHNNY = Path(os.environ["GSIGN_JOHNNY"])
THUNDERBIRD = Path(os.environ["GSIGN_THUNDERBIRD"])
TABLE = THUNDERBIRD / "mailnews/mime/test/unit/test_smime_decrypt.js"
FOLDER = THUNDERBIRD / "mailnews/test/data/smime"

# The certificates were valid then.
SPOOFED_AT = datetime(2019, 3, 15, tzinfo=UTC)
MESSAGES = sorted(path for path in JOHNNY.rglob("*.eml") if "pgp" not in path.name and "crash" not in path.name)
VALID = [path for path in MESSAGES if path.name.startswith("valid") or path.parent.name == "valid-signed"]
ATTACKS = [path for path in MESSAGES if path not in VALID]

_ROW = re.compile(r'filename:\s*"([^"]+\.eml)",(.*?)\n  \}', re.DOTALL)
ROWS = [
    (name, "sig_good: true" in row)
    for name, row in _ROW.findall(TABLE.read_text(encoding="utf-8"))
    if "sig: true" in row and "enc: true" not in row
]
# One signature over another good one: Thunderbird calls every nested signature bad; here the outer one counts
# (mail.md E2), which is From's and holds: an agency's over a personal one looks like this.
NESTED = re.compile(r"^alice\.(plain|env)\.d?sig\..*\.dave\.d?sig\.SHA(256|384|512)\.(opaque|multipart)\.eml$")
# A signature that holds, around something encrypted: Thunderbird calls it bad, here it passes with a warning.
AROUND_ENCRYPTED = re.compile(r"^alice\.env\.sig\.SHA(256|384|512)\.opaque\.eml$")


def judged(path: Path, anchors: Path, at: datetime | None = None) -> str:
    return smime.verify(path, trust=anchors, revocation="off", at=at).smime.value


@pytest.mark.parametrize("path", ATTACKS, ids=lambda p: p.stem)
def test_no_spoofed_message_passes(path: Path) -> None:
    assert judged(path, JOHNNY / "assets/certificates/intermediate_ca.crt", SPOOFED_AT) != "pass"


@pytest.mark.parametrize("path", VALID, ids=lambda p: p.stem)
def test_genuine_messages_of_the_set_pass(path: Path) -> None:
    assert judged(path, JOHNNY / "assets/certificates/intermediate_ca.crt", SPOOFED_AT) == "pass"


@pytest.mark.parametrize("name, is_good", ROWS, ids=[name for name, _ in ROWS])
def test_the_table_of_a_mail_program_is_met(name: str, is_good: bool) -> None:
    expected = is_good or bool(NESTED.match(name) or AROUND_ENCRYPTED.match(name))
    result = smime.verify(FOLDER / name, trust=FOLDER / "TestCA.pem", revocation="off")
    assert (result.smime == "pass") == expected
    assert not AROUND_ENCRYPTED.match(name) or "content-encrypted" in result.warnings


def test_the_sets_are_complete() -> None:
    assert (len(ATTACKS), len(VALID), len(ROWS)) == (26, 3, 46)
