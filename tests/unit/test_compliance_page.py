"""The page of a report: printed by a real browser and drawn by ourselves, whole, legible and harmless."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html.parser import HTMLParser
from itertools import combinations
from pathlib import Path

import pypdfium2
import pytest

from gsign.audit.compliance import Account, account_of
from gsign.audit.figures import Figures
from gsign.audit.origins import Source
from gsign.audit.period import Period
from gsign.audit.reading import open_reader
from gsign.compliance.compose import compose
from gsign.compliance.page import Page
from gsign.compliance.render import render
from tests.chromium import print_page, show_page
from tests.ledger_year import AGENCIES, entries_of, fill
from tests.pdfa import violations

_LONG = "Trung tâm Phục vụ hành chính công và Kiểm soát thủ tục hành chính tỉnh An Hòa (cơ sở 2, phường Trung Tâm)"
_EVIL = "<script>alert(1)</script>\"&'=cmd|\N{RIGHT-TO-LEFT OVERRIDE}"
_REGISTERED = {name: 25 + number for number, name in enumerate((*AGENCIES, _LONG, _EVIL))}
_A4 = (595.3, 841.9)
_MARGIN = 15


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Account:
    url = f"sqlite:///{tmp_path_factory.mktemp('page')}/ledger.db"
    fill(url, entries_of(6000))
    with open_reader(url) as reader:
        return account_of(reader, url, Period.parse("2026-H1"), now=datetime(2026, 7, 3, 1, tzinfo=UTC))


@pytest.fixture(scope="module", params=["vi", "en"])
def page(request: pytest.FixtureRequest, account: Account) -> Page:
    return compose(account, "agency", _REGISTERED, lang=request.param, version="9.9")


@pytest.fixture(scope="module", params=["chromium", "own"])
def printed(
    request: pytest.FixtureRequest, account: Account, page: Page, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    folder = tmp_path_factory.mktemp("printed")
    form = "html" if request.param == "chromium" else "pdf"
    made = folder / f"report.{form}"
    made.write_bytes(render(form, account, "agency", _REGISTERED, lang=page.lang, version="9.9"))
    if form == "pdf":
        return made
    print_page(made, folder / "printed.pdf")
    return folder / "printed.pdf"


def lines_of(path: Path) -> list[list[tuple[tuple[float, float, float, float], str]]]:
    """Return, for each page, where each piece of text is (left, bottom, right, top), and what it says."""
    pages = []
    with pypdfium2.PdfDocument(path) as document:
        for sheet in document:
            assert [round(length) for length in sheet.get_size()] == [round(length) for length in _A4]
            texts = sheet.get_textpage()
            boxes = [texts.get_rect(number) for number in range(texts.count_rects())]
            pages.append([(box, texts.get_text_bounded(*box).strip()) for box in boxes])
    return pages


def whole_text(path: Path) -> str:
    """Return all text in the order in which it is drawn: cells that are broken into lines stay together."""
    with pypdfium2.PdfDocument(path) as document:
        return "".join(sheet.get_textpage().get_text_range() for sheet in document)


def test_everything_that_is_said_is_on_paper_within_the_margins(printed: Path, page: Page) -> None:
    pages = lines_of(printed)
    assert 3 <= len(pages) <= 8
    for lines in pages:
        assert lines, "an empty sheet"
        for (left, bottom, right, top), text in lines:
            assert _MARGIN < left < right < _A4[0] - _MARGIN, text
            assert _MARGIN < bottom < top < _A4[1] - _MARGIN, text
    said = squeezed(whole_text(printed))
    missing = [text for text in texts_of(page) if squeezed(text) not in said]
    # Labels of charts may be cut short: the tables behind them have them whole.
    assert missing == []


def test_no_text_lies_on_another(printed: Path) -> None:
    for lines in lines_of(printed):
        for (one, said), (other, answered) in combinations(lines, 2):
            width = min(one[2], other[2]) - max(one[0], other[0])
            height = min(one[3], other[3]) - max(one[1], other[1])
            # Vietnamese letters are tall: boxes of lines close to each other touch.
            assert width < 2 or height < 0.45 * min(one[3] - one[1], other[3] - other[1]), (said, answered)


def test_no_heading_is_alone_at_the_foot_of_a_sheet(printed: Path, page: Page) -> None:
    titles = {squeezed(f"{number}. {section.title}") for number, section in enumerate(page.sections, 1)}
    for lines in lines_of(printed):
        ordered = [text for _, text in sorted(lines, key=lambda line: -line[0][1])]
        # The last line is the page's number.
        assert squeezed(ordered[-2]) not in titles


def test_what_we_draw_ourselves_can_be_archived(account: Account) -> None:
    assert violations(render("pdf", account, "kind", _REGISTERED, lang="vi", version="9.9")) == []


def test_the_page_fits_a_narrow_window(account: Account, tmp_path: Path) -> None:
    from PIL import Image

    made = tmp_path / "report.html"
    made.write_bytes(render("html", account, "month", _REGISTERED, lang="vi", version="9.9"))
    show_page(made, tmp_path / "page.png", width=800, height=1100)
    with Image.open(tmp_path / "page.png") as picture:
        assert picture.size == (800, 1100)
        found = {colour for _, colour in picture.convert("RGB").getcolors(1 << 20) or []}
    # The colours of all three parts of the bars.
    assert {(27, 127, 75), (208, 138, 0), (154, 160, 166)} <= found


class _Reading(HTMLParser):
    """Reads a page, and sees to it that whatever is opened is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def reading(account: Account) -> _Reading:
    reading = _Reading()
    reading.feed(render("html", account, "agency", _REGISTERED, lang="vi", version="9.9").decode("utf-8"))
    return reading


def test_the_page_runs_nothing_and_fetches_nothing(reading: _Reading) -> None:
    assert reading.open == []
    assert {tag for tag, _ in reading.found} & {"script", "link", "img", "iframe", "object", "form", "a"} == set()
    assert not [
        name for _, attributes in reading.found for name in attributes if name.startswith(("on", "src", "href"))
    ]
    policy = next(a["content"] for tag, a in reading.found if a.get("http-equiv") == "Content-Security-Policy")
    assert "default-src 'none'" in (policy or "")
    assert "alert(1)</script>" in reading.text  # as text
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in reading.text


def test_every_chart_has_a_name_and_a_table_with_headings(reading: _Reading) -> None:
    charts = [attributes for tag, attributes in reading.found if tag == "figure"]
    drawings = [attributes for tag, attributes in reading.found if tag == "svg"]
    assert all(drawing["aria-hidden"] == "true" for drawing in drawings)
    assert len(charts) == 3
    ids = {attributes["id"] for _, attributes in reading.found if "id" in attributes}
    assert all(chart["role"] == "img" and chart["aria-labelledby"] in ids for chart in charts)
    tables = [attributes for tag, attributes in reading.found if tag == "table"]
    assert all(table["aria-labelledby"] in ids for table in tables)
    assert {a.get("scope") for tag, a in reading.found if tag == "th"} == {"col", "row"}


def test_the_source_is_on_the_page(reading: _Reading, account: Account) -> None:
    assert account.source.digest in reading.text
    for chain in account.source.chains:
        assert chain.hash in reading.text
        assert f"{chain.first}–{chain.last}" in reading.text
    assert "2026-07-03 08:00:00+07:00" in reading.text


def test_spreadsheets_get_figures_and_no_formulas(account: Account) -> None:
    text = render("csv", account, "agency", {**_REGISTERED, "=1+1": 3}, version="9.9").decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["agency"] for row in rows][-1] == "*"
    assert "'=1+1" in [row["agency"] for row in rows]
    assert (
        sum(int(row["sent"]) for row in rows[:-1]) == int(rows[-1]["sent"]) == account.figures.documents("sent").total
    )
    for by in ("kind", "month"):
        rows = list(csv.DictReader(io.StringIO(render("csv", account, by, {}, version="1").decode("utf-8-sig"))))
        assert sum(int(row["received_valid"]) for row in rows[:-1]) == int(rows[-1]["received_valid"])


def test_programs_get_all_of_it(account: Account) -> None:
    found = json.loads(render("json", account, "kind", _REGISTERED, version="9.9"))
    assert found["gsign"] == "9.9"
    assert [row["kind"] for row in found["rows"]][:3] == ["bao-cao", "giay-moi", "lich-cong-tac"]
    assert found["previous"]["period"]["name"] == "2025-H2"
    assert found["source"]["sha256_of_heads"] == account.source.digest


def test_a_page_of_next_to_nothing_is_a_page() -> None:
    period = Period.parse("2026-09")
    source = Source("sqlite:///x", (), 0, "0" * 64, (), datetime(2026, 9, 2, tzinfo=UTC))
    nothing = Account(Figures(period), Figures(period.previous), source)
    for form in ("html", "pdf", "csv", "json"):
        assert render(form, nothing, "agency", {}, lang="vi", version="1")


def texts_of(value: object) -> Iterator[str]:
    """Yield what tables, notes and cards say; bars are in the tables."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Page):
        yield from texts_of((value.title, value.period, value.made, value.warning))
        yield from texts_of(tuple(tuple(card) for card in value.cards))
        for section in value.sections:
            yield from texts_of((section.title, tuple(section.table or ()), section.notes))
    elif isinstance(value, tuple):
        for item in value:
            yield from texts_of(item)


def squeezed(text: str) -> str:
    """Leave out what a line's end may change, and what stands for a letter that no typeface has."""
    return re.sub(r"[\s\N{SOFT HYPHEN}\N{REPLACEMENT CHARACTER}?\N{MINUS SIGN}-]|\[U\+\w+\]|\ufffe", "", text)
