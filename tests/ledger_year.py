"""A made-up year of a province's ledger: what relays and signing stations of a few agencies write down.

Everything that makes counting hard is in it: messages tried again after a delay, the same document sent many times or
by way of two relays that share the ledger, messages put off over the end of a month, held and released in another
period, recipients in several agencies, mail from and to strangers, entries at the very edge of a month.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import groupby, islice
from typing import Any, Final, NamedTuple

from gsign.audit.databases import open_rows
from gsign.audit.entry import Chain, Entry, next_entry

__all__ = ["AGENCIES", "Happening", "entries_of", "fill", "happenings"]

_AT_ONCE: Final = 5000
"""Entries that are written together."""

AGENCIES: Final = (
    "UBND tỉnh An Hòa",
    "Sở Nội vụ",
    "Sở Tài chính",
    "Sở Y tế",
    "Sở Giáo dục và Đào tạo",
    "UBND xã Bình Minh",
    "UBND phường Trung Tâm",
)
_BEGIN: Final = datetime(2025, 12, 28, tzinfo=UTC)
_DAYS: Final = 370
_EDGES: Final = tuple(datetime(2026, month, 1, tzinfo=UTC) - timedelta(hours=7) for month in range(1, 13))
_KINDS: Final = (
    "bao-cao", "giay-moi", "lich-cong-tac", "quyet-dinh", "cong-van", "to-trinh", "ke-hoach", "thong-bao",
    "nghi-quyet", "bien-ban", None, None,
)  # fmt: skip
_REASONS: Final = (
    "pdf-not-signed",
    "pdf-broken",
    "pdf-signer-is-not-sender",
    "content-unreadable",
    "message-not-signed",
)
_WORDS: Final = ("TOTAL_PASSED", "TOTAL_PASSED", "TOTAL_PASSED", "INDETERMINATE", "TOTAL_FAILED", "NO_SIGNATURE_FOUND")


class Happening(NamedTuple):
    """Something that is written down, and which station does."""

    time: datetime
    writer: str
    kind: str
    body: dict[str, Any]
    of: int | None = None
    """The happening whose reference belongs into the body."""


def entries_of(count: int, seed: int = 7, writers: int = 3) -> Iterator[Entry]:
    """Yield entries in the order of their times, chained by writer.

    Args:
        count: how many.
        seed: of what is made up.
        writers: how many stations write.
    """
    heads: dict[str, Entry] = {}
    references: dict[int, str] = {}
    for number, what in enumerate(happenings(count, seed, writers)):
        body = what.body if what.of is None else {**what.body, "entry": references[what.of]}
        entry = next_entry(heads.get(what.writer), what.writer, what.kind, body, now=what.time)
        heads[what.writer] = entry
        references[number] = entry.reference
        yield entry


def happenings(count: int, seed: int, writers: int) -> list[Happening]:
    """Return what happens, in the order of time."""
    chance = random.Random(seed)
    story = _Story(chance, [f"relay-{number}.1" for number in range(1, writers + 1)], count)
    while len(story.found) < count:
        story.go_on()
    found = story.found[:count]
    order = sorted(range(count), key=lambda index: (found[index].time, index))
    place = {index: position for position, index in enumerate(order)}
    return [found[index] if (of := found[index].of) is None else found[index]._replace(of=place[of]) for index in order]


class _Story:
    def __init__(self, chance: random.Random, writers: list[str], count: int) -> None:
        self.found: list[Happening] = []
        self._chance = chance
        self._writers = writers
        self._step = timedelta(days=_DAYS) / count
        self._documents: list[dict[str, Any]] = []
        self._messages = 0

    def go_on(self) -> None:
        chance = self._chance
        time = _BEGIN + self._step * len(self.found)
        if chance.random() < 0.02:
            # At the edge of a month by Vietnam's clocks, or a microsecond before it.
            time = chance.choice(_EDGES) - timedelta(microseconds=chance.choice((0, 1)))
        writer = chance.choice(self._writers)
        told = chance.random()
        if told < 0.04:
            self._serve(time, writer)
        elif told < 0.05:
            self._write(
                time, writer, "refused", {"sha256": self._hex(), "code": chance.choice(("mail-loop", "mail-unclear"))}
            )
        elif told < 0.06:
            self._write(time, writer, "anchored", {"heads": {}})
        else:
            self._send(time, writer)

    def _serve(self, time: datetime, writer: str) -> None:
        chance = self._chance
        if chance.random() < 0.5:
            body = {"agency": chance.choice((*AGENCIES, None)), "key": chance.choice(("token", "token", "file")),
                    "role": chance.choice(("leader", "issue", None)), "level": chance.choice(("B-T", "B-LT")),
                    "kind": chance.choice(_KINDS)}  # fmt: skip
            self._write(time, writer, "signed", body)
        else:
            self._write(time, writer, "verified", {"indication": chance.choice(_WORDS), "sha256": self._hex()})

    def _send(self, time: datetime, writer: str) -> None:
        chance = self._chance
        body = self._message()
        tries = 1 + (chance.random() < 0.06) + (chance.random() < 0.02)
        for number in range(tries):
            is_last = number == tries - 1
            self._try(time, chance.choice(self._writers) if number else writer, body, is_last=is_last)
            time += timedelta(minutes=chance.choice((5, 30, 600)))
        if chance.random() < 0.1:
            # The relay of the agency that gets it shares the ledger, and sees other octets of the same message.
            self._try(time, chance.choice(self._writers), {**body, "sha256": self._hex()}, is_last=True)

    def _try(self, time: datetime, writer: str, body: dict[str, Any], *, is_last: bool) -> None:
        chance = self._chance
        if not is_last and chance.random() < 0.4:
            self._write(
                time, writer, "decided", {**body, "action": "defer", "reasons": [["message-not-judged", "", []]]}
            )
            return
        told = chance.random()
        if told < 0.08:
            why = [[reason, "2", []] for reason in chance.sample(_REASONS, chance.choice((1, 1, 2)))]
            self._write(time, writer, "decided", {**body, "action": "reject", "reasons": why})
        elif told < 0.12:
            self._hold(time, writer, body)
        else:
            self._forward(time, writer, body, is_last=is_last)

    def _forward(self, time: datetime, writer: str, body: dict[str, Any], *, is_last: bool) -> None:
        chance = self._chance
        decided = self._write(time, writer, "decided", {**body, "action": "pass", "reasons": []})
        told = chance.random()
        if told < 0.01:
            self._write(time, writer, "refused", {"sha256": body["sha256"], "code": "mail-already-signed"}, decided)
            return
        if told < 0.02 or (not is_last and told < 0.5):
            return  # the next hop was not there: nothing came of it
        replies = ["250 2.0.0 taken"] if is_last else ["451 4.3.0 later"]
        if told > 0.99:
            replies = ["550 5.1.1 nobody"]
        done = ["sign-message"] if body["agencies"]["sender"] == AGENCIES[0] else []
        answer = {"sha256": body["sha256"], "done": done, "replies": replies}
        self._write(time + timedelta(milliseconds=40), writer, "forwarded", answer, decided)

    def _hold(self, time: datetime, writer: str, body: dict[str, Any]) -> None:
        chance = self._chance
        why: list[Any] = [[chance.choice(_REASONS), "2", []]]
        decided = self._write(time, writer, "decided", {**body, "action": "hold", "reasons": why})
        self._write(time, writer, "held", {"sha256": body["sha256"]}, decided)
        time += timedelta(seconds=chance.randrange(60, 400_000))
        told = chance.random()
        if told < 0.6:
            self._write(time, writer, "released", {"done": [], "replies": ["250 2.0.0 taken"]}, decided)
        elif told < 0.8:
            self._write(time, writer, "rejected", {"told": "", "reply": None}, decided)

    def _message(self) -> dict[str, Any]:
        chance = self._chance
        self._messages += 1
        sender, local = self._agency(), f"can-bo-{chance.randrange(25)}"
        recipients = sorted({agency for _ in range(chance.choice((1, 1, 1, 2, 4))) if (agency := self._agency())})
        outside = not recipients or chance.random() < 0.1
        named = chance.random() < 0.97
        return {
            "sha256": self._hex(),
            "size": 100_000,
            "message_id": f"<{self._messages}.{chance.random()}@example.vn>" if named else "",
            "client": "192.0.2.7",
            "identity": None,
            "sender": f"{local}@{AGENCIES.index(sender)}.example.vn" if sender else f"{local}@elsewhere.example",
            "recipients": ["van-thu@example.vn"] * max(len(recipients), 1),
            "agencies": {"sender": sender, "recipients": recipients, "outside": outside},
            "rule": "official mail between agencies",
            "smime": {"result": chance.choice(("none", "none", "pass", "fail")), "signer": None, "reasons": []},
            "documents": [self._document(number) for number in range(chance.choice((0, 1, 1, 1, 2, 3)))],
        }

    def _document(self, number: int) -> dict[str, Any]:
        chance = self._chance
        if self._documents and chance.random() < 0.25:
            # Sent again, perhaps under another name and judged anew.
            known = dict(chance.choice(self._documents[-500:]))
            if chance.random() < 0.1:
                known["kind"] = None
            if chance.random() < 0.1 and known["indication"] == "TOTAL_PASSED":
                known["indication"] = "INDETERMINATE"
                known["signers"] = [{**signer, "indication": "INDETERMINATE"} for signer in known["signers"]]
            return known
        word = chance.choice(_WORDS)
        count = 0 if word == "NO_SIGNATURE_FOUND" else chance.choice((1, 2, 2))
        signers = [self._signer(word) for _ in range(count)]
        if count == 0 and chance.random() < 0.1:
            # A timestamp alone: it holds, and nobody signed.
            word, signers = "TOTAL_PASSED", [{**self._signer("TOTAL_PASSED"), "kind": "document-timestamp"}]
        document = {"path": f"{number + 2}", "sha256": self._hex(), "kind": chance.choice(_KINDS),
                    "indication": word, "signers": signers}  # fmt: skip
        self._documents.append(document)
        return document

    def _signer(self, word: str) -> dict[str, Any]:
        chance = self._chance
        return {
            "kind": "signature",
            "name": "Nguyễn Văn A",
            "organisation": "UBND tỉnh An Hòa",
            "email": "a@example.vn",
            "serial": "1234",
            "domain": chance.choice(("vgca", "vgca", "vgca", "national", "local")),
            "level": chance.choice(("B-B", "B-T", "B-T", "B-LT", "B-LTA", None)),
            "role": chance.choice(("leader", "issue", None)),
            "indication": word,
        }

    def _agency(self) -> str | None:
        return self._chance.choice((*AGENCIES, None))

    def _hex(self) -> str:
        return f"{self._chance.getrandbits(256):064x}"

    def _write(self, time: datetime, writer: str, kind: str, body: dict[str, Any], of: int | None = None) -> int:
        self.found.append(Happening(time, writer, kind, body, of))
        return len(self.found) - 1


def fill(url: str, entries: Iterable[Entry]) -> None:
    """Write entries into a ledger as it writes them itself, many at a time."""
    waiting = iter(entries)
    rows = open_rows(url)
    try:
        while piece := list(islice(waiting, _AT_ONCE)):
            for writer, own in groupby(sorted(piece, key=lambda entry: entry.writer), key=lambda entry: entry.writer):
                of_one = list(own)
                with rows.transaction() as transaction:
                    transaction.add(of_one, Chain(writer, of_one[-1].number, of_one[-1].hash))
    finally:
        rows.close()
