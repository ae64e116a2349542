"""Every recipient gets a certificate that holds, from wherever it is found; else all that was rejected is told."""

from __future__ import annotations

import ipaddress
import socket
import threading

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, ObjectIdentifier

from gsign import der, pkcs12, smime
from gsign.errors import DecisionNeededError, InputError, TemporaryError, UsageError
from gsign.protection.capabilities import choose_cipher, of_certificate, takes_oaep
from gsign.protection.directory import DirectorySource
from gsign.protection.sources import AgencySource
from tests.directory import Directory, Entry
from tests.nobody import as_nobody, open_folder
from tests.pki import LEADER, ORGANISATION, PERSON, Subject

FROM, TO, AGENCY = PERSON.email, LEADER.email, ORGANISATION.email
LETTER = (
    f"From: {FROM}\r\nTo: {TO}\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nxin chao\r\n"
).encode()
_EMAIL = ExtendedKeyUsageOID.EMAIL_PROTECTION
CBC_ONLY = der.sequence(der.sequence(der.oid("2.16.840.1.101.3.4.1.42")))
BOTH = der.sequence(der.sequence(der.oid("2.16.840.1.101.3.4.1.42")), der.sequence(der.oid("2.16.840.1.101.3.4.1.46")))


def capable(value):
    return {"extra": ((x509.UnrecognizedExtension(ObjectIdentifier("1.2.840.113549.1.9.15"), value), False),)}


@pytest.fixture
def folder(pki, tmp_path):
    """A folder of recipients' certificates with the authority's beside them."""
    made = tmp_path / "recipients"
    made.mkdir()
    (made / "ca.pem").write_bytes(pki.intermediate.identity.pem)
    return made


def put(folder, leaf, name="x.pem"):
    (folder / name).write_bytes(leaf.pem)
    return leaf


def encrypted(pki, sources=(), recipients=None, message=LETTER, **options):
    options = {"trust": pki.root_file, "revocation": "off", **options}
    return smime.encrypt_recorded(message, recipients, sources=sources, **options)[1]


def refused(pki, *arguments, **options):
    with pytest.raises(DecisionNeededError) as caught:
        encrypted(pki, *arguments, **options)
    assert caught.value.code == "recipients-without-certificate"
    assert caught.value.exit_code == 2
    return caught.value


def reasons(pki, folder, **options):
    (rejected,) = refused(pki, [folder], **options).facts["recipients"][TO]
    return rejected.reasons


def test_certificates_are_found_by_address_in_a_folder(pki, folder):
    leaf = put(folder, pki.leaf(LEADER))
    put(folder, pki.leaf(ORGANISATION), "other.cer")
    (folder / "note.txt").write_text("no certificate")
    (folder / "broken.pem").write_text("-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n")
    record = encrypted(pki, [folder])
    assert [(one.address, one.certificate, one.origin) for one in record.recipients] == [
        (TO, leaf.der, str(folder / "x.pem"))
    ]
    assert record.uncovered == ()


def test_to_and_cc_are_the_recipients_and_each_is_written_once(pki, folder):
    put(folder, pki.leaf(LEADER), "a.pem")
    put(folder, pki.leaf(ORGANISATION), "b.pem")
    message = LETTER.replace(b"Subject", f"Cc: {AGENCY}, {TO.replace('hungyen', 'HungYen')}\r\nSubject".encode(), 1)
    assert len(encrypted(pki, [folder], message=message).recipients) == 2


def test_an_address_that_a_certificate_only_resembles_is_another_one(pki, folder):
    put(folder, pki.leaf(LEADER))
    for other in (f"TQVAN@{TO.partition('@')[2]}", f"a{TO}", f"{TO}.example.com"):
        assert list(refused(pki, [folder], [other]).facts["recipients"]) == [other]


def test_nothing_found_is_said_in_both_languages_and_for_each_recipient(pki, folder):
    put(folder, pki.leaf(LEADER, variant="expired"))
    message = LETTER.replace(b"Subject", f"Cc: {AGENCY}\r\nSubject".encode(), 1)
    error = refused(pki, [folder], message=message)
    for lang, words in (("vi", ("không tìm thấy chứng thư số nào", "hết hạn")), ("en", ("no certificate", "expired"))):
        sentence = error.sentence(lang)
        assert TO in sentence
        assert AGENCY in sentence
        assert all(word in sentence for word in words)
        assert "x.pem" in sentence


@pytest.mark.parametrize(
    "changes, expected",
    [
        ({"variant": "expired"}, "certificate-expired"),
        ({"variant": "not-yet-valid"}, "certificate-not-yet-valid"),
        ({"variant": "non-repudiation-only"}, "not-an-encryption-key"),
        ({"usages": ("digital_signature", "data_encipherment")}, "not-an-encryption-key"),
        ({"key": "p256"}, "not-an-encryption-key"),
        ({"usages": ("key_agreement",)}, "not-an-encryption-key"),
        ({"extended_usages": (ExtendedKeyUsageOID.CLIENT_AUTH,)}, "not-a-mail-certificate"),
        ({"variant": "impostor"}, "no-chain-to-anchor"),
        ({"variant": "self-signed"}, "no-chain-to-anchor"),
        ({"variant": "weak-key"}, "key-too-weak"),
        ({"variant": "unknown-critical"}, "unknown-critical-extension"),
    ],
)
def test_a_certificate_that_does_not_hold_is_rejected_with_the_reason(pki, folder, changes, expected):
    put(folder, pki.leaf(LEADER, **changes))
    assert expected in reasons(pki, folder)


@pytest.mark.parametrize(
    "changes",
    [
        {"variant": "encryption-only"},
        {"variant": "no-key-usage"},
        {"key": "p256", "usages": ("key_agreement",)},
        {"extended_usages": ()},
        {"extended_usages": (ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,)},
    ],
)
def test_a_certificate_that_may_receive_mail_is_taken(pki, folder, changes):
    leaf = put(folder, pki.leaf(LEADER, **changes))
    assert [one.certificate for one in encrypted(pki, [folder]).recipients] == [leaf.der]


def test_a_revoked_certificate_is_rejected_and_an_unknown_status_as_the_mode_says(pki, folder):
    leaf = put(folder, pki.leaf(LEADER))
    assert encrypted(pki, [folder], revocation="require").warnings == ()
    assert "revocation-not-checked" in encrypted(pki, [folder], revocation="prefer", offline=True).warnings
    with pytest.raises(TemporaryError) as caught:
        encrypted(pki, [folder], revocation="require", offline=True)
    assert caught.value.code == "recipients-without-certificate"
    pki.revoke(leaf)
    assert reasons(pki, folder, revocation=fresh_client("prefer")) == ("certificate-revoked",)


def fresh_client(mode):
    from gsign.trust.revocation import RevocationClient

    return RevocationClient(mode, allow_private_addresses=True)


def test_the_newest_of_several_that_hold_is_taken(pki, folder):
    old, new = pki.leaf(LEADER, from_day=-300), pki.leaf(LEADER, from_day=-10, key="rsa3072")
    put(folder, new, "a.pem")
    put(folder, old, "b.pem")
    put(folder, pki.leaf(LEADER, variant="expired", key="rsa3072"), "c.pem")
    assert [one.certificate for one in encrypted(pki, [folder]).recipients] == [new.der]


def test_a_certificate_that_is_named_itself_is_judged_too_but_its_address_is_its_owners_business(pki, folder):
    internal = pki.leaf(Subject("Văn thư", email="vanthu@lgsp.bca"))
    file = folder / "lgsp.pem"
    file.write_bytes(internal.pem + pki.intermediate.identity.pem)
    for named in (file, file.read_bytes()):
        record = encrypted(pki, (), [named])
        assert [one.certificate for one in record.recipients] == [internal.der]
        assert record.uncovered == (TO,)
        assert "recipient-cannot-read" in record.warnings
    expired = put(folder, pki.leaf(LEADER, variant="expired"), "old.pem")
    (rejected,) = refused(pki, (), [expired.pem + pki.intermediate.identity.pem]).facts["recipients"].values()
    assert rejected[0].reasons == ("certificate-expired",)


def test_a_folder_that_is_named_means_everybody_in_it(pki, folder):
    leaves = [put(folder, pki.leaf(who), f"{n}.pem") for n, who in enumerate((LEADER, ORGANISATION))]
    record = encrypted(pki, (), [folder])
    assert {one.certificate for one in record.recipients} == {leaf.der for leaf in leaves}


def test_what_is_no_certificate_or_not_there_is_said(pki, tmp_path):
    (tmp_path / "x.pem").write_text("nothing")
    (tmp_path / "empty").mkdir()
    for named in (tmp_path / "x.pem", tmp_path / "missing.pem", tmp_path / "empty", b"nothing"):
        with pytest.raises(InputError) as caught:
            encrypted(pki, (), [named])
        assert caught.value.code == "recipients-unreadable"
    with pytest.raises(InputError):
        encrypted(pki, [tmp_path / "missing"])


_IMPORTS = """
import sys
from pathlib import Path
from gsign.errors import InputError
from gsign.protection.sources import FileSource
"""
_LIST = """
try:
    FileSource(Path(sys.argv[1])).all
except InputError as error:
    print(error.code, error.facts["path"], error.facts["cause"])
"""


def test_a_folder_that_may_not_be_read_is_named():
    with open_folder() as around:
        folder = around / "people"
        folder.mkdir(0)
        assert as_nobody(_IMPORTS, _LIST, folder) == f"recipients-unreadable {folder} Permission denied\n"


def test_recipients_that_cannot_be_told_from_the_message_are_asked_for(pki, folder):
    for fields, code in (
        ("Bcc: a@b.vn", "recipients-missing"),
        ("To: undisclosed-recipients:;", "recipients-unclear"),
        ("To: a@b@c", "recipients-unclear"),
    ):
        with pytest.raises(DecisionNeededError) as caught:
            encrypted(pki, [folder], message=LETTER.replace(f"To: {TO}".encode(), fields.encode()))
        assert caught.value.code == code
    put(folder, pki.leaf(LEADER))
    assert encrypted(pki, [folder], [TO], message=LETTER.replace(b"To: ", b"X-To: ")).uncovered == ()


def test_somebody_in_bcc_without_a_key_is_told(pki, folder):
    put(folder, pki.leaf(LEADER))
    record = encrypted(pki, [folder], message=f"Bcc: {AGENCY}\r\n".encode() + LETTER)
    assert record.uncovered == (AGENCY,)


# ---------------------------------------------------------------- earlier signed mail, capabilities


def signed_by(pki, subject, tmp_path, **changes):
    """A message that a recipient signed earlier."""
    leaf = pki.leaf(subject, **changes)
    message = LETTER.replace(FROM.encode(), subject.email.encode())
    with pkcs12.open_signer(leaf.p12(tmp_path / "s.p12", "x"), pin="x") as key:
        return leaf, smime.sign(message, key, trust=pki.root_file, revocation="off")


def test_earlier_signed_mail_gives_certificate_chain_and_capabilities(pki, tmp_path):
    leaf, message = signed_by(pki, LEADER, tmp_path)
    mail = tmp_path / "mail"
    mail.mkdir()
    (mail / "thu.eml").write_bytes(message)
    (mail / "khac.eml").write_bytes(LETTER)
    record = encrypted(pki, [mail])
    assert [one.certificate for one in record.recipients] == [leaf.der]
    assert "2.16.840.1.101.3.4.1.46" in record.recipients[0].capabilities
    assert record.cipher == "aes-256-gcm"


def test_a_signature_that_does_not_hold_gives_nothing(pki, tmp_path):
    _, message = signed_by(pki, LEADER, tmp_path)
    (tmp_path / "thu.eml").write_bytes(message.replace(b"xin chao", b"xin  hao"))
    refused(pki, [tmp_path / "thu.eml"])


def test_a_program_without_gcm_gets_cbc_and_unknown_ones_are_presumed_to_have_it(pki, folder):
    other = pki.leaf(ORGANISATION, **capable(BOTH))
    put(folder, other, "b.pem")
    message = LETTER.replace(b"Subject", f"Cc: {AGENCY}\r\nSubject".encode(), 1)
    for leaf, cipher in (
        (pki.leaf(LEADER), "aes-256-gcm"),
        (pki.leaf(LEADER, **capable(BOTH)), "aes-256-gcm"),
        (pki.leaf(LEADER, **capable(CBC_ONLY)), "aes-256-cbc"),
    ):
        put(folder, leaf, "a.pem")
        record = encrypted(pki, [folder], message=message)
        assert record.cipher == cipher
        assert [takes_oaep(one.capabilities) for one in record.recipients] == [cipher == "aes-256-gcm", True]
        assert ("content-changeable" in record.warnings) == (cipher == "aes-256-cbc")
        assert encrypted(pki, [folder], message=message, cipher="aes-256-gcm").cipher == "aes-256-gcm"
    with pytest.raises(UsageError) as caught:
        encrypted(pki, [folder], cipher="des3")
    assert caught.value.code == "mail-cipher-not-offered"


def test_capabilities_that_cannot_be_read_say_nothing(pki):
    assert of_certificate(pki.leaf(**capable(b"\x30\x03\x02\x01\x01")).der) is None
    assert of_certificate(b"no certificate") is None
    assert choose_cipher([None, None]).name == "aes-256-gcm"
    assert choose_cipher([frozenset()]).name == "aes-256-cbc"


# ---------------------------------------------------------------- agencies and directories


def test_an_agencys_certificate_stands_in_where_a_person_has_none(pki, folder, tmp_path):
    agency = pki.leaf(ORGANISATION)
    file = tmp_path / "van-thu.pem"
    file.write_bytes(agency.pem + pki.intermediate.identity.pem)
    source = AgencySource(file, lambda address: address.endswith("@hungyen.gov.vn"))
    assert [one.certificate for one in encrypted(pki, [source, folder]).recipients] == [agency.der]
    own = put(folder, pki.leaf(LEADER, from_day=-500))
    assert [one.certificate for one in encrypted(pki, [source, folder]).recipients] == [own.der]
    assert encrypted(pki, [source]).uncovered == ()
    two = LETTER.replace(b"Subject", b"Cc: ai.do@hungyen.gov.vn\r\nSubject", 1)
    record = encrypted(pki, [source], message=two)
    assert [one.address for one in record.recipients] == [TO, "ai.do@hungyen.gov.vn"]
    assert record.uncovered == ()
    refused(pki, [source], ["ai@noivu.gov.vn"])


@pytest.fixture(scope="module")
def directory(session_pki, tmp_path_factory):
    """A running directory with people in it."""
    folder = tmp_path_factory.mktemp("directory")
    leader, agency = session_pki.leaf(LEADER), session_pki.leaf(ORGANISATION)
    sent = folder / "k"
    sent.mkdir()
    entries = [
        Entry("leader", TO, [leader.der, session_pki.leaf(LEADER, variant="expired").der]),
        Entry("agency", AGENCY, [], [opaque(session_pki, agency, sent)]),
        Entry("other", "other@hungyen.gov.vn", [leader.der]),
        Entry("none", "none@hungyen.gov.vn"),
    ]
    with Directory(folder / "slapd", entries) as running:
        yield running


def opaque(pki, leaf, folder):
    """A SignedData by itself, as a directory holds it."""
    import base64

    message = LETTER.replace(FROM.encode(), AGENCY.encode())
    with pkcs12.open_signer(leaf.p12(folder / "o.p12", "x"), pin="x") as key:
        signed = smime.sign(message, key, form="opaque", trust=pki.root_file, revocation="off")
    return base64.b64decode(signed.partition(b"\r\n\r\n")[2])


def test_a_directory_is_asked_by_mailbox(pki, folder, directory):
    record = encrypted(pki, [directory.url, folder])
    ((one,),) = (record.recipients,)
    assert one.certificate == pki.leaf(LEADER).der
    assert one.origin == f"{directory.url} (uid=leader,dc=vn)"


def test_a_directory_gives_chain_and_capabilities_of_signed_certificates(pki, directory):
    record = encrypted(pki, [directory.url], [AGENCY])
    assert record.recipients[0].certificate == pki.leaf(ORGANISATION).der
    assert record.recipients[0].capabilities


def test_a_directorys_word_on_whose_a_certificate_is_counts_for_nothing(pki, folder, directory):
    error = refused(pki, [directory.url, folder], ["other@hungyen.gov.vn"])
    ((rejected,),) = error.facts["recipients"].values()
    assert rejected.reasons == ("other-address",)


def test_an_address_is_no_filter(pki, folder, directory):
    for address in ("*@hungyen.gov.vn", "x)(mail=*@hungyen.gov.vn", "none@hungyen.gov.vn"):
        assert DirectorySource(directory.url).candidates(address) == []


def test_base_and_scope_of_the_url_count(directory):
    for scope in ("", "??sub", "??one", "??SUB?"):
        assert DirectorySource(f"{directory.url}{scope}").candidates(TO)
    assert not DirectorySource(f"{directory.url}??base").candidates(TO)
    assert not DirectorySource(directory.url.replace("dc=vn", "dc=com")).candidates(TO)


def test_over_tls_the_servers_certificate_must_be_one_that_the_system_trusts(pki, tmp_path, monkeypatch):
    loopback = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    server = pki.leaf(
        Subject("ldap.example.gov.vn"), extended_usages=(ExtendedKeyUsageOID.SERVER_AUTH,), extra=((loopback, False),)
    )
    with Directory(tmp_path / "slapd", [Entry("leader", TO, [pki.leaf(LEADER).der])], server) as running:
        with pytest.raises(TemporaryError) as caught:
            DirectorySource(running.url).candidates(TO)
        assert caught.value.code == "ldap-unavailable"
        monkeypatch.setenv("SSL_CERT_FILE", str(pki.root_file))
        assert [one.certificate for one in DirectorySource(running.url).candidates(TO)] == [pki.leaf(LEADER).der]
        with pytest.raises(TemporaryError):
            DirectorySource(running.url.replace("127.0.0.1", "localhost")).candidates(TO)


def test_a_directory_that_does_not_answer_may_answer_later(pki, directory):
    for url in ("ldap://127.0.0.1:9/dc=vn", f"ldaps://127.0.0.1:{directory.port}/dc=vn"):
        with pytest.raises(TemporaryError) as caught:
            encrypted(pki, [url])
        assert caught.value.code == "ldap-unavailable"


def test_a_directory_that_does_not_answer_is_no_matter_where_another_place_has_it(pki, folder):
    leaf = put(folder, pki.leaf(LEADER))
    record = encrypted(pki, ["ldap://127.0.0.1:9/dc=vn", folder])
    assert [one.certificate for one in record.recipients] == [leaf.der]


@pytest.mark.parametrize(
    "url",
    [
        "ldap:///dc=vn",
        "ldap://user:secret@host/dc=vn",
        "ldap://host:port/",
        "ldap://host/dc=vn??tree",
        "ldap:x",
        "ldap://host/dc=vn?mail",
        "ldap://host/dc=vn??sub?(uid=*)",
        "ldap://host/dc=vn????bindname=x",
        "ldap://host..vn/dc=vn",
        "ldap://" + "x" * 64 + "/dc=vn",
    ],
)
def test_a_url_that_is_off_is_refused_before_anybody_is_asked(pki, url):
    with pytest.raises(UsageError) as caught:
        encrypted(pki, [url])
    assert caught.value.code == "ldap-url-invalid"
    assert "secret" not in caught.value.sentence("en")


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\x31\x04\x00\x04\x00",
        b"\x30\x0c\x02\x01\x07\x61\x07\x0a\x01\x00\x04\x00\x04\x00",
        b"\x30\x84\xff\xff\xff\xff",
        b"\x30\x80\x00\x00",
        b"\x30\x88" + b"\xff" * 8,
        b"\x30\x03\x02\x01\x01",
    ],
    ids=["nothing", "http", "refused", "other-number", "huge", "indefinite", "huger", "no-operation"],
)
def test_whatever_a_server_says_is_an_answer_or_our_own_error(answer):
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve():
            client, _ = server.accept()
            with client:
                client.recv(1000)
                client.sendall(answer)

        serving = threading.Thread(target=serve)
        serving.start()
        with pytest.raises(TemporaryError) as caught:
            DirectorySource(f"ldap://127.0.0.1:{server.getsockname()[1]}/dc=vn").candidates(TO)
        serving.join()
    assert caught.value.code == "ldap-unavailable"
