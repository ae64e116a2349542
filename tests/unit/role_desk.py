"""What tests of roles share: a leader, a drafter and an agency with their keys, and documents to be signed."""

from __future__ import annotations

import pytest

import gsign.pdf
from gsign import pkcs12
from gsign.errors import GsignError
from gsign.result import Indication
from tests.documents import page
from tests.documents.raw import classic
from tests.pki import LEADER, ORGANISATION, PERSON
from tests.samples import handwriting, seal


def open_keys(pki, folder):
    """Open the keys of a leader, a drafter and an agency; their certificates name nobody to ask for a status."""
    subjects = {"leader": LEADER, "drafter": PERSON, "agency": ORGANISATION}
    return {
        name: pkcs12.open_signer(pki.leaf(who, variant="no-pointers").p12(folder / name, "x"), pin="x")
        for name, who in subjects.items()
    }


class Desk:
    def __init__(self, keys, pki):
        self.keys = keys
        self.trust = [pki.root_file, pki.intermediate_file]

    def sign(self, source, key, **options):
        return gsign.pdf.sign(source, self.keys[key], trust=self.trust, revocation="off", **options)

    def record(self, source, key, folder, **options):
        options = {"trust": self.trust, "revocation": "off", **options}
        return gsign.pdf.sign_to(source, folder / "signed.pdf", self.keys[key], force=True, **options)

    def leader(self, source=None, **options):
        return self.sign(decision() if source is None else source, "leader", **{**AS_LEADER, **options})

    def issued(self, source=None, **options):
        return self.sign(self.leader() if source is None else source, "agency", **{**AS_ISSUE, **options})

    def roles(self, data):
        """Return what each signature stands for, once all have passed."""
        result = gsign.pdf.verify(data, trust=self.trust, revocation="off")
        assert result.indication is Indication.TOTAL_PASSED, result.to_dict()
        assert {w for s in result.signatures for w in s.warnings} <= {"revocation-not-checked"}
        return [(s.field, s.role) for s in result.signatures]


AS_LEADER = {"role": "leader", "image": handwriting()}
AS_ISSUE = {"role": "issue", "number": "286", "date": "2026-02-03", "image": seal(500, dpi=500 / 36 * 25.4)}


def opened(pki, subject):
    """Open a key whose certificate says where its status is to be had."""
    return pkcs12.open_signer(pki.leaf(subject).p12(pki.folder / f"{subject.common_name}.p12", "x"), pin="x")


def decision(write=classic, **options):
    return write(page.document(1, **options).draft)


def refuse(code, call, **facts):
    with pytest.raises(GsignError) as caught:
        call()
    assert caught.value.code == code, caught.value.sentence()
    assert caught.value.facts.items() >= facts.items()
    assert {caught.value.sentence("vi"), caught.value.sentence("en")}.isdisjoint({code})
    assert caught.value.advice("vi")
    assert caught.value.advice("en")
    return caught.value


def with_lines(lines):
    """Write the decision with other lines, in the same font."""
    layout = page.document(1)
    content = b"\n".join(
        b"BT 0 g /F1 %d Tf 1 0 0 1 %d %d Tm %s Tj ET" % (size, x, y, page.font().show(text))
        for text, x, y, size in lines
    )
    layout.draft.objects[layout.contents[0]] = page.stream(content)
    return classic(layout.draft)
