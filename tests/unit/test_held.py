"""Messages that wait for a person: whole or not there, for one person at a time; and what its sender hears."""

from __future__ import annotations

import email
import email.policy
import errno
import os
import shutil
import stat
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from gsign.errors import GsignError, InputError, TemporaryError
from gsign.mail import held as module
from gsign.mail.held import Held
from gsign.mail.notice import Unserved, refusal_notice, wishes_notice
from gsign.mail.policy import Reason
from gsign.result import VIETNAM

MESSAGE = "From: a@b.vn\r\nSubject: Mật\r\nMessage-ID: <1@b.vn>\r\n\r\nKính gửi\r\n".encode()
ENVELOPE: dict[str, Any] = {
    "sender": "<a@b.vn>",
    "recipients": ["<c@d.vn> NOTIFY=FAILURE"],
    "received": "2026-11-23T08:00:00+07:00",
    "rule": "thư đến",
    "reasons": [["pdf-not-signed", "2/a.pdf", []]],
    "then": ["sign-message"],
    "sha256": "00",
    "subject": "Mật",
    "origin": "",
    "client": {"address": "1.2.3.4", "hello": "x.vn", "protocol": "ESMTP"},
}
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=VIETNAM)


@pytest.fixture
def held(tmp_path: Path) -> Held:
    return Held(tmp_path / "var" / "held")


def test_what_is_kept_is_what_came(held: Held) -> None:
    held.add("w-2", MESSAGE, ENVELOPE)
    held.add("w-1", MESSAGE, {**ENVELOPE, "received": "2026-11-23T09:00:00+07:00"})
    first, second = held
    assert (first.id, second.id) == ("w-2", "w-1")
    assert first.content() == MESSAGE
    assert first.reasons == (Reason("pdf-not-signed", "2/a.pdf"),)
    assert (first.then, first.client["hello"], first.received.hour) == (("sign-message",), "x.vn", 8)


def test_of_one_second_the_first_reference_comes_first(held: Held) -> None:
    for id_ in ("w.1-11", "w.1-9", "w.1-100"):
        held.add(id_, MESSAGE, ENVELOPE)
    assert [one.id for one in held] == ["w.1-9", "w.1-11", "w.1-100"]


def test_only_its_owner_may_read_it(held: Held) -> None:
    before = os.umask(0)
    try:
        held.add("w-1", MESSAGE, ENVELOPE)
    finally:
        os.umask(before)
    for path in (held.folder, *held.folder.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


class _KilledError(BaseException):
    """The process ends here: nothing that would clean up runs."""


@pytest.mark.parametrize("fault", [OSError(errno.ENOSPC, "full"), _KilledError()], ids=["full", "killed"])
def test_whenever_it_ends_a_message_is_whole_or_not_there(
    held: Held, fault: BaseException, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fail at the first synced thing, the second, …: until all are passed, nothing is listed, or all of it is."""
    real = os.fsync
    held.add("w-0", MESSAGE, ENVELOPE)
    for at in range(1, 20):
        calls = []

        def failing(descriptor: int, calls: list[int] = calls, at: int = at) -> None:
            calls.append(descriptor)
            if len(calls) == at:
                raise fault
            real(descriptor)

        monkeypatch.setattr(os, "fsync", failing)
        name = f"w-{at}"
        try:
            held.add(name, MESSAGE, ENVELOPE)
        except TemporaryError as error:
            assert error.code == "held-unwritable"  # noqa: PT017 - whether it raises depends on the step
            # Its client keeps it: here nothing is left that would be sent as well.
            assert {entry.name for entry in held.folder.iterdir()} == {"w-0"}
        except _KilledError:
            listed = {message.id: message.content() for message in held if message.id != "w-0"}
            assert listed in ({}, {name: MESSAGE})
            for entry in held.folder.iterdir():
                if entry.name != "w-0":
                    shutil.rmtree(entry)
        else:
            assert at == len(calls) + 1 == 5, "message, envelope, their folder, the folder of all"
            return
        finally:
            monkeypatch.setattr(os, "fsync", real)
    raise AssertionError("it never came through")


def test_a_reference_that_comes_again_takes_nothing_away(held: Held) -> None:
    """A ledger that was begun anew, where the old one was lost, gives the same references once more."""
    held.add("w-1", MESSAGE, ENVELOPE)
    with pytest.raises(TemporaryError) as refused:
        held.add("w-1", MESSAGE + b"another\r\n", ENVELOPE)
    assert refused.value.code == "held-unwritable"
    assert held.get("w-1").content() == MESSAGE
    assert [path.name for path in held.folder.iterdir()] == ["w-1"]


def test_what_another_relay_is_writing_is_not_deleted(held: Held) -> None:
    """It would be deleted even after it has its name: by then its sender has been told that it is there."""
    written = held.folder / ".unfinished-w-1" / "message.eml"
    written.parent.mkdir(parents=True)
    written.write_bytes(MESSAGE)
    with pytest.raises(TemporaryError):
        held.add("w-1", MESSAGE, ENVELOPE)
    assert written.read_bytes() == MESSAGE


def test_one_person_deals_with_it_at_a_time(held: Held) -> None:
    held.add("w-1", MESSAGE, ENVELOPE)
    with held.claimed("w-1"):
        with pytest.raises(InputError, match="somebody else") as caught, held.claimed("w-1"):
            pass
        assert caught.value.code == "held-in-use"
    with held.claimed("w-1"):
        held.remove("w-1")
    assert list(held.folder.iterdir()) == []
    with pytest.raises(InputError) as gone, held.claimed("w-1"):
        pass
    assert gone.value.code == "held-unknown"


def test_trouble_while_it_is_dealt_with_is_not_said_to_be_the_messages(held: Held) -> None:
    held.add("w-1", MESSAGE, ENVELOPE)
    with pytest.raises(ConnectionResetError), held.claimed("w-1"):
        raise ConnectionResetError


def test_what_was_left_by_a_process_that_ended_is_deleted_with_the_next(held: Held) -> None:
    for name in ("w-1", "w-2"):
        held.add(name, MESSAGE, ENVELOPE)
    (held.folder / "w-1").rename(held.folder / f"{module._DONE}w-1")
    assert [message.id for message in held] == ["w-2"]
    begun, given_up = (held.folder / f"{module._UNFINISHED}{name}" for name in ("w-3", "w-4"))
    begun.mkdir()
    given_up.mkdir()
    long_ago = time.time() - 2 * module._WRITING_SECONDS
    os.utime(given_up, (long_ago, long_ago))
    held.remove("w-2")
    # Somebody still writes this one.
    assert list(held.folder.iterdir()) == [begun]


@pytest.mark.parametrize("id_", ["", ".", "..", "../w-1", "w-1/../w-1", ".unfinished-w-1", "w-2"])
def test_only_ids_name_messages(held: Held, id_: str) -> None:
    held.add("w-1", MESSAGE, ENVELOPE)
    with pytest.raises(InputError) as caught:
        held.get(id_)
    assert caught.value.code == "held-unknown"


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"sender": "<a@b.vn>"}', b"\xff", None])
def test_what_was_taken_is_never_out_of_sight(held: Held, damage: bytes | None) -> None:
    held.add("w-1", MESSAGE, ENVELOPE)
    held.add("w-2", MESSAGE, ENVELOPE)
    envelope = held.folder / "w-2" / "envelope.json"
    if damage is None:
        envelope.unlink()
    else:
        envelope.write_bytes(damage)
    assert [message.id for message in held] == ["w-1"]
    assert held.damaged() == [held.folder / "w-2" / "message.eml"]
    with pytest.raises(InputError) as caught:
        held.get("w-2")
    assert caught.value.code == "held-damaged"
    assert held.damaged()[0].read_bytes() == MESSAGE


def test_what_an_earlier_version_did_not_write_down_is_not_missed(held: Held) -> None:
    held.add("w-1", MESSAGE, {name: ENVELOPE[name] for name in ENVELOPE.keys() - {"client", "origin", "subject"}})
    (message,) = held
    assert (message.subject, message.origin, message.client["protocol"]) == ("", "", "ESMTP")
    assert held.damaged() == []


def test_what_is_no_message_is_not_one_that_is_damaged(held: Held) -> None:
    held.add("w-1", MESSAGE, ENVELOPE)
    (held.folder / "lost+found").mkdir()
    (held.folder / "README").write_text("x")
    assert held.damaged() == []


def test_a_folder_that_cannot_be_read_is_not_empty(tmp_path: Path) -> None:
    (tmp_path / "held").write_bytes(b"")
    with pytest.raises(GsignError) as caught:
        list(Held(tmp_path / "held"))
    assert caught.value.code == "held-unreadable"
    assert list(Held(tmp_path / "none")) == []


# ---------------------------------------------------------------- the notice


def notice(held: Held, *recipients: Unserved, sender: str = "a@b.vn", content: bytes = MESSAGE) -> Any:
    held.add("w-1", content, ENVELOPE)
    octets = refusal_notice(
        held.get("w-1"),
        content,
        sender=sender,
        recipients=recipients or (Unserved("c@d.vn", {"ORCPT": "rfc822;C@d.vn"}),),
        hostname="relay.vn",
        envelope_id="QQ1",
        note="đã gọi điện",
        now=NOW,
    )
    assert octets.count(b"\n") == octets.count(b"\r\n")
    assert max(map(len, octets.split(b"\r\n"))) < 998
    return email.message_from_bytes(octets, policy=email.policy.default)


def test_its_sender_hears_why_in_both_languages_and_nothing_of_the_content(held: Held) -> None:
    read = notice(held)
    assert (read["To"], read["Auto-Submitted"], read.get_content_type()) == (
        "a@b.vn",
        "auto-replied",
        "multipart/report",
    )
    assert read.get_param("report-type") == "delivery-status"
    text, status, header = read.iter_parts()
    said = text.get_content()
    for words in ("văn bản chưa được ký số: 2/a.pdf", "the document is not signed: 2/a.pdf", "w-1", "đã gọi điện"):
        assert words in said
    assert "Kính gửi" not in str(read) + said
    of_message, of_recipient = status.get_payload()
    assert dict(of_message.items()) == {
        "Original-Envelope-Id": "QQ1",
        "Reporting-MTA": "dns; relay.vn",
        "Arrival-Date": "Mon, 23 Nov 2026 08:00:00 +0700",
    }
    assert dict(of_recipient.items()) == {
        "Original-Recipient": "rfc822;C@d.vn",
        "Final-Recipient": "rfc822; c@d.vn",
        "Action": "failed",
        "Status": "5.7.1",
    }
    assert header.get_content_type() == "text/rfc822-headers"
    assert b"Message-ID: <1@b.vn>" in header.get_payload(decode=True)


def test_each_recipient_has_a_group_of_its_own(held: Held) -> None:
    read = notice(held, Unserved("c@d.vn", {}), Unserved("vănthư@d.vn", {}))
    groups = list(read.iter_parts())[1].get_payload()
    assert [group["Final-Recipient"] for group in groups[1:]] == ["rfc822; c@d.vn", "utf-8; v\\x{103}nth\\x{1B0}@d.vn"]


@pytest.mark.parametrize(
    "notify, wishes", [(None, True), ("FAILURE", True), ("success,failure", True), ("NEVER", False), ("DELAY", False)]
)
def test_who_wants_no_notice_gets_none(notify: str | None, wishes: bool) -> None:
    assert wishes_notice(Unserved("c@d.vn", {} if notify is None else {"NOTIFY": notify})) is wishes
