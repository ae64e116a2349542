"""Nobody signs a document whose earlier signatures are forged or broken; who made them is not looked at."""

from __future__ import annotations

import pytest

import gsign
from gsign.errors import GsignError
from gsign.result import Indication
from tests.corpus import FORGERIES, GENUINE, Kit

# Their signatures hold; what is wrong is who made them, or what a reader sees under a later one.
_INTACT = {
    "signer-not-yet-valid",
    "signer-revoked",
    "text-covered",
    "background-over-text",
    "covered-by-halves",
    "filled-by-halves",
}
# Of a large file with few objects whoever signs looks at these alone: to search all its bytes would take as long as to
# digest them. Nor are streams of objects opened for it. Whoever verifies what has no signature searches them.
_UNLISTED = {"scan-signature-unlisted", "form-dropped-compressed"}
_FORGED = sorted(
    n for n, c in FORGERIES.items() if c.indication is Indication.TOTAL_FAILED and n not in _INTACT | _UNLISTED
)
# Their certifications allow no further signature.
_FINAL = {"signed-certified-1", "archived-though-final"}


@pytest.fixture(scope="module")
def kit(session_pki, documents):
    return Kit(session_pki, documents)


@pytest.mark.parametrize("name", _FORGED)
def test_a_forgery_is_not_signed(kit, pki, file_signer, name):
    case = FORGERIES[name]
    with pytest.raises(GsignError):
        gsign.pdf.sign(case.make(kit), file_signer, offline=True, password=case.password)


@pytest.mark.parametrize("name", sorted(GENUINE.keys() - _FINAL))
def test_a_genuine_document_is_signed_once_more_and_all_hold(kit, pki, file_signer, name):
    case = GENUINE[name]
    data = case.make(kit)
    signed = gsign.pdf.sign(data, file_signer, offline=True, password=case.password)
    assert signed.startswith(data)
    result = gsign.pdf.verify(signed, trust=kit.pki.root_file, offline=True, password=case.password)
    assert len(result.signatures) == case.signatures + 1
    assert all(s.intact and s.changes_after != "forbidden" for s in result.signatures), result.to_dict()


@pytest.mark.parametrize("name", sorted(_FINAL))
def test_a_final_document_is_not_signed(kit, pki, file_signer, name):
    with pytest.raises(GsignError) as refused:
        gsign.pdf.sign(GENUINE[name].make(kit), file_signer, offline=True)
    assert refused.value.code == "certified-no-changes"
