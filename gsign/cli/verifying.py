"""`gsign verify`: every document judged in a process with limits, folders, a table at the end, a report to file."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from gsign.cli import options
from gsign.cli.clustering import many_options
from gsign.cli.flags import shared_options
from gsign.cli.output import hand_on, print_json, print_result, say_error, say_note, text
from gsign.cli.shared import FILE, Shared
from gsign.errors import NoSignatureError, UsageError

if TYPE_CHECKING:
    from gsign.cli.clustering import Verifiers
    from gsign.errors import GsignError
    from gsign.isolation.pool import Settings
    from gsign.result import VerificationResult
    from gsign.service import Service

__all__ = ["verify"]

_SECONDS: Final = 60.0


@click.command()
@options.documents
@click.option("--at", type=options.TIME, help="Judge at this time where none is proven (ISO 8601).")
@options.checks
@options.password_file
@click.option("--recursive", is_flag=True, help="Verify every .pdf file in the folders named, however deep.")
@click.option("--render", is_flag=True, help="Draw all pages as they were signed and compare them with what is there.")
@click.option("--report", type=FILE, metavar="OUT.html|OUT.pdf|OUT.json", help="Write a report to be filed.")
@click.option("--force", is_flag=True, help="Overwrite a report that exists.")
@click.option("--jobs", type=click.IntRange(1, 64), metavar="N", help="Files at a time (default: one for each core).")
@click.option(
    "--time-limit",
    type=options.SECONDS,
    default=_SECONDS,
    metavar="SECONDS",
    help=f"Longest time for one file (default: {_SECONDS:g}).",
)
@many_options("Keep results; go on where a run was stopped.")
@shared_options
@click.pass_obj
def verify(shared: Shared, /, **given: Any) -> int:
    """Verify the signatures in PDF documents."""
    from gsign.cli.batch import EXIT_CODES, with_progress, worst_exit_code

    found = _found(given)
    service = options.service_of(shared, given)
    with _verifiers(service, given, len(found)) as pool:
        # While its processes start:
        filing = _Filing(given, found, shared) if given["report"] else None
        teller = _Teller(shared, brief=given["recursive"])
        judged = service.told(_results(pool, found, shared))
        try:
            for result in with_progress(judged, total=len(found), shared=shared):
                teller.tell(result)
                if filing:
                    filing.add(result)
        finally:
            teller.close(total=len(found))
    if filing:
        filing.write(pool.settings)
    return worst_exit_code(EXIT_CODES[indication] for indication in teller.indications)


def _found(given: dict[str, Any]) -> Sequence[Path | GsignError]:
    if not given["recursive"]:
        return given["files"]  # type: ignore[no-any-return]
    from gsign.cli.folders import documents

    found = list(documents(given["files"]))
    if not found:
        raise NoSignatureError("no-documents", folders=", ".join(map(str, given["files"])))
    return found


def _verifiers(service: Service, given: dict[str, Any], count: int) -> AbstractContextManager[Verifiers]:
    from gsign.isolation.limits import Limits

    if given["cluster"] or given["results"]:
        from gsign.cli.clustering import verifiers

        return verifiers(service, given, count)
    return service.verifiers(
        jobs=min(given["jobs"] or len(os.sched_getaffinity(0)), count),
        at=given["at"],
        password=options.password(given),
        limits=Limits(seconds=given["time_limit"]),
        file_digest=given["report"] is not None,
        render=given["render"],
    )


def _results(pool: Verifiers, found: Iterable[Path | GsignError], shared: Shared) -> Iterator[VerificationResult]:
    """Yield the results in the order in which the files were found; what cannot be read is a result too."""
    from gsign.errors import GsignError, InputError

    for path, outcome in _judged(pool, found):
        if not isinstance(outcome, GsignError):
            _say_unreadable(shared, outcome)
            yield outcome
        elif isinstance(outcome, InputError):
            say_error(shared, outcome, file=path)
            yield _unreadable(path, outcome)
        else:
            raise outcome


def _say_unreadable(shared: Shared, result: VerificationResult) -> None:
    """Say on stderr, too, why a file could not be judged; at a terminal it stands in the result that comes next."""
    if result.indication != "UNREADABLE" or _is_at_terminal(shared):
        return
    from gsign.errors import InputError
    from gsign.sentences import reason_advice, reason_sentence

    for reason in result.reasons[:1]:
        why, advice = reason_sentence(reason, shared.lang), reason_advice(reason, shared.lang)
        say_error(shared, InputError("input-not-judged", file=result.file, why=why, advice=advice))


def _is_at_terminal(shared: Shared) -> bool:
    """Whether somebody sees results and errors one below the other."""
    return not (shared.json or shared.quiet) and sys.stdout.isatty() and sys.stderr.isatty()


def _judged(
    pool: Verifiers, found: Iterable[Path | GsignError]
) -> Generator[tuple[Path | str, VerificationResult | GsignError]]:
    from itertools import tee

    from gsign.errors import GsignError

    told, sent = tee(found)
    judged = pool.verify_all(item for item in sent if not isinstance(item, GsignError))
    for item in told:
        yield (str(item.facts["file"]), item) if isinstance(item, GsignError) else next(judged)


def _unreadable(path: Path | str, error: GsignError) -> VerificationResult:
    from gsign.result import Indication, VerificationResult

    facts: dict[str, object] = {"error": {name: str(value) for name, value in error.facts.items()}}
    return VerificationResult(str(path), Indication.UNREADABLE, reasons=(error.code,), facts=facts)


class _Filing:
    """Collects results for the report and writes it, complete or not at all.

    Raises:
        UsageError: `report-kind-unknown`; `output-exists`, or `output-is-input` even with `--force`: nobody wants to
            hear that after ten thousand files.
        InputError: `output-unwritable`, as far as a look at its folder can tell, for the same reason.
    """

    def __init__(self, given: dict[str, Any], found: Iterable[Path | GsignError], shared: Shared) -> None:
        from gsign.cli.files import folder_obstacle
        from gsign.report.writing import kind_of

        self._output: Path = given["report"]
        self._kind = kind_of(self._output)
        self._force = given["force"]
        self._lang = shared.lang
        self._results: list[VerificationResult] = []
        if error := folder_obstacle(self._output):
            raise error
        if not os.path.lexists(self._output):
            return
        if not self._force:
            raise UsageError("output-exists", file=str(self._output))
        if any(isinstance(path, Path) and _is_same(self._output, path) for path in found):
            raise UsageError("output-is-input", file=str(self._output))

    def add(self, result: VerificationResult) -> None:
        """Take a result."""
        self._results.append(result)

    def write(self, settings: Settings) -> None:
        """Write the report."""
        from gsign import __version__
        from gsign.report.writing import Conditions, render
        from gsign.signing.output import complete_file

        conditions = Conditions(
            revocation=settings.revocation,
            offline=settings.offline,
            at=settings.at,
            anchors=tuple(map(str, settings.trust)),
            version=__version__,
        )
        content = render(self._kind, self._results, conditions, lang=self._lang)
        with complete_file(self._output, b"", force=self._force) as file:
            file.write(content)


def _is_same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False


def _words(*, brief: bool) -> Callable[[VerificationResult, Shared], Iterator[str]]:
    """Return what puts a result into words, with the words at hand."""
    import gsign.sentences.commandline
    import gsign.sentences.trust
    import gsign.sentences.verification  # noqa: F401
    from gsign.cli import report

    return report.brief if brief else report.lines


class _Teller:
    """Tells results as they come, and what they come to."""

    def __init__(self, shared: Shared, *, brief: bool) -> None:
        from gsign.cli.summary import Summary

        self._shared = shared
        self._lines = None if shared.json or shared.quiet else _words(brief=brief)
        self._summary = Summary()
        self.indications: set[str] = set()

    def tell(self, result: VerificationResult) -> None:
        """Print one result."""
        self.indications.add(result.indication)
        self._summary.add(result)
        if self._shared.json:
            print_json(result.to_dict())
        elif self._lines is not None:
            print_result("\n".join(self._lines(result, self._shared)))
        hand_on()

    def close(self, *, total: int) -> None:
        """Print the table, where there was more than one file; after an interrupt also say how many are left."""
        if total < 2 or not (told := self._summary.total):
            return
        if not (self._shared.json or self._shared.quiet):
            for line in self._summary.lines(self._shared):
                print_result(line)
        if told < total:
            say_note(self._shared, text(self._shared, "batch-ended", left=total - told, total=total))
