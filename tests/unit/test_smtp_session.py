"""A conversation without a network: what is said, in which order, and what ends it."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import pytest

from gsign.smtp.reply import Reply
from gsign.smtp.session import Session
from gsign.smtp.steps import AskRecipient, Authenticate, Client, Deliver, Received, Say, SessionRules, StartTls

EVERYTHING = dict.fromkeys(("8BITMIME", "SMTPUTF8", "DSN", "CHUNKING", "REQUIRETLS", "XFORWARD", "BINARYMIME"), "")
MESSAGE = b"Subject: a\r\n\r\nb\r\n"


class Talk:
    """Answers for whoever holds the connection: every recipient is taken, every message is kept."""

    def __init__(self, *, client: Client | None = None, **rules: object) -> None:
        given: dict[str, object] = {"max_message_bytes": 100_000, "extensions": lambda: EVERYTHING, **rules}
        self.session = Session(SessionRules("relay.vn", **given), client or Client("192.0.2.1"))  # type: ignore[arg-type]
        self.messages: list[Received] = []
        self.is_over = False
        self.answer = Reply.of(250, "2.0.0", "taken")

    def say(self, octets: bytes | str) -> list[str]:
        self.session.receive(octets if isinstance(octets, bytes) else octets.encode())
        return list(self._said())

    def _said(self) -> Iterator[str]:
        while (step := self.session.next_step()) is not None:
            match step:
                case Say(reply, is_last, times):
                    self.is_over = self.is_over or is_last
                    yield from [str(reply)] * times
                case AskRecipient(recipient=recipient):
                    taken = Reply.of(550, "5.1.1", "unknown") if "unknown" in recipient.address else Reply(250, ("ok",))
                    yield str(self.session.answer_recipient(taken).reply)
                case Deliver(message):
                    self.messages.append(message._replace(content=bytes(message.content)))
                    yield from (str(said.reply) for said in self.session.answer_message(self.answer))
                case Authenticate(name, password):
                    identity = name if password == "right" else None
                    yield str(self.session.answer_authentication(identity).reply)
                case StartTls(reply):
                    yield str(reply)
                    self.session.begin_tls("TLSv1.3", None)

    def transaction(self, sender: str = "<a@b.vn>", *recipients: str) -> list[str]:
        lines = [f"MAIL FROM:{sender}", *(f"RCPT TO:{r}" for r in recipients or ("<c@d.vn>",))]
        return self.say("".join(f"{line}\r\n" for line in lines))


def greeted(**settings: object) -> Talk:
    talk = Talk(**settings)  # type: ignore[arg-type]
    talk.say("EHLO client.vn\r\n")
    return talk


def test_a_message_goes_through_with_all_that_was_said_about_it() -> None:
    talk = greeted()
    talk.transaction("<a@b.vn> SIZE=100 RET=HDRS ENVID=qQ", "<c@d.vn> NOTIFY=NEVER", "<e@f.vn>")
    assert talk.say("DATA\r\n") == ["354 end data with <CR><LF>.<CR><LF>"]
    assert talk.say(MESSAGE + b".\r\n") == ["250 2.0.0 taken"]
    (message,) = talk.messages
    assert message.content == MESSAGE
    assert message.sender.argument == "<a@b.vn> SIZE=100 RET=HDRS ENVID=qQ"
    assert [recipient.argument for recipient in message.recipients] == ["<c@d.vn> NOTIFY=NEVER", "<e@f.vn>"]
    assert (message.client.hello, message.client.protocol) == ("client.vn", "ESMTP")


def test_only_what_the_next_hop_takes_is_offered() -> None:
    offered = Talk(extensions=lambda: dict.fromkeys(("8BITMIME", "BINARYMIME", "VRFY"), "")).say("EHLO c\r\n")[0]
    assert "8BITMIME" in offered
    assert "BINARYMIME" not in offered
    assert "DSN" not in offered
    assert "REQUIRETLS" not in Talk().say("EHLO c\r\n")[0]


def test_commands_come_together_and_are_answered_in_order() -> None:
    talk = Talk()
    said = talk.say("EHLO c\r\nMAIL FROM:<a@b.vn>\r\nRCPT TO:<unknown@d.vn>\r\nRCPT TO:<c@d.vn>\r\nDATA\r\n")
    assert [line[:3] for line in said] == ["250", "250", "550", "250", "354"]
    assert [line[:3] for line in talk.say(MESSAGE + b".\r\nMAIL FROM:<>\r\nRSET\r\n")] == ["250", "250", "250"]
    assert [r.address for r in talk.messages[0].recipients] == ["c@d.vn"]


def test_the_next_message_begins_without_the_last_one_s_recipients() -> None:
    talk = greeted()
    for name in ("one", "two"):
        talk.transaction("<a@b.vn>", f"<{name}@d.vn>")
        talk.say("DATA\r\n")
        talk.say(MESSAGE + b".\r\n")
    assert [[r.address for r in m.recipients] for m in talk.messages] == [["one@d.vn"], ["two@d.vn"]]


@pytest.mark.parametrize(
    "commands,code",
    [
        ("MAIL FROM:<a@b.vn>", "503"),
        ("RCPT TO:<c@d.vn>", "503"),
        ("DATA", "503"),
        ("EHLO", "501"),
        ("XYZZY", "500"),
        ("STARTTLS", "503"),
        ("AUTH PLAIN AGEAYg==", "503"),
        ("XFORWARD NAME=x", "503"),
        ("EHLO c\r\nMAIL FROM:<a@b.vn>\r\nMAIL FROM:<a@b.vn>", "503"),
        ("EHLO c\r\nMAIL FROM:<a@b.vn> SIZE=100001", "552"),
        ("EHLO c\r\nMAIL FROM:<a@b.vn>\r\nRCPT TO:<unknown@b.vn>\r\nDATA", "503"),
        ("EHLO c\r\nMAIL FROM:<a@b.vn>\r\nRCPT TO:<c@b.vn>\r\nDATA x", "501"),
        ("HELO c\r\nMAIL FROM:<a@b.vn> SIZE=1", "555"),
    ],
)
def test_commands_out_of_place(commands: str, code: str) -> None:
    assert Talk().say(f"{commands}\r\n")[-1].startswith(code)


@pytest.mark.parametrize("first", ["POST / HTTP/1.1", "GET", "Host: relay.vn", "\x16\x03\x01", "", "XYZZY"], ids=repr)
def test_who_begins_with_something_else_is_not_heard_to_its_end(first: str) -> None:
    """A page that is looked at within the office has its browser send anything, behind a head of the browser's own."""
    talk = Talk()
    (said,) = talk.say(f"{first}\r\nEHLO c\r\nMAIL FROM:<a@b.vn>\r\nRCPT TO:<c@d.vn>\r\n")
    assert said.startswith("500 5.5.1")
    assert talk.is_over


@pytest.mark.parametrize(
    "octets",
    [b"NOOP\n", b"NO\0OP\r\n", b"MAIL\rFROM\r\n", b"x" * 5000, b"x" * 5000 + b"\r\n"],
    ids=lambda o: repr(o[:10]),
)
def test_a_line_that_is_off_ends_the_conversation(octets: bytes) -> None:
    talk = greeted()
    said = talk.say(octets + b"MAIL FROM:<a@b.vn>\r\n")
    assert talk.is_over
    assert len(said) == 1
    assert said[0][:3] in ("500", "550")
    assert talk.say(b"NOOP\r\n") == []


@pytest.mark.parametrize("end", [b"\n.\r\n", b"\r.\r\n", b"\r\n\0.\r\n", b"\n.\n"])
def test_content_that_could_be_cut_differently_ends_the_conversation(end: bytes) -> None:
    talk = greeted()
    talk.transaction()
    talk.say("DATA\r\n")
    said = talk.say(b"a" + end + b"MAIL FROM:<smuggled@b.vn>\r\nRCPT TO:<c@d.vn>\r\nDATA\r\nx\r\n.\r\n")
    assert [line[:9] for line in said] == ["550 5.5.2"]
    assert talk.is_over
    assert talk.messages == []


def test_content_before_it_was_asked_for_ends_the_conversation() -> None:
    talk = greeted()
    talk.transaction()
    assert talk.say(b"DATA\r\n" + MESSAGE + b".\r\n")[0].startswith("503 5.5.1")
    assert talk.is_over
    assert talk.messages == []


@pytest.mark.parametrize(
    "content,said",
    [
        (b"x" * 2000 + b"\r\n", "550 5.6.0 a line is longer than 998 octets"),
        (b"y" * 70 + b"\r\n", "552 5.3.4 message is larger than allowed"),
    ],
    ids=["long line", "too large"],
)
def test_content_may_be_refused_and_the_conversation_goes_on(content: bytes, said: str) -> None:
    talk = greeted()
    talk.transaction()
    talk.say("DATA\r\n")
    assert talk.say(content * 2000 + b".\r\n") == [said]
    assert talk.transaction()[0].startswith("250")


def test_chunks_make_a_message() -> None:
    talk = greeted()
    talk.transaction()
    assert talk.say(b"BDAT 7\r\nSubject") == ["250 2.0.0 chunk received"]
    assert talk.say(b"BDAT 0\r\n") == ["250 2.0.0 chunk received"]
    assert talk.say(b"BDAT 13 LAST\r\n: a\r\n\r\n.\r\nb\r\nQUIT\r\n") == ["250 2.0.0 taken", "221 2.0.0 bye"]
    assert talk.messages[0].content == b"Subject: a\r\n\r\n.\r\nb\r\n"


@pytest.mark.parametrize("octets", [b"BDAT x\r\n", b"BDAT 3 LAST now\r\n", b"BDAT 3 LAST\r\na\nb"])
def test_chunks_that_are_off_end_the_conversation(octets: bytes) -> None:
    talk = greeted()
    talk.transaction()
    talk.say(octets)
    assert talk.is_over


@pytest.mark.parametrize("size", [b"10", b"0", b"10 LAST", b"0 LAST"])
def test_a_chunk_that_nobody_wants_is_read_and_forgotten(size: bytes) -> None:
    """It may have been sent before its client heard that no recipient is taken (RFC 3030 clause 2)."""
    talk = greeted()
    chunk = b"QUIT\r\nQUIT"[: int(size.split()[0])]
    said = talk.say(b"MAIL FROM:<a@b.vn>\r\nRCPT TO:<unknown@d.vn>\r\nBDAT " + size + b"\r\n" + chunk + b"RSET\r\n")
    assert [line[:3] for line in said] == ["250", "550", "503", "250"]
    talk.transaction()
    assert talk.say(b"BDAT 6 LAST\r\nC: d\r\n") == ["250 2.0.0 taken"]
    assert [message.content for message in talk.messages] == [b"C: d\r\n"]


def test_chunks_that_were_not_offered_end_the_conversation() -> None:
    talk = greeted(extensions=dict)
    talk.transaction()
    assert talk.say(b"BDAT 10 LAST\r\nMAIL FROM:")[0].startswith("503")
    assert talk.is_over


def test_data_and_chunks_do_not_mix() -> None:
    talk = greeted()
    talk.transaction()
    talk.say(b"BDAT 3\r\na: ")
    assert talk.say(b"DATA\r\n")[0].startswith("503")
    assert talk.say(b"RCPT TO:<x@y.vn>\r\n")[0].startswith("503")


def test_tls_begins_anew() -> None:
    talk = Talk(has_tls=True)
    assert "STARTTLS" in talk.say("EHLO c\r\n")[0]
    talk.transaction()
    assert talk.say("STARTTLS\r\n") == ["220 2.0.0 begin TLS"]
    assert talk.say("RCPT TO:<x@y.vn>\r\n")[0].startswith("503")
    assert "STARTTLS" not in talk.say("EHLO c\r\n")[0]
    assert talk.session.client.protocol == "ESMTPS"


def test_what_follows_starttls_in_the_clear_ends_the_conversation() -> None:
    talk = greeted(has_tls=True)
    assert talk.say("STARTTLS\r\nMAIL FROM:<injected@b.vn>\r\n")[0].startswith("503")
    assert talk.is_over


def test_tls_may_be_compulsory() -> None:
    talk = greeted(has_tls=True, requires_tls=True)
    assert talk.transaction()[0].startswith("530 5.7.0")


def logged_in(password: str, **settings: object) -> tuple[Talk, list[str]]:
    talk = greeted(client=Client("192.0.2.1", tls="TLSv1.3"), has_accounts=True, **settings)
    token = base64.b64encode(f"\0a@b.vn\0{password}".encode()).decode()
    return talk, talk.say(f"AUTH PLAIN {token}\r\n")


def test_accounts() -> None:
    talk, said = logged_in("right", requires_account=True)
    assert said == ["235 2.7.0 authentication succeeded"]
    assert talk.session.client.identity == "a@b.vn"
    assert talk.transaction()[0].startswith("250")
    talk, said = logged_in("wrong", requires_account=True)
    assert said == ["535 5.7.8 authentication failed"]
    assert talk.transaction()[0].startswith("530")


def test_whoever_logs_in_may_say_who_sent_it_first() -> None:
    """Every server that offers AUTH takes that (RFC 4954 clause 5); it need not heed it."""
    talk, _ = logged_in("right", requires_account=True)
    assert talk.transaction("<a@b.vn> size=100 auth=boss+40b.vn RET=HDRS")[0].startswith("250")
    talk.say("BDAT 8 LAST\r\nA: b\r\n\r\n")
    assert talk.transaction("<a@b.vn> AUTH=<>")[0].startswith("250")
    assert talk.session.client.identity == "a@b.vn"
    sender = talk.messages[0].sender
    assert (sender.argument, sender.needs) == ("<a@b.vn> size=100 RET=HDRS", frozenset({"DSN"}))
    assert greeted(client=Client("192.0.2.1", tls="TLSv1.3")).transaction("<a@b.vn> AUTH=<>")[0].startswith("555")


def test_login_in_two_steps() -> None:
    talk = greeted(client=Client("192.0.2.1", tls="TLSv1.3"), has_accounts=True)
    assert talk.say("AUTH LOGIN\r\n") == ["334 VXNlcm5hbWU6"]
    assert talk.say(base64.b64encode(b"a@b.vn") + b"\r\n") == ["334 UGFzc3dvcmQ6"]
    assert talk.say(base64.b64encode(b"right") + b"\r\n") == ["235 2.7.0 authentication succeeded"]


@pytest.mark.parametrize("said", [b"a@b.vn\0right", b"right", b"\0a@b.vn\0right\0", b"\0\0right"])
def test_what_is_no_name_and_password_logs_nobody_in(said: bytes) -> None:
    talk = greeted(client=Client("192.0.2.1", tls="TLSv1.3"), has_accounts=True)
    assert talk.say(f"AUTH PLAIN {base64.b64encode(said).decode()}\r\n")[0].startswith("501")
    assert talk.session.client.identity is None


def test_nobody_logs_in_without_tls_or_as_somebody_else() -> None:
    assert "AUTH" not in Talk(has_accounts=True).say("EHLO c\r\n")[0]
    talk = greeted(client=Client("192.0.2.1", tls="TLSv1.3"), has_accounts=True)
    other = base64.b64encode(b"boss@b.vn\0a@b.vn\0right").decode()
    assert talk.say(f"AUTH PLAIN {other}\r\n")[0].startswith("501")
    assert talk.say("AUTH CRAM-MD5\r\n")[0].startswith("504")
    talk.say("AUTH PLAIN\r\n")
    assert talk.say("*\r\n") == ["501 5.7.0 authentication cancelled"]
    # A line is no other line where a password is asked for.
    talk.say("AUTH LOGIN\r\n")
    assert talk.say("YQ==\nYQ==\r\n") == ["550 5.5.2 bare LF in a command"]


def test_a_password_is_not_shown() -> None:
    assert "right" not in repr(Authenticate("a", "right"))


def test_only_trusted_peers_speak_for_others() -> None:
    talk = greeted(client=Client("127.0.0.1", is_trusted=True))
    assert talk.say("XFORWARD NAME=mail.vn ADDR=192.0.2.7 HELO=[UNAVAILABLE]\r\n") == ["250 2.0.0 ok"]
    assert talk.session.client.origin == "NAME=mail.vn ADDR=192.0.2.7 HELO=[UNAVAILABLE]"
    assert talk.say("XFORWARD NOPE=x\r\n")[0].startswith("501")


def test_what_peers_say_for_others_is_no_longer_than_a_command() -> None:
    talk = greeted(client=Client("127.0.0.1", is_trusted=True))
    for number in range(100):
        assert talk.say(f"XFORWARD NAME={number}{'a' * 200} ADDR=192.0.2.7\r\n") == ["250 2.0.0 ok"]
    assert talk.session.client.origin == f"NAME=99{'a' * 200} ADDR=192.0.2.7"
    for odd in ("NAME=a\x0bADDR=192.0.2.8", "NAME=a\tHELO=b", f"NAME={'a' * 256}"):
        assert talk.say(f"XFORWARD {odd}\r\n")[0].startswith("501"), odd
    assert "192.0.2.8" not in talk.session.client.origin


@pytest.mark.parametrize("name", ["a" * 256, "a\x0bb", "a\tb", "a\x1b[31m", "a\u2028b"])
def test_a_host_name_is_a_short_word_that_can_be_shown(name: str) -> None:
    talk = Talk()
    assert talk.say(f"EHLO {name}\r\n")[0].startswith("501")
    assert talk.say("EHLO client.vn\r\n")[0].startswith("250")


@pytest.mark.parametrize("is_at_once", [True, False])
def test_content_of_a_message_that_nobody_takes_is_no_commands(is_at_once: bool) -> None:
    """A client that does not wait for our answer may have it written by somebody else."""
    talk = greeted()
    talk.transaction("<a@b.vn>", "<unknown@d.vn>")
    content = "Subject: x\r\n\r\nRSET\r\nMAIL FROM:<evil@b.vn>\r\nRCPT TO:<c@d.vn>\r\n"
    said = talk.say(f"DATA\r\n{content}") if is_at_once else [*talk.say("DATA\r\n"), *talk.say(content)]
    assert said == (
        ["503 5.5.1 content before it was asked for"]
        if is_at_once
        else ["503 5.5.1 RCPT first", "500 5.5.1 command not recognised"]
    )
    assert talk.is_over


def test_who_waits_for_the_answer_to_data_goes_on() -> None:
    talk = greeted()
    talk.transaction("<a@b.vn>", "<unknown@d.vn>")
    assert talk.say("DATA\r\n") == ["503 5.5.1 RCPT first"]
    assert talk.say("RSET\r\n")[0].startswith("250")
    assert talk.say("XYZZY\r\n")[0].startswith("500")
    assert not talk.is_over


def test_recipients_too_many_are_put_off_but_not_without_end() -> None:
    talk = greeted(max_recipients=1)
    said = talk.transaction("<a@b.vn>", *(f"<{number}@d.vn>" for number in range(9_000)))
    assert {line[:3] for line in said[2:]} == {"452"}
    said = talk.say(b"RCPT\r\n" * 2_000)
    assert said[-1] == "421 4.7.0 too many recipients put off"
    assert talk.is_over


def test_too_many_errors_end_it() -> None:
    talk = greeted()
    said = [line for _ in range(30) for line in talk.say("XYZZY\r\n")]
    assert said[-1].startswith("421 4.7.0")
    assert len(said) == 20


def test_too_many_recipients_are_put_off() -> None:
    talk = greeted(max_recipients=2)
    said = talk.transaction("<a@b.vn>", "<1@d.vn>", "<2@d.vn>", "<3@d.vn>")
    assert said[-1].startswith("452 4.5.3")
    assert not talk.is_over


def test_lmtp_hears_of_each_recipient() -> None:
    talk = Talk(is_lmtp=True)
    talk.say("LHLO c\r\n")
    talk.transaction("<a@b.vn>", "<1@d.vn>", "<2@d.vn>")
    talk.say("DATA\r\n")
    assert talk.say(MESSAGE + b".\r\n") == ["250 2.0.0 taken"] * 2


@pytest.mark.parametrize("is_lmtp,times", [(False, 1), (True, 2)])
def test_of_a_message_that_is_refused_each_recipient_hears_with_lmtp_alone(is_lmtp: bool, times: int) -> None:
    talk = Talk(is_lmtp=is_lmtp)
    talk.say("LHLO c\r\n" if is_lmtp else "EHLO c\r\n")
    talk.transaction("<a@b.vn>", "<1@d.vn>", "<2@d.vn>")
    talk.say("DATA\r\n")
    assert talk.say(b"x" * 999 + b"\r\n.\r\n") == ["550 5.6.0 a line is longer than 998 octets"] * times
    assert talk.messages == []


@pytest.mark.parametrize(
    "chunk, said",
    [
        (b"x" * 60_000 + b"\r\n", "550 5.6.0 a line is longer than 998 octets"),
        (b"x\r\n" * 20_000, "552 5.3.4 message is larger than allowed"),
        (b"x\r\n" * 10 + b"x", "550 5.6.0 the last line does not end in CRLF"),
    ],
    ids=["long line", "too large", "no end of line"],
)
def test_chunks_may_be_refused_and_the_conversation_goes_on(chunk: bytes, said: str) -> None:
    talk = greeted()
    talk.transaction()
    assert talk.say(b"BDAT %d\r\n" % len(chunk) + chunk) == ["250 2.0.0 chunk received"]
    assert talk.say(b"BDAT %d LAST\r\n" % len(chunk) + chunk) == [said]
    assert talk.messages == []
    assert talk.transaction()[0].startswith("250")
    assert talk.say(b"BDAT 8 LAST\r\nA: b\r\n\r\n") == ["250 2.0.0 taken"]


def test_chunks_are_forgotten_with_their_transaction() -> None:
    talk = greeted()
    talk.transaction()
    talk.say(b"BDAT 6\r\nA: b\r\n")
    assert talk.say("RSET\r\n")[0].startswith("250")
    talk.transaction()
    assert talk.say(b"BDAT 6 LAST\r\nC: d\r\n") == ["250 2.0.0 taken"]
    assert talk.messages[0].content == b"C: d\r\n"


@pytest.mark.parametrize("command", ["XCLIENT ADDR=192.0.2.7", "XCLIENT", "BURL imap:x", "ETRN b.vn", "TURN", "EXPN a"])
def test_what_is_not_offered_is_not_known_to_anybody(command: str) -> None:
    for trusted in (False, True):
        talk = greeted(client=Client("127.0.0.1", is_trusted=trusted))
        assert talk.say(f"{command}\r\n")[0].startswith("500 5.5.1")
        assert talk.session.client.origin == ""
