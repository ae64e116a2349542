"""`gsign sign --preview`: where a signature would be shown, before anybody is asked for a PIN."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gsign.cli import options
from gsign.cli.files import Job, obstacle
from gsign.cli.output import print_json, print_result, say_warning, text
from gsign.cli.shared import Shared
from gsign.errors import UsageError

if TYPE_CHECKING:
    from gsign.pdf import Preview

__all__ = ["preview"]


def preview(shared: Shared, given: Mapping[str, Any], wishes: Mapping[str, Any]) -> int:
    """Draw the pages of one document with the places marked, and return the exit code."""
    from gsign.cli.pin import pin_source
    from gsign.sentences import reason_sentence
    from gsign.signing.output import complete_file

    files: tuple[Path, ...] = given["files"]
    if len(files) != 1 or given["annex"]:
        raise UsageError("preview-for-one", count=len(files) + len(given["annex"]))
    job = Job(files[0], given["preview"])
    if error := obstacle(job, force=given["force"]):
        raise error
    service = options.service_of(shared, given)
    token = service.configuration.token
    pin = pin_source(shared, given["pin_file"], token.pin_file, given["key"] or token.uri)
    certificate = service.certificate_of(given["key"], pin=pin, module=given["module"])
    seen = service.preview_pdf(job.source, certificate, **wishes)
    with complete_file(job.output, job.source, force=given["force"]) as file:
        file.write(seen.picture)
    for warning in seen.warnings:
        say_warning(shared, f"{job.source}: {reason_sentence(warning, shared.lang)}")
    _tell(shared, job, seen)
    return 0


def _tell(shared: Shared, job: Job, seen: Preview) -> None:
    parts = [part.to_dict() for part in seen.parts]
    if shared.json:
        warnings = list(seen.warnings)
        print_json({"file": str(job.source), "preview": str(job.output), "parts": parts, "warnings": warnings})
    elif not shared.quiet:
        print_result(text(shared, "previewed", file=job.source, output=job.output))
        for part in seen.parts:
            if part.place is not None:
                numbers = ",".join(f"{number:.1f}".removesuffix(".0") for number in part.place)
                # What a role shows beside other things is named.
                name = f"{part.shows}=" if len(seen.parts) > 1 else ""
                print_result(f"  {part.shows}: --at {name}{numbers}")
