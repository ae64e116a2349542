"""Whatever is changed of a signed message, moved or added to it is never passed; whatever relays may do is."""

from __future__ import annotations

import re

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gsign import smime
from gsign.mime import read
from gsign.trust.store import TrustStore
from tests.mailcorpus.kit import ENTITY, fields
from tests.pki import PERSON

_TRACE = st.sampled_from([
    b"Received: from a by b; Mon, 1 Jan 2026 00:00:00 +0700\r\n",
    b"Return-Path: <x@example.com>\r\n",
    b"DKIM-Signature: v=1; d=example.com;\r\n\tb=AAAA\r\n",
    b"X-Spam-Status: No\r\n",
    b"Authentication-Results: example.com; dkim=pass\r\n",
])  # fmt: skip


@pytest.fixture(scope="module")
def store(session_pki):
    return TrustStore.load(session_pki.root_file, pinned=False)


@pytest.fixture(scope="module")
def detached(mail_kit):
    mark = b"\r\n--phan\r\n"
    mixed = (
        b"Content-Type: multipart/mixed; boundary=phan\r\n" + mark + mark.join((ENTITY, ENTITY)) + b"\r\n--phan--\r\n"
    )
    return mail_kit.signed(fields() + mixed)


@pytest.fixture(scope="module")
def opaque(mail_kit):
    return mail_kit.signed(form="opaque")


def passes(message, store):
    return smime.verify(message, trust=store, revocation="off").smime == "pass"


@settings(max_examples=120, deadline=None)
@given(data=st.data())
def test_no_change_of_a_signed_octet_passes(detached, store, data):
    part = read(detached).children[0]
    start = data.draw(st.integers(part.start, part.end - 1))
    end = data.draw(st.integers(start, min(part.end, start + 40)))
    octets = data.draw(st.binary(max_size=20))
    assume(detached[start:end] != octets)
    changed = detached[:start] + octets + detached[end:]
    # Only where the ends of lines are what differs does a file mean the same on disk.
    assume(changed.replace(b"\r\n", b"\n") != detached.replace(b"\r\n", b"\n"))
    assert not passes(changed, store)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_no_change_of_what_is_carried_inside_passes(opaque, store, data):
    import base64

    header, _, body = opaque.partition(b"\r\n\r\n")
    cms = base64.b64decode(body)
    inside = cms.index(b"From: Nguyen")
    at = data.draw(st.integers(inside, inside + 300))
    octet = data.draw(st.integers(0, 255))
    assume(cms[at] != octet)
    changed = cms[:at] + bytes((octet,)) + cms[at + 1 :]
    assert not passes(header + b"\r\n\r\n" + base64.encodebytes(changed).replace(b"\n", b"\r\n"), store)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_no_change_of_the_signature_passes(detached, store, data):
    import base64

    part = read(detached).children[1]
    cms = part.decoded()
    # Whatever stands in it: what may change freely is no signature any more, or another one.
    at = data.draw(st.integers(0, len(cms) - 1))
    changed = cms[:at] + bytes((cms[at] ^ data.draw(st.integers(1, 255)),)) + cms[at + 1 :]
    body = base64.encodebytes(changed).replace(b"\n", b"\r\n")
    result = smime.verify(detached[: part.body_start] + body + detached[part.end :], trust=store, revocation="off")
    # The unsigned rest names algorithms and brings certificates: changing it may leave the signature as good as it was.
    assert result.smime != "pass" or result.signer.email == PERSON.email


@settings(max_examples=100, deadline=None)
@given(
    name=st.text(st.characters(codec="utf-8", categories=("L", "N", "Zs", "P")), max_size=20),
    local=st.one_of(st.just("nttanhtuyet"), st.from_regex(r"[a-z.+-]{1,12}", fullmatch=True)),
    domain=st.sampled_from(["hungyen.gov.vn", "hungyen.gov.vn.example.com", "hanoi.gov.vn", "hungyen.gov"]),
)
def test_no_changed_from_passes(detached, store, name, local, domain):
    value = f"{name} <{local}@{domain}>"
    assume(" ".join(value.split()) != f"Nguyen Thi Anh Tuyet <{PERSON.email}>")
    changed = re.sub(rb"^From: [^\r]*", lambda _: b"From: " + value.encode(), detached, count=1)
    assert not passes(changed, store)


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_no_added_part_passes(detached, store, data):
    boundary = re.search(rb'boundary="(gsign-\w+)"', detached)[1]
    marks = [found.start() for found in re.finditer(rb"--" + boundary, detached)]
    at = data.draw(st.sampled_from([*marks, len(detached)]))
    body = data.draw(st.binary(max_size=40).filter(lambda octets: boundary not in octets))
    part = b"--" + boundary + b"\r\nContent-Type: text/plain\r\n\r\n" + body + b"\r\n"
    assert not passes(detached[:at] + part + detached[at:], store)


@pytest.mark.parametrize("order", [(1, 0), (0, 0), (1, 1), (0, 1, 0), (0,), (1,), ()])
def test_no_other_order_of_parts_passes(detached, store, order):
    message = read(detached)
    boundary = message.parameters["boundary"].encode()
    head = detached[: message.body_start]
    parts = b"".join(b"--" + boundary + b"\r\n" + bytes(message.children[i].raw) + b"\r\n" for i in order)
    assert not passes(head + parts + b"--" + boundary + b"--\r\n", store)


@pytest.mark.parametrize(
    "wrapper", ["multipart/mixed", "multipart/alternative", "multipart/related", "multipart/digest"]
)
def test_nothing_signed_passes_inside_something_else(detached, store, wrapper):
    message = read(detached)
    structure = detached[detached.index(b"Content-Type: multipart/signed") :]
    head = detached[: detached.index(b"MIME-Version")]
    outer = f'MIME-Version: 1.0\r\nContent-Type: {wrapper}; boundary="ngoai"\r\n\r\n--ngoai\r\n'.encode()
    assert len(message.children) == 2
    assert not passes(head + outer + structure + b"\r\n--ngoai--\r\n", store)


@settings(max_examples=60, deadline=None)
@given(trace=st.lists(_TRACE, max_size=4), fold=st.booleans(), is_file=st.booleans())
def test_what_relays_do_still_passes(detached, store, trace, fold, is_file):
    message = b"".join(trace) + detached
    if fold:
        message = message.replace(b"Subject: Moi hop", b"Subject: Moi\r\n hop", 1)
    if is_file:
        message = message.replace(b"\r\n", b"\n")
    assert passes(message, store)


@settings(max_examples=300, deadline=None)
@given(octets=st.binary(max_size=400))
def test_no_octets_at_all_pass_or_fail_in_an_unknown_way(octets):
    result = smime.verify(octets, revocation="off", offline=True)
    assert result.smime != "pass"
    assert "internal-error" not in result.reasons


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_no_damage_fails_in_an_unknown_way(detached, store, data):
    start = data.draw(st.integers(0, len(detached)))
    end = data.draw(st.integers(start, len(detached)))
    octets = data.draw(st.one_of(st.binary(max_size=30), st.just(detached[: end - start])))
    result = smime.verify(detached[:start] + octets + detached[end:], trust=store, revocation="off")
    assert "internal-error" not in result.reasons
