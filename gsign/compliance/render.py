"""Write a report in the form that is asked for."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from typing import Final

from gsign.audit.compliance import Account
from gsign.compliance.rows import record, rows_by, total

__all__ = ["FORMATS", "render"]

FORMATS: Final = ("table", "csv", "json", "html", "pdf")


def render(
    form: str, account: Account, by: str, registered: Mapping[str, int], *, lang: str = "vi", version: str = "?"
) -> bytes:
    """Return a report's bytes.

    Args:
        form: `csv`, `json`, `html` or `pdf`.
        account: what was counted.
        by: `agency`, `kind` or `month`.
        registered: how many officials each agency has that is known.
        lang: `vi` or `en`; names in CSV and JSON are the same in both.
        version: of gsign.
    """
    if form == "csv":
        return _csv(account, by, registered)
    if form == "json":
        return json.dumps(record(account, by, registered, version), ensure_ascii=False).encode() + b"\n"
    from gsign.compliance.compose import compose

    page = compose(account, by, registered, lang=lang, version=version)
    if form == "html":
        from gsign.compliance.html import render_html

        return render_html(page)
    from gsign.compliance.pdf import render_pdf

    return render_pdf(page, account.source.made)


def _csv(account: Account, by: str, registered: Mapping[str, int]) -> bytes:
    rows = rows_by(account.figures, by, registered)
    everything = {by: "*", **total(account.figures, registered)}
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, [by, *(name for name in (rows[0] if rows else everything) if name != by)])
    writer.writeheader()
    writer.writerows([{name: _safe(value) for name, value in row.items()} for row in rows])
    writer.writerow({name: everything[name] for name in writer.fieldnames if name in everything})
    # Excel takes a file for UTF-8 only where it begins like this.
    return text.getvalue().encode("utf-8-sig", "replace")


def _safe(value: object) -> object:
    """Keep a spreadsheet from taking a name for a formula."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t") else value
