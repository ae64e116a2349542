"""Reports: what went between agencies in a period, and how much of it was signed, counted from a ledger's facts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Final, NamedTuple

from gsign.audit import sums
from gsign.audit.facts import VERDICTS, Parties
from gsign.audit.figures import Figures, Mail, Officials, Release
from gsign.audit.origins import Source, source_of
from gsign.audit.period import Period
from gsign.errors import InputError

if TYPE_CHECKING:
    from gsign.audit.reading import Reader

__all__ = ["Account", "account_of", "count"]

_AT_ONCE: Final = 100_000
"""Different things that are gathered, or remembered, before room is made."""
_Row = tuple[int, ...]
_Place = tuple[str, str]
"""Agency and direction."""


class Account(NamedTuple):
    """Figures of a period and of the one before, and what they were counted from."""

    figures: Figures
    previous: Figures
    source: Source


def account_of(reader: Reader, ledger: str, period: Period, *, now: datetime | None = None) -> Account:
    """Count what a ledger tells of a period.

    Args:
        reader: of the ledger, at one moment: all figures are of the same state.
        ledger: its URL, without a password.
        period: which one.
        now: an aware time; None for the present.

    Raises:
        InputError: `period-empty`.
    """
    figures = count(reader, period)
    if figures.is_empty:
        raise InputError("period-empty", period=str(period), ledger=ledger)
    return Account(figures, count(reader, period.previous), source_of(reader, ledger, period, now))


def count(reader: Reader, period: Period) -> Figures:
    """Count what a ledger tells of a period; memory depends on the number of agencies and people, not of entries."""
    figures = Figures(period)
    between = period.months[0], period.months[-1]
    places = _Places(reader)
    _add_documents(figures, reader.rows(sums.DOCUMENTS, between), places)
    _add_messages(figures, reader.rows(sums.MESSAGES, between), places)
    _add_fates(figures, reader.rows(sums.FATES, between), places)
    figures.refused = [(str(reason), _int(n)) for reason, n in reader.rows(sums.REASONS_REFUSED, between)]
    figures.held = [(str(reason), _int(n)) for reason, n in reader.rows(sums.REASONS_HELD, between)]
    figures.release = _release(reader, between)
    figures.waiting = _int(next(reader.rows(sums.WAITING, (between[1], between[1])))[0])
    for act, key, level, verdict, n in reader.rows(sums.SERVICES, between):
        figures.services.append((str(act), str(key), str(level), str(verdict), _int(n)))
    return figures


class _Places:
    """Look up which agencies have sent, received or kept something, by the number of its parties."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._known: dict[int, _Between] = {}

    def of(self, parties: int) -> _Between:
        known = self._known.get(parties)
        if known is None:
            if len(self._known) > _AT_ONCE:
                self._known.clear()
            row = next(self._reader.rows(sums.NAMES, (parties,)), None)
            names = Parties() if row is None else Parties.of(str(row[0]))
            known = self._known[parties] = _Between(names.sender, names.directions)
        return known


class _Between(NamedTuple):
    sender: str
    places: tuple[_Place, ...]


# ---------------------------------------------------------------- documents


def _add_documents(figures: Figures, rows: Iterable[tuple[object, ...]], places: _Places) -> None:
    # Most went one way only: these are shared out among the agencies when many are together.
    alike: dict[_Row, int] = {}
    found: dict[tuple[_Place, int, int], int] = {}
    for same in _of_each(rows):
        if len(same) > 1:
            for one in _merged(same, places):
                found[one] = found.get(one, 0) + 1
        else:
            way = same[0][1:]
            alike[way] = alike.get(way, 0) + 1
        if len(alike) + len(found) > _AT_ONCE:
            _share_out(alike, found, places)
            _add_up(figures, found)
    _share_out(alike, found, places)
    _add_up(figures, found)


def _merged(same: list[_Row], places: _Places) -> list[tuple[_Place, int, int]]:
    """Merge the ways that one document went: each agency counts it once."""
    best: dict[_Place, tuple[int, int]] = {}
    for _, parties, packed, kind in same:
        for place in places.of(parties).places:
            known = best.get(place, (packed, kind))
            best[place] = min(known[0], packed), min(known[1], kind)
    return [(place, packed, kind) for place, (packed, kind) in best.items()]


def _share_out(alike: dict[_Row, int], found: dict[tuple[_Place, int, int], int], places: _Places) -> None:
    for (parties, packed, kind), number in alike.items():
        for place in places.of(parties).places:
            one = place, packed, kind
            found[one] = found.get(one, 0) + number
    alike.clear()


def _add_up(figures: Figures, found: dict[tuple[_Place, int, int], int]) -> None:
    for (place, packed, kind), number in found.items():
        month, verdict, domain, level = sums.unpacked(packed)
        direction = place[1]
        figures.by_agency[place][verdict] += number
        figures.by_kind[kind, direction][verdict] += number
        figures.by_month[month, direction][verdict] += number
        if VERDICTS[verdict] == "valid":
            figures.strength[direction, domain, level] += number
    found.clear()


# ---------------------------------------------------------------- messages


def _add_messages(figures: Figures, rows: Iterable[tuple[object, ...]], places: _Places) -> None:
    people: dict[int, tuple[str, bool]] = {}
    alike: Counter[tuple[tuple[_Place, ...], bool, bool]] = Counter()
    for same in _of_each(rows):
        found: tuple[_Place, ...] = ()
        is_own = is_agency = False
        for _, parties, own, carries, by_agency, sender in same:
            between = places.of(parties)
            found = found or between.places
            if found != between.places:
                found = tuple(dict.fromkeys((*found, *between.places)))
            is_own, is_agency = is_own or bool(own), is_agency or bool(by_agency)
            if between.sender and not people.get(sender, ("", False))[1]:
                people[sender] = between.sender, bool(own or carries or by_agency)
        alike[found, is_own, is_agency] += 1
    for (found, is_own, is_agency), number in alike.items():
        figures.elsewhere += number * (not found)
        more = Mail(number, number * is_own, number * is_agency, number * (is_own or is_agency))
        for place in found:
            figures.mail[place] = Mail.sum([figures.mail[place], more])
    senders = Counter(agency for agency, _ in people.values())
    signers = Counter(agency for agency, signs in people.values() if signs)
    figures.officials = {agency: Officials(number, signers[agency]) for agency, number in senders.items()}


def _add_fates(figures: Figures, rows: Iterable[tuple[object, ...]], places: _Places) -> None:
    for (fate, _), same in groupby(rows, key=itemgetter(0, 1)):
        figures.messages[str(fate)] += 1
        for agency, direction in {place for row in same for place in places.of(_int(row[2])).places}:
            figures.fates[str(fate), agency, direction] += 1


def _release(reader: Reader, between: tuple[int, int]) -> Release:
    number = _int(next(reader.rows(sums.RELEASED, between))[0])
    if not number:
        return Release()
    # Of an even number the middle lies between two.
    middle = reader.rows(sums.MEDIAN, (*between, 2 - number % 2, (number - 1) // 2))
    waited = [_int(row[0]) for row in middle]
    longest = _int(next(reader.rows(sums.LONGEST, between))[0])
    return Release(number, sum(waited) / len(waited) / 1e6, longest / 1e6)


def _of_each(rows: Iterable[tuple[object, ...]]) -> Iterator[list[_Row]]:
    """Gather rows of numbers that begin with the same one."""
    same: list[_Row] = []
    for row in rows:
        if same and row[0] != same[0][0]:
            yield same
            same = []
        same.append(row)  # type: ignore[arg-type]
    if same:
        yield same


# ---------------------------------------------------------------- values


def _int(value: object) -> int:
    # PostgreSQL adds numbers up to more than an integer.
    return int(value)  # type: ignore[call-overload, no-any-return]
