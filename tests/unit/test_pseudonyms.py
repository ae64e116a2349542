"""Names of persons are replaced, always by the same, and nothing else is."""

from __future__ import annotations

import json
import multiprocessing
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsign.audit.pseudonyms import Pseudonyms
from gsign.errors import ConfigurationError

P = Pseudonyms(bytes(range(32)))


@pytest.mark.parametrize(
    "text, kept",
    [
        ("an@hungyen.gov.vn", "@hungyen.gov.vn"),
        ("<an@hungyen.gov.vn> NOTIFY=FAILURE ORCPT=rfc822;an@hungyen.gov.vn", "ORCPT=rfc822;"),
        ('550 5.1.1 <"nguyen van an"@hungyen.gov.vn>: unknown', "550 5.1.1 <"),
        ("Nguyễn An <an@hungyen.gov.vn>, b@c.vn", ", "),
    ],
)
def test_addresses_in_texts_lose_their_local_part(text: str, kept: str) -> None:
    replaced = P.of_text(text)
    assert kept in replaced
    for person in ("an@", "b@", "nguyen van an"):
        assert person not in replaced.replace("NOTIFY", "")
    assert P.of_text("an@hungyen.gov.vn").split("@")[0] in P.of_text("x <AN@hungyen.gov.vn>.")


def test_what_names_nobody_stays() -> None:
    body = {
        "sha256": "ab" * 32,
        "rule": "công văn giữa các cơ quan",
        "reasons": [["pdf-not-signed", "2/1", []]],
        "client": "10.0.0.1",
        "key": "token",
        "identifiers": ["MST:0102357802"],
        "size": 5,
        "none": None,
    }
    assert P.of_body(body) == body


def test_no_name_is_left_in_a_body() -> None:
    body = {
        "sender": "binh@so.gov.vn",
        "message_id": "<binh.1@so.gov.vn>",
        "by": "binh",
        "key": "pkcs11:token=VP;object=binh",
        "file": "binh.pdf",
        "reasons": [["pdf-not-signed", "2/binh.zip/3", ["expired"]]],
        "documents": [{"path": "3/binh.pdf", "signers": [{"name": "BINH", "email": "binh@so.gov.vn"}]}],
        "identifiers": ["CCCD:binh", "PID:binh"],
        "replies": ["250 2.1.5 <binh@so.gov.vn> ok"],
    }
    replaced = P.of_body(body)
    assert "binh" not in json.dumps(replaced).lower()
    assert replaced["reasons"][0][1].startswith("2/p-")
    assert replaced["identifiers"][0].startswith("CCCD:p-")
    assert replaced["documents"][0]["signers"][0]["email"] == replaced["sender"]


def test_what_somebody_looks_for_is_found_however_it_is_written() -> None:
    assert P.of_wanted("Binh@So.gov.vn").split("@")[0] == P.of_text("binh@so.gov.vn").split("@")[0]
    assert P.of_wanted("Nguyễn  Văn An") == P.of_name("NGUYỄN VĂN AN")
    assert P.of_name("An") != P.of_name("Binh") != Pseudonyms(bytes(32)).of_name("Binh")


@given(st.text(), st.sampled_from(["", "so.gov.vn", "x"]))
def test_any_text_at_all(text: str, domain: str) -> None:
    replaced = P.of_text(f"{text}@{domain}")
    assert P.of_text(f"{text}@{domain}") == replaced


def test_long_texts_of_strangers_take_no_longer_than_they_are_long() -> None:
    filler = "a" * 300_000 + ' "' * 10_000
    assert P.of_text(filler + " x@y") == filler + " " + P.of_text("x@y")


# ---------------------------------------------------------------- the key


def make(path: str, queue: multiprocessing.Queue[str]) -> None:
    queue.put(Pseudonyms.at(Path(path)).of_name("An"))


def test_all_who_begin_at_once_have_the_same_key(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    queue: multiprocessing.Queue[str] = context.Queue()
    processes = [context.Process(target=make, args=(str(tmp_path / "key"), queue)) for _ in range(4)]
    for process in processes:
        process.start()
    found = {queue.get(timeout=60) for _ in processes}
    for process in processes:
        process.join()
    assert found == {Pseudonyms.at(tmp_path / "key").of_name("An")}
    assert [path.name for path in tmp_path.iterdir()] == ["key"]
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600


def test_a_key_is_its_owners_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        Pseudonyms.at(tmp_path / "key")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600


@pytest.mark.parametrize("content, mode", [("00" * 32, 0o604), ("00" * 31, 0o600), ("", 0o600), ("ж" * 9, 0o600)])
def test_a_key_that_is_none_or_everybodys_is_refused(tmp_path: Path, content: str, mode: int) -> None:
    (tmp_path / "key").write_text(content, encoding="utf-8")
    (tmp_path / "key").chmod(mode)
    with pytest.raises(ConfigurationError) as caught:
        Pseudonyms.at(tmp_path / "key")
    assert caught.value.code == "pseudonym-key-unusable"
    assert (tmp_path / "key").read_text(encoding="utf-8") == content
