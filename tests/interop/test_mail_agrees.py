"""OpenSSL and NSS accept each message that gsign signs, and gsign accepts each of theirs."""

from __future__ import annotations

import pytest

from gsign import pkcs11, smime
from gsign.trust.store import TrustStore
from tests.judges_mail import Nss, cut_signed, openssl_sign, openssl_verify
from tests.mailcorpus.kit import ENTITY, Kit, fields
from tests.pki import PERSON
from tests.softhsm import PIN, Item, Office

FORMS = ["detached", "opaque"]
KEYS = [("rsa2048", "pkcs1"), ("rsa2048", "pss"), ("rsa3072", "pkcs1"), ("p256", None), ("p384", None), ("p521", None)]


@pytest.fixture(scope="session")
def kit(session_pki, tmp_path_factory):
    return Kit(session_pki, tmp_path_factory.mktemp("mail"))


@pytest.fixture(scope="session")
def nss(session_pki, tmp_path_factory):
    return Nss(tmp_path_factory.mktemp("nss") / "db", session_pki.root_file)


def verified(kit, message):
    store = TrustStore.load(kit.pki.root_file, pinned=False)
    return smime.verify(message, trust=store, revocation="off")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("key, scheme", KEYS)
def test_both_judges_accept_each_output(kit, nss, form, key, scheme):
    who = kit.pki.leaf(key=key, pointers=False)
    message = kit.signed(who=who, form=form, scheme=scheme)
    assert openssl_verify(message, kit.pki.root_file) == nss.verify(message)
    assert verified(kit, message).smime == "pass"


@pytest.mark.parametrize("digest", ["sha384", "sha512"])
def test_both_judges_accept_longer_digests(kit, nss, digest):
    message = kit.signed(digest=digest)
    assert openssl_verify(message, kit.pki.root_file) == nss.verify(message)


def test_what_is_signed_is_the_message_with_its_header(kit, nss):
    content = nss.verify(kit.signed())
    assert content.startswith(f"From: Nguyen Thi Anh Tuyet <{PERSON.email}>\r\n".encode())
    assert content.endswith(ENTITY.partition(b"\r\n\r\n")[2])


def test_judges_refuse_what_was_changed(kit, nss):
    message = kit.signed().replace(b"8 gi", b"9 gi")
    with pytest.raises(AssertionError):
        openssl_verify(message, kit.pki.root_file)
    with pytest.raises(AssertionError, match="DigestMismatch"):
        nss.verify(message)


def test_a_judge_accepts_a_signature_from_a_token(kit, tmp_path, monkeypatch):
    office = Office(tmp_path / "office")
    monkeypatch.setenv(*office.setting)
    office.token("VP", [Item(kit.person.der, kit.person.key)])
    with pkcs11.open_signer("pkcs11:token=VP", pin=PIN, module=office.module) as signer:
        signed, record = smime.sign_recorded(kit.message(), signer, revocation="off")
    assert record.is_token
    # The token holds the signer's certificate alone: who verifies knows the authority's.
    both = tmp_path / "both.pem"
    both.write_bytes(kit.pki.root_file.read_bytes() + kit.pki.intermediate_file.read_bytes())
    assert openssl_verify(signed, both) == cut_signed(signed)[0]
    assert smime.verify(signed, trust=TrustStore.load(both, pinned=False), revocation="off").smime == "pass"


def test_judges_accept_an_agencys_signature_over_a_personal_one(kit, nss):
    personal = kit.signed()
    agency = kit.signed(personal, who=kit.agency, as_agency=True)
    inner = openssl_verify(agency, kit.pki.root_file)
    assert inner == nss.verify(agency)
    # What the person signed is judged anew from inside.
    assert nss.verify(inner) == nss.verify(personal)
    assert openssl_verify(inner, kit.pki.root_file) == openssl_verify(personal, kit.pki.root_file)


# ---------------------------------------------------------------- theirs


OPENSSL = {
    "detached": (),
    "opaque": ("-nodetach",),
    "sha512": ("-md", "sha512"),
    "pss": ("-keyopt", "rsa_padding_mode:pss"),
    "pss-sha384": ("-keyopt", "rsa_padding_mode:pss", "-md", "sha384"),
    "key-identifier": ("-keyid",),
    "signing-certificate": ("-cades",),
    "streamed": ("-stream",),
    "streamed-opaque": ("-stream", "-nodetach"),
    "binary": ("-binary",),
    "crlf": ("-crlfeol",),
    "no-capabilities": ("-nosmimecap",),
}


@pytest.mark.parametrize("name", OPENSSL)
def test_messages_of_openssl_are_accepted(kit, name):
    written = openssl_sign(ENTITY, kit.person, *OPENSSL[name])
    end = b"\r\n" if name == "crlf" else b"\n"
    result = verified(kit, fields(MIME_Version=None).replace(b"\r\n", end) + written)
    assert (result.smime, result.reasons) == ("pass", ())


@pytest.mark.parametrize("command", ["cms", "smime"])
@pytest.mark.parametrize("key", ["rsa2048", "p256", "p384"])
def test_messages_of_both_commands_are_accepted(kit, command, key):
    who = kit.pki.leaf(key=key, pointers=False)
    written = fields(MIME_Version=None).replace(b"\r\n", b"\n") + openssl_sign(ENTITY, who, command=command)
    assert verified(kit, written).smime == "pass"


@pytest.fixture(scope="session")
def writing_nss(kit, tmp_path_factory):
    made = Nss(tmp_path_factory.mktemp("nss-writing") / "db", kit.pki.root_file)
    made.add(kit.person)
    return made


@pytest.mark.parametrize("digest", ["SHA256", "SHA384", "SHA512"])
def test_messages_of_nss_are_accepted(kit, writing_nss, digest):
    detached = writing_nss.sign(ENTITY, "-T", "-H", digest, "-P")
    opaque = writing_nss.sign(ENTITY, "-H", digest)
    assert verified(kit, kit.detached(detached)).smime == "pass"
    assert verified(kit, kit.opaque(opaque)).smime == "pass"


@pytest.mark.parametrize("name", ["no-attributes", "other-entity"])
def test_messages_of_openssl_that_hold_nothing_are_refused(kit, name):
    options = ("-noattr",) if name == "no-attributes" else ()
    message = fields(MIME_Version=None).replace(b"\r\n", b"\n") + openssl_sign(ENTITY, kit.person, *options)
    changed = message if options else message.replace(b"8 gi", b"9 gi")
    assert verified(kit, changed).smime in ("neutral", "fail")
