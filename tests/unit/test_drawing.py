"""Signed revisions compared with the whole file as PDFium draws both."""

from __future__ import annotations

from pathlib import Path

import pytest

from gsign import pdf
from gsign.isolation.pool import Settings, VerifierPool
from gsign.result import ChangesAfter, Indication
from gsign.verification.drawing import DrawingError, differing_pages
from gsign.verification.drawn import pages_that_differ, revision_ends, with_differences, without_drawing
from tests.corpus import FORGERIES, GENUINE, Kit
from tests.documents import Library, page
from tests.documents.raw import classic
from tests.pki import Pki

ALTERED = {
    "content-replaced": [1],
    "content-redirected": [1],
    "font-replaced": [1],
    "image-replaced": [1],
    "page-media-box": [1],
    "page-rotated": [1],
    "page-added": [2],
    "pages-swapped": [1, 2, 4, 5],
    "annotated-after-approval": [1],
    "field-hidden": [1],
    "field-moved": [1],
}
"""Forgeries that look different, and on which pages."""


@pytest.fixture(scope="module")
def kit(session_pki: Pki, documents: Library) -> Kit:
    session_pki.reset()
    return Kit(session_pki, documents)


@pytest.mark.parametrize("name", ALTERED)
def test_what_looks_different_is_found_on_its_page(name: str, kit: Kit) -> None:
    case = FORGERIES[name]
    data = case.make(kit)
    ends = revision_ends(pdf.verify(data, offline=True))
    found = differing_pages(data, ends)
    assert set(found) == {end for end in ends.values() if end < len(data)}
    assert found[min(found)] == ALTERED[name]


@pytest.mark.parametrize("name", GENUINE)
def test_genuine_documents_look_the_same_outside_of_later_signatures(name: str, kit: Kit) -> None:
    case = GENUINE[name]
    data = case.make(kit)
    result = pdf.verify(data, offline=True, password=case.password)
    found = differing_pages(data, revision_ends(result), case.password)
    is_annotated = any("annotated-after" in s.warnings or "form-filled-after" in s.warnings for s in result.signatures)
    assert not any(found.values()) or is_annotated


def test_later_signatures_may_not_take_most_of_a_page(documents: Library, kit: Kit) -> None:
    data = FORGERIES["page-covered"].make(kit)
    found = differing_pages(data, revision_ends(pdf.verify(data, offline=True)))
    assert list(found.values()) == [[1]]


@pytest.mark.parametrize("name", ["one-page", "signed-once"])
def test_nothing_is_drawn_where_nothing_came_later(name: str, documents: Library) -> None:
    data = documents[name].data
    assert differing_pages(data, revision_ends(pdf.verify(data, offline=True))) == {}


def test_what_cannot_be_drawn_is_an_error(documents: Library) -> None:
    data = documents["signed-three-times"].data
    with pytest.raises(DrawingError):
        differing_pages(data, {"KyNhay": 100})


def test_a_difference_fails_the_signatures_that_were_made_before(documents: Library) -> None:
    data = documents["signed-three-times"].data
    result = pdf.verify(data, offline=True)
    first, second, last = sorted(revision_ends(result).values())
    judged = with_differences(result, {first: [], second: [3, 5]})
    by_field = {s.field: s for s in judged.signatures}
    assert [by_field[f].indication for f in ("KyNhay", "LanhDao", "CoQuan")] == [
        Indication.INDETERMINATE,
        Indication.TOTAL_FAILED,
        Indication.INDETERMINATE,
    ]
    assert judged.indication is Indication.TOTAL_FAILED
    assert by_field["LanhDao"].reasons[-1] == "rendering-differs"
    assert by_field["LanhDao"].changes_after is ChangesAfter.FORBIDDEN
    numbers = {s.field: number for number, s in enumerate(judged.signatures, 1)}
    assert pages_that_differ(judged, numbers["LanhDao"]) == [3, 5]
    assert pages_that_differ(judged, numbers["KyNhay"]) == []
    assert last == len(data)


def test_without_a_drawing_nothing_passes(documents: Library) -> None:
    judged = without_drawing(pdf.verify(documents["signed-three-times"].data, offline=True))
    assert judged.indication is Indication.TOTAL_FAILED
    assert all("rendering-failed" in s.reasons for s in judged.signatures)
    unsigned = pdf.verify(documents["one-page"].data, offline=True)
    assert without_drawing(unsigned) == unsigned


# ---------------------------------------------------------------- in a worker


def settings(pki: Pki) -> Settings:
    return Settings(trust=[pki.root_file, pki.intermediate_file], offline=True, render=True)


def test_a_worker_draws(pki: Pki, documents: Library, tmp_path: Path) -> None:
    with VerifierPool(settings(pki)) as verifiers:
        three = verifiers.verify(documents["signed-three-times"].write(tmp_path))
        assert three.indication is Indication.TOTAL_PASSED
        assert three.facts["drawn"] is True
        assert verifiers.verify(documents["signed-once"].data).indication is Indication.TOTAL_PASSED


def test_a_worker_says_which_pages_differ(pki: Pki, kit: Kit) -> None:
    with VerifierPool(settings(pki)) as verifiers:
        result = verifiers.verify(GENUINE["certified-3-then-note"].make(kit))
    assert result.indication is Indication.TOTAL_FAILED
    assert result.signatures[0].reasons == ("rendering-differs",)
    assert pages_that_differ(result, 1) == [1]


def test_a_document_that_cannot_be_drawn_does_not_pass(pki: Pki, kit: Kit) -> None:
    # So narrow that no scale makes it small enough to be drawn.
    ribbon = classic(page.document(box=b"/MediaBox [0 0 .1 9999999]").draft)
    data = kit.sign(kit.sign(ribbon, kit.person), kit.leader)
    with VerifierPool(settings(pki)) as verifiers:
        result = verifiers.verify(data)
    assert {s.reasons for s in result.signatures} == {("rendering-failed",)}
    assert result.indication is Indication.TOTAL_FAILED


def test_signatures_in_fields_of_one_name_are_told_apart(documents: Library) -> None:
    result = pdf.verify(documents["signed-three-times"].data, offline=True)
    named = result._replace(signatures=tuple(s._replace(field="A") for s in result.signatures))
    ends = sorted(revision_ends(result).values())
    assert sorted(revision_ends(named).values()) == ends
    judged = with_differences(named, {ends[0]: [1]})
    assert ["rendering-differs" in s.reasons for s in judged.signatures] == [True, False, False]
