"""A client has its time, and no more; the clock is the test's."""

from __future__ import annotations

import pytest

from gsign.smtp.reply import Reply
from gsign.smtp.session import Session
from gsign.smtp.steps import AskRecipient, Client, Deliver, Say, SessionRules

SLOW = "421 4.4.2 too slow; try again later"


class Talk:
    """A conversation that goes on as time does: every recipient is taken, every message kept."""

    def __init__(self, **rules: object) -> None:
        self.now = 1000.0
        given = {"max_message_bytes": 1 << 20, "extensions": lambda: {"CHUNKING": ""}, **rules}
        self.session = Session(SessionRules("relay.vn", **given), Client("192.0.2.1"), clock=lambda: self.now)  # type: ignore[arg-type]
        self.worked = 0.0
        """Seconds that we take for every recipient and message."""
        self.is_over = False

    def say(self, octets: str) -> list[str]:
        self.session.receive(octets.encode())
        return self.heard()

    def heard(self) -> list[str]:
        said = []
        while (step := self.session.next_step()) is not None:
            match step:
                case Say(reply, is_last):
                    self.is_over = is_last
                    said.append(str(reply))
                case AskRecipient():
                    self.now += self.worked
                    said.append(str(self.session.answer_recipient(Reply(250, ("ok",))).reply))
                case Deliver():
                    self.now += self.worked
                    said += [str(told.reply) for told in self.session.answer_message(Reply(250, ("kept",)))]
        return said

    def drips(self, octets: str, seconds: float, most: int = 100) -> int:
        """Let octets come in, one after so many seconds each, and return how many it took until the end."""
        for count in range(most):
            self.now += seconds
            if self.say(octets[count % len(octets)]):
                return count + 1
        raise AssertionError("it never ended")

    def begin(self) -> None:
        self.say("EHLO client.vn\r\nMAIL FROM:<a@b.vn>\r\nRCPT TO:<c@d.vn>\r\n")

    def begin_content(self) -> None:
        self.begin()
        assert self.say("DATA\r\n") == ["354 end data with <CR><LF>.<CR><LF>"]


def test_silence_within_a_command_and_within_content() -> None:
    talk = Talk()
    assert talk.session.remaining_seconds == 300
    talk.begin_content()
    assert talk.session.remaining_seconds == 180
    talk.now += 179.9
    assert talk.heard() == []
    talk.now += 0.2
    assert talk.heard() == [SLOW]
    assert talk.is_over
    assert talk.say("x\r\n.\r\n") == []


def test_a_message_that_drips_in_ends() -> None:
    talk = Talk()
    talk.begin_content()
    assert talk.drips("x", 170) == 11
    assert talk.is_over


def test_chunks_that_drip_in_end() -> None:
    talk = Talk()
    talk.begin()
    talk.say("BDAT 1000000 LAST\r\n")
    assert talk.drips("x", 170) == 11


def test_chunks_one_by_one_are_one_message() -> None:
    talk = Talk()
    talk.begin()
    for _ in range(18):
        assert talk.say("BDAT 1\r\nx") == ["250 2.0.0 chunk received"]
        talk.now += 100
    assert talk.say("BDAT 1\r\nx") == [SLOW]


def test_a_command_that_drips_in_ends() -> None:
    talk = Talk()
    assert talk.drips("E", 170) == 2
    assert talk.is_over


@pytest.mark.parametrize("command", ["NOOP", "RSET", "MAIL FROM:<a@b.vn>", "EHLO client.vn", "WRONG"])
def test_a_conversation_without_a_message_ends(command: str) -> None:
    talk = Talk()
    talk.say("EHLO client.vn\r\n")
    for _ in range(14):
        talk.now += 250
        talk.say(f"{command}\r\n")
        assert not talk.is_over
    talk.now += 250
    assert talk.say(f"{command}\r\n") == [SLOW]


def test_a_conversation_with_messages_goes_on() -> None:
    talk = Talk()
    for _ in range(100):
        talk.begin_content()
        talk.now += 170
        assert talk.say("x\r\n.\r\n") == ["250 kept"]
    assert talk.now > 1000 + 4 * 3600


def test_our_time_is_not_the_clients() -> None:
    talk = Talk()
    talk.worked = 290
    talk.begin_content()
    assert talk.say("x\r\n.\r\n") == ["250 kept"]
    assert talk.session.remaining_seconds == 300


def test_the_configuration_says_how_long() -> None:
    talk = Talk(message_seconds=10, session_seconds=20)
    assert talk.session.remaining_seconds == 20
    talk.begin_content()
    assert talk.session.remaining_seconds == 10


@pytest.mark.parametrize("command", ["NOOP", "RSET", "VRFY a", "EHLO a", "HELO a"])
def test_a_flood_of_commands_ends(command: str) -> None:
    talk = Talk()
    talk.say("EHLO a\r\n")
    said = talk.say(f"{command}\r\n" * 1000)
    assert talk.is_over
    assert len(said) < 200
    assert said[-1] == "421 4.7.0 too many commands without mail"


def test_a_flood_of_senders_ends() -> None:
    talk = Talk()
    talk.say("EHLO a\r\n")
    said = talk.say("MAIL FROM:<a@b.vn>\r\nRSET\r\n" * 1000)
    assert talk.is_over
    assert len(said) < 400


def test_who_sends_mail_may_say_much() -> None:
    talk = Talk()
    for _ in range(50):
        talk.say("NOOP\r\nRSET\r\n" * 40)
        talk.begin_content()
        assert talk.say("x\r\n.\r\n") == ["250 kept"]


def test_names_are_not_tried_without_end() -> None:
    talk = Talk()
    talk.say("EHLO a\r\nMAIL FROM:<a@b.vn>\r\n")
    for count in range(1, 201):
        talk.session.receive(b"RCPT TO:<nobody@b.vn>\r\n")
        assert isinstance(talk.session.next_step(), AskRecipient)
        said = talk.session.answer_recipient(Reply.of(550, "5.1.1", "unknown"))
        assert said.is_last == (count == 200)
    assert said.reply == Reply.of(421, "4.7.0", "too many unknown recipients")
    assert talk.say("RCPT TO:<nobody@b.vn>\r\n") == []
