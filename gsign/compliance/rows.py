"""A report for programs and spreadsheets: rows by agency, kind or month, with names that stay."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from gsign.audit.compliance import Account
from gsign.audit.facts import DOMAINS, LEVELS
from gsign.audit.figures import DIRECTIONS, Figures, Mail, Tally
from gsign.audit.period import Period
from gsign.compliance.wording import kind_code
from gsign.result import plain

__all__ = ["GROUPS", "record", "rows_by", "total"]

GROUPS: Final = ("agency", "kind", "month")
_ALWAYS: Final = 8
"""Kinds that are named even where there was none of them."""
_FATES: Final = ("refused", "deferred", "held", "released", "rejected")
Row = dict[str, Any]


def rows_by(figures: Figures, by: str, registered: Mapping[str, int]) -> list[Row]:
    """Return a row for each agency, kind or month.

    Args:
        figures: what was counted.
        by: `agency`, `kind` or `month`.
        registered: how many officials each agency has that is known.
    """
    if by == "agency":
        names = dict.fromkeys((*registered, *figures.agencies))
        return [{"agency": name, **_agency(figures, name, registered.get(name))} for name in names]
    if by == "month":
        return [{"month": f"{m // 100}-{m % 100:02}", **_documents(figures.by_month, m)} for m in figures.period.months]
    counted = {kind for kind, _ in figures.by_kind}
    kinds = sorted(counted | set(range(_ALWAYS)))
    return [{"kind": kind_code(kind), **_documents(figures.by_kind, kind)} for kind in kinds]


def total(figures: Figures, registered: Mapping[str, int]) -> Row:
    """Return the row of everything."""
    found: Row = {}
    for direction in DIRECTIONS:
        found |= _tally(direction, figures.documents(direction))
    for direction in DIRECTIONS[:2]:
        found |= _mail(direction, figures.delivered(direction))
    found |= {fate: figures.messages[fate] for fate in _FATES}
    officials = figures.officials.values()
    # Where one agency's number is not known, the share of all would be too high.
    is_known = bool(registered) and figures.officials.keys() <= registered.keys()
    return found | {
        "officials_registered": sum(registered.values()) if is_known else None,
        "officials_using_mail": sum(its.senders for its in officials),
        "officials_using_signed_mail": sum(its.signers for its in officials),
    }


def record(account: Account, by: str, registered: Mapping[str, int], version: str) -> dict[str, Any]:
    """Return all of a report as JSON holds it."""
    figures, source = account.figures, account.source
    strength: list[Row] = [
        {"direction": direction, "domain": DOMAINS[domain] or None, "level": LEVELS[level] or None, "documents": number}
        for (direction, domain, level), number in sorted(figures.strength.items())
    ]
    return {
        "gsign": version,
        "made": plain(source.made),
        "period": _period(figures.period),
        "by": by,
        "rows": rows_by(figures, by, registered),
        "total": total(figures, registered),
        "previous": {"period": _period(account.previous.period), "total": total(account.previous, registered)},
        "valid_signatures": strength,
        "refused": [{"reason": reason, "messages": number} for reason, number in figures.refused],
        "held": [{"reason": reason, "messages": number} for reason, number in figures.held],
        "release": {"seconds_median": figures.release.median, "seconds_longest": figures.release.longest},
        "waiting": figures.waiting,
        "elsewhere": figures.elsewhere,
        "services": [
            dict(zip(("act", "key", "level", "indication", "times"), service, strict=True))
            for service in figures.services
        ],
        "source": {
            "ledger": source.ledger,
            "chains": [chain._asdict() for chain in source.chains],
            "all_chains": source.heads,
            "sha256_of_heads": source.digest,
            "segments": [segment._asdict() for segment in source.segments],
            "uncounted": list(source.uncounted),
        },
    }


def _period(period: Period) -> Row:
    return {"name": str(period), "begin": plain(period.begin), "end": plain(period.end)}


def _agency(figures: Figures, name: str, registered: int | None) -> Row:
    found = _documents(figures.by_agency, name)
    for direction in DIRECTIONS[:2]:
        found |= _mail(direction, figures.mail.get((name, direction), Mail()))
    for fate in _FATES:
        found[fate] = sum(figures.fates[fate, name, direction] for direction in DIRECTIONS)
    its = figures.officials.get(name)
    found["officials_registered"] = registered
    found["officials_using_mail"] = its.senders if its else 0
    found["officials_using_signed_mail"] = its.signers if its else 0
    return found


def _documents(counted: Mapping[tuple[Any, str], list[int]], key: object) -> Row:
    found: Row = {}
    for direction in DIRECTIONS:
        found |= _tally(direction, Tally(*counted.get((key, direction), ())))
    return found


def _tally(direction: str, tally: Tally) -> Row:
    return {
        direction: tally.total,
        f"{direction}_signed": tally.signed,
        f"{direction}_valid": tally.valid,
        f"{direction}_unreadable": tally.unreadable,
    }


def _mail(direction: str, mail: Mail) -> Row:
    return {f"mail_{direction}": mail.total, f"mail_{direction}_signed": mail.signed}
