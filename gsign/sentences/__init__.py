"""Every sentence said to a person, in Vietnamese and English, looked up from a stable code.

One module per area registers its own; a test asserts that each code has both languages and that the placeholders of
both agree. Placeholders are `str.format` fields, filled from the facts of the error or reason.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import NamedTuple

__all__ = ["Sentence", "error_advice", "error_sentence", "printable", "reason_advice", "reason_sentence"]

_ODD = "\N{REPLACEMENT CHARACTER}"
_WARNINGS = "warnings"
_LISTED = "reasons"
"""A fact that holds codes of reasons, with a comma between them."""
_BECAUSE = "because"
"""The same with a space and parentheses around it; nothing where there is none."""
_CAUSES = ("cause", "causes")
"""Facts whose codes are said by `gsign.sentences.causes`."""
_SAID_BY_SYSTEM = ("cause", "causes", "why", "detail")
"""Facts that may be words of the operating system."""
_AREAS_OF_REASONS = (
    "verification",
    "trust",
    "timestamps",
    "judging",
    "appearance",
    "relay",
    "mail",
    "mail_encryption",
    "inspection",
    "roles",
    "audit",
    "recording",
    "advice",
)


class Sentence(NamedTuple):
    """What happened and what to do, in both languages."""

    vi: str
    en: str
    hint_vi: str = ""
    hint_en: str = ""


class _Facts(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "?"


@cache
def _errors() -> Mapping[str, Sentence]:
    from gsign.sentences import (
        appearance,
        audit,
        commandline,
        compliance,
        configuration,
        document,
        judging,
        mail,
        mail_encryption,
        many,
        placement,
        recording,
        relay,
        report,
        roles,
        token,
        trust,
        trust_command,
    )

    areas = (
        document,
        appearance,
        placement,
        token,
        trust,
        trust_command,
        configuration,
        commandline,
        judging,
        report,
        recording,
        relay,
        mail,
        mail_encryption,
        many,
        roles,
        audit,
        compliance,
    )
    return {code: sentence for area in areas for code, sentence in area.ERRORS.items()}


@cache
def _reasons(area: str) -> Mapping[str, Sentence]:
    from importlib import import_module

    found: Mapping[str, Sentence] = import_module(f"gsign.sentences.{area}").REASONS
    return found


def _fill(text: str, facts: Mapping[str, object], lang: str) -> str:
    if any(name in facts for name in _CAUSES):
        from gsign.sentences.causes import say_causes

        facts = {name: say_causes(str(fact), lang) if name in _CAUSES else fact for name, fact in facts.items()}
    if lang == "vi" and any(name in facts for name in _SAID_BY_SYSTEM):
        from gsign.sentences.system import say_system

        facts = {name: say_system(str(fact)) if name in _SAID_BY_SYSTEM else fact for name, fact in facts.items()}
    if isinstance(listed := facts.get(_LISTED), str):
        said = "; ".join(_said_with_code(code, lang) for code in listed.split(", ")) if listed else ""
        facts = {**facts, _LISTED: said, _BECAUSE: f" ({said})" if said else ""}
    if isinstance(codes := facts.get(_WARNINGS), (list, tuple)):
        facts = {**facts, _WARNINGS: "; ".join(reason_sentence(str(code), lang) for code in codes)}
    # One line, whatever the facts hold: a file name may contain line breaks or terminal escapes.
    filled = text.format_map(_Facts(facts))
    return printable(filled)


def printable(text: str, instead: Callable[[str], str] = lambda _: _ODD) -> str:
    """Make one line of a text, in which nothing breaks it, turns its direction or speaks to a terminal.

    Args:
        text: what may come from a stranger.
        instead: gives what stands for a character that cannot be printed.
    """
    return text if text.isprintable() else "".join(c if c.isprintable() else instead(c) for c in text)


def _said_with_code(code: str, lang: str) -> str:
    said = reason_sentence(code, lang)
    return f"{said} [{code}]" if said != code else code


def _look_up(table: Mapping[str, Sentence], code: str) -> Sentence:
    return table.get(code) or Sentence(vi=code, en=code)


def _reason(code: str) -> Sentence:
    # One area after the other, since most that a verification says is in the first.
    found = (_reasons(area).get(code) for area in _AREAS_OF_REASONS)
    return next(filter(None, found), None) or _look_up(_errors(), code)


def error_sentence(code: str, lang: str, facts: Mapping[str, object]) -> str:
    """Say what happened."""
    entry = _look_up(_errors(), code)
    return _fill(entry.vi if lang == "vi" else entry.en, facts, lang)


def error_advice(code: str, lang: str, facts: Mapping[str, object]) -> str:
    """Say what to do about an error."""
    entry = _look_up(_errors(), code)
    return _fill(entry.hint_vi if lang == "vi" else entry.hint_en, facts, lang)


def reason_sentence(code: str, lang: str, facts: Mapping[str, object] | None = None) -> str:
    """Say what a reason or warning of a verification means; the reason may be an error that ended it."""
    entry = _reason(code)
    return _fill(entry.vi if lang == "vi" else entry.en, facts or {}, lang)


def reason_advice(code: str, lang: str, facts: Mapping[str, object] | None = None) -> str:
    """Say what to do about a reason or warning of a verification."""
    entry = _reason(code)
    return _fill(entry.hint_vi if lang == "vi" else entry.hint_en, facts or {}, lang)
