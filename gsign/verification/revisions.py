"""What came after a signature: nothing, what is permitted, or what is not (ISO 32000-2 clause 12.8.2).

Each later revision is compared with the one before it once, whatever the number of signatures, by the objects it
changes. A signature is then judged by all revisions after it, under every certification and lock that was in force
when each of them was made.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from itertools import islice
from typing import Any, Final, NamedTuple

from gsign.result import ChangesAfter, Role
from gsign.syntax.lexer import PdfSyntaxError
from gsign.syntax.objects import Ref
from gsign.syntax.reader import Document, decode_text
from gsign.syntax.xref import Entry
from gsign.verification.coverage import ReasonError
from gsign.verification.covering import Covering, seals_over
from gsign.verification.hidden import check_nothing_hidden
from gsign.verification.page_text import PageText
from gsign.verification.references import References
from gsign.verification.rules import judge
from gsign.verification.step import ANNOTATE, FILL, NEVER, SIGN, Appearance, Change, Step
from gsign.verification.structure import check_front, check_revision, ends_in_space, revision_end
from gsign.verification.views import as_of

__all__ = ["Before", "Later", "Revisions"]

_WARNED: Final = {
    "form-filled": "form-filled-after",
    "field-picture-replaced": "appearance-covers-text",
    "annotation-added": "annotated-after",
    "annotation-changed": "annotated-after",
    "annotation-removed": "annotated-after",
}


class Before(NamedTuple):
    """A signature whose coverage is known, as far as it matters for what came after.

    Args:
        section: index of the newest section it covers.
        end: behind the last byte it covers.
        number: object number of its dictionary.
        field: name of its field.
        dictionary: the signature dictionary.
        appearances: where it is drawn.
    """

    section: int
    end: int
    number: int
    field: str
    dictionary: dict[str, Any]
    lock: dict[str, Any] | None = None
    appearances: tuple[Appearance, ...] = ()
    role: Role | None = None
    """What it says it stands for, where it holds."""


class Later(NamedTuple):
    """What came after one signature."""

    changes: ChangesAfter
    reasons: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    details: tuple[dict[str, object], ...] = ()
    """Each change: its code, the object's number, the field or page it belongs to."""


class _Judged:
    """One later revision, compared."""

    def __init__(self) -> None:
        self.changes: list[Change] = []
        self.weighed: list[tuple[Change, dict[str, object], str | None]] | None = None
        """The changes with their words and refusals, once somebody asked."""
        self.appearances: list[Appearance] = []
        self.overlays: list[Appearance] = []


class Revisions:
    """Compare the revisions after the oldest signature.

    Args:
        document: the whole document.
        signatures: those that cover a revision.
        intact: object numbers of the signature dictionaries whose digest and signature hold.
        with_text: look at the text that later signatures are drawn over; takes PDFium.
        password: of an encrypted document, for that.
    """

    def __init__(
        self,
        document: Document,
        signatures: Iterable[Before],
        intact: Collection[int],
        *,
        with_text: bool,
        password: str | None = None,
    ) -> None:
        self._document = document
        self._signatures = sorted(signatures, key=lambda s: -s.section)
        self._intact = frozenset(intact)
        self._steps: dict[int, _Judged] = {}
        self._with_text = with_text
        self._password = password
        self._end = document.source.size
        if self._signatures and self._signatures[0].section:
            self._end = self._compare(self._signatures[0].section, self._signatures[0].end)

    def after(self, signature: Before) -> Later:
        """Say what came after one of the signatures."""
        reasons: list[str] = []
        warnings: list[str] = []
        details: list[dict[str, object]] = []
        drawn: list[Appearance] = []
        overlays: list[Appearance] = []
        for section in range(signature.section - 1, -1, -1):
            judged = self._steps[section]
            for change, detail, refusal in self._weighed(section):
                details.append(dict(detail))
                if refusal is not None:
                    reasons.append(refusal)
                elif change.code in _WARNED:
                    warnings.append(_WARNED[change.code])
            drawn += judged.appearances
            overlays += judged.overlays
        if drawn or overlays:
            reasons += self._pages.refusals(drawn, overlays)
            warnings += self._pages.warnings(signature.appearances, drawn, self._seals)
        if not ends_in_space(self._document.source, self._end if signature.section else signature.end):
            reasons.append("bytes-after-end")
        permitted = ChangesAfter.PERMITTED if details else ChangesAfter.NONE
        return Later(ChangesAfter.FORBIDDEN if reasons else permitted, _once(reasons), _once(warnings), tuple(details))

    @cached_property
    def _pages(self) -> Covering:
        """The pages, with the text that the oldest signature covers."""
        source, oldest = self._document.source, self._signatures[0].end
        return Covering(self._document, PageText(source, oldest, self._password) if self._with_text else None)

    @cached_property
    def _seals(self) -> dict[int, set[int]]:
        by_role = [(one, s.role) for s in self._signatures for one in s.appearances]
        return seals_over(
            (one for one, role in by_role if role is Role.LEADER), [one for one, role in by_role if role is Role.ISSUE]
        )

    # ------------------------------------------------------------ comparing

    def _compare(self, oldest: int, start: int) -> int:
        """Compare the revisions newer than section `oldest`, which ends at `start`; return where the last one ends."""
        document = self._document
        numbers = {n for s in document.sections[:oldest] for n, e in s.entries(document.source) if e.kind != "f" and n}
        base = as_of(document, oldest)
        fresh = {n for n in numbers if (e := base.entry(n)) is None or e.kind == "f"}
        named = (s.trailer.get(key) for s in document.sections[:oldest] for key in ("Root", "Info"))
        told = {ref.number for ref in named if isinstance(ref, Ref)}
        flawed, absent = self._flaw(oldest, start)
        references = References(document, fresh | (told & numbers), document.source.size, absent)
        # Most documents have one signature, and nothing after it.
        from gsign.verification.naming import FieldNames

        names, before = FieldNames(base, start), base
        for section in range(oldest - 1, -1, -1):
            after = as_of(document, section)
            judged = _Judged()
            self._steps[section] = judged
            if flawed is not None:
                judged.changes.append(flawed)
                start = _end_or(document, section, start)
                continue
            try:
                end = check_revision(document, section, start)
                check_front(document, section, end)
                step = Step(before, after, section, start, end, references, names)
                judge(step)
                if step.leads_astray(absent):
                    step.forbid("revision-malformed")
                judged.changes, judged.appearances, judged.overlays = step.changes, step.appearances, step.overlays
                start = end
            except ReasonError as error:
                judged.changes.append(Change(error.reason, NEVER))
                start = _end_or(document, section, start)
            except (PdfSyntaxError, TypeError, KeyError, AttributeError, IndexError, ValueError, OverflowError):
                # Whatever cannot be understood is not permitted.
                judged.changes.append(Change("revision-malformed", NEVER))
                start = _end_or(document, section, start)
            before = after
        return start

    def _flaw(self, section: int, end: int) -> tuple[Change | None, Mapping[int, Entry]]:
        """Say what makes the oldest signed revision one to compare nothing with, and what it lists that is absent."""
        try:
            check_front(self._document, section, end)
            return None, check_nothing_hidden(self._document, section, end)
        except ReasonError as error:
            return Change(error.reason, NEVER), {}
        except PdfSyntaxError:
            return Change("revision-malformed", NEVER), {}

    # ------------------------------------------------------------ permitting

    def _weighed(self, section: int) -> list[tuple[Change, dict[str, object], str | None]]:
        """Return each change of a revision with its words and why it is refused: the same for all signatures before."""
        judged = self._steps[section]
        if judged.weighed is None:
            judged.weighed = [(c, self._detail(section, c), self._refusal(section, c)) for c in judged.changes]
        return judged.weighed

    def _refusal(self, section: int, change: Change) -> str | None:
        """Return why a change that the revision `section` made is refused, None where it is permitted."""
        if change.needs == NEVER:
            return change.code
        earlier = [s for s in self._signatures if s.section > section]
        levels = [level for s in earlier for level in self._permissions(s)]
        level = min(levels, default=None)
        if change.code in ("signature-added", "document-timestamp-added") and change.number not in self._intact:
            return "later-signature-broken"
        if change.needs == SIGN and level == 1:
            return "certification-forbids"
        if change.needs in (FILL, ANNOTATE) and (level is None or not self._is_certified()):
            return change.code
        if (change.needs == FILL and level == 1) or (change.needs == ANNOTATE and level != 3):
            return "certification-forbids"
        if change.needs in (SIGN, FILL) and any(self._locks(s, change.field or "") for s in earlier):
            return "field-locked-changed"
        return None

    def _is_certified(self) -> bool:
        """Say whether the first signature is a certification (clause 12.8.2.2.1).

        Later ones may limit what it allows; none can allow what those before it did not.
        """
        signers = (s for s in self._signatures if s.dictionary.get("Type") != "DocTimeStamp")
        first = next(signers, None)
        return first is not None and any(method == "DocMDP" for method, _ in self._references(first))

    def _permissions(self, signature: Before) -> list[int]:
        """Return the DocMDP permissions that a signature sets (Table 257), and those of its field's lock."""
        document = self._document
        levels: list[int] = []
        for method, parameters in self._references(signature):
            if method == "DocMDP":
                level = document.get(parameters.get("P", 2))
                levels.append(level if level in (1, 2, 3) and type(level) is int else 1)
        level = document.get((signature.lock or {}).get("P"))
        if level is not None:
            levels.append(level if level in (1, 2, 3) and type(level) is int else 1)
        return levels

    def _locks(self, signature: Before, name: str) -> bool:
        """Say whether a signature's FieldMDP locks the field `name` (Table 258)."""
        return any(
            self._named(parameters, name) for method, parameters in self._references(signature) if method == "FieldMDP"
        )

    def _references(self, signature: Before) -> list[tuple[Any, dict[str, Any]]]:
        document = self._document
        found = []
        for item in document.array(signature.dictionary.get("Reference"), "/Reference"):
            reference = document.dictionary(item, "signature reference")
            parameters = document.get(reference.get("TransformParams")) or {}
            found.append((document.get(reference.get("TransformMethod")), parameters))
        return found

    def _named(self, parameters: dict[str, Any], name: str) -> bool:
        document = self._document
        values = map(document.get, document.array(parameters.get("Fields"), "/Fields"))
        listed = [decode_text(v) for v in values if isinstance(v, bytes)]
        named = any(name == entry or name.startswith(entry + ".") for entry in listed)
        action = document.get(parameters.get("Action"))
        if action == "Include":
            return named
        if action == "Exclude":
            return not named
        return True

    # ------------------------------------------------------------ words

    def _detail(self, section: int, change: Change) -> dict[str, object]:
        detail: dict[str, object] = {"code": change.code, "revision": len(self._document.sections) - section}
        if change.field:
            detail["field"] = change.field
        if change.number:
            detail["object"] = change.number
        page = self._page_number(change.number) if change.needs in (ANNOTATE, NEVER) else None
        if page is not None:
            detail["page"] = page
        return detail

    def _page_number(self, number: int) -> int | None:
        """Return which page an object is, from 1, None where it is none."""
        document = self._document
        try:
            value = document.load(Ref(number))
            if not isinstance(value, dict) or value.get("Type") != "Page":
                return None
            pages = (page.ref.number for page in islice(document.pages(), 2000))
            return next((i for i, found in enumerate(pages, 1) if found == number), None)
        except PdfSyntaxError:
            return None


def _end_or(document: Document, section: int, fallback: int) -> int:
    try:
        return revision_end(document, section)
    except (ReasonError, PdfSyntaxError):
        return fallback


def _once(codes: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(codes))
