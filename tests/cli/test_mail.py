"""`gsign mail sign` and `gsign mail verify` as a clerk or a script runs them."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.mailcorpus.kit import ENTITY, fields
from tests.pki import LEADER, PERSON, Subject

KEY = ("--key", "key.p12", "--pin-file", "pin")
TRUST = ("--trust", "root.pem", "--offline")


@pytest.fixture
def mail_desk(desk):
    desk.p12("key.p12")
    (desk.folder / "thu.eml").write_bytes(fields() + ENTITY)
    return desk


def signed(desk, name="thu.eml", *options):
    run = desk.run("mail", "sign", name, *KEY, "--offline", *options)
    assert run.code == 0, run.err
    return run


def judged(desk, *arguments):
    run = desk.run("mail", "verify", *arguments, *TRUST, "--json")
    return run.code, run.told()


def attach(document: bytes, name: str) -> bytes:
    """Write a message with a document."""
    import base64

    digits = base64.encodebytes(document).replace(b"\n", b"\r\n")
    part = f"Content-Type: application/pdf; name={name}\r\nContent-Transfer-Encoding: base64\r\n\r\n".encode() + digits
    mark = b"\r\n--phan\r\n"
    head = b"Content-Type: multipart/mixed; boundary=phan\r\n"
    return fields() + head + mark + ENTITY + mark + part + b"\r\n--phan--\r\n"


def test_a_message_is_signed_beside_itself_and_verified(mail_desk):
    run = signed(mail_desk)
    assert "thu.signed.eml" in run.out
    code, (result,) = judged(mail_desk, "thu.signed.eml")
    assert (code, result["indication"], result["smime"]) == (0, "TOTAL_PASSED", "pass")
    assert (result["file"], result["from"]) == ("thu.signed.eml", PERSON.email)
    assert result["signer"]["name"] == PERSON.common_name
    assert result["documents"] == result["reasons"] == []
    # The token's path is unknown to who does not trust its authority.
    assert mail_desk.run("mail", "verify", "thu.signed.eml", "--offline").code == 4


def test_a_token_signs(mail_desk):
    mail_desk.token()
    run = mail_desk.run(
        "mail", "sign", "thu.eml", "--pin-file", "pin", "--trust", "ca.pem", "--revocation", "off", "--json"
    )
    assert run.code == 0, run.err
    record = json.loads(run.out)
    assert (record["is_token"], record["from"], record["output"]) == (True, PERSON.email, "thu.signed.eml")
    assert mail_desk.run("mail", "verify", "thu.signed.eml", "--trust", "ca.pem", "--offline").code == 0


@pytest.mark.parametrize("form", ["detached", "opaque"])
def test_standard_input_goes_to_standard_output(mail_desk, form):
    def pipe(data, *arguments):
        command = [sys.executable, "-m", "gsign", *arguments]
        place = {"cwd": mail_desk.folder, "env": mail_desk.environment}
        return subprocess.run(command, input=data, capture_output=True, check=False, **place)

    made = pipe(fields() + ENTITY, "mail", "sign", "-", *KEY, "--offline", "--form", form)
    assert made.returncode == 0, made.stderr
    assert b"\r\n\r\n" in made.stdout
    told = pipe(made.stdout, "mail", "verify", "-", *TRUST, "--json")
    assert told.returncode == 0, told.stderr
    result = json.loads(told.stdout)
    assert (result["file"], result["form"], result["smime"]) == ("-", form, "pass")
    assert mail_desk.names() == {"pin", "wrong-pin", "ca.pem", "root.pem", "key.p12", "thu.eml"}


def test_a_forged_sender_is_told_in_words(mail_desk):
    signed(mail_desk)
    forged = (
        (mail_desk.folder / "thu.signed.eml")
        .read_bytes()
        .replace(str(PERSON.email).encode(), str(LEADER.email).encode(), 1)
    )
    (mail_desk.folder / "gia.eml").write_bytes(forged)
    run = mail_desk.run("mail", "verify", "gia.eml", *TRUST)
    assert run.code == 1
    assert "gia.eml: KHÔNG HỢP LỆ" in run.out
    assert "chữ ký không phải của người gửi ghi ở From" in run.out
    assert "[sender-changed]" in run.out
    english = mail_desk.run("--lang", "en", "mail", "verify", "gia.eml", *TRUST)
    assert "the signature is not that of the sender in From" in english.out


def test_the_worst_of_several_messages_decides(mail_desk):
    signed(mail_desk)
    good = (mail_desk.folder / "thu.signed.eml").read_bytes()
    (mail_desk.folder / "sua.eml").write_bytes(good.replace(b"8 gi", b"9 gi"))
    assert judged(mail_desk, "thu.eml")[0] == 3
    assert judged(mail_desk, "thu.signed.eml", "thu.eml")[0] == 3
    code, results = judged(mail_desk, "thu.signed.eml", "thu.eml", "sua.eml", "khong-co.eml")
    assert code == 1
    assert [r["smime"] for r in results] == ["pass", "none", "fail", "permerror"]
    assert [r["indication"] for r in results][3] == "UNREADABLE"
    assert judged(mail_desk, "thu.signed.eml", "khong-co.eml")[0] == 6


def test_documents_in_the_message_are_judged_too(mail_desk):
    mail_desk.document("one-page", "vb.pdf")
    assert mail_desk.run("sign", "vb.pdf", *KEY, "--offline").code == 0
    document = (mail_desk.folder / "vb.signed.pdf").read_bytes()
    broken = document[:200] + bytes((document[200] ^ 1,)) + document[201:]
    plain = (mail_desk.folder / "vb.pdf").read_bytes()
    for name, data in (("tot", document), ("hong", broken), ("khong-ky", plain)):
        (mail_desk.folder / f"{name}.eml").write_bytes(attach(data, f"{name}.pdf"))
        signed(mail_desk, f"{name}.eml")
    code, (result,) = judged(mail_desk, "tot.signed.eml")
    (found,) = result["documents"]
    assert (code, result["smime"], found["name"]) == (0, "pass", "tot.pdf")
    assert (found["path"], found["result"]["indication"]) == ("1/2/tot.pdf", "TOTAL_PASSED")
    # A broken document in a good message fails the whole; one that nobody signed does not.
    code, (result,) = judged(mail_desk, "hong.signed.eml")
    assert (code, result["indication"]) == (1, "TOTAL_PASSED")
    assert result["documents"][0]["result"]["indication"] == "TOTAL_FAILED"
    code, (result,) = judged(mail_desk, "khong-ky.signed.eml")
    assert (code, result["documents"][0]["result"]["indication"]) == (0, "NO_SIGNATURE_FOUND")


@pytest.mark.parametrize(
    "named, code", [("nttanhtuyet@hungyen.gov.vn", 0), ("*@hungyen.gov.vn", 4), ("x@hungyen.gov.vn", 4)]
)
def test_a_configured_mailbox_signs_for_its_agency(mail_desk, named, code):
    (mail_desk.folder / "nguoi-khac.eml").write_bytes(fields(From=LEADER.email) + ENTITY)
    signed(mail_desk, "nguoi-khac.eml", "--as-agency")
    agency = f'name = "UBND"\ndomains = ["hungyen.gov.vn"]\ncertificate_emails = ["{named}"]\nidentifiers = []\n'
    mail_desk.write("gsign.toml", f"[[agency]]\n{agency}")
    told, (result,) = judged(mail_desk, "nguoi-khac.signed.eml")
    assert told == code, result
    assert result["by_agency"] == (code == 0)


def test_the_agencies_of_the_recipients_say_in_which_form(mail_desk):
    agencies = [f'[[agency]]\nname = "{n}"\ndomains = ["{n}.gov.vn"]\nmail_form = "opaque"\n' for n in ("hanoi", "hue")]
    mail_desk.write("gsign.toml", "\n".join(agencies))

    def form(*options, **changes):
        (mail_desk.folder / "thu.eml").write_bytes(fields(**changes) + ENTITY)
        return json.loads(signed(mail_desk, "thu.eml", "--force", "--json", *options).out)["form"]

    assert form() == form(Cc="a@hue.gov.vn") == "opaque"
    assert form("--form", "detached") == form(Cc="a@example.com") == "detached"
    # Nobody is left out who could not be read, nor told anything where nobody is named.
    assert form(To="a@hanoi.gov.vn (x") == form(To=None) == "detached"


def test_the_key_is_that_of_the_agency_which_the_message_is_from(mail_desk):
    boxes = {"a": "vanthu@hungyen.gov.vn", "b": "vanthu@hanam.gov.vn"}
    tables = []
    for name, box in boxes.items():
        mail_desk.p12(f"{name}.p12", Subject(f"UBND {name}", email=box))
        (mail_desk.folder / f"{name}.eml").write_bytes(fields(From=box) + ENTITY)
        domain = box.partition("@")[2]
        told = f'certificate_emails = ["{box.title()}", "*@{domain}"]\nkey = "{name}.p12"\n'
        tables.append(f'[[agency]]\nname = "{name}"\ndomains = ["{domain}"]\n{told}')
    mail_desk.write("gsign.toml", '[token]\nuri = "key.p12"\n' + "".join(tables))

    def names(*arguments):
        run = mail_desk.run("mail", "sign", *arguments, "--pin-file", "pin", "--offline", "--json", "--force")
        assert run.code == 0, run.err
        return [json.loads(line)["signer"]["name"] for line in run.out.splitlines()]

    # Each agency's own mail with its own key; a person's mail with the person's, but where the agency is to sign.
    assert names("a.eml", "b.eml", "thu.eml") == ["UBND a", "UBND b", PERSON.common_name]
    assert names("thu.eml", "--as-agency") == ["UBND a"]
    run = mail_desk.run("mail", "sign", "a.eml", *KEY, "--offline", "--force")
    assert (run.code, "nhưng chứng thư số thuộc về" in run.err) == (2, True)


def test_nothing_is_left_where_nothing_is_signed(mail_desk):
    (mail_desk.folder / "khac.eml").write_bytes(fields(From=LEADER.email) + ENTITY)
    before = mail_desk.names()
    run = mail_desk.run("mail", "sign", "khac.eml", *KEY, "--offline")
    assert run.code == 2
    assert f"thư ghi người gửi là {LEADER.email} nhưng chứng thư số thuộc về {PERSON.email}" in run.err
    assert "--as-agency" in run.err
    assert mail_desk.names() == before


def test_one_bad_message_of_many_is_told_and_the_others_are_signed(mail_desk):
    (mail_desk.folder / "khac.eml").write_bytes(fields(From=None) + ENTITY)
    run = mail_desk.run("mail", "sign", "thu.eml", "khac.eml", *KEY, "--offline", "--out-dir", "ra", "--json")
    assert run.code == 6
    assert [json.loads(line)["error"] for line in run.out.splitlines()] == [None, "mail-unclear"]
    assert {name for name in mail_desk.names() if name.startswith("ra")} == {"ra", "ra/thu.eml"}


def test_outputs_are_not_overwritten(mail_desk):
    signed(mail_desk)
    again = mail_desk.run("mail", "sign", "thu.eml", *KEY, "--offline")
    assert again.code == 2
    signed(mail_desk, "thu.eml", "--force")


@pytest.mark.parametrize("command", ["sign", "verify"])
def test_standard_input_stands_alone(mail_desk, command):
    run = mail_desk.run("mail", command, "-", "thu.eml", *(KEY if command == "sign" else ()))
    assert run.code == 2
    assert "đầu vào chuẩn" in run.err


def test_a_wrong_pin_is_the_keys_fault(mail_desk):
    run = mail_desk.run("mail", "sign", "thu.eml", "--key", "key.p12", "--pin-file", "wrong-pin", "--offline")
    assert run.code == 5


def test_help_names_each_command(mail_desk):
    out = mail_desk.run("mail", "--help").out
    for name in ("sign", "verify", "encrypt", "decrypt", "inspect"):
        assert f"  {name} " in out


def test_what_cannot_be_read_is_told_once_and_without_blanks(mail_desk):
    run = mail_desk.run("mail", "verify", "--lang", "en", "nowhere.eml", "--offline")
    assert run.code == 6
    assert run.err.startswith("gsign: error: nowhere.eml cannot be read: ")
    assert run.out == "nowhere.eml: UNREADABLE\n"


# ---------------------------------------------------------------- what is no message

VERBS = {
    "sign": ("sign", *KEY, "--offline"),
    "encrypt": ("encrypt", "--to", "root.pem", "--offline"),
    "decrypt": ("decrypt", *KEY, *TRUST),
    "verify": ("verify", *TRUST),
    "inspect": ("inspect", *TRUST),
}


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb != "encrypt"])
def test_what_is_no_message_is_called_so(mail_desk, verb):
    contents = {"rong.eml": b"", "smime.p7m": b"\x30\x82\x12\x00" * 5000, "chu.txt": b"Kinh gui\nFromage: x\n"}
    for name, content in contents.items():
        (mail_desk.folder / name).write_bytes(content)
    run = mail_desk.run("mail", *VERBS[verb], *contents, "--out-dir" if verb in ("sign", "decrypt") else "--lang", "vi")
    assert run.code == 6
    for name in contents:
        assert f"{name} không phải là thư" in run.err
    assert "lưu cả thư thành tệp .eml" in run.err


def test_reasons_are_said_in_words(mail_desk):
    (mail_desk.folder / "thu.eml").write_bytes(b"Subject: Moi hop\r\n\r\nKinh gui\r\n")
    run = mail_desk.run("mail", "sign", "thu.eml", *KEY, "--offline")
    assert (run.code, "thư không có trường From nên không biết ai gửi [from-missing]" in run.err) == (6, True)


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb != "encrypt"])
def test_a_document_is_no_message(mail_desk, verb):
    (mail_desk.folder / "van-ban.pdf").write_bytes(b"%PDF-1.7\n")
    run = mail_desk.run("mail", *VERBS[verb], "van-ban.pdf", "--lang", "en")
    assert run.code == 6
    assert "van-ban.pdf is a PDF document, not a message" in run.err
    assert "`gsign sign` and `gsign verify` are for documents" in run.err
    assert not (mail_desk.folder / "van-ban.signed.pdf").exists()


@pytest.mark.parametrize("verb", VERBS)
def test_a_folder_is_no_message(mail_desk, verb):
    (mail_desk.folder / "hop-thu").mkdir()
    run = mail_desk.run("mail", *VERBS[verb], "hop-thu", "--lang", "en")
    assert run.code == 6
    assert "hop-thu is a folder, not a message" in run.err
    assert "hop-thu/*.eml" in run.err
    assert "--recursive" not in run.err


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb != "encrypt"])
def test_a_message_larger_than_messages_are_is_refused(mail_desk, verb):
    with (mail_desk.folder / "lon.eml").open("wb") as file:
        file.write(fields() + ENTITY)
        file.truncate((256 << 20) + 1)
    run = mail_desk.run("mail", *VERBS[verb], "lon.eml", "--lang", "en")
    assert run.code == 6
    most = 128 if verb == "sign" else 256
    assert f"lon.eml is larger than messages may be, {most} MiB" in run.err
    assert sorted(path.name for path in mail_desk.folder.glob("lon*")) == ["lon.eml"]


@pytest.mark.parametrize("verb", ["verify", "inspect"])
def test_standard_input_may_be_named_as_a_file(mail_desk, verb):
    signed(mail_desk)
    command = [sys.executable, "-m", "gsign", "mail", verb, "/dev/stdin", *TRUST, "--json"]
    place = {"cwd": mail_desk.folder, "env": mail_desk.environment}
    with (mail_desk.folder / "thu.signed.eml").open("rb") as file:
        run = subprocess.run(command, stdin=file, capture_output=True, check=False, **place)
    told = json.loads(run.stdout)
    assert told["file"] == "/dev/stdin", run.stderr
    assert told["smime"] == ("pass" if verb == "verify" else "detached")
