"""A name server on loopback that knows what a test tells it, over UDP."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset

__all__ = ["NameServer", "name_server"]


class NameServer:
    """The server.

    Attributes:
        texts: TXT records by name in lower case, without the last dot; a text longer than 255 octets goes in pieces.
        failing: names for which it says that it has failed.
        silent: names about which it says nothing at all.
        asked: names in the order in which they were asked for.
    """

    def __init__(self) -> None:
        self.texts: dict[str, list[str]] = {}
        self.failing: set[str] = set()
        self.silent: set[str] = set()
        self.asked: list[str] = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as caller:
            host, _, port = self.address.rpartition(":")
            caller.sendto(b"", (host, int(port)))
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        while True:
            octets, caller = self._socket.recvfrom(4096)
            if not octets:
                return
            answer = self._answer(dns.message.from_wire(octets))
            if answer is not None:
                self._socket.sendto(answer.to_wire(max_size=4096), caller)

    def _answer(self, question: dns.message.Message) -> dns.message.Message | None:
        (asked,) = question.question
        name = asked.name.to_text(omit_final_dot=True).lower()
        self.asked.append(name)
        if name in self.silent:
            return None
        answer = dns.message.make_response(question)
        answer.flags |= dns.flags.RA
        if name in self.failing:
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif name not in self.texts:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        elif asked.rdtype == dns.rdatatype.TXT:
            records = [_quoted(text) for text in self.texts[name]]
            answer.answer.append(dns.rrset.from_text_list(asked.name, 60, dns.rdataclass.IN, asked.rdtype, records))
        return answer


def _quoted(text: str) -> str:
    return " ".join(f'"{text[at : at + 255]}"' for at in range(0, len(text), 255))


@contextmanager
def name_server() -> Iterator[NameServer]:
    """Run a name server on loopback."""
    running = NameServer()
    try:
        yield running
    finally:
        running.close()
