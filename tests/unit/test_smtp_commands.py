"""Commands are read in one way only, and parameters keep their case."""

from __future__ import annotations

import pytest

from gsign.smtp.commands import CommandError, read_mail, read_recipient, split_command

ALL = frozenset({"SIZE", "8BITMIME", "SMTPUTF8", "DSN", "REQUIRETLS", "AUTH"})


@pytest.mark.parametrize(
    "argument,address",
    [
        ("FROM:<a@b.vn>", "a@b.vn"),
        ("from:<a@b.vn>", "a@b.vn"),
        ("FROM: <a@b.vn>", "a@b.vn"),
        ("FROM:<>", ""),
        ('FROM:<"a b"@c.vn>', '"a b"@c.vn'),
        ('FROM:<"a>b"@c.vn>', '"a>b"@c.vn'),
        ("FROM:<@x.vn,@y.vn:a@b.vn>", "a@b.vn"),
        ("FROM:<a@[192.0.2.1]>", "a@[192.0.2.1]"),
        ("FROM:<văn.thư@ubnd.vn>", "văn.thư@ubnd.vn"),
    ],
)
def test_senders(argument: str, address: str) -> None:
    assert read_mail(argument, ALL).address == address


@pytest.mark.parametrize(
    "said,address",
    [
        ('"a"@b.vn', "a@b.vn"),
        (r'"\a.b"@b.vn', "a.b@b.vn"),
        (r'"a\"b"@b.vn', r'"a\"b"@b.vn'),
        (r'"a\\b\ c"@b.vn', r'"a\\b c"@b.vn'),
        ('"a."@b.vn', '"a."@b.vn'),
        ('""@b.vn', '""@b.vn'),
        ('@x.vn:"a"@b.vn', "a@b.vn"),
    ],
)
def test_an_address_has_one_form_for_whoever_goes_by_it(said: str, address: str) -> None:
    """Else a rule for `a@b.vn` would not find what is delivered to the same mailbox."""
    command = read_recipient(f"TO:<{said}>", ALL)
    # The next hop hears what the client said.
    assert (command.address, command.argument) == (address, f"<{said.removeprefix('@x.vn:')}>")


@pytest.mark.parametrize(
    "argument",
    [
        "FROM:<a@b.vn",
        "FROM:a@b.vn",
        "FROM:<a@b.vn>x",
        "FROM:<a@b.vn>>",
        "FROM:<a b@c.vn>",
        "FROM:<a@b..vn>",
        "FROM:<.a@b.vn>",
        "FROM:<a@>",
        "FROM:<@b.vn>",
        'FROM:<"a@b.vn>',
        "FROM:<a@b.vn>\tSIZE=1",
        "FROM:<postmaster>",
        "<a@b.vn>",
        "TO:<a@b.vn>",
        "",
    ],
)
def test_malformed_senders_are_refused(argument: str) -> None:
    with pytest.raises(CommandError) as refused:
        read_mail(argument, ALL)
    assert refused.value.code == 501


@pytest.mark.parametrize(
    "domain",
    [
        "[192.0.2.1]",
        "hanoi\u3002gov.vn",
        "\uff48anoi.gov.vn",
        "h\U0001f130noi.gov.vn",
        "h\U0001ccd6noi.gov.vn",
        "ha\u200bnoi.gov.vn",
        "ha\u2064noi.gov.vn",
        "ha\ufe0fnoi.gov.vn",
    ],
)
def test_no_recipient_s_domain_is_another_one_to_whoever_delivers(domain: str) -> None:
    with pytest.raises(CommandError) as refused:
        read_recipient(f"TO:<an@{domain}>", frozenset({"SMTPUTF8"}))
    assert refused.value.code == 553


@pytest.mark.parametrize("address", ["an@hà-nội.vn", "an@HÀ-NỘI.vn", "an@ha\u0300.vn", "postmaster@[192.0.2.1]"])
def test_a_recipient_s_domain_in_letters_is_taken(address: str) -> None:
    assert read_recipient(f"TO:<{address}>", frozenset({"SMTPUTF8"})).address == address


def test_a_source_route_goes_no_further() -> None:
    command = read_recipient("TO:<@evil.com,@x.vn:a@b.vn> NOTIFY=NEVER", ALL)
    assert (command.address, command.argument) == ("a@b.vn", "<a@b.vn> NOTIFY=NEVER")


@pytest.mark.parametrize("address", ["a%evil.com@b.vn", "evil.com!a@b.vn", '"a@evil.com"@b.vn', '"a\\@evil.com"@b.vn'])
def test_no_recipient_leads_elsewhere(address: str) -> None:
    with pytest.raises(CommandError) as refused:
        read_recipient(f"TO:<{address}>", ALL)
    assert (refused.value.code, refused.value.enhanced) == (553, "5.1.3")


@pytest.mark.parametrize(
    "path,needs",
    [
        ("FROM:<a@b.vn>", ()),
        ("FROM:<a@b.vn> SIZE=1", ()),
        ("FROM:<a@b.vn> SMTPUTF8", ("SMTPUTF8",)),
        ("FROM:<văn.thư@b.vn>", ("SMTPUTF8",)),
        ("FROM:<a@b.vn> BODY=8BITMIME RET=HDRS", ("8BITMIME", "DSN")),
    ],
)
def test_what_the_next_server_has_to_take_follows_from_what_was_said(path: str, needs: tuple[str, ...]) -> None:
    assert read_mail(path, ALL).needs == frozenset(needs)


def test_recipients() -> None:
    assert read_recipient("TO:<Postmaster>", ALL).address == "Postmaster"
    with pytest.raises(CommandError):
        read_recipient("TO:<>", ALL)


def test_parameters_keep_the_case_of_their_values() -> None:
    sender = read_mail("FROM:<a@b.vn> SIZE=12 body=8bitmime RET=hdrs ENVID=QqZz+2B1 SMTPUTF8", ALL)
    assert sender.parameters == {
        "SIZE": "12",
        "BODY": "8BITMIME",
        "RET": "HDRS",
        "ENVID": "QqZz+2B1",
        "SMTPUTF8": None,
    }
    assert sender.argument == "<a@b.vn> SIZE=12 body=8bitmime RET=hdrs ENVID=QqZz+2B1 SMTPUTF8"
    recipient = read_recipient("TO:<c@d.vn> NOTIFY=success,delay ORCPT=rfc822;Ab@d.vn", ALL)
    assert recipient.parameters == {"NOTIFY": "SUCCESS,DELAY", "ORCPT": "rfc822;Ab@d.vn"}


@pytest.mark.parametrize(
    "parameters,code",
    [
        ("SIZE=x", 501),
        ("SIZE", 501),
        ("SMTPUTF8=1", 501),
        ("BODY=BINARYMIME", 501),
        ("SIZE=1 SIZE=2", 501),
        ("NOTIFY=NEVER", 555),
        ("XOTHER=1", 555),
        ("=1", 501),
        ("RET=ALL", 501),
        ("ENVID=a b", 555),
    ],
)
def test_parameters_that_are_off_are_refused(parameters: str, code: int) -> None:
    with pytest.raises(CommandError) as refused:
        read_mail(f"FROM:<a@b.vn> {parameters}", ALL)
    assert refused.value.code == code


@pytest.mark.parametrize("parameter", ["BODY=8BITMIME", "RET=FULL", "ENVID=x", "SMTPUTF8", "REQUIRETLS"])
def test_what_was_not_offered_is_refused(parameter: str) -> None:
    with pytest.raises(CommandError) as refused:
        read_mail(f"FROM:<a@b.vn> {parameter}", frozenset({"SIZE"}))
    assert (refused.value.code, refused.value.enhanced) == (555, "5.5.4")


def test_an_address_beyond_ascii_needs_a_next_hop_that_takes_it() -> None:
    with pytest.raises(CommandError) as refused:
        read_recipient("TO:<văn.thư@ubnd.vn>", frozenset({"SIZE"}))
    assert (refused.value.code, refused.value.enhanced) == (553, "5.6.7")


def test_verbs() -> None:
    assert split_command(b"mail FROM:<a@b.vn>") == ("MAIL", "FROM:<a@b.vn>")
    assert split_command(b"QUIT ") == ("QUIT", "")
    for line in (b"NOOP\0", b"NO\rOP", b"NOOP \xff"):
        with pytest.raises(CommandError):
            split_command(line)


def test_no_password_stays_in_memory_with_lines_that_are_said_again() -> None:
    """What is remembered is the same object again."""

    def is_remembered(line: bytes) -> bool:
        return split_command(line) is split_command(bytes(bytearray(line)))

    assert is_remembered(b"MAIL FROM:<a@b.vn>")
    assert not is_remembered(b"AUTH PLAIN AGFAYi52bgBoaWRkZW4=")
    assert not is_remembered(b"XFORWARD NAME=a.vn")
    for _ in range(2):
        with pytest.raises(CommandError):
            split_command(b"MAIL FROM:<a\0@b.vn>")
