"""HTTP for status, certificates and timestamps, with limits on everything that a server decides.

One deadline covers the whole exchange, redirects and a body that trickles included. Proxies of the environment are not
used: what is asked for is public, and a proxy would learn who signs. An address that a stranger chose must be public,
and no public server may send us on to one inside this network: what counts is the address connected to, not its name.
"""

from __future__ import annotations

import io
import socket
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import SplitResult, urljoin, urlsplit

from gsign.trust.addresses import is_public_address

if TYPE_CHECKING:
    from http.client import HTTPResponse

__all__ = ["FetchError", "fetch"]

MAX_REDIRECTS: Final = 3
_CHUNK: Final = 65536
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})


class FetchError(Exception):
    """Nothing usable came; `reason` is one of `gsign.sentences.causes`, and never repeats what the server sent."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def fetch(
    url: str,
    *,
    body: bytes | None = None,
    content_type: str = "",
    timeout: float = 10.0,
    max_bytes: int = 1 << 20,
    public_only: bool = False,
) -> bytes:
    """Get `url`, or post `body` to it, and return the content of a 200 answer.

    Args:
        url: http or https; nothing else, whatever a redirect says.
        body: octets to post; None gets.
        content_type: media type of `body`.
        timeout: seconds for the whole exchange.
        max_bytes: a longer answer is refused.
        public_only: refuse addresses of this machine and of private networks; to be set where a stranger chose the URL.

    Raises:
        FetchError: no such answer within these limits.
    """
    deadline = time.monotonic() + timeout
    headers = {"User-Agent": "gsign", "Accept": "*/*", "Connection": "close"}
    if body is not None:
        headers["Content-Type"] = content_type
    for _ in range(MAX_REDIRECTS + 1):
        location = _split(url)
        try:
            sock, public_only = _connect(location, deadline, public_only=public_only)
            status, target, content = _exchange(location, sock, body, headers, deadline, max_bytes)
        except TimeoutError as error:
            raise FetchError("timed-out") from error
        except OSError as error:
            raise FetchError(_cause(error)) from error
        if status == 200:
            return content
        if status not in _REDIRECTS or not target:
            raise FetchError(f"http-{status}")
        if body is not None and status not in (307, 308):
            raise FetchError("redirect-loses-question")
        url = urljoin(url, target)
    raise FetchError("too-many-redirects")


def _cause(error: OSError) -> str:
    from errno import EHOSTUNREACH, ENETUNREACH
    from ssl import SSLError

    match error:
        case SSLError():
            return "tls-failed"
        case socket.gaierror():
            return "host-unknown"
        case ConnectionRefusedError():
            return "connection-refused"
        case ConnectionError():
            return "connection-lost"
    return "unreachable" if error.errno in (EHOSTUNREACH, ENETUNREACH) else "network-failed"


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.username is None
        _ = parts.port
    except ValueError as error:
        raise FetchError("url-malformed") from error
    if not valid or not url.isascii() or not url.isprintable() or " " in url:
        raise FetchError("url-malformed")
    return parts


def _exchange(
    location: SplitResult,
    sock: socket.socket,
    body: bytes | None,
    headers: dict[str, str],
    deadline: float,
    max_bytes: int,
) -> tuple[int, str | None, bytes]:
    from http.client import HTTPConnection, HTTPException

    connection = HTTPConnection(location.hostname or "", location.port)
    connection.sock = cast("socket.socket", _DeadlineSocket(sock, deadline))
    target = (location.path or "/") + (f"?{location.query}" if location.query else "")
    try:
        connection.request("GET" if body is None else "POST", target, body, headers)
        response = connection.getresponse()
        content = _read(response, max_bytes) if response.status == 200 else b""
        return response.status, response.headers.get("Location"), content
    except HTTPException as error:
        raise FetchError("no-http-answer") from error
    finally:
        sock.close()


def _read(response: HTTPResponse, max_bytes: int) -> bytes:
    content = bytearray()
    while chunk := response.read1(_CHUNK):
        content += chunk
        if len(content) > max_bytes:
            raise FetchError("answer-too-large")
    if response.length:
        raise FetchError("answer-cut-short")
    return bytes(content)


def _connect(location: SplitResult, deadline: float, *, public_only: bool) -> tuple[socket.socket, bool]:
    """Connect to the first address that answers, and tell whether it is public."""
    host = location.hostname or ""
    secure = location.scheme == "https"
    failure: OSError | None = None
    refused = False
    for family, kind, protocol, _, address in _resolve(host, location.port or (443 if secure else 80)):
        is_public = is_public_address(str(address[0]))
        if public_only and not is_public:
            refused = True
            continue
        sock = socket.socket(family, kind, protocol)
        try:
            sock.settimeout(_left(deadline))
            sock.connect(address)
            return (_secured(sock, host) if secure else sock), is_public
        except OSError as error:
            sock.close()
            failure = error
    if failure is not None or not refused:
        raise failure or socket.gaierror(host)
    raise FetchError("address-not-public")


def _resolve(host: str, port: int) -> Sequence[tuple[int, int, int, str, tuple[Any, ...]]]:
    try:
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as error:
        raise FetchError("url-malformed") from error


def _secured(sock: socket.socket, host: str) -> socket.socket:
    import ssl

    return ssl.create_default_context().wrap_socket(sock, server_hostname=host)


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


class _DeadlineSocket:
    """A socket whose every operation ends by one deadline; `http.client` needs no more of it than this."""

    def __init__(self, sock: socket.socket, deadline: float) -> None:
        self._socket = sock
        self._deadline = deadline

    def sendall(self, data: bytes) -> None:
        self._socket.settimeout(_left(self._deadline))
        self._socket.sendall(data)

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Incoming(self._socket, self._deadline))

    def close(self) -> None:
        # `http.client` closes as soon as it has made the file of an answer that ends the connection.
        pass


class _Incoming(io.RawIOBase):
    def __init__(self, sock: socket.socket, deadline: float) -> None:
        self._socket = sock
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        self._socket.settimeout(_left(self._deadline))
        return self._socket.recv_into(buffer)
