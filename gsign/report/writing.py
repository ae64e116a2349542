"""Write a report of the kind that its name asks for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from gsign.errors import UsageError
from gsign.report.content import Conditions
from gsign.result import VIETNAM, VerificationResult

__all__ = ["Conditions", "kind_of", "render"]

_KINDS: Final = {".html": "html", ".htm": "html", ".pdf": "pdf", ".json": "json"}


def kind_of(output: Path) -> str:
    """Tell by its name what kind of report a file is to be: `html`, `pdf` or `json`.

    Raises:
        UsageError: `report-kind-unknown`.
    """
    kind = _KINDS.get(output.suffix.lower())
    if kind is None:
        raise UsageError("report-kind-unknown", file=str(output))
    return kind


def render(kind: str, results: Sequence[VerificationResult], conditions: Conditions, *, lang: str = "vi") -> bytes:
    """Return a report's bytes.

    Args:
        kind: `html`, `pdf` or `json`.
        results: of all files; with `sha256` and `size` among their facts, so that it is clear which files they were.
        conditions: what they were judged with.
        lang: `vi` for Vietnamese with English beneath, `en` for English alone; JSON holds both.
    """
    now = datetime.now(VIETNAM)
    if kind == "json":
        from gsign.report.structured import render_json

        return render_json(results, conditions, now)
    from gsign.report.compose import compose

    report = compose(results, conditions, lang=lang, now=now)
    if kind == "pdf":
        from gsign.report.pdf import render_pdf

        return render_pdf(report, now)
    from gsign.report.html import render_html

    return render_html(report)
