"""A message is read where it lies: no octet is lost, and the slices are those of the standards."""

from __future__ import annotations

import base64

import pytest

from gsign.mime import Limits, canonical_lines, read
from gsign.mime.part import Part

LETTER = canonical_lines(
    b"""Received: from a
From: An <an@a.gov.vn>
Subject: =?utf-8?q?C=C3=B4ng?=
 =?utf-8?q?_v=C4=83n?=
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="b1"

This is a multi-part message in MIME format.
--b1
Content-Type: multipart/alternative; boundary=b2

--b2
Content-Type: text/plain; charset=utf-8

chao

--b2
Content-Type: text/html

<p>chao</p>
--b2--
--b1
Content-Type: Application/PDF; name="a.pdf"
Content-Transfer-Encoding: BASE64

JVBERi0xLjQK
--b1
Content-Type: message/rfc822

From: x@y.z

inner
--b1--
"""
)


def pieces(part: Part) -> bytes:
    """Put the message together from the slices that the reader made of it."""
    data = part.data
    if not part.children:
        return data[part.start : part.end]
    out, at = b"", part.start
    for child in part.children:
        out += data[at : child.start] + pieces(child)
        at = child.end
    return out + data[at : part.end]


def test_the_tree_is_that_of_the_message_and_every_octet_is_in_it() -> None:
    root = read(LETTER)
    tree = [(part.path, part.content_type) for part in root.walk()]
    assert tree == [
        ("", "multipart/mixed"),
        ("1", "multipart/alternative"),
        ("1/1", "text/plain"),
        ("1/2", "text/html"),
        ("2", "application/pdf"),
        ("3", "message/rfc822"),
        ("3/1", "text/plain"),
    ]
    assert pieces(root) == LETTER
    assert bytes(root.raw) == LETTER
    assert [part.ambiguities for part in root.walk()] == [()] * 7


def test_the_line_end_before_a_delimiter_belongs_to_the_delimiter() -> None:
    by_path = {part.path: part for part in read(LETTER).walk()}
    assert bytes(by_path["1/1"].body) == b"chao\r\n"
    assert bytes(by_path["1/2"].body) == b"<p>chao</p>"
    assert bytes(by_path["3/1"].raw) == b"From: x@y.z\r\n\r\ninner"
    assert by_path["2"].decoded() == b"%PDF-1.4\n"
    assert by_path["2"].filename == "a.pdf"


def test_fields_keep_their_order_their_octets_and_their_places() -> None:
    root = read(LETTER)
    assert [field.name for field in root.fields] == ["Received", "From", "Subject", "MIME-Version", "Content-Type"]
    assert b"".join(LETTER[f.start : f.end] for f in root.fields) == bytes(root.header_block)
    assert root.get("SUBJECT") == "=?utf-8?q?C=C3=B4ng?= =?utf-8?q?_v=C4=83n?="
    assert root.get("bcc") is None


@pytest.mark.parametrize(
    "body",
    [b"", b"--", b"--b", b"--b\r\n", b"--b--", b"--b\r\n--b", b"\r\n--b\r\n\r\n--b--\r\n", b"x\r\n--b--\r\ny"],
)
def test_multiparts_with_next_to_nothing_in_them_lose_nothing(body: bytes) -> None:
    message = b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" + body
    root = read(message)
    assert pieces(root) == message
    assert all(root.body_start <= child.start <= child.end <= len(message) for child in root.children)


def test_files_with_unix_lines_are_read_as_they_would_travel() -> None:
    assert canonical_lines(b"A: b\n\nc\n") == b"A: b\r\n\r\nc\r\n"
    assert canonical_lines(b"A: b\r\n\nc") == b"A: b\r\n\nc"


def test_ten_thousand_parts_are_read_and_more_than_the_limit_are_not() -> None:
    head = b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    message = head + b"--b\r\n\r\nx\r\n" * 10_000 + b"--b--\r\n"
    assert len(read(message).children) == 10_000
    few = read(message, Limits(parts=50))
    assert "too-many-parts" in few.ambiguities
    assert len(few.children) <= 50


def test_nesting_deeper_than_the_limit_is_not_followed() -> None:
    message = b"MIME-Version: 1.0\r\nContent-Type: message/rfc822\r\n\r\n" * 100 + b"A: b\r\n\r\n"
    parts = list(read(message).walk())
    assert len(parts) == Limits().depth + 1
    assert "too-deep" in parts[-1].ambiguities


def test_a_header_without_end_is_left_at_its_limit() -> None:
    root = read(b"A: b\r\n" * 100_000)
    assert {"header-too-large", "too-many-fields"} <= set(root.ambiguities)
    assert len(root.fields) == Limits().fields


def test_decoding_follows_the_encoding_of_the_part() -> None:
    def decoded(encoding: bytes, body: bytes) -> bytes:
        return read(b"Content-Transfer-Encoding: " + encoding + b"\r\n\r\n" + body).decoded()

    content = bytes(range(256)) * 20
    assert decoded(b"base64", base64.encodebytes(content).replace(b"\n", b"\r\n")) == content
    assert decoded(b"quoted-printable", b"a=C3=A1=\r\nb=3D\r\n") == b"a\xc3\xa1b=\r\n"
    assert decoded(b"x-uuencode", b"begin 644 a.txt\r\n#8V%T\r\n`\r\nend\r\n") == b"cat"
    assert decoded(b"7bit", b"=C3 JVBE") == b"=C3 JVBE"
