"""Pages as shown, whatever they are read from; the preview of places on them."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image

from gsign.appearance.placement.corner import find_corner
from gsign.appearance.placement.leader import find_leader
from gsign.appearance.placement.pages import PageTexts
from gsign.appearance.placement.preview import preview
from gsign.appearance.placement.sizes import Extent
from gsign.appearance.placement.words import Box
from gsign.errors import InputError, UsageError
from gsign.place import Place
from tests import letters
from tests.letters.paper import USER, cropped, in_units, with_field

SIZE = Extent(120, 50)


def test_path_bytes_and_file_say_the_same(tmp_path: Path) -> None:
    letter = letters.made("many-pages")
    path = tmp_path / "quyết định.pdf"
    path.write_bytes(letter.data)
    found = []
    with path.open("rb") as file:
        for source in (letter.data, path, str(path), file):
            with PageTexts(source) as texts:
                found.append(find_leader(texts, letter.signer, SIZE))
    assert len(set(found)) == 1


@pytest.mark.parametrize("password, code", [(None, "password-needed"), ("sai", "password-wrong")])
def test_an_encrypted_document_needs_its_password(password: str | None, code: str) -> None:
    with pytest.raises(InputError) as caught:
        PageTexts(letters.made("encrypted").data, password)
    assert caught.value.code == code
    with PageTexts(letters.made("encrypted").data, USER) as texts:
        assert "Hưng Yên," in texts.page(1).letters


@pytest.mark.parametrize(
    "data, code", [(b"", "input-empty"), (b"hello", "input-not-pdf"), (b"%PDF-1.7\n%%EOF", "input-damaged")]
)
def test_what_is_no_document_is_told(data: bytes, code: str) -> None:
    with pytest.raises(InputError) as caught:
        PageTexts(data)
    assert caught.value.code == code


def test_pages_count_from_both_ends() -> None:
    with PageTexts(letters.made("many-pages").data) as texts:
        assert texts.page(-1).number == texts.count == 7
        assert texts.page(-7).number == 1
        for number in (0, 8, -8):
            with pytest.raises(UsageError) as caught:
                texts.page(number)
            assert caught.value.code == "page-not-there"


def test_signature_fields_are_told_as_shown() -> None:
    data = in_units(
        cropped(with_field(letters.made("decision").data, (100, 200, 160, 230), "Ký"), (20, 30, 580, 830)), 2
    )
    with PageTexts(data) as texts:
        (one,) = texts.page(1).signatures
    assert one.name == "Ký"
    assert one.place == pytest.approx(Place(1, 160, 340, 120, 60))


def test_an_earlier_signature_is_seen_and_shown() -> None:
    data = with_field(letters.made("decision").data, (300, 100, 360, 160), signed=True)
    with PageTexts(data) as texts:
        page = texts.page(1)
        assert page.signatures[0].is_signed
        assert page.dark(Box(310, 110, 350, 150))
        assert not page.dark(Box(310, 40, 350, 80))
    shown = Image.open(io.BytesIO(preview(data, {"Số": Place(1, 130, 740, 20, 14)}))).convert("RGB")
    assert shown.getpixel((round(330 * 100 / 72), shown.height - round(130 * 100 / 72))) == pytest.approx(
        (0, 0, 178), abs=2
    )


def test_a_huge_page_is_drawn_small() -> None:
    huge = in_units(letters.made("decision").data, 20)
    with PageTexts(huge) as texts:
        assert texts.page(1).height > 16000
        place = find_corner(texts, Extent(2800, 520))
        assert place.x > texts.page(1).width / 2


def test_many_threads_find_at_once() -> None:
    names = ["decision", "official-letter", "minutes-long", "turned-90", "report-with-table", "invitation"] * 4

    def find(name: str) -> Place:
        letter = letters.made(name)
        with PageTexts(letter.data) as texts:
            return find_leader(texts, letter.signer, SIZE)

    alone = [find(name) for name in names]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(find, names)) == alone


# ---------------------------------------------------------------- preview


def frames(image: Image.Image) -> int:
    """Return how many pixels have the colour of a frame."""
    data = image.convert("RGB").tobytes()
    return sum(data[i : i + 3] == b"\xc8\x1e\x1e" for i in range(0, len(data), 3))


def test_a_preview_frames_each_place() -> None:
    letter = letters.made("turned-90")
    place = Place(1, 300, 250, 120, 50)
    shown = Image.open(io.BytesIO(preview(letter.data, {"Lãnh đạo": place})))
    assert shown.size == (round(595.2756 * 100 / 72), round(841.89 * 100 / 72))
    scale = 100 / 72
    left, right, bottom, top = 300 * scale, 420 * scale, shown.height - 250 * scale, shown.height - 300 * scale
    for x, y in ((left + 1, (top + bottom) / 2), (right - 1, (top + bottom) / 2), ((left + right) / 2, top + 1)):
        assert shown.convert("RGB").getpixel((int(x), int(y))) == (200, 30, 30)
    label = shown.crop((int(left), int(top) - 20, int(right), int(top)))
    assert frames(label) > 200
    white = [pixel for pixel in label.convert("L").tobytes() if pixel > 240]
    assert len(white) > 50


def test_a_preview_shows_the_pages_concerned_one_below_the_other() -> None:
    letter = letters.made("many-pages")
    places = {"Số": Place(1, 130, 740, 20, 14), "Lãnh đạo": Place(-1, 350, 500, 120, 50)}
    shown = Image.open(io.BytesIO(preview(letter.data, places)))
    assert shown.height == 2 * round(841.89 * 100 / 72) + 12
    assert frames(shown.crop((0, 0, shown.width, 1169))) > 100
    assert frames(shown.crop((0, 1181, shown.width, shown.height))) > 100


def test_a_preview_refuses_a_place_outside_the_page() -> None:
    with pytest.raises(UsageError) as caught:
        preview(letters.made("decision").data, {"Số": Place(1, 580, 800, 30, 30)})
    assert caught.value.code == "place-outside-page"


def test_a_preview_of_an_encrypted_document() -> None:
    letter = letters.made("encrypted")
    assert preview(letter.data, {"Số": Place(1, 1, 1, 30, 30)}, USER).startswith(b"\x89PNG")
