"""Reports: what went between agencies in a period, and how much of it was signed, counted from a ledger's facts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from operator import itemgetter
from typing import TYPE_CHECKING, Final, NamedTuple

from gsign.audit import sums
from gsign.audit.facts import VERDICTS, Parties
from gsign.audit.figures import Figures, Mail, Officials, Release
from gsign.audit.merging import Row, told_apart
from gsign.audit.origins import Source, source_of
from gsign.audit.period import Period
from gsign.errors import InputError

if TYPE_CHECKING:
    from gsign.audit.reading import Reader

__all__ = ["Account", "account_of", "count"]

_AT_ONCE: Final = 100_000
"""Different things that are gathered, or remembered, before room is made."""
_TRIED: Final = timedelta(days=14)
"""How long after a message went somebody may still try to send it who does not know."""
_ASKED: Final = 500
"""Numbers that are looked up by one question."""
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
    asked = _Asked(reader, period)
    places = _Places(reader)
    _add_documents(figures, asked(sums.DOCUMENTS), places)
    _add_messages(figures, asked(sums.MESSAGES), places)
    _add_fates(figures, asked(sums.FATES), places)
    figures.refused = [(str(reason), int(n)) for reason, n in asked(sums.REASONS_REFUSED)]
    figures.held = [(str(reason), int(n)) for reason, n in asked(sums.REASONS_HELD)]
    figures.release = _release(asked)
    last = period.months[-1]
    figures.waiting = int(next(reader.rows(sums.WAITING, (last, last)))[0])
    for act, key, level, verdict, n in reader.rows(sums.SERVICES, (period.months[0], last)):
        figures.services.append((str(act), str(key), str(level), str(verdict), int(n)))
    return figures


class _Asked:
    """Ask for what happened in a period, without what only happened again.

    Args:
        reader: of the ledger.
        period: which one.
    """

    def __init__(self, reader: Reader, period: Period) -> None:
        self._reader = reader
        first, before = period.months[0], period.previous.months[-1]
        since, until = (round((period.begin + shift).timestamp() * 1e6) for shift in (-_TRIED, _TRIED))
        self._again = (before, since, first, until)
        self._period = (first, period.months[-1])
        self._is_again = next(reader.rows(f"{sums.AGAIN} LIMIT 1", self._again), None) is not None

    def __call__(self, query: str, *values: object) -> Iterator[Row]:
        again = self._again if self._is_again else ()
        question = sums.completed(query, is_again=self._is_again)
        return self._reader.rows(question, (*self._period, *again, *values))


class _Between(NamedTuple):
    """Which agencies have sent, received or kept something."""

    sender: str
    places: tuple[_Place, ...]
    shape: tuple[tuple[str, int], ...]
    """How many agencies it has in each direction."""


class _Places:
    """Look up which agencies have sent, received or kept something, by the number of its parties."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._known: dict[int, _Between] = {}

    def of(self, parties: int) -> _Between:
        if parties not in self._known:
            self.learn({parties})
        return self._known[parties]

    def learn(self, parties: Iterable[int]) -> None:
        """Look up many at a time."""
        if len(self._known) > _AT_ONCE:
            self._known.clear()
        unknown = iter(sorted(set(parties) - self._known.keys()))
        while some := tuple(islice(unknown, _ASKED)):
            names: dict[int, str] = dict(self._reader.rows(sums.names_of(len(some)), some))
            self._known |= {each: _between(names.get(each)) for each in some}


def _between(names: object) -> _Between:
    found = Parties() if names is None else Parties.of(str(names))
    places = found.directions
    return _Between(found.sender, places, tuple(Counter(direction for _, direction in places).items()))


# ---------------------------------------------------------------- documents


def _add_documents(figures: Figures, rows: Iterable[Row], places: _Places) -> None:
    # Most went one way only: these are shared out among the agencies when many are together.
    alike: Counter[Row] = Counter()
    found: Counter[tuple[_Place, int, int]] = Counter()
    for alone, together in told_apart(rows, itemgetter(0)):
        alike.update(map(itemgetter(1, 2, 3), alone))
        for same in together:
            found.update(_merged(same, places))
        if len(alike) + len(found) > _AT_ONCE:
            _share_out(figures, alike, places)
            _add_up(figures, found)
    _share_out(figures, alike, places)
    _add_up(figures, found)


def _merged(same: list[Row], places: _Places) -> list[tuple[_Place, int, int]]:
    """Merge the ways that one document went: each agency counts it once."""
    best: dict[_Place, tuple[int, int]] = {}
    for _, parties, packed, kind in same:
        for place in places.of(parties).places:
            known = best.get(place)
            if known is None:
                best[place] = packed, kind
            elif known != (packed, kind):
                best[place] = min(known[0], packed), min(known[1], kind)
    return [(place, packed, kind) for place, (packed, kind) in best.items()]


def _share_out(figures: Figures, alike: Counter[Row], places: _Places) -> None:
    """Count documents that went one way only, by parties, month, verdict, domain, level and kind."""
    places.learn({parties for parties, _, _ in alike})
    by_parties: Counter[tuple[int, int]] = Counter()
    by_shape: Counter[tuple[tuple[tuple[str, int], ...], int, int]] = Counter()
    for (parties, packed, kind), number in alike.items():
        by_parties[parties, sums.verdict_of(packed)] += number
        by_shape[places.of(parties).shape, packed, kind] += number
    for (parties, verdict), number in by_parties.items():
        for place in places.of(parties).places:
            figures.by_agency[place][verdict] += number
    for (shape, packed, kind), number in by_shape.items():
        for direction, agencies in shape:
            _add(figures, direction, packed, kind, number * agencies)
    alike.clear()


def _add_up(figures: Figures, found: Counter[tuple[_Place, int, int]]) -> None:
    for (place, packed, kind), number in found.items():
        figures.by_agency[place][sums.verdict_of(packed)] += number
        _add(figures, place[1], packed, kind, number)
    found.clear()


def _add(figures: Figures, direction: str, packed: int, kind: int, number: int) -> None:
    month, verdict, domain, level = sums.unpacked(packed)
    figures.by_kind[kind, direction][verdict] += number
    figures.by_month[month, direction][verdict] += number
    if VERDICTS[verdict] == "valid":
        figures.strength[direction, domain, level] += number


# ---------------------------------------------------------------- messages


class _Mail:
    """Messages that got there, and who sent them."""

    def __init__(self, places: _Places) -> None:
        self._places = places
        self._alike: Counter[tuple[tuple[_Place, ...], bool, bool]] = Counter()
        self._people: dict[int, tuple[str, bool]] = {}

    def add(self, rows: Iterable[Row]) -> None:
        alone: Counter[Row] = Counter()
        for single, together in told_apart(rows, itemgetter(0)):
            alone.update(map(itemgetter(1, 2, 3, 4, 5), single))
            for same in together:
                self._add([row[1:] for row in same], 1)
            if len(alone) > _AT_ONCE:
                self._add_alone(alone)
        self._add_alone(alone)

    def _add_alone(self, alone: Counter[Row]) -> None:
        self._places.learn({row[0] for row in alone})
        for row, number in alone.items():
            self._add([row], number)
        alone.clear()

    def _add(self, ways: list[Row], number: int) -> None:
        """Add messages that went the same ways: once each for every agency."""
        found: tuple[_Place, ...] = ()
        is_own = is_agency = False
        for parties, own, carries, by_agency, sender in ways:
            between = self._places.of(parties)
            found = found or between.places
            if found != between.places:
                found = tuple(dict.fromkeys((*found, *between.places)))
            is_own, is_agency = is_own or bool(own), is_agency or bool(by_agency)
            if between.sender and not self._people.get(sender, ("", False))[1]:
                self._people[sender] = between.sender, bool(own or carries or by_agency)
        self._alike[found, is_own, is_agency] += number

    def tell(self, figures: Figures) -> None:
        for (found, is_own, is_agency), number in self._alike.items():
            figures.elsewhere += number * (not found)
            more = Mail(number, number * is_own, number * is_agency, number * (is_own or is_agency))
            for place in found:
                figures.mail[place] = Mail.sum([figures.mail[place], more])
        senders = Counter(agency for agency, _ in self._people.values())
        signers = Counter(agency for agency, signs in self._people.values() if signs)
        figures.officials = {agency: Officials(number, signers[agency]) for agency, number in senders.items()}


def _add_messages(figures: Figures, rows: Iterable[Row], places: _Places) -> None:
    mail = _Mail(places)
    mail.add(rows)
    mail.tell(figures)


def _add_fates(figures: Figures, rows: Iterable[Row], places: _Places) -> None:
    for alone, together in told_apart(rows, itemgetter(0, 1)):
        for (fate, parties), number in Counter(map(itemgetter(0, 2), alone)).items():
            figures.messages[str(fate)] += number
            for agency, direction in places.of(parties).places:
                figures.fates[str(fate), agency, direction] += number
        for same in together:
            fate = str(same[0][0])
            figures.messages[fate] += 1
            for agency, direction in {place for row in same for place in places.of(row[2]).places}:
                figures.fates[fate, agency, direction] += 1


def _release(asked: _Asked) -> Release:
    number = int(next(asked(sums.RELEASED))[0])
    if not number:
        return Release()
    # Of an even number the middle lies between two.
    waited = [int(row[0]) for row in asked(sums.MEDIAN, 2 - number % 2, (number - 1) // 2)]
    longest = int(next(asked(sums.LONGEST))[0])
    return Release(number, sum(waited) / len(waited) / 1e6, longest / 1e6)
