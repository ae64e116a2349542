"""Fault × place → reply: trouble means later, never yes, and never a refusal for a fault of ours.

A reply of the next hop's own is passed on as it is. Afterwards all goes on by itself, but where a person has to unlock
a token.
"""

from __future__ import annotations

import base64
import itertools
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import pytest

from gsign import pkcs12, smime
from tests.documents.signed import pyhanko_sign
from tests.documents.structure import one_page
from tests.pki import LEADER, PERSON, Pki
from tests.relay import faults
from tests.relay.faults import Scene, Trouble, hop_offers, hop_says, token_that
from tests.relay.official import SIGNED, official
from tests.relay.running import Relay, until
from tests.relay.test_guarding import Papers
from tests.relay.wire import LETTER
from tests.smtp_sink import Sink, sink

LATER = 451
"""What a client hears of every fault that is not the next hop's own word on the message."""
LARGE = b"Subject: a\r\n\r\n" + (b"x" * 76 + b"\r\n") * 20_000


class Letter(NamedTuple):
    """What is sent, by whom, and what its sender hears where nothing is wrong."""

    make: Callable[[Scene], bytes]
    sender: str
    heard: int = 250


class Row(NamedTuple):
    """A row of the table."""

    place: str
    fault: str
    trouble: Trouble
    letter: str = "plain"
    heard: int = LATER
    scene: str = "plain"


_fresh = itertools.count(1)


def _document(scene: Scene) -> bytes:
    """Return a letter with a document whose signer nobody has asked about yet."""
    assert scene.pki is not None
    signer = scene.pki.leaf(LEADER, from_day=-100 - next(_fresh))
    coded = base64.encodebytes(pyhanko_sign(one_page(), signer, "A")).replace(b"\n", b"\r\n")
    head = LETTER.partition(b"\r\n\r\n")[0]
    return head + b"\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n" + coded


def _signed_message(scene: Scene) -> bytes:
    """Return a message whose signer nobody has asked about yet."""
    assert scene.pki is not None
    signer = scene.pki.leaf(PERSON, from_day=-100 - next(_fresh))
    path = signer.p12(scene.relay.folder / "person.p12", "mat-khau")
    letter = LETTER.replace(b"a@b.vn", PERSON.email.encode())
    with pkcs12.open_signer(path, pin="mat-khau") as opened:
        return smime.sign(letter, opened, revocation="off", trust=(scene.pki.root_file, scene.pki.intermediate_file))


LETTERS = {
    "plain": Letter(lambda _: LETTER, "a@b.vn"),
    "eight bits": Letter(lambda _: LETTER.replace(b"hello", "xin chào".encode()), "a@b.vn"),
    "large": Letter(lambda _: LARGE, "a@b.vn"),
    "held": Letter(lambda _: LETTER, "a@h.vn"),
    "refused": Letter(lambda _: LETTER, "a@r.vn", 550),
    "signed": Letter(lambda _: LETTER.replace(b"a@b.vn", SIGNED.encode()), SIGNED),
    "document": Letter(_document, "a@documents.vn"),
    "message": Letter(_signed_message, "a@messages.vn"),
}

PLACES = ("greeting", "EHLO", "MAIL", "RCPT", "DATA", "BDAT", ".")
WORDS = {
    "drops": ("drop", {}),
    "has enough": ("421 4.3.2 enough", {}),
    "talks nonsense": ("hello there", {}),
    "waits": ("wait", {}),
    "says later": ("452 4.2.2 full", dict.fromkeys(PLACES[2:], 452)),
    "refuses": ("554 5.7.0 no", dict.fromkeys(PLACES[2:], 554)),
    "says yes too early": ("250 2.0.0 kept", {"DATA": LATER}),
    "asks for more": ("354 go on", {"DATA": 250}),
}
"""What the next hop says, and what the client hears where that is not LATER."""

TABLE = [
    *(
        Row(f"next hop, {place}", name, hop_says(place, said), heard=heard.get(place, LATER))
        for name, (said, heard) in WORDS.items()
        for place in PLACES
        if (name, place) not in {("says yes too early", other) for other in PLACES if other != "DATA"}
    ),
    # That is about how it is spoken to, and is mended here or there.
    Row("next hop, MAIL", "wants TLS first", hop_says("MAIL", "530 5.7.0 STARTTLS first")),
    Row("next hop, RCPT", "misses something", hop_says("RCPT", "503 5.5.1 MAIL first")),
    Row("next hop, .", "fails", hop_says(".", "500 something went wrong")),
    Row("next hop, .", "refuses by an odd code", hop_says(".", "500 5.7.1 no"), heard=500),
    # Another server that has the same name takes it.
    Row("next hop, EHLO", "no 8BITMIME any more", hop_offers("PIPELINING", "DSN"), "eight bits"),
    Row("next hop, TLS", "no STARTTLS any more", hop_offers("PIPELINING"), scene="secure"),
    Row("next hop, TLS", "refused", hop_says("STARTTLS", "454 4.7.0 not now"), scene="secure"),
    Row("next hop, TLS", "dropped", hop_says("STARTTLS", "drop"), scene="secure"),
    Row("next hop, TLS", "waits", hop_says("STARTTLS", "wait"), scene="secure"),
    # What came in the clear behind the reply is somebody else's, and is dropped.
    Row("next hop, TLS", "more in the clear", hop_says("STARTTLS", "220 go\r\n250 evil"), heard=250, scene="secure"),
    Row("next hop, TLS", "certificate of a stranger", faults.hop_of_a_stranger, scene="secure"),
    Row("ledger", "disk full", faults.full_disk),
    Row("ledger", "disk full", faults.full_disk, "refused"),
    Row("ledger", "takes nothing", faults.ledger_that_refuses),
    Row("ledger", "takes nothing", faults.ledger_that_refuses, "held"),
    Row("ledger", "takes nothing", faults.ledger_that_refuses, "refused"),
    Row("ledger", "takes nothing", faults.ledger_that_refuses, "signed", scene="official"),
    Row("ledger", "locked", faults.ledger_locked),
    # Another one takes its place at once.
    Row("ledger", "its process is killed", faults.scribe_killed, heard=250),
    Row("ledger", "its process is killed", faults.scribe_killed, "refused", heard=550),
    Row("spool", "disk full", faults.full_disk, "large"),
    Row("spool", "gone", faults.spool_gone, "large"),
    Row("held", "disk full", faults.full_disk, "held"),
    Row("held", "something else is there", faults.held_in_the_way, "held"),
    Row("held", "not needed", faults.held_in_the_way, heard=250),
    Row("token", "removed", faults.token_removed, "signed", scene="official"),
    Row("token", "driver stands still", faults.token_stopped, "signed", scene="official"),
    Row("token", "driver hangs", token_that(hang="C_Sign"), "signed", scene="official"),
    Row("token", "driver dies", token_that(abort="C_Sign"), "signed", scene="official"),
    Row("token", "fails", token_that(fail="C_Sign:30"), "signed", scene="official"),
    Row("token", "PIN locked", faults.pin_locked, "signed", scene="official"),
    Row("token", "not needed", faults.token_removed, scene="official", heard=250),
    Row("authority", "neither OCSP nor CRL", faults.authorities_silent, "document", scene="official"),
    Row("authority", "neither OCSP nor CRL", faults.authorities_silent, "message", scene="official"),
    Row("configuration", "unreadable at reload", faults.configuration_unreadable, heard=250),
    # Others take their places at once.
    Row("judge", "killed", faults.judges_killed, "document", heard=250, scene="official"),
    Row("judge", "killed", faults.judges_killed, "message", heard=250, scene="official"),
    Row("judge", "stands still", faults.judges_stopped, "document", scene="official"),
    Row("judge", "stands still", faults.judges_stopped, "message", scene="official"),
    # There is nothing in it that a stranger could do harm with.
    Row("judge", "not needed", faults.judges_stopped, heard=250, scene="official"),
]


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    return Papers(tmp_path_factory.mktemp("papers"))


class Scenes:
    """Relays, each started when the first row needs it."""

    def __init__(self, hop: Sink, secured: Sink, papers: Papers, pki: Pki, folder: Path) -> None:
        self._hop = hop
        self._secured = secured
        self._papers = papers
        self._pki = pki
        self._folder = folder
        self._made: dict[str, Scene] = {}
        self.running = ExitStack()

    def __getitem__(self, name: str) -> Scene:
        if name not in self._made:
            (self._folder / name).mkdir()
            self._made[name] = {"plain": self._plain, "secure": self._secure, "official": self._official}[name]()
        return self._made[name]

    def _plain(self) -> Scene:
        folder = self._folder / "plain"
        (folder / "spool").mkdir()
        settings = {"budget_seconds": 2, "spool": "spool"}
        return Scene(self.running.enter_context(Relay(folder, self._hop.address, relay=settings)), self._hop)

    def _secure(self) -> Scene:
        certificate = str(self._papers.folder / "server.pem")
        settings = {"budget_seconds": 2, "next_hop_tls": "verify", "next_hop_ca": certificate}
        relay = Relay(self._folder / "secure", self._secured.address, relay=settings)
        return Scene(self.running.enter_context(relay), self._secured)

    def _official(self) -> Scene:
        return official(self._folder / "official", self._pki, self._hop, self.running, budget_seconds=6)


@pytest.fixture(scope="module")
def scenes(_hop: Sink, papers: Papers, session_pki: Pki, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scenes]:
    with sink(extensions=("PIPELINING", "STARTTLS"), tls=papers.server_context()) as secured:
        made = Scenes(_hop, secured, papers, session_pki, tmp_path_factory.mktemp("scenes"))
        with made.running:
            yield made


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.place}: {row.fault} ({row.letter})")
def test_a_fault(scenes: Scenes, hop: Sink, row: Row) -> None:
    scene, letter = scenes[row.scene], LETTERS[row.letter]

    def sent() -> int:
        return scene.relay.sends(letter.make(scene), letter.sender)

    until(lambda: sent() == letter.heard, 20)
    scene.hop.delivered.clear()
    with row.trouble(scene):
        assert sent() == row.heard
    assert len(scene.hop.delivered) == (row.heard == 250)
    until(lambda: sent() == letter.heard, 20)
