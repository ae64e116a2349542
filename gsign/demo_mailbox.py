"""The demo's mailbox: the server behind the last relay, which keeps what it is given."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import Self

from gsign.smtp.reply import Reply
from gsign.smtp.session import Session
from gsign.smtp.steps import AskRecipient, Client, Deliver, Say, SessionRules

__all__ = ["Mailbox"]

_OK = Reply.of(250, "2.0.0", "ok")
_RULES = SessionRules("mail.binhminh.gov.vn", 50_000_000, extensions=lambda: {"8BITMIME": "", "SMTPUTF8": ""})


class Mailbox:
    """Take messages over SMTP on loopback, and keep them in memory."""

    def __init__(self) -> None:
        self.messages: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        # Closing alone would leave the thread waiting in `accept`.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                opened, (address, _) = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._converse, args=(opened, address), daemon=True).start()

    def _converse(self, opened: socket.socket, address: str) -> None:
        session = Session(_RULES, Client(address))
        with opened, suppress(ConnectionError):
            opened.sendall(session.greeting().octets())
            while octets := opened.recv(65536):
                session.receive(octets)
                while (step := session.next_step()) is not None:
                    match step:
                        case AskRecipient():
                            step = session.answer_recipient(_OK)
                        case Deliver(message):
                            self.messages.append(bytes(message.content))
                            (step,) = session.answer_message(_OK)
                    if isinstance(step, Say):
                        opened.sendall(step.reply.octets())
