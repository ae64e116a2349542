"""The demo's mail: two agencies with a relay each and a mailbox behind them, and four letters that go their way.

The relays are the real ones, in processes of their own: the first signs what its agency sends, the second lets in what
is signed. A letter with a signed decision arrives; one without a signature and one that was altered are refused where
they leave; one from outside is held until a person lets it go on.
"""

from __future__ import annotations

import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import make_msgid
from pathlib import Path
from typing import Final, NamedTuple

from gsign.config import load
from gsign.demo_mailbox import Mailbox
from gsign.demo_office import AGENCY
from gsign.demo_report import OFFICIALS
from gsign.errors import TemporaryError
from gsign.office.waiting import Waiting

__all__ = ["Letter", "Post", "send_letters"]

_SENDER: Final = "nguyenvanan@anhoa.gov.vn"
_RECIPIENT: Final = "vanthu@binhminh.gov.vn"
_STRANGER: Final = "congdan@example.org"
_READY_SECONDS: Final = 30

_LEAVING: Final = """
[[policy.rule]]
name = "thư công vụ gửi đi"
from = ["anhoa.gov.vn"]
to = ["*.gov.vn"]
require = ["every-pdf-signed", "pdf-signer-is-sender"]
then = ["sign-message"]
"""
_ARRIVING: Final = """
[[policy.rule]]
name = "thư công vụ gửi đến"
from = ["anhoa.gov.vn"]
to = ["binhminh.gov.vn"]
require = ["every-pdf-signed", "message-signed"]

[[policy.rule]]
name = "thư từ bên ngoài"
from = ["*"]
to = ["binhminh.gov.vn"]
require = ["a-signed-pdf"]
otherwise = "hold"
"""


class Letter(NamedTuple):
    """A letter, and what became of it."""

    kind: str
    """`signed`, `unsigned`, `altered`, `held`."""
    reply: str
    """What its sender was told."""
    has_arrived: bool
    reference: str | None = None
    """Of a letter that was held."""


class Post(NamedTuple):
    """What the demo's mail came to."""

    letters: tuple[Letter, ...]
    delivered: bytes
    """The signed letter as it arrived."""


def send_letters(
    folder: Path, *, ledger: str, module: Path, pin: str, anchor: Path, unsigned: Path, signed: Path
) -> Post:
    """Send the letters through both relays.

    Args:
        folder: for configurations and held letters; nothing of it need be kept.
        ledger: URL of the ledger that both write into.
        module: the token's PKCS#11 module.
        pin: the token's.
        anchor: the authority's certificate.
        unsigned: a decision without signatures.
        signed: the same one, signed and issued.

    Raises:
        TemporaryError: `relay-not-ready`.
    """
    pin_file = folder / "pin"
    pin_file.touch(mode=0o600)
    pin_file.write_text(pin)
    trusting = f'[trust]\nanchors = ["{anchor.absolute()}"]\n[token]\nmodule = "{module}"\npin_file = "{pin_file}"\n'
    trusting += f'[ledger]\nurl = "{ledger}"\n'
    with ExitStack() as running, Mailbox() as mailbox:
        arriving = _relay(folder / "binhminh", mailbox.address, trusting + _agencies(key=False) + _ARRIVING)
        running.enter_context(_running(arriving))
        leaving = _relay(folder / "anhoa", arriving.listen, trusting + _agencies(key=True) + _LEAVING)
        running.enter_context(_running(leaving))
        original = signed.read_bytes()
        letters = [
            _send(mailbox, leaving, "signed", _SENDER, original),
            _send(mailbox, leaving, "unsigned", _SENDER, unsigned.read_bytes()),
            _send(mailbox, leaving, "altered", _SENDER, _altered(original)),
        ]
        delivered = mailbox.messages[0] if mailbox.messages else b""
        letters.append(_hold_and_release(mailbox, arriving))
    return Post(tuple(letters), delivered)


class _Relay(NamedTuple):
    folder: Path
    listen: str

    @property
    def configuration(self) -> Path:
        return self.folder / "gsign.toml"


def _relay(folder: Path, next_hop: str, rest: str) -> _Relay:
    folder.mkdir()
    with socket.create_server(("127.0.0.1", 0)) as free:
        listen = f"127.0.0.1:{free.getsockname()[1]}"
    relay = _Relay(folder, listen)
    relay.configuration.write_text(
        f'[relay]\nlisten = "{listen}"\nnext_hop = "{next_hop}"\nhostname = "relay.{folder.name}.gov.vn"\n'
        f'processes = 1\n[held]\nfolder = "held"\n'
        f'[policy]\ndefault = "reject"\n{rest}',
        encoding="utf-8",
    )
    return relay


def _agencies(*, key: bool) -> str:
    signing = f'key = "{AGENCY.key}"\n' if key else ""
    identifiers = ", ".join(f'"{identifier}"' for identifier in AGENCY.identifiers)
    whose = f'certificate_emails = ["{AGENCY.mailbox}"]\nidentifiers = [{identifiers}]\n{signing}'
    names = list(OFFICIALS)
    return (
        f'[[agency]]\nname = "{names[0]}"\ndomains = ["anhoa.gov.vn"]\n{whose}'
        f'[[agency]]\nname = "{names[1]}"\ndomains = ["binhminh.gov.vn"]\n'
    )


@contextmanager
def _running(relay: _Relay) -> Iterator[None]:
    command = [sys.executable, "-m", "gsign", "relay", "--quiet", "--config", str(relay.configuration)]
    with (relay.folder / "log").open("wb") as log, subprocess.Popen(command, stderr=log, stdout=log) as process:
        try:
            _wait_for(relay, process)
            yield
        finally:
            process.terminate()


def _wait_for(relay: _Relay, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _READY_SECONDS
    host, _, port = relay.listen.rpartition(":")
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection((host, int(port)), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    said = (relay.folder / "log").read_text(encoding="utf-8", errors="replace").strip()
    raise TemporaryError("relay-not-ready", cause=said.splitlines()[-1] if said else "-")


def _send(mailbox: Mailbox, relay: _Relay, kind: str, sender: str, document: bytes | None) -> Letter:
    before = len(mailbox.messages)
    host, _, port = relay.listen.rpartition(":")
    with smtplib.SMTP(host, int(port), timeout=60) as client:
        client.ehlo()
        client.mail(sender)
        client.rcpt(_RECIPIENT)
        code, said = client.data(_letter(sender, document).as_bytes(policy=SMTP))
    return Letter(kind, f"{code} {said.decode(errors='replace')}", len(mailbox.messages) > before)


def _hold_and_release(mailbox: Mailbox, relay: _Relay) -> Letter:
    letter = _send(mailbox, relay, "held", _STRANGER, None)
    waiting = Waiting(load(relay.configuration))
    held = next(iter(waiting.held))
    waiting.release(held.id)
    return letter._replace(has_arrived=len(mailbox.messages) > 1, reference=held.id)


def _letter(sender: str, document: bytes | None) -> EmailMessage:
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = sender, _RECIPIENT, "Gửi Quyết định"
    # Both relays see the letter, each other octets of it: by this they tell that it is one.
    letter["Message-ID"] = make_msgid(domain=sender.partition("@")[2])
    letter.set_content("Kính gửi: Văn thư UBND huyện Bình Minh.\n")
    if document is not None:
        letter.add_attachment(document, maintype="application", subtype="pdf", filename="quyet-dinh.pdf")
    return letter


def _altered(document: bytes) -> bytes:
    """Change one octet in the middle of what the first signature covers."""
    at = document.index(b"stream") + 40
    return document[:at] + bytes([document[at] ^ 1]) + document[at + 1 :]
