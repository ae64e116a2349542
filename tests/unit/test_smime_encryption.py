"""Messages are encrypted to those who may read them, open exactly as they were, and say what protects them."""

from __future__ import annotations

import base64
import os
import re
from email import message_from_bytes
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gsign import pkcs12, smime
from gsign.cms.content import AES_256_CBC, AES_256_GCM
from gsign.cms.enveloped import Addressee, envelop
from gsign.errors import DecisionNeededError, InputError, OtherKeyError, UsageError, VerificationError
from gsign.mime import read
from gsign.protection.encrypting import Integrity
from gsign.result import Indication
from tests.mailcorpus.kit import ENTITY, fields
from tests.pki import LEADER, ORGANISATION, PERSON

SUBJECT = "=?utf-8?q?M=E1=BA=ADt=3A_gi=E1=BA=A5y_m=E1=BB=9Di?="
LETTER = (
    "From: =?utf-8?q?Nguy=E1=BB=85n_Th=E1=BB=8B_=C3=81nh_Tuy=E1=BA=BFt?=\r\n <nttanhtuyet@hungyen.gov.vn>\r\n"
    "To: =?utf-8?q?Tr=E1=BA=A7n_Qu=E1=BB=91c_V=C4=83n?= <tqvan@hungyen.gov.vn>\r\n"
    f"Subject: {SUBJECT}\r\n"
    "Keywords: nhan su\r\n"
    "Comments: khong chuyen tiep\r\n"
    "Date: Sun, 22 Nov 2026 08:00:00 +0700\r\n"
    "Message-ID: <20261122.1@hungyen.gov.vn>\r\n"
    "X-Priority: 1\r\n"
    "MIME-Version: 1.0\r\n"
    "Content-Type: text/plain; charset=utf-8\r\n"
    "Content-Transfer-Encoding: 8bit\r\n"
    "\r\n"
    "Kính gửi đồng chí,\r\nFrom dòng này\r\n.\r\n  \r\nnội dung mật.\r\n"
).encode()
SECRETS = (SUBJECT.encode(), b"nhan su", b"khong chuyen tiep", "nội dung mật".encode())
CIPHERS = pytest.mark.parametrize("cipher", ["aes-256-gcm", "aes-256-cbc"])


@pytest.fixture(scope="module")
def people(session_pki, tmp_path_factory):
    """Certificates that ask nobody for their status, with files of their keys: a person, a leader, an agency."""
    folder = tmp_path_factory.mktemp("people")
    made = {}
    for name, subject in (("person", PERSON), ("leader", LEADER), ("agency", ORGANISATION)):
        leaf = session_pki.leaf(subject, variant="no-pointers")
        made[name] = (
            leaf,
            leaf.p12(folder / f"{name}.p12", "mat-khau"),
            leaf.pem + session_pki.intermediate.identity.pem,
        )
    return made


@pytest.fixture
def checks(session_pki):
    return {"trust": session_pki.root_file, "revocation": "off"}


@cache
def opened_file(path):
    return pkcs12.open_decrypter(path, pin="mat-khau")


def decrypter(people, name="leader"):
    return opened_file(people[name][1])


def signer(people, name="person"):
    return pkcs12.open_signer(people[name][1], pin="mat-khau")


@pytest.fixture
def sealed(people, checks):
    """An encrypted message and what is inside."""
    encrypted = smime.encrypt(LETTER, [people["leader"][2]], **checks)
    return encrypted, smime.decrypt(encrypted, decrypter(people), **checks).entity


def fields_of(data):
    """List the fields as `email` sees them, which is nobody of ours."""
    return [(key.lower(), value) for key, value in message_from_bytes(data).items()]


@CIPHERS
def test_what_was_written_is_inside_and_only_what_the_way_needs_is_outside(people, checks, cipher):
    encrypted = smime.encrypt(LETTER, [people["leader"][2]], cipher=cipher, **checks)
    for secret in SECRETS:
        assert secret not in encrypted
        assert secret not in base64.b64decode(encrypted.partition(b"\r\n\r\n")[2])
    outside = fields_of(encrypted)
    kind = "authEnveloped-data" if cipher.endswith("gcm") else "enveloped-data"
    assert ("subject", "[...]") in outside
    assert [key for key, _ in outside] == [
        "from", "to", "subject", "date", "message-id", "x-priority",
        "mime-version", "content-type", "content-transfer-encoding", "content-disposition",
    ]  # fmt: skip
    assert dict(outside)["content-type"] == f'application/pkcs7-mime; smime-type={kind};\r\n name="smime.p7m"'
    assert max(map(len, encrypted.split(b"\r\n"))) <= 78
    opened = smime.decrypt(encrypted, decrypter(people), **checks)
    assert opened.entity.endswith(LETTER.partition(b"\r\n\r\n")[2])
    inside = fields_of(opened.entity)
    written = [field for field in fields_of(LETTER) if not field[0].startswith(("content", "mime"))]
    assert [field for field in inside if not field[0].startswith(("content", "hp-outer"))] == written
    # RFC 9788: what stands outside is said inside, in the same order.
    told = [value for key, value in inside if key == "hp-outer"]
    assert told == [f"{name}: {value}" for name, value in message_from_bytes(encrypted).items()][:6]
    assert re.search(rb'Content-Type: text/plain; charset=utf-8;\r\n hp="cipher"\r\n', opened.entity)


def test_the_decrypted_message_has_each_field_once_and_what_relays_added(people, checks):
    encrypted = smime.encrypt(LETTER, [people["leader"][2]], **checks)
    received = b"Received: from a by b; Sun, 22 Nov 2026 08:00:01 +0700\r\n"
    forged = b"Reply-To: kexau@example.com\r\nX-Priority: 5\r\n"
    opened = smime.decrypt(received + forged + encrypted, decrypter(people), **checks)
    found = fields_of(opened.message)
    assert len({key for key, _ in found if key != "hp-outer"}) == len([key for key, _ in found if key != "hp-outer"])
    assert found[0][0] == "received"
    assert ("subject", SUBJECT) in found
    assert ("x-priority", "1") in found
    assert "reply-to" not in dict(found)
    assert opened.message.endswith(opened.entity)


def test_another_sender_inside_than_outside_is_told(people, checks):
    encrypted = smime.encrypt(LETTER, [people["leader"][2]], **checks)
    opened = smime.decrypt(encrypted.replace(b"nttanhtuyet@", b"kexau@", 1), decrypter(people), **checks)
    assert opened.warnings == ("sender-inside-differs",)
    assert b"kexau" not in opened.message
    with pytest.raises(VerificationError) as caught:
        opened.require()
    assert caught.value.code == "mail-sender-differs"
    # Another name, fold or spelling of the domain is the same sender.
    same = encrypted.replace(b"\r\n <nttanhtuyet@hungyen", b" <nttanhtuyet@HungYen", 1)
    assert smime.decrypt(same, decrypter(people), **checks).require().warnings == ()


def test_a_signature_that_holds_says_who_sent_it_whatever_stands_outside(people, checks):
    with signer(people) as key:
        signed = smime.sign(LETTER, key, **checks)
    # As programs do that encrypt a whole message, its header included.
    cms = b"".join(envelop([signed], [Addressee(people["leader"][0].der)], AES_256_GCM))
    structure = b"Content-Type: application/pkcs7-mime\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    message = b"From: list@hungyen.gov.vn\r\n" + structure + base64.encodebytes(cms).replace(b"\n", b"\r\n")
    opened = smime.decrypt(message, decrypter(people), **checks).require()
    assert (opened.entity, opened.warnings) == (signed, ())
    assert opened.signature.sender == PERSON.email


@CIPHERS
@pytest.mark.parametrize("form", ["detached", "opaque"])
def test_a_signed_message_opens_octet_for_octet_and_its_signature_holds(people, checks, cipher, form):
    with signer(people) as key:
        signed = smime.sign(LETTER, key, form=form, **checks)
    encrypted = smime.encrypt(signed, [people["leader"][2]], cipher=cipher, **checks)
    assert SUBJECT.encode() not in encrypted
    opened = smime.decrypt(encrypted, decrypter(people), **checks)
    assert opened.entity == signed[signed.index(b"Content-Type: ") :]
    assert opened.integrity == ("authenticated" if cipher.endswith("gcm") else "signed")
    assert opened.signature.indication is Indication.TOTAL_PASSED
    assert opened.signature.headers_protected
    assert opened.signature.headers_changed == ()
    assert ("subject", SUBJECT) in fields_of(opened.message)
    assert opened.warnings == ()
    opened.require()
    # The saved message verifies by itself.
    assert smime.verify(opened.message, **checks).indication is Indication.TOTAL_PASSED


@CIPHERS
def test_signing_and_encrypting_at_once_says_inside_what_stands_outside(people, checks, cipher):
    with signer(people) as key:
        encrypted = smime.encrypt(LETTER, [people["leader"][2]], signer=key, cipher=cipher, **checks)
    opened = smime.decrypt(encrypted, decrypter(people), **checks)
    signed = read(opened.entity).children[0]
    assert signed.parameters["hp"] == "cipher"
    assert "Subject: [...]" in signed.get_all("hp-outer")
    assert signed.get("subject") == SUBJECT
    opened.require()


@pytest.mark.parametrize("at_once", [True, False])
def test_what_somebody_changes_outside_is_seen_by_the_signature_inside(people, checks, at_once):
    with signer(people) as key:
        if at_once:
            encrypted = smime.encrypt(LETTER, [people["leader"][2]], signer=key, **checks)
        else:
            encrypted = smime.encrypt(smime.sign(LETTER, key, **checks), [people["leader"][2]], **checks)
    for old, new, name in (
        (b"q?Nguy", b"q?Tr", "From"),
        (b"nttanhtuyet@", b"tqvan@", "From"),
        (b"tqvan@hungyen", b"tqvan@hanoi", "To"),
        (b"[...]", b"Chuyen tien", "Subject"),
        (b"X-Priority", b"Reply-To: a@b.vn\r\nX-Priority", "Reply-To"),
    ):
        opened = smime.decrypt(encrypted.replace(old, new, 1), decrypter(people), **checks)
        assert opened.signature.headers_changed == (name,), name
        assert (opened.signature.indication is Indication.TOTAL_FAILED) == (name == "From")
    hidden = encrypted.replace(b"Subject: [...]\r\n", b"", 1)
    assert smime.decrypt(hidden, decrypter(people), **checks).signature.headers_changed == ()


def test_a_signature_of_somebody_else_inside_is_no_pass(people, checks):
    with signer(people, "agency") as key:
        other = LETTER.replace(b"nttanhtuyet@hungyen.gov.vn", b"vpubnd@hungyen.gov.vn")
        signed = smime.sign(other, key, **checks).replace(b"vpubnd@hungyen.gov.vn", b"nttanhtuyet@hungyen.gov.vn", 1)
    encrypted = smime.encrypt(signed, [people["leader"][2]], cipher="aes-256-cbc", **checks)
    opened = smime.decrypt(encrypted, decrypter(people), **checks)
    assert opened.signature.indication is Indication.TOTAL_FAILED
    assert opened.integrity is Integrity.NONE
    with pytest.raises(VerificationError):
        opened.require()


def test_content_that_nothing_protects_is_told_as_such(people, checks):
    encrypted = smime.encrypt(LETTER, [people["leader"][2]], cipher="aes-256-cbc", **checks)
    opened = smime.decrypt(encrypted, decrypter(people), **checks)
    assert opened.integrity is Integrity.NONE
    assert opened.warnings == ("content-unauthenticated",)
    with pytest.raises(VerificationError) as caught:
        opened.require()
    assert caught.value.code == "mail-unprotected"
    with pytest.raises(TypeError):
        bool(opened)
    safe = smime.encrypt(LETTER, [people["leader"][2]], cipher="aes-256-gcm", **checks)
    assert smime.decrypt(safe, decrypter(people), **checks).require().integrity is Integrity.AUTHENTICATED


def test_blocks_of_cbc_moved_about_are_never_told_to_be_protected(people, checks):
    # As EFAIL does: blocks of the ciphertext are changed so that known text becomes something else.
    with signer(people) as key:
        signed = smime.sign(LETTER, key, **checks)
    encrypted = smime.encrypt(signed, [people["leader"][2]], cipher="aes-256-cbc", **checks)
    head, _, body = encrypted.partition(b"\r\n\r\n")
    cms = bytearray(base64.b64decode(body))
    start = len(cms) - 16 * (len(signed) // 32)
    opened_at_all = 0
    for shift in range(0, 160, 16):
        changed = bytearray(cms)
        changed[start + shift] ^= 0x20
        message = head + b"\r\n\r\n" + base64.encodebytes(bytes(changed)).replace(b"\n", b"\r\n")
        opened = smime.decrypt(message, decrypter(people), **checks)
        opened_at_all += 1
        assert opened.integrity is Integrity.NONE
        assert opened.signature is None or opened.signature.indication is Indication.TOTAL_FAILED
    assert opened_at_all == 10


def test_a_message_for_somebody_else_or_none_at_all_is_told_apart(people, checks):
    encrypted = smime.encrypt(LETTER, [people["leader"][2]], **checks)
    with pytest.raises(OtherKeyError) as caught:
        smime.decrypt(encrypted, decrypter(people, "person"), **checks)
    assert (caught.value.code, caught.value.exit_code) == ("no-key-for-message", 5)
    with signer(people) as key:
        signed = smime.sign(LETTER, key, **checks)
    for message in (LETTER, signed, b"", b"\r\n\r\n", b"Content-Type: application/pkcs7-mime\r\n\r\n"):
        with pytest.raises(InputError) as refused:
            smime.decrypt(message, decrypter(people), **checks)
        assert refused.value.code in ("mail-not-encrypted", "mail-encryption-malformed")


def test_whatever_only_the_key_tells_ends_in_one_error(people, checks):
    leaf = people["leader"][0]
    for cipher in (AES_256_GCM, AES_256_CBC):
        good = smime.encrypt(LETTER, [people["leader"][2]], cipher=cipher.name, **checks)
        head, _, body = good.partition(b"\r\n\r\n")
        cms = base64.b64decode(body)
        broken = [cms[:-1] + bytes([cms[-1] ^ 1])] if cipher is AES_256_GCM else []
        # Nothing like an entity: what a wrong key may leave behind.
        broken += [
            b"".join(envelop([content], [Addressee(leaf.der)], cipher))
            for content in (b"", b"\0\1\2", b"no header here")
        ]
        for octets in broken:
            with pytest.raises(InputError) as caught:
                smime.decrypt(head + b"\r\n\r\n" + base64.encodebytes(octets), decrypter(people), **checks)
            assert caught.value.code == "decryption-failed"
            assert caught.value.facts == {}


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_change_of_an_authenticated_message_yields_another_content(people, checks, sealed, data):
    encrypted, entity = sealed
    changed = bytearray(encrypted)
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(changed) - 1))
        changed[place : place + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=3))
    try:
        opened = smime.decrypt(bytes(changed), decrypter(people), **checks)
    except (InputError, OtherKeyError):
        return
    assert opened.entity == entity


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=4000), cipher=st.sampled_from(["aes-256-gcm", "aes-256-cbc"]))
def test_any_body_comes_back_octet_for_octet(people, checks, body, cipher):
    head = LETTER.partition(b"\r\n\r\n")[0].replace(b"8bit", b"binary")
    message = head + b"\r\n\r\n" + body
    opened = smime.decrypt(
        smime.encrypt(message, [people["leader"][2]], cipher=cipher, **checks), decrypter(people), **checks
    )
    assert read(opened.entity).body == body


def test_a_file_with_bare_line_feeds_is_encrypted_as_it_travels(people, checks, tmp_path):
    file = tmp_path / "thu.eml"
    file.write_bytes(LETTER.replace(b"\r\n", b"\n"))
    opened = smime.decrypt(smime.encrypt(file, [people["leader"][2]], **checks), decrypter(people), **checks)
    assert opened.entity.endswith(LETTER.partition(b"\r\n\r\n")[2])


def test_what_was_encrypted_with_bare_line_feeds_verifies_all_the_same(people, checks):
    with signer(people) as key:
        signed = smime.sign(LETTER, key, **checks)
    head, entity = signed[: signed.index(b"MIME-Version")], signed[signed.index(b"Content-Type") :]
    entity = entity.replace(b"\r\n", b"\n")
    cms = b"".join(envelop([entity], [Addressee(people["leader"][0].der)], AES_256_GCM))
    structure = b"Content-Type: application/pkcs7-mime\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    message = head + structure + base64.encodebytes(cms).replace(b"\n", b"\r\n")
    opened = smime.decrypt(message, decrypter(people), **checks)
    assert opened.entity == entity
    assert opened.require().signature.indication is Indication.TOTAL_PASSED


def test_the_subject_stays_where_no_copy_of_it_is_inside(people, checks):
    with signer(people) as key:
        signed = smime.sign(LETTER, key, **checks)
    # As a program signs that knows nothing of RFC 9788: the part that is signed has fields of the body only.
    boundary = b"\r\n--" + re.search(rb'boundary="([^"]+)"', signed)[1]
    preamble, _, *rest = signed.split(boundary)
    unprotected = boundary.join([preamble, b"\r\nContent-Type: text/plain\r\n\r\nxin chao", *rest])
    encrypted, record = smime.encrypt_recorded(unprotected, [people["leader"][2]], **checks)
    assert SUBJECT.encode() in encrypted
    assert "subject-not-hidden" in record.warnings


@pytest.mark.parametrize("kind", ["message/rfc822", "application/pkcs7-mime; smime-type=signed-data"])
def test_a_hidden_subject_is_found_wherever_its_copy_lies_inside(people, checks, kit, kind):
    """Its octets are those of a layer that had to be decoded first, at other places than in the message."""
    payload = fields(Subject="bí mật") + ENTITY.replace(b"utf-8", b'utf-8; hp="cipher"')
    octets = payload if kind.startswith("message/") else kit.cms(payload, carry=True)
    digits = base64.encodebytes(octets).replace(b"\n", b"\r\n")
    layer = f"Content-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\n\r\n".encode() + digits
    cms = b"".join(envelop([kit.detached(entity=layer, header=b"")], [Addressee(people["leader"][0].der)], AES_256_GCM))
    structure = b"Content-Type: application/pkcs7-mime\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    message = fields(Subject="[...]") + structure + base64.encodebytes(cms).replace(b"\n", b"\r\n")
    opened = smime.decrypt(message, decrypter(people), **checks)
    assert ("Subject: bí mật\r\n").encode() in opened.message
    assert opened.signature.headers_changed == ()


def test_results_of_checks_inside_are_told_to_be_nobodys(people, checks):
    forged = b"Authentication-Results: relay.hungyen.gov.vn; smime=pass\r\n" + LETTER
    encrypted = smime.encrypt(LETTER, [people["leader"][2]], **checks)
    assert smime.decrypt(encrypted, decrypter(people), **checks).warnings == ()
    cms = b"".join(envelop([forged], [Addressee(people["leader"][0].der)], AES_256_GCM))
    message = encrypted.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" + base64.encodebytes(cms).replace(b"\n", b"\r\n")
    assert smime.decrypt(message, decrypter(people), **checks).warnings == ("results-inside",)


def test_an_encrypted_message_is_not_encrypted_again(people, checks):
    encrypted = smime.encrypt(LETTER, [people["leader"][2]], **checks)
    with pytest.raises(UsageError) as caught:
        smime.encrypt(encrypted, [people["leader"][2]], **checks)
    assert caught.value.code == "mail-encrypted-already"


def test_what_readers_take_differently_is_not_encrypted(people, checks):
    for unclear in (b"Subject: hai\r\n" + LETTER, LETTER.replace(b"\r\n\r\n", b"\r\n oops: \r\nbad field\r\n\r\n", 1)):
        with pytest.raises(InputError) as caught:
            smime.encrypt(unclear, [people["leader"][2]], **checks)
        assert caught.value.code == "mail-unclear"


def test_an_agency_may_sign_around_what_is_encrypted(people, checks):
    encrypted = smime.encrypt(LETTER, [people["leader"][2]], **checks)
    boundary = b"tb"
    around = (
        LETTER[: LETTER.index(b"MIME-Version")]
        + b'MIME-Version: 1.0\r\nContent-Type: multipart/signed; protocol="application/pkcs7-signature";\r\n'
        b" micalg=sha-256; boundary=tb\r\n\r\n--" + boundary + b"\r\n" + encrypted + b"\r\n--" + boundary + b"\r\n"
        b"Content-Type: application/pkcs7-signature; name=smime.p7s\r\n\r\nMA==\r\n--" + boundary + b"--\r\n"
    )
    opened = smime.decrypt(around, decrypter(people), **checks)
    assert opened.entity.endswith(LETTER.partition(b"\r\n\r\n")[2])


def test_the_output_appears_only_when_all_went_well(people, checks, tmp_path):
    output = tmp_path / "out.eml"
    with pytest.raises(DecisionNeededError):
        smime.encrypt_to(LETTER, output, ["nobody@hungyen.gov.vn"], **checks)
    record = smime.encrypt_to(LETTER, output, [people["leader"][2]], **checks)
    assert record.output == str(output)
    encrypted = output.read_bytes()
    clear = tmp_path / "clear.eml"
    broken = encrypted[:-200] + (b"A" if encrypted[-200:-199] != b"A" else b"B") + encrypted[-199:]
    with pytest.raises(InputError):
        smime.decrypt_to(broken, clear, decrypter(people), **checks)
    with pytest.raises(OtherKeyError):
        smime.decrypt_to(encrypted, clear, decrypter(people, "person"), **checks)
    assert sorted(tmp_path.iterdir()) == [output]
    result = smime.decrypt_to(encrypted, clear, decrypter(people), **checks)
    assert clear.read_bytes() == result.message
    assert clear.stat().st_mode & 0o777 == 0o600
    with pytest.raises(UsageError):
        smime.decrypt_to(encrypted, clear, decrypter(people), **checks)


@pytest.mark.parametrize("size", [0, 1, 56, 57, 58, 57 * 4096 - 1, 57 * 4096, 57 * 4096 + 1, 57 * 8192 + 30])
def test_lines_of_base64_are_whole_wherever_the_pieces_end(size):
    from gsign.protection.canonical import base64_pieces

    octets = os.urandom(size)
    for cut in {0, 1, 30, min(size, 57 * 4096 - 5), min(size, 57 * 4096 + 5), size}:
        text = b"".join(base64_pieces([octets[:cut], octets[cut:]]))
        assert text.replace(b"\r\n", b"\n") == base64.encodebytes(octets)
