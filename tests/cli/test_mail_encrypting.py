"""`gsign mail encrypt` and `gsign mail decrypt` as a clerk or a script runs them."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.directory import Directory, Entry
from tests.mailcorpus.kit import ENTITY, fields
from tests.pki import LEADER, PERSON, Subject
from tests.softhsm import PIN, Item

KEY = ("--key", "key.p12", "--pin-file", "pin")
CHECKS = ("--trust", "ca.pem", "--revocation", "off")
LETTER = fields(To=LEADER.email, Subject="Tai lieu mat") + ENTITY


@pytest.fixture
def office_desk(desk, session_pki):
    """A desk with a letter to the leader, the person's key, the leader's token, and a folder of certificates."""
    desk.p12("key.p12")
    leader = session_pki.leaf(LEADER)
    desk.token("LD", items=[Item(leader.der, leader.key, label="ld")])
    (desk.folder / "recipients").mkdir()
    (desk.folder / "recipients" / "ld.pem").write_bytes(leader.pem)
    (desk.folder / "thu.eml").write_bytes(LETTER)
    return desk


def encrypted(desk, *options):
    run = desk.run("mail", "encrypt", "thu.eml", "--recipients", "recipients", *CHECKS, *options)
    assert run.code == 0, run.err
    return run


def test_a_letter_is_encrypted_to_whom_it_names_and_read_with_the_token(office_desk):
    run = encrypted(office_desk)
    assert "thu.encrypted.eml" in run.out
    assert LEADER.email in run.out
    assert b"Tai lieu mat" not in (office_desk.folder / "thu.encrypted.eml").read_bytes()
    run = office_desk.run("mail", "decrypt", "thu.encrypted.eml", "--pin-file", "pin", *CHECKS, "--json")
    assert run.code == 0, run.err
    ((record,),) = (run.told(),)
    assert (record["output"], record["integrity"]) == ("thu.encrypted.decrypted.eml", "authenticated")
    assert record["key"]["name"] == LEADER.common_name
    assert record["signature"] is record["error"] is None
    clear = (office_desk.folder / record["output"]).read_bytes()
    assert b"Subject: Tai lieu mat\r\n" in clear
    assert clear.endswith(ENTITY.partition(b"\r\n\r\n")[2])


def test_signed_and_encrypted_at_once_it_verifies_after_it_was_decrypted(office_desk):
    run = encrypted(office_desk, "--sign", *KEY, "-o", "di.eml", "--json")
    ((record,),) = (run.told(),)
    assert (record["signed"], record["cipher"], record["warnings"]) == (True, "aes-256-gcm", ["revocation-not-checked"])
    assert [one["address"] for one in record["recipients"]] == [LEADER.email]
    run = office_desk.run("mail", "decrypt", "di.eml", "-o", "den.eml", "--pin-file", "pin", *CHECKS)
    assert run.code == 0, run.err
    assert PERSON.common_name in run.out
    assert office_desk.run("mail", "verify", "den.eml", *CHECKS).code == 0


def test_content_that_nothing_protects_exits_with_4_and_says_so(office_desk):
    run = encrypted(office_desk, "--cipher", "aes-256-cbc")
    assert "--sign" in office_desk.run("--lang", "en", "mail", "encrypt", "--help").out
    assert "không được ký" in run.err
    run = office_desk.run("mail", "decrypt", "thu.encrypted.eml", "--pin-file", "pin", *CHECKS)
    assert run.code == 4
    assert "KHÔNG được bảo vệ" in run.out
    assert "HTML" not in run.out
    assert "ghép hoặc sửa" in run.err


def test_another_sender_inside_than_outside_exits_with_4(office_desk):
    encrypted(office_desk)
    message = (office_desk.folder / "thu.encrypted.eml").read_bytes()
    (office_desk.folder / "gia.eml").write_bytes(message.replace(PERSON.email.encode(), b"chutich@hungyen.gov.vn"))
    run = office_desk.run("mail", "decrypt", "gia.eml", "--pin-file", "pin", *CHECKS)
    assert run.code == 4
    assert "người gửi ghi bên trong thư khác" in run.err


def test_a_broken_signature_inside_exits_with_1(office_desk):
    signed = office_desk.run("mail", "sign", "thu.eml", *KEY, *CHECKS, "-o", "ky.eml")
    assert signed.code == 0, signed.err
    message = (office_desk.folder / "ky.eml").read_bytes()
    (office_desk.folder / "thu.eml").write_bytes(message.replace(b"08:", b"09:").replace(b"gi=E1", b"gi=E0"))
    encrypted(office_desk)
    run = office_desk.run("mail", "decrypt", "thu.encrypted.eml", "--pin-file", "pin", *CHECKS, "--json")
    assert run.code == 1, run.err
    assert run.told()[0]["signature"]["indication"] == "TOTAL_FAILED"
    run = office_desk.run("mail", "decrypt", "thu.encrypted.eml", "--pin-file", "pin", *CHECKS, "--force")
    assert "Chữ ký bên trong: không hợp lệ (TOTAL_FAILED, HASH_FAILURE)" in run.out
    assert "nội dung văn bản đã bị sửa sau khi ký [message-digest-wrong]" in run.out


def test_standard_input_goes_to_standard_output_both_ways(office_desk):
    def pipe(data, *arguments):
        command = [sys.executable, "-m", "gsign", "mail", *arguments, *CHECKS]
        place = {"cwd": office_desk.folder, "env": office_desk.environment}
        done = subprocess.run(command, input=data, capture_output=True, check=False, **place)
        assert done.returncode == 0, done.stderr
        return done.stdout

    sealed = pipe(LETTER, "encrypt", "-", "--recipients", "recipients")
    assert b"authEnveloped-data" in sealed
    clear = pipe(sealed, "decrypt", "-", "--pin-file", "pin")
    assert clear.endswith(ENTITY.partition(b"\r\n\r\n")[2])
    assert office_desk.names() >= {"thu.eml"}
    assert not any("decrypted" in name for name in office_desk.names())


def test_one_login_serves_many_messages_and_each_has_its_outcome(office_desk, session_pki):
    encrypted(office_desk, "-o", "a.eml")
    encrypted(office_desk, "-o", "b.eml")
    (office_desk.folder / "p.pem").write_bytes(session_pki.leaf(PERSON, key="rsa3072").pem)
    encrypted(office_desk, "--to", "p.pem", "-o", "khac.eml")
    files = ("a.eml", "thu.eml", "khac.eml", "b.eml")
    run = office_desk.run("mail", "decrypt", *files, "--out-dir", "ro", "--pin-file", "pin", *CHECKS, "--json")
    assert run.code == 5
    assert [record["error"] for record in run.told()] == [None, "mail-not-encrypted", "no-key-for-message", None]
    assert {name for name in office_desk.names() if name.startswith("ro/")} == {"ro/a.eml", "ro/b.eml"}


def test_a_wrong_pin_ends_the_batch(office_desk):
    encrypted(office_desk, "-o", "a.eml")
    encrypted(office_desk, "-o", "b.eml")
    run = office_desk.run("mail", "decrypt", "a.eml", "b.eml", "--out-dir", "ro", "--pin-file", "wrong-pin", *CHECKS)
    assert run.code == 5
    assert run.err.count("mã PIN") >= 1
    assert not any(name.startswith("ro/") for name in office_desk.names())


def test_a_message_for_somebody_else_asks_for_no_pin(office_desk, session_pki):
    (office_desk.folder / "p.pem").write_bytes(session_pki.leaf(PERSON, key="rsa3072").pem)
    run = office_desk.run("mail", "encrypt", "thu.eml", "--to", "p.pem", *CHECKS)
    assert run.code == 0, run.err
    assert "--to" not in run.err or "không đọc được" in run.err
    run = office_desk.run("mail", "decrypt", "thu.encrypted.eml", *CHECKS, "--json")
    assert run.code == 5
    assert run.told()[0]["error"] == "no-key-for-message"


def test_a_recipient_without_a_certificate_is_named_with_what_was_rejected(office_desk, session_pki):
    (office_desk.folder / "recipients" / "ld.pem").write_bytes(session_pki.leaf(LEADER, variant="expired").pem)
    run = office_desk.run("mail", "encrypt", "thu.eml", "--recipients", "recipients", *CHECKS, "--lang", "en")
    assert run.code == 2
    assert LEADER.email in run.err
    assert "ld.pem" in run.err
    assert "expired" in run.err
    assert "thu.encrypted.eml" not in office_desk.names()


def test_certificates_come_from_the_configuration_and_from_a_directory(office_desk, session_pki, tmp_path):
    leader = session_pki.leaf(LEADER)
    with Directory(tmp_path / "slapd", [Entry("ld", LEADER.email, [leader.der])]) as directory:
        office_desk.write("gsign.toml", f'[recipients]\ncertificates = ["{directory.url}"]\n')
        run = office_desk.run("mail", "encrypt", "thu.eml", *CHECKS, "--json")
    assert run.code == 0, run.err
    assert run.told()[0]["recipients"][0]["origin"].startswith("ldap://127.0.0.1")
    office_desk.write("gsign.toml", '[recipients]\ncertificates = ["recipients"]\n')
    assert office_desk.run("mail", "encrypt", "thu.eml", *CHECKS, "-o", "x.eml").code == 0
    assert office_desk.run("config", "check").code == 0
    agency = '[[agency]]\nname = "UBND"\ndomains = ["hungyen.gov.vn"]\nencryption_certificate = "agency.pem"\n'
    (office_desk.folder / "agency.pem").write_bytes(leader.pem)
    office_desk.write("gsign.toml", agency)
    run = office_desk.run("mail", "encrypt", "thu.eml", "--to", PERSON.email, *CHECKS, "-o", "y.eml", "--json")
    assert run.code == 0, run.err
    assert run.told()[0]["recipients"][0]["name"] == LEADER.common_name


def test_each_message_is_signed_by_the_agency_that_it_is_from(office_desk):
    tables = []
    for name in ("hungyen", "hanam"):
        box = f"vanthu@{name}.gov.vn"
        office_desk.p12(f"{name}.p12", Subject(f"UBND {name}", email=box))
        (office_desk.folder / f"{name}.eml").write_bytes(fields(From=box, To=LEADER.email) + ENTITY)
        named = f'domains = ["{name}.gov.vn"]\ncertificate_emails = ["{box}"]\nkey = "{name}.p12"\n'
        tables.append(f'[[agency]]\nname = "{name}"\n{named}')
    office_desk.write("gsign.toml", '[token]\nuri = "key.p12"\n' + "".join(tables))

    def signers(*arguments):
        run = office_desk.run(
            "mail",
            "encrypt",
            *arguments,
            "--recipients",
            "recipients",
            "--sign",
            "--pin-file",
            "pin",
            *CHECKS,
            "--json",
        )
        assert run.code == 0, run.err
        outputs = [record["output"] for record in run.told()]
        keys = ("--key", "pkcs11:token=LD", "--pin-file", "pin")
        run = office_desk.run("mail", "decrypt", *outputs, *keys, *CHECKS, "--json")
        assert run.code == 0, run.err
        return [record["signature"]["signer"]["name"] for record in run.told()]

    assert signers("hungyen.eml", "hanam.eml", "thu.eml") == ["UBND hungyen", "UBND hanam", PERSON.common_name]


def test_no_pin_shows_anywhere(office_desk):
    encrypted(office_desk)
    run = office_desk.run("mail", "decrypt", "thu.encrypted.eml", "--pin-file", "pin", *CHECKS, "-v", "--json")
    assert PIN not in run.out + run.err
