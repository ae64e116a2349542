"""Stories: a folder each, with a message, the configuration of the relay that takes it, and what is expected.

NN-story/
  message.eml     lines `@pdf NAME` stand for a document of `Materials` in base64, `@zip NAME` for one in an archive
                  with a password
  gsign.toml      agencies and policy; listening, ledger, token and anchors are the test's
  expected.toml   the envelope (`from`, `to`), how the message is prepared (`prepare`) and what a person does afterwards
                  (`then`), the reply, the entries of the ledger, what the next hop got, and where the key of its DKIM
                  signature is published (`vouched_for_by`)
"""

from __future__ import annotations

import base64
import json
import sqlite3
import tomllib
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from gsign import pkcs12, smime
from gsign.mime import canonical_lines
from gsign.result import MailResult
from tests.documents.signed import pyhanko_sign
from tests.documents.structure import one_page
from tests.hiding.zips import _encrypted
from tests.pki import LEADER, ORGANISATION, PERSON, Identity, Pki, Subject

__all__ = ["STORIES", "Materials", "Story", "entries"]

_FOLDER = Path(__file__).parent
_FOREIGN = Subject("Lê Văn Xa", "UBND TỈNH HÀ NAM", email="lvxa@hanam.gov.vn")
_PASSWORD = "mat-khau"


@dataclass(frozen=True)
class Story:
    """One folder."""

    name: str

    @cached_property
    def configuration(self) -> str:
        """Agencies and policy."""
        return (_FOLDER / self.name / "gsign.toml").read_text(encoding="utf-8")

    @cached_property
    def expected(self) -> dict[str, Any]:
        """The envelope and what comes of it."""
        return tomllib.loads((_FOLDER / self.name / "expected.toml").read_text(encoding="utf-8"))

    def message(self, materials: Materials) -> bytes:
        """Write the message as its sender sends it."""
        text = canonical_lines((_FOLDER / self.name / "message.eml").read_bytes())
        message = b"".join(map(materials.line, text.splitlines(keepends=True)))
        for step in self.expected.get("prepare", ()):
            message = materials.prepared(step, message)
        return message


STORIES = [Story(folder.name) for folder in sorted(_FOLDER.glob("[0-9][0-9]-*"))]


class Materials:
    """Documents and keys that stories are made of, each made once.

    Args:
        pki: who issues certificates.
        folder: for keys.
    """

    def __init__(self, pki: Pki, folder: Path) -> None:
        self._pki = pki
        self._folder = folder
        self._made: dict[str, bytes] = {}

    @property
    def agency(self) -> Identity:
        """Whose key the relay signs with."""
        return self._pki.leaf(ORGANISATION, pointers=False)

    def line(self, line: bytes) -> bytes:
        """Return what a line of a message stands for."""
        verb, _, name = line.rstrip().decode("utf-8", "replace").partition(" ")
        if verb not in ("@pdf", "@zip"):
            return line
        document = self.document(name)
        return base64.encodebytes(document if verb == "@pdf" else _encrypted(document)).replace(b"\n", b"\r\n")

    def document(self, name: str) -> bytes:
        """Return a document: `unsigned`, `signed`, `altered`, `foreign`, `impostor`."""
        if name not in self._made:
            make: dict[str, Callable[[], bytes]] = {
                "unsigned": one_page,
                "signed": lambda: self._signed_by(self._pki.leaf(LEADER, pointers=False)),
                "altered": lambda: _altered(self.document("signed")),
                "foreign": lambda: self._signed_by(self._pki.leaf(_FOREIGN, pointers=False)),
                "impostor": lambda: self._signed_by(self._pki.leaf(LEADER, variant="impostor", pointers=False)),
            }
            self._made[name] = make[name]()
        return self._made[name]

    def prepared(self, step: str, message: bytes) -> bytes:
        """Take a step before the message is sent."""
        match step:
            case "signed by the person":
                return self._mail_signed(message, PERSON)
            case "signed by the agency":
                return self._mail_signed(message, ORGANISATION)
            case "altered":
                # "Kính g" in base64, as it stands in a signed message.
                first, other = b"S8OtbmggZ", b"S8OsbmggZ"
                assert message.count(first) == 1
                return message.replace(first, other)
            case "encrypted":
                return smime.encrypt(message, [self.agency.der], revocation="off", trust=self.anchors)
        raise ValueError(step)

    def judged(self, message: bytes) -> MailResult:
        """Verify what arrived."""
        agency = ORGANISATION.email
        return smime.verify(message, trust=self.anchors, revocation="off", agencies=lambda signer, _: signer == agency)

    @property
    def anchors(self) -> tuple[Path, ...]:
        """Whom the relay trusts."""
        return (self._pki.root_file, self._pki.intermediate_file)

    def _signed_by(self, who: Identity) -> bytes:
        return pyhanko_sign(one_page(), who, "LanhDao")

    def _mail_signed(self, message: bytes, subject: Subject) -> bytes:
        path = self._pki.leaf(subject, pointers=False).p12(self._folder / "key.p12", _PASSWORD)
        with pkcs12.open_signer(path, pin=_PASSWORD) as signer:
            return smime.sign(message, signer, as_agency=True, revocation="off")


def entries(ledger: Path) -> list[tuple[str, dict[str, Any]]]:
    """Return the entries of a ledger in order: what happened, and the facts."""
    with closing(sqlite3.connect(ledger)) as connection:
        rows = connection.execute("SELECT kind, body FROM entry ORDER BY time, number").fetchall()
    return [(kind, json.loads(body)) for kind, body in rows]


def _altered(document: bytes) -> bytes:
    at = document.index(b"/MediaBox") + 1
    return document[:at] + b"m" + document[at + 1 :]
