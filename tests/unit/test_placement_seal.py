"""The seal over one third of the leader's signature, on its left, wherever that signature is."""

from __future__ import annotations

import pytest

from gsign.appearance.placement.leader import find_leader
from gsign.appearance.placement.pages import PageTexts
from gsign.appearance.placement.seal import find_seal
from gsign.appearance.placement.sizes import Extent
from gsign.errors import UsageError
from gsign.place import Place
from tests import letters
from tests.letters import parts
from tests.letters.paper import with_field
from tests.letters.sheet import Sheet

MM = 72 / 25.4
SEAL = Extent(36 * MM, 36 * MM)
IMAGE = Extent(40 * MM, 18 * MM)


def shared_width(seal: Place, leader: Place) -> float:
    """Return how much of the leader's width the seal covers, from the left."""
    return (seal.x + seal.width - leader.x) / leader.width


@pytest.mark.parametrize(
    "name", ["decision", "turned-90", "many-pages", "post-three-lines", "official-letter", "cropped"]
)
def test_a_third_of_the_signature_is_covered(name: str) -> None:
    letter = letters.made(name)
    with PageTexts(letter.data) as texts:
        leader = find_leader(texts, letter.signer, IMAGE)
        seal = find_seal(texts, leader, SEAL)
    assert seal.page == leader.page
    assert shared_width(seal, leader) == pytest.approx(1 / 3, abs=0.01)
    assert seal.x < leader.x
    assert (seal.width, seal.height) == (SEAL.width, SEAL.height)
    middle = seal.y + seal.height / 2
    assert leader.y <= middle <= leader.y + leader.height


def test_the_seal_follows_a_signature_that_stands_elsewhere() -> None:
    leader = Place(1, 400, 150, 100, 40)
    with PageTexts(letters.made("official-letter-short").data) as texts:
        seal = find_seal(texts, leader, SEAL)
    assert seal.x + seal.width == pytest.approx(400 + 100 / 3)
    assert seal.y + seal.height / 2 == pytest.approx(170)


def block_beside(recipients: str, *, at: float) -> tuple[bytes, Place]:
    """Return a page with a line of text that ends where the seal would stand."""
    sheet = Sheet()
    parts.heading(sheet)
    signing = parts.signing(sheet, 600, ["CHỦ TỊCH"], letters.LEADER)
    sheet.write(recipients, 330, at, align="right")
    return sheet.finish(), Place(1, signing.axis - 57, signing.middle - 25, 114, 50)


def test_the_seal_moves_away_from_text_beside_it() -> None:
    data, leader = block_beside("- Các sở, ban, ngành và Ủy ban nhân dân các huyện;", at=594)
    with PageTexts(data) as texts:
        seal = find_seal(texts, leader, SEAL)
        assert shared_width(seal, leader) == pytest.approx(1 / 3)
        assert seal.y + seal.height / 2 < leader.y + leader.height / 2 - 2
        assert seal.y + seal.height / 2 >= leader.y


def test_text_right_beside_the_signature_is_an_error() -> None:
    data, leader = block_beside("- Các sở, ban, ngành và Ủy ban nhân dân các huyện;", at=555)
    with PageTexts(data) as texts, pytest.raises(UsageError) as caught:
        find_seal(texts, leader, SEAL)
    assert caught.value.code == "place-taken"
    assert "Các sở, ban, ngành" in caught.value.sentence("vi")


def test_another_signature_in_the_way_is_an_error() -> None:
    letter = letters.made("decision")
    with PageTexts(letter.data) as texts:
        leader = find_leader(texts, letter.signer, IMAGE)
    other = leader.x - 60, leader.y - 10, leader.x - 20, leader.y + leader.height + 10
    with PageTexts(with_field(letter.data, other, "Initials")) as texts, pytest.raises(UsageError) as caught:
        find_seal(texts, leader, SEAL)
    assert "“Initials”" in caught.value.sentence("en")


def test_the_leaders_own_field_is_not_in_the_way() -> None:
    letter = letters.made("decision")
    with PageTexts(letter.data) as texts:
        leader = find_leader(texts, letter.signer, IMAGE)
        expected = find_seal(texts, leader, SEAL)
    box = leader.x, leader.y, leader.x + leader.width, leader.y + leader.height
    with PageTexts(with_field(letter.data, box)) as texts:
        page = texts.page(leader.page)
        assert [(one.name, one.is_signed) for one in page.signatures] == [("Signature1", False)]
        assert find_seal(texts, page.signatures[0].place, SEAL) == pytest.approx(expected, abs=0.01)


def test_a_seal_that_leaves_the_page_is_an_error() -> None:
    with PageTexts(letters.made("decision").data) as texts, pytest.raises(UsageError):
        find_seal(texts, Place(1, 40, 300, 60, 30), SEAL)
