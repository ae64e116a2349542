"""Messages of any shape keep what they mean through signing: the judge is the standard library's reader."""

from __future__ import annotations

import base64
import email
import email.policy
import itertools
import quopri
from email.message import Message

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gsign import smime
from gsign.mime import read
from gsign.trust.store import TrustStore
from tests.judges_mail import cut_signed
from tests.mailcorpus.kit import fields

_numbers = itertools.count()
_TYPES = st.sampled_from([
    "text/plain",
    "text/plain; charset=utf-8",
    'text/html;\r\n\tcharset="utf-8"',
    "Text/Calendar; method=REQUEST",
    'application/pdf;\r\n name*0*=utf-8\'\'quy%E1%BA%BFt;\r\n name*1=".pdf"',
    "image/png; name=a.png",
    "application/octet-stream",
])  # fmt: skip
_FURTHER = st.sampled_from([
    b"",
    b'Content-Disposition: attachment;\r\n filename="a b.pdf"\r\n',
    b"Content-ID: <1@a>\r\nContent-Description: mot hai\r\n",
    b"X-Odd:  two  spaces\r\n",
    b"content-language: vi\r\n",
])  # fmt: skip
_LINES = st.lists(
    st.sampled_from(
        [b"", b"mot hai ba", b"From here", b".", b"..", b"a" * 200, b"tail  ", "kính gửi".encode(), b"=3D", b"--x"]
    ),
    max_size=8,
).map(b"\r\n".join)


@st.composite
def leaves(draw) -> bytes:
    """Make a part that is no container, in an encoding that fits it."""
    body = draw(st.one_of(_LINES, _LINES, st.binary(max_size=200)))
    encoding = draw(st.sampled_from(["", "7bit", "8bit", "binary", "base64", "quoted-printable", "Base64"]))
    if encoding.lower() == "base64":
        body = base64.encodebytes(body).replace(b"\n", b"\r\n")
    elif encoding == "quoted-printable":
        body = quopri.encodestring(body.replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n")
    said = f"Content-Transfer-Encoding: {encoding}\r\n".encode() if encoding else b""
    kind = draw(st.one_of(st.just(b""), _TYPES.map(lambda t: f"Content-Type: {t}\r\n".encode())))
    return kind + said + draw(_FURTHER) + b"\r\n" + body


def containers(parts):
    """Put parts into multiparts and messages."""

    @st.composite
    def multiparts(draw) -> bytes:
        boundary = f"{draw(st.sampled_from(['--=_', 'a', '(x)', 'phan ', '']))}{next(_numbers)}"
        kind = draw(st.sampled_from(["mixed", "alternative", "related", "Mixed", "x-odd"]))
        preamble = draw(st.sampled_from([b"", b"\r\n", b"This is a multi-part message.\r\n"]))
        epilogue = draw(st.sampled_from([b"", b"\r\n", b"\r\n\r\n"]))
        inside = draw(st.lists(parts, min_size=1, max_size=3))
        mark = b"--" + boundary.encode()
        head = f'Content-Type: multipart/{kind};\r\n boundary="{boundary}"\r\n\r\n'.encode()
        return head + preamble + b"".join(mark + b"\r\n" + p + b"\r\n" for p in inside) + mark + b"--" + epilogue

    forwarded = parts.map(lambda part: b"Content-Type: message/rfc822\r\n\r\n" + fields() + part)
    return st.one_of(multiparts(), multiparts(), forwarded)


ENTITIES = st.recursive(leaves(), containers, max_leaves=6)


def meaning(message: Message) -> list[object]:
    """Tell the tree of a message and what each leaf means."""
    found: list[object] = []
    for part in message.walk():
        names = [(name.lower(), " ".join(value.split())) for name, value in part.items() if name.lower() not in _OWN]
        kind = part.get_content_type()
        found.append((kind, names, None if part.is_multipart() else part.get_payload(decode=True)))
    return found


# What signing says anew: how a part is encoded, and that the root is protected.
_OWN = ("content-transfer-encoding", "mime-version", "content-type")


@pytest.fixture(scope="module")
def store(session_pki):
    return TrustStore.load(session_pki.root_file, pinned=False)


@settings(max_examples=120, deadline=None)
@given(entity=ENTITIES, form=st.sampled_from(["detached", "opaque"]))
def test_what_a_message_means_is_what_is_signed(mail_kit, store, entity, form):
    message = fields() + entity
    signed = mail_kit.signed(message, form=form)
    result = smime.verify(signed, trust=store, revocation="off")
    assert (result.smime, result.headers_changed) == ("pass", ())
    content, cms = cut_signed(signed)
    if content is None:
        from asn1crypto import cms as asn1_cms

        content = asn1_cms.ContentInfo.load(cms)["content"]["encap_content_info"]["content"].native
    assert content.isascii()
    policy = email.policy.compat32
    assert meaning(email.message_from_bytes(content, policy=policy)) == meaning(
        email.message_from_bytes(message, policy=policy)
    )
    # Parts that need no encoding are octet for octet what they were.
    originals = {bytes(part.raw) for part in read(message).walk()}
    for part in read(content).walk():
        if not part.is_root and not part.children and bytes(part.raw) not in originals:
            assert part.encoding in ("quoted-printable", "base64", "7bit")
