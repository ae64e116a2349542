"""`gsign mail inspect` as a clerk or a script runs it."""

from __future__ import annotations

import pytest

from tests.hiding.kit import HEADER, MIME, TEXT, attached, letter, part
from tests.hiding.zips import zipped

TRUST = ("--trust", "ca.pem", "--offline")


@pytest.fixture
def letters(desk, pki, documents):
    (desk.folder / "ca.pem").write_bytes(pki.root_file.read_bytes() + pki.intermediate_file.read_bytes())
    signed, unsigned = documents["signed-once"].data, documents["one-page"].data
    messages = {
        "da-ky": attached(signed, b"quyet-dinh.pdf"),
        "chua-ky": letter(TEXT, part(signed, b"a.pdf"), part(zipped(("b.pdf", unsigned)), b"b.zip")),
        "sua-doi": attached(signed.replace(b"/MediaBox", b"/mediaBox", 1)),
        "mo-ho": letter(TEXT) + part(unsigned),
        "dong": attached(b"Rar!\x1a\x07\x01\x00" + bytes(100), b"a.rar"),
        "khong-co": HEADER + MIME + TEXT,
    }
    for name, message in messages.items():
        (desk.folder / f"{name}.eml").write_bytes(message)
    return desk


def inspected(desk, *arguments, **settings):
    run = desk.run("mail", "inspect", *arguments, *TRUST, "--json", **settings)
    return run.code, run.told()


@pytest.mark.parametrize(
    "name,code,indication",
    [
        ("da-ky", 0, "TOTAL_PASSED"),
        ("chua-ky", 3, "NO_SIGNATURE_FOUND"),
        ("sua-doi", 1, "TOTAL_FAILED"),
        ("mo-ho", 6, "UNREADABLE"),
        ("dong", 6, "UNREADABLE"),
        ("khong-co", 3, "NO_SIGNATURE_FOUND"),
    ],
)
def test_the_worst_document_says_what_the_message_is_worth(letters, name, code, indication):
    found, (record,) = inspected(letters, f"{name}.eml")
    assert (found, record["indication"], record["file"]) == (code, indication, f"{name}.eml")


def test_everything_is_there_for_a_script(letters):
    _, (record,) = inspected(letters, "chua-ky.eml")
    assert record["from"] == ["an@hungyen.gov.vn"]
    assert record["smime"] == "none"
    assert [(p["path"], p["content_type"]) for p in record["parts"]][1:] == [
        ("1", "text/plain"),
        ("2", "application/octet-stream"),
        ("3", "application/octet-stream"),
    ]
    assert [(d["name"], d["path"], d["result"]["indication"]) for d in record["documents"]] == [
        ("a.pdf", "2/a.pdf", "TOTAL_PASSED"),
        ("b.pdf", "3/b.zip/b.pdf", "NO_SIGNATURE_FOUND"),
    ]
    assert record["unreadables"] == record["ambiguities"] == []


def test_several_messages_end_in_the_code_of_the_worst(letters):
    code, records = inspected(letters, "da-ky.eml", "chua-ky.eml", "mo-ho.eml", "sua-doi.eml")
    assert code == 1
    assert len(records) == 4
    assert inspected(letters, "da-ky.eml", "mo-ho.eml")[0] == 6


def test_standard_input_with_the_lines_of_unix(letters):
    file = letters.folder / "unix.eml"
    file.write_bytes((letters.folder / "chua-ky.eml").read_bytes().replace(b"\r\n", b"\n"))
    with file.open() as opened:
        code, (record,) = inspected(letters, "-", stdin=opened)
    assert (code, record["file"], len(record["documents"])) == (3, "-", 2)


def test_a_file_that_is_not_there_is_said_and_the_others_are_inspected(letters):
    run = letters.run("mail", "inspect", "nowhere.eml", "da-ky.eml", *TRUST, "--json")
    assert run.code == 6
    assert "nowhere.eml" in run.err
    assert len(run.out.splitlines()) == 1


def test_a_clerk_reads_what_is_ambiguous_and_what_to_do(letters):
    english = letters.run("mail", "inspect", "mo-ho.eml", "dong.eml", "--lang", "en", *TRUST).out
    assert "there is content behind the last part [epilogue-content]" in english
    assert "2/a.rar: archives of this kind cannot be read (rar) [container-unsupported]" in english
    assert "ask the sender" in english
    vietnamese = letters.run("mail", "inspect", "mo-ho.eml", "--lang", "vi", *TRUST).out
    assert "có nội dung nằm sau phần cuối cùng" in vietnamese
    assert "đề nghị người gửi" in vietnamese


def test_names_cannot_paint_on_the_terminal(letters):
    message = attached(b"%PDF-1.4 obj", b"x\x1b[2J").replace(b'name="x\x1b[2J"', b"name*=utf-8''x%1B%5B2J.pdf")
    (letters.folder / "to.eml").write_bytes(message)
    run = letters.run("mail", "inspect", "to.eml", "--lang", "en", *TRUST)
    assert "\x1b" not in run.out + run.err
    assert "name-deceptive" in run.out
