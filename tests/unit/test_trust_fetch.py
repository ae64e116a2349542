"""HTTP with limits, against a server that does as it likes."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from gsign.trust.fetch import MAX_REDIRECTS, FetchError, fetch


def _request(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data or (data.startswith(b"POST") and not data.endswith(b"question")):
        if not (more := connection.recv(65536)):
            break
        data += more
    return data


@contextmanager
def server(*answers: bytes, address: str = "127.0.0.1") -> Iterator[tuple[str, list[bytes]]]:
    """Answer one connection after the other with these octets; `{url}` stands for the server's own address."""
    heard: list[bytes] = []
    with socket.create_server((address, 0)) as listener:
        url = f"http://{address}:{listener.getsockname()[1]}"

        def serve() -> None:
            for answer in answers:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    heard.append(_request(connection))
                    connection.sendall(answer.replace(b"{url}", url.encode()))

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield url, heard
        # A waiting accept ends only when its socket is shut down.
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(10)


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"


def to(target: bytes, status: bytes = b"302 Found") -> bytes:
    return b"HTTP/1.1 " + status + b"\r\nLocation: " + target + b"\r\nContent-Length: 0\r\n\r\n"


def test_the_content_comes_whatever_the_framing() -> None:
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"
    for answer in (OK, chunked, b"HTTP/1.0 200 OK\r\n\r\nhello"):
        with server(answer) as (url, _):
            assert fetch(url) == b"hello"


def test_a_post_says_what_it_carries() -> None:
    with server(OK) as (url, heard):
        fetch(url + "/tsa?x=1", body=b"question", content_type="application/timestamp-query")
    assert heard[0].startswith(b"POST /tsa?x=1 HTTP/1.1\r\n")
    assert b"Content-Type: application/timestamp-query\r\n" in heard[0]
    assert heard[0].endswith(b"\r\n\r\nquestion")


def test_redirects_are_followed_a_few_times_and_only_to_http() -> None:
    with server(to(b"/a"), to(b"{url}/b"), OK) as (url, heard):
        assert fetch(url) == b"hello"
        assert [h.split()[1] for h in heard] == [b"/", b"/a", b"/b"]
    with (
        server(*[to(b"/again")] * (MAX_REDIRECTS + 1)) as (url, _),
        pytest.raises(FetchError, match=r"^too-many-redirects$"),
    ):
        fetch(url)
    for target in (b"file:///etc/passwd", b"ftp://127.0.0.1/", b"http://user:secret@127.0.0.1/"):
        with server(to(target)) as (url, _), pytest.raises(FetchError, match=r"^url-malformed$"):
            fetch(url)


def test_a_post_is_not_turned_into_a_get() -> None:
    with server(to(b"/a")) as (url, _), pytest.raises(FetchError, match=r"^redirect-loses-question$"):
        fetch(url, body=b"question")
    with server(to(b"/a", b"307 Temporary Redirect"), OK) as (url, heard):
        assert fetch(url, body=b"question") == b"hello"
        assert heard[1].startswith(b"POST /a ")


@pytest.mark.parametrize(
    "answer, reason",
    [
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "http-404"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", "http-204"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello", "answer-cut-short"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n" + b"x" * 99, "answer-too-large"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", "no-http-answer"),
        (b"220 mail.example ESMTP\r\n", "no-http-answer"),
        (b"", "no-http-answer"),
    ],
)
def test_what_is_no_good_answer_is_refused(answer: bytes, reason: str) -> None:
    with server(answer) as (url, _), pytest.raises(FetchError, match=f"^{reason}$"):
        fetch(url, max_bytes=50)


def test_header_lines_that_trickle_end_at_the_deadline_too() -> None:
    release = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def trickle() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 200 OK\r\n")
                while not release.wait(0.02):
                    try:
                        connection.sendall(b"X: y\r\n")
                    except OSError:
                        return

        thread = threading.Thread(target=trickle, daemon=True)
        thread.start()
        with pytest.raises(FetchError, match=r"^(timed-out|no-http-answer)$"):
            fetch(f"http://127.0.0.1:{listener.getsockname()[1]}", timeout=0.3)
        release.set()
        thread.join(10)


def test_nobody_listening_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(FetchError, match=r"^connection-refused$"):
        fetch(f"http://127.0.0.1:{port}/")


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with server(OK) as (url, _):
        assert fetch(url) == b"hello"
