"""The picture of a compliance report for the manual: `python -m tests.pictures_compliance docs/images`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from gsign import __version__
from gsign.audit.compliance import account_of
from gsign.audit.period import Period
from gsign.audit.reading import open_reader
from gsign.compliance.render import render
from tests.chromium import print_page
from tests.judges import render_poppler
from tests.ledger_year import AGENCIES, entries_of, fill
from tests.pictures_report import cropped

_DPI = 95
_REGISTERED = {name: 30 + 7 * number for number, name in enumerate(AGENCIES)}


def main(folder: Path) -> None:
    """Write the picture into a folder: the first sheet, as a browser prints it."""
    with TemporaryDirectory() as made:
        url, page, printed = f"sqlite:///{made}/ledger.db", Path(made, "report.html"), Path(made, "printed.pdf")
        fill(url, entries_of(20_000))
        with open_reader(url) as reader:
            now = datetime(2027, 1, 3, 1, tzinfo=UTC)
            account = account_of(reader, "sqlite:///var/lib/gsign/ledger.db", Period.parse("2026-H2"), now=now)
        page.write_bytes(render("html", account, "agency", _REGISTERED, lang="vi", version=__version__))
        print_page(page, printed)
        sheet = render_poppler(printed, resolution=_DPI)[0]
        buffer = BytesIO()
        cropped(sheet).convert("RGB").quantize(32).save(buffer, "PNG", optimize=True)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "compliance.png").write_bytes(buffer.getvalue())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
