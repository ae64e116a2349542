"""What a worker asks of its caller in the middle of a question: documents inside a message, and the use of a key.

A message is read in one process and each document in it judged in another, so that a document costs itself alone; and a
private key never comes near to what a stranger wrote: the worker gets what the key makes of one message's content key.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, Self

from gsign.isolation.containers import opened_of, plain_opened
from gsign.isolation.wire import WireError, plain_result, result_of
from gsign.mail.containers import Opened, Room
from gsign.mail.facts import Verifier
from gsign.result import VerificationResult
from gsign.signer import Decrypter, Oaep

__all__ = [
    "Call",
    "RemoteDecrypter",
    "RemoteVerifier",
    "Reply",
    "decrypter_facts",
    "decrypter_replies",
    "verifier_replies",
]

Call = Callable[[dict[str, object], bytes], dict[str, Any]]
"""Asks the caller; octets of the answer are its `body`."""
Reply = Callable[[Mapping[str, Any], bytes], dict[str, object]]
"""Answers what a worker asked; octets of the answer are its `body`."""

_MOST_KEY_USES: Final = 3
"""Of the key for one message: one for each time that it is tried. A worker that went wrong is no oracle."""


class RemoteVerifier:
    """Judges documents and opens containers in the caller's other processes; a `Verifier` inside a worker."""

    def __init__(self, call: Call) -> None:
        self._call = call

    def verify(self, source: bytes, /) -> VerificationResult:
        """Verify every signature of a document.

        Raises:
            InputError: it cannot be judged.
        """
        return result_of(self._call({"ask": "verify"}, source))

    def open_container(self, kind: str, data: bytes, room: Room, /) -> Opened:
        """Take out what a container holds."""
        return opened_of(self._call({"ask": "open", "kind": kind, "room": room}, data))


def verifier_replies(verifier: Verifier) -> Reply:
    """Answer for `RemoteVerifier`."""

    def reply(question: Mapping[str, Any], body: bytes) -> dict[str, object]:
        if question["ask"] == "open":
            return plain_opened(verifier.open_container(str(question["kind"]), body, Room(*question["room"])))
        return plain_result(verifier.verify(body))

    return reply


class RemoteDecrypter:
    """Uses the caller's keys; a `Decrypter` inside a worker.

    Args:
        record: what `decrypter_facts` wrote.
        call: asks the caller.
    """

    def __init__(self, record: Mapping[str, Any], call: Call) -> None:
        self.certificates = tuple(map(bytes.fromhex, record["certificates"]))
        self.is_token = bool(record["is_token"])
        self.uri = str(record["uri"])
        self._call = call

    def unwrap(self, certificate: bytes, encrypted: bytes, padding: Oaep | None, size: int) -> bytes:
        """Decrypt a content key that was encrypted to a certificate's RSA key.

        Raises:
            TokenError: the token, key or PIN is at fault.
        """
        number = self.certificates.index(certificate)
        digests = None if padding is None else (padding.digest, padding.mask_digest, padding.label.hex())
        return self._ask({"ask": "unwrap", "certificate": number, "padding": digests, "size": size}, encrypted)

    def agree(self, certificate: bytes, point: bytes) -> bytes:
        """Return the ECDH secret of a certificate's key and somebody's public point.

        Raises:
            TokenError: as `unwrap`.
        """
        return self._ask({"ask": "agree", "certificate": self.certificates.index(certificate)}, point)

    def _ask(self, question: dict[str, object], octets: bytes) -> bytes:
        body = self._call(question, octets).get("body")
        if not isinstance(body, bytes):
            raise WireError("no key")
        return body

    def close(self) -> None:
        """Do nothing: the keys are the caller's."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def decrypter_facts(decrypter: Decrypter) -> dict[str, object]:
    """Say what a worker has to know of the keys: nothing that is secret."""
    return {
        "certificates": [certificate.hex() for certificate in decrypter.certificates],
        "is_token": decrypter.is_token,
        "uri": decrypter.uri,
    }


def decrypter_replies(decrypter: Decrypter) -> Reply:
    """Answer for `RemoteDecrypter`, a few times; a `WireError` from then on."""
    left = _MOST_KEY_USES

    def reply(question: Mapping[str, Any], body: bytes) -> dict[str, object]:
        nonlocal left
        left -= 1
        if left < 0:
            raise WireError("too many uses of a key")
        certificate = decrypter.certificates[question["certificate"]]
        if question["ask"] == "agree":
            return {"body": decrypter.agree(certificate, body)}
        padding = None
        if question["padding"] is not None:
            digest, mask_digest, label = question["padding"]
            padding = Oaep(digest, mask_digest, bytes.fromhex(label))
        return {"body": decrypter.unwrap(certificate, body, padding, int(question["size"]))}

    return reply
