"""What is signed of a message, and what is left as it is."""

from __future__ import annotations

import binascii
import email
import email.policy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gsign import cms, smime
from gsign.errors import InputError, UsageError
from gsign.mime import read
from gsign.protection.canonical import apply, edits_for_transport
from tests.judges_mail import cut_signed
from tests.mailcorpus.kit import ENTITY, fields
from tests.pki import PERSON, now


def multipart(*parts: bytes, head: bytes = b"") -> bytes:
    """Put parts into multipart/mixed."""
    mark = b"\r\n--phan\r\n"
    return head + b"Content-Type: multipart/mixed; boundary=phan\r\n" + mark + mark.join(parts) + b"\r\n--phan--\r\n"


def attached(body: bytes, kind: str = "application/octet-stream", encoding: str = "binary") -> bytes:
    return f"Content-Type: {kind}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n".encode() + body


def made_fit(message: bytes, *, strict: bool = True) -> bytes:
    """Encode what has to be encoded."""
    return b"".join(apply(message, 0, len(message), edits_for_transport(read(message), strict=strict)))


def contents(message: bytes) -> list[tuple[str, bytes]]:
    """List the leaves' types and what they mean, by the standard library's reader."""
    leaves = email.message_from_bytes(message, policy=email.policy.HTTP)
    return [
        (leaf.get_content_type(), leaf.get_payload(decode=True)) for leaf in leaves.walk() if not leaf.is_multipart()
    ]


def assert_fit(octets: bytes) -> None:
    """Hold octets against what relays and mailboxes rewrite (RFC 8551 clause 3.1.2 and 3.1.3)."""
    assert octets.isascii()
    assert b"\0" not in octets
    assert octets.count(b"\r\n") == octets.count(b"\n") == octets.count(b"\r")
    for line in octets.split(b"\r\n"):
        assert len(line) <= 78
        assert not line.startswith(b"From ")
        assert line == line.rstrip(b" \t")


# ---------------------------------------------------------------- the canonical entity


BODIES = {
    "vietnamese": ("text/plain; charset=utf-8", "8bit", "Kính gửi Quý cơ quan,\r\n".encode() * 40),
    "long-line": ("text/plain", "7bit", b"mot hai ba " * 500 + b"\r\n"),
    "from-line": ("text/plain", "7bit", b"Kinh gui\r\nFrom here on\r\n"),
    "from-first": ("text/plain", "7bit", b"From here on\r\n"),
    "trailing-space": ("text/plain; format=flowed", "7bit", b"mot \r\nhai\t\r\nba "),
    "one-trailing-space": ("text/plain", "7bit", b"mot \r\nhai\r\n"),
    "one-trailing-tab": ("text/plain", "7bit", b"mot\t\r\nhai\r\n"),
    "space-at-the-end": ("text/plain", "7bit", b"mot\r\nhai "),
    "no-line": ("text/plain", "7bit", b"mot " * 100),
    "all-octets": ("application/pdf", "binary", bytes(range(256)) * 50),
    "binary-text": ("text/plain; charset=utf-16", "binary", "Kính gửi".encode("utf-16")),
    "bare-ends": ("text/plain", "binary", b"mot\nhai\rba\r\n"),
    "nul": ("text/plain", "binary", b"mot\0hai\r\n"),
    "dots": ("text/plain; charset=utf-8", "8bit", "ô\r\n.\r\n..\r\n".encode()),
    "equals": ("text/plain; charset=utf-8", "8bit", "a=b=ô=3D\r\n".encode()),
    "wide-base64": ("image/png", "base64", binascii.b2a_base64(bytes(range(200)), newline=False) + b"\r\n"),
    "wide-quoted": ("text/plain", "quoted-printable", b"a=3Db " * 40 + b"\r\n"),
    "empty": ("text/plain", "7bit", b""),
    "blank-lines": ("text/plain", "7bit", b"\r\n\r\n\r\n"),
    "declared-8bit": ("text/plain", "8bit", b"nothing but ASCII\r\n"),
}


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("is_root", [True, False], ids=["root", "part"])
def test_each_body_becomes_fit_and_means_the_same(name, is_root):
    kind, encoding, body = BODIES[name]
    entity = attached(body, kind, encoding)
    message = fields() + (entity if is_root else multipart(ENTITY, entity))
    fit = made_fit(message)
    assert_fit(fit[len(fields()) :])
    assert contents(fit) == contents(message)
    if name in ("wide-base64", "wide-quoted"):
        assert fit != message
    # A line of one dot ends a message for servers that know no better (RFC 8551 clause 3.1.2).
    assert name != "dots" or b"\r\n.\r\n" not in fit


@pytest.mark.parametrize("encoding", ["7bit", "8bit", "quoted-printable", "base64"])
def test_what_is_fit_is_not_touched(encoding):
    text = {"base64": b"S8OtbmggZ+G7rWk=\r\n", "quoted-printable": b"K=C3=ADnh\r\n"}.get(encoding, b"Kinh gui\r\n")
    message = fields() + multipart(
        attached(text, "text/plain", encoding), attached(b"x" * 78 + b"\r\n", encoding="7bit")
    )
    fit = made_fit(message)
    assert fit == message.replace(b": 8bit", b": 7bit")


PIECES = [b"From x", b" ", b"a" * 90, b".", b"=", b"\r\n", b"\xc3\xb4", b"\t"]


@settings(max_examples=200, deadline=None)
@given(
    bodies=st.lists(
        st.one_of(
            st.binary(max_size=300),
            st.text("aô =.\r\n\tF", max_size=200).map(str.encode),
            st.lists(st.sampled_from([b"From x", b" ", b"a" * 90, b".", b"=", b"\r\n", b"\xc3\xb4", b"\t"])).map(
                b"".join
            ),
        ),
        min_size=1,
        max_size=3,
    ),
    kinds=st.lists(st.sampled_from(["text/plain", "text/html; charset=utf-8", "image/png"]), min_size=3, max_size=3),
)
def test_any_octets_become_fit_and_mean_the_same(bodies, kinds):
    parts = [attached(body, kind) for body, kind in zip(bodies, kinds, strict=False)]
    if any(b"--phan" in body for body in bodies):
        return
    message = fields() + multipart(*parts)
    fit = made_fit(message)
    assert_fit(fit[len(fields()) :])
    decoded = [part.decoded() for part in read(fit).walk() if not part.children]
    assert decoded == bodies[: len(decoded)]


DOCUMENT = b"%PDF-1.7\r\n1 0 obj\r\n<</ByteRange [0 10 20 30]>>\r\nendobj\r\n"


@pytest.mark.parametrize("form", ["detached", "opaque"])
@pytest.mark.parametrize("kind", ["text/plain", "text/html", "application/pdf"])
@pytest.mark.parametrize("encoding", ["7bit", "quoted-printable"])
def test_what_is_signed_is_no_document_to_readers_of_pdf(kit, form, kind, encoding):
    # Its signature would be the document's, too, to programs that pass over what stands before a document.
    message = fields() + multipart(ENTITY, attached(b"Kinh gui\r\n" + DOCUMENT, kind, encoding))
    signed = kit.signed(message, form=form)
    assert b"%PDF" not in signed
    entity = cut_signed(signed)[0] if form == "detached" else cms.read(read(signed).decoded()).econtent
    assert b"%PDF" not in entity
    assert contents(fields() + entity)[1][1] == b"Kinh gui\r\n" + DOCUMENT


@pytest.mark.parametrize("form", ["detached", "opaque"])
@pytest.mark.parametrize("where", ["header", "preamble", "signed"])
def test_a_document_where_nothing_can_be_encoded_is_refused(kit, form, where):
    message = {
        "header": fields(X_Note=DOCUMENT.decode().replace("\r\n", "\r\n ").strip()) + ENTITY,
        "preamble": fields() + multipart(ENTITY).replace(b"\r\n\r\n", b"\r\n\r\nxem %PDF-1.7\r\n", 1),
        "signed": kit.detached(entity=b"Content-Type: text/plain\r\n\r\n" + DOCUMENT),
    }[where]
    with pytest.raises(InputError) as caught:
        kit.signed(message, who=kit.agency, form=form, as_agency=True)
    assert caught.value.code == "mail-begins-document"


def test_parts_of_a_forwarded_message_are_encoded_inside_it():
    inner = fields(Subject="chuyen tiep") + attached(
        "Xin chào, moi hop sang thu hai\r\n".encode(), "text/plain; charset=utf-8", "8bit"
    )
    message = fields() + multipart(b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + inner)
    fit = made_fit(message)
    assert_fit(fit[len(fields()) :])
    assert b"=C3=A0o, m" in fit
    assert b"8bit" not in fit


def test_spaces_at_the_ends_of_header_lines_are_not_signed(kit):
    part = b"Content-Type: text/plain; \r\n charset=us-ascii\t\r\n\r\nmot\r\n"
    message = fields(Subject="Moi hop ") + multipart(part).replace(b"mixed; ", b"mixed; \r\n ")
    signed = kit.signed(message)
    assert_fit(signed.partition(b"\r\n\r\n")[2])
    assert smime.verify(signed, trust=kit.pki.root_file, revocation="off").headers_changed == ()


def test_what_was_signed_inside_is_never_encoded_anew(kit):
    entity = b"Content-Type: text/plain\r\n\r\nFrom a line that is long" + b" and longer" * 30 + b" \r\n"
    inner = kit.detached(header=b"", entity=entity.replace(b"plain", b"plain; \r\n charset=us-ascii"))
    message = fields() + multipart(ENTITY, inner)
    assert made_fit(message) == message


@pytest.mark.parametrize(
    "inside",
    [
        attached(b"Kinh gui\r\n", "text/plain", "8bit"),
        multipart(ENTITY, head=b"Content-Transfer-Encoding: 8bit\r\n"),
    ],
    ids=["part", "parts"],
)
def test_what_was_signed_inside_keeps_what_it_says_of_its_encoding(kit, inside):
    assert inside in made_fit(kit.detached(entity=inside))
    assert b"8bit" not in made_fit(fields() + inside)


LETTERS = {
    "subject": {"Subject": "V/v mời họp triển khai Nghị định 30/2020/NĐ-CP tại tỉnh Hưng Yên và các huyện, xã"},
    "quoted-name": {"From": f'"Nguyễn Thị Ánh Tuyết, Văn phòng" <{PERSON.email}>'},
    "bare-name": {"From": f"Nguyễn Thị Ánh Tuyết <{PERSON.email}>"},
    "addresses": {"To": 'Sở Nội vụ <snv@hungyen.gov.vn>, "Sở Y tế" <syt@hungyen.gov.vn>, c@hungyen.gov.vn'},
    "other": {"X-Do-Khan": "Hỏa tốc"},
}


@pytest.mark.parametrize("name", LETTERS)
def test_letters_in_the_header_are_copied_as_encoded_words(kit, name):
    message = fields(**LETTERS[name]) + ENTITY
    signed = kit.signed(message)
    ((field, value),) = LETTERS[name].items()
    outer, _, body = signed.partition(b"\r\n\r\n")
    assert f"{field}: {value}\r\n".encode() in outer + b"\r\n"
    assert_fit(body)
    copies = email.message_from_bytes(cut_signed(signed)[0], policy=email.policy.default)
    assert " ".join(str(copies[field]).replace('"', "").split()) == value.replace('"', "")
    result = smime.verify(signed, trust=kit.pki.root_file, revocation="off")
    assert (result.smime, result.headers_protected, result.headers_changed) == ("pass", True, ())
    # What was written in letters and is changed in letters is found.
    changed = signed.replace(value.encode(), value.replace(" ", " x", 1).encode(), 1)
    assert smime.verify(changed, trust=kit.pki.root_file, revocation="off").headers_changed


@pytest.mark.parametrize(
    "changes",
    [{"To": "vănthư@hungyen.gov.vn"}, {"Subject": "=?utf-8?q?M=E1=BB=9Di?= họp"}, {"Content_Description": "Mời họp"}],
)
def test_a_header_that_is_not_7bit_otherwise_is_signed_inside_only(kit, changes):
    message = fields(**changes) + ENTITY
    with pytest.raises(UsageError) as refused:
        kit.signed(message)
    assert refused.value.code == "mail-not-7bit"
    result = smime.verify(kit.signed(message, form="opaque"), trust=kit.pki.root_file, revocation="off")
    assert (result.smime, result.headers_protected, result.headers_changed) == ("pass", True, ())


def test_an_agency_signs_over_every_form_in_every_form(kit):
    for inner in ("detached", "opaque"):
        personal = kit.signed(form=inner)
        for outer in ("detached", "opaque"):
            agency = kit.signed(personal, who=kit.agency, as_agency=True, form=outer)
            result = smime.verify(agency, trust=kit.pki.root_file, revocation="off", agencies=lambda *_: True)
            assert (result.smime, result.by_agency, result.headers_protected) == ("pass", True, True)


@pytest.mark.parametrize("where", ["signed-part", "part-header", "preamble", "long-header"])
def test_what_cannot_be_encoded_is_refused_or_carried_inside(kit, where):
    raw = "ký".encode()
    body = {
        "signed-part": kit.detached(header=b"", entity=b"Content-Type: text/plain\r\n\r\n" + raw),
        "part-header": b"Content-Type: text/plain; name=" + raw + b"\r\n\r\nx",
        "preamble": multipart(ENTITY).replace(b"phan", b"trong").replace(b"=trong\r\n", b"=trong\r\n\r\n" + raw),
        "long-header": b"Content-Type: text/plain; name=" + b"x" * 1000 + b"\r\n\r\nx",
    }[where]
    message = fields() + multipart(body)
    with pytest.raises(UsageError) as refused:
        kit.signed(message)
    assert refused.value.code == "mail-not-7bit"
    signed = kit.signed(message, form="opaque")
    assert smime.verify(signed, trust=kit.pki.root_file, revocation="off").smime == "pass"


# ---------------------------------------------------------------- the message around it


def test_the_outer_header_stays_as_it_is_but_for_the_body_fields(kit):
    trace = (
        b"Received: from a\r\n\tby b; Mon, 1 Jan 2026 00:00:00 +0700\r\nDKIM-Signature: v=1\r\nX-Odd:   spaced  \r\n"
    )
    header = fields(MIME_Version=None)  # written once: it says the second
    message = trace + header + b"MIME-Version: 1.0\r\n" + ENTITY
    outer = kit.signed(message).partition(b"\r\n\r\n")[0] + b"\r\n"
    structure = outer[outer.index(b"MIME-Version") :]
    assert outer == trace + header + structure
    assert structure.count(b"Content-") == 1
    assert b'multipart/signed; protocol="application/pkcs7-signature";\r\n micalg="sha-256"' in structure


@pytest.mark.parametrize("digest, micalg", [("sha256", "sha-256"), ("sha384", "sha-384"), ("sha512", "sha-512")])
def test_micalg_names_the_digest(kit, digest, micalg):
    assert f'micalg="{micalg}"'.encode() in kit.signed(digest=digest)


def test_copies_of_the_header_are_signed_without_what_relays_write_and_without_bcc(kit):
    extra = b"Received: from a by b\r\nBcc: kin@hungyen.gov.vn\r\nList-Id: <x>\r\nX-Do-Khan: Hoa toc\r\n"
    entity, _ = cut_signed(kit.signed(extra + kit.message()))
    header = entity.partition(b"\r\n\r\n")[0]
    assert header.startswith(b"X-Do-Khan: Hoa toc\r\nFrom: ")
    for name in (b"To", b"Subject", b"Date", b"Message-ID"):
        assert header.count(b"\r\n" + name + b": ") == 1
    assert b"Bcc" not in header
    assert b"Received" not in header
    assert b"List-Id" not in header
    assert b'charset=utf-8;\r\n hp="clear"' in header


@pytest.mark.parametrize(
    "name",
    [
        *("Return-Path", "Delivered-To", "Envelope-To", "X-Original-To", "DKIM-Signature", "DomainKey-Signature"),
        *("Authentication-Results", "Received-SPF", "X-Received", "X-Envelope-From", "X-Envelope-To", "X-UIDL"),
        *("X-Originating-IP", "Status", "X-Status", "X-Mozilla-Status", "X-Mozilla-Status2", "Errors-To", "Precedence"),
        *("ARC-Seal", "Resent-From", "List-Unsubscribe", "X-Spam-Flag", "X-Virus-Scanned", "HP-Outer"),
        *("X-MS-Exchange-Organization-SCL", "X-Forefront-Antispam-Report"),
    ],
)
def test_what_is_written_on_the_way_is_neither_copied_nor_missed(kit, name):
    field = f"{name}: x\r\n".encode()
    entity, _ = cut_signed(kit.signed(field + kit.message()))
    assert field not in entity
    result = smime.verify(field + kit.signed(), trust=kit.pki.root_file, revocation="off")
    assert (result.smime, result.headers_changed) == ("pass", ())


def test_a_message_without_mime_fields_becomes_plain_text(kit):
    message = fields(MIME_Version=None) + b"\r\nXin chao\r\n"
    signed = kit.signed(message)
    entity, _ = cut_signed(signed)
    assert entity.endswith(b'Content-Type: text/plain; charset=us-ascii;\r\n hp="clear"\r\n\r\nXin chao\r\n')
    assert b"\r\nMIME-Version: 1.0\r\n" in signed


def test_a_file_with_lf_is_signed_as_it_travels(kit):
    signed = kit.signed(kit.message().replace(b"\r\n", b"\n"))
    assert signed.count(b"\n") == signed.count(b"\r\n")
    assert smime.verify(signed, trust=kit.pki.root_file, revocation="off").smime == "pass"


def test_the_whole_output_passes_relays_unchanged(kit):
    message = fields() + multipart(*(attached(body, kind, encoding) for kind, encoding, body in BODIES.values()))
    for form in ("detached", "opaque"):
        signed = kit.signed(message, form=form)
        assert_fit(signed[len(fields()) :])
        assert smime.verify(signed, trust=kit.pki.root_file, revocation="off").smime == "pass"


def test_attributes_say_when_by_whom_and_what_can_be_read(kit):
    from asn1crypto import cms

    _, data = cut_signed(kit.signed())
    signed = cms.ContentInfo.load(data)["content"]
    (info,) = signed["signer_infos"]
    attributes = {a["type"].native: a["values"].native for a in info["signed_attrs"]}
    assert abs((attributes["signing_time"][0] - now()).total_seconds()) < 60
    assert attributes["content_type"] == ["data"]
    assert {
        "signing_certificate_v2",
        "message_digest",
        "cms_algorithm_protection",
        "smime_capabilities",
    } <= attributes.keys()
    assert "1.2.840.113549.1.9.16.2.28" not in attributes
    certificates = {c.dump() for c in (choice.chosen for choice in signed["certificates"])}
    assert certificates == {kit.person.der, *kit.person.chain[:-1]}
