"""Whatever a client says, in whatever pieces: the conversation never fails, and what is delivered is what was sent."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from gsign.smtp.reply import Reply
from gsign.smtp.session import Session
from gsign.smtp.steps import AskRecipient, Authenticate, Client, Deliver, Say, SessionRules, StartTls

OFFERED = dict.fromkeys(("8BITMIME", "SMTPUTF8", "DSN", "CHUNKING", "REQUIRETLS"), "")
WORDS = st.sampled_from(
    [
        *(b"EHLO a", b"HELO a", b"LHLO a", b"MAIL FROM:<a@b.vn>", b"MAIL FROM:<>", b"MAIL FROM:<a@b.vn> SIZE=1"),
        *(
            b"RCPT TO:<c@d.vn>",
            b"RCPT TO:<unknown@d.vn>",
            b"DATA",
            b"BDAT 3",
            b"BDAT 5 LAST",
            b"BDAT 0 LAST",
            b"BDAT -1",
        ),
        *(b"RSET", b"NOOP", b"QUIT", b"STARTTLS", b"AUTH PLAIN AGEAYg==", b"AUTH LOGIN", b"YQ==", b"*", b"VRFY a"),
        *(
            b"XFORWARD ADDR=192.0.2.1",
            b"XCLIENT ADDR=1",
            b".",
            b"..",
            b"Subject: a",
            b"",
            b"\xff\xfe",
            b"MAIL FROM:<a@b",
        ),
    ]
)
ENDS = st.sampled_from([b"\r\n"] * 12 + [b"\n", b"\r", b"", b"\r\n.\r\n", b"\0\r\n"])
PIECES = st.lists(st.one_of(st.builds(bytes.__add__, WORDS, ENDS), st.binary(max_size=12)), max_size=40)


class Office:
    """Answers for whoever holds the connection, and looks at what it is asked."""

    def __init__(self, *, is_lmtp: bool) -> None:
        self.now = 0.0
        rules = SessionRules(
            *("relay.vn", 1000),
            extensions=lambda: OFFERED,
            is_lmtp=is_lmtp,
            has_tls=True,
            has_accounts=True,
            max_recipients=3,
        )
        self.session = Session(rules, Client("127.0.0.1", is_trusted=True), clock=lambda: self.now)
        self.is_over = False

    def hear(self, octets: bytes) -> None:
        self.session.receive(octets)
        for _ in range(10_000):
            step = self.session.next_step()
            if step is None:
                return
            assert not self.is_over, "nothing is said after the last word"
            self._take(step)
        raise AssertionError("it goes on for ever")

    def _take(self, step: object) -> None:
        match step:
            case Say(_, is_last):
                self.is_over = is_last
            case AskRecipient(_, _, accepted, recipient):
                assert len(accepted) < 3
                is_known = "unknown" not in recipient.address
                said = Reply(250, ("ok",)) if is_known else Reply.of(550, "5.1.1", "unknown")
                self.is_over = self.session.answer_recipient(said).is_last
            case Deliver(message):
                content = bytes(message.content)
                assert message.recipients
                assert content[-2:] in (b"\r\n", b"")
                assert b"\0" not in content
                assert b"\r" not in content.replace(b"\r\n", b"")
                assert b"\n" not in content.replace(b"\r\n", b"")
                assert len(content) <= 1000
                self.session.answer_message(Reply(250, ("kept",)))
            case Authenticate():
                assert self.session.client.tls
                self.is_over = self.session.answer_authentication(None).is_last
            case StartTls():
                self.session.begin_tls("TLSv1.3", None)


@settings(max_examples=300, deadline=None)
@given(pieces=PIECES, cuts=st.lists(st.integers(1, 30), max_size=30), is_lmtp=st.booleans())
def test_whatever_a_client_says(pieces: list[bytes], cuts: list[int], is_lmtp: bool) -> None:
    octets, office = b"".join(pieces), Office(is_lmtp=is_lmtp)
    for cut in cuts:
        piece, octets = octets[:cut], octets[cut:]
        office.now += 1
        office.hear(piece)
    office.hear(octets)
    if not office.is_over:
        # Silence ends it in any state.
        assert 0 < office.session.remaining_seconds <= 300
        office.now += 300
        office.hear(b"")
        assert office.is_over
