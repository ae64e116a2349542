"""What `gsign config check` warns of: contradictions that would surprise whoever runs the relay."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import gsign.office.advice
from gsign.config import Configuration, example, load, named_files
from gsign.errors import ConfigurationError
from gsign.office.advice import advise, require_whole
from gsign.sentences import reason_advice, reason_sentence
from gsign.sentences.advice import REASONS
from tests.domain_keys import domain_key, written

RELAY = """
[relay]
listen = "127.0.0.1:10025"
next_hop = "127.0.0.1:10026"
hostname = "relay.vn"
[ledger]
url = "sqlite:///ledger.db"
"""
AGENCY = """
[[agency]]
name = "B"
domains = ["b.vn", "*.b.vn"]
certificate_emails = ["vanthu@b.vn"]
key = "pkcs11:token=VP"
encryption_certificate = "b.pem"
[[agency]]
name = "C"
domains = ["c.vn"]
"""
HELD = '[held]\nfolder = "held"\n'
POLICY = '[policy]\ndefault = "reject"\n'


def rule(name: str = "r", sender: str = '"b.vn"', to: str = '"*"', **more: str) -> str:
    lines = [f"{key} = {value}" for key, value in {"require": '["a-signed-pdf"]', **more}.items()]
    return "\n".join([f'[[policy.rule]]\nname = "{name}"\nfrom = [{sender}]\nto = [{to}]', *lines]) + "\n"


def configured(folder: Path, text: str) -> Configuration:
    path = folder / "gsign.toml"
    path.write_text(text, encoding="utf-8")
    return load(path)


def warned(folder: Path, text: str) -> list[tuple[str, str]]:
    return [(one.id, one.key) for one in advise(configured(folder, text))]


def test_nothing_is_said_of_what_is_in_order(tmp_path: Path) -> None:
    whole = RELAY + HELD + AGENCY + POLICY
    whole += rule("one", then='["sign-message"]', otherwise='"hold"') + rule("two", '"c.vn"', '"b.vn"')
    assert warned(tmp_path, whole) == []
    assert warned(tmp_path, "") == []


def test_a_ledger_may_have_a_folder_or_need_none(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    assert warned(tmp_path, RELAY.replace("ledger.db", "var/ledger.db")) == []
    assert warned(tmp_path, '[ledger]\nurl = "postgresql://db/gsign"\n') == []


NO_KEY = rule(sender='"c.vn"', then='["sign-message"]')
CASES = {
    "ledger without a folder": (
        RELAY.replace("ledger.db", "var/ledger.db"),
        "config-ledger-without-folder",
        "ledger.url",
    ),
    "own next hop": (RELAY.replace("10026", "10025"), "config-own-next-hop", "relay.next_hop"),
    "metrics": (
        RELAY.replace("[ledger]", 'metrics_listen = "127.0.0.1:10025"\n[ledger]'),
        "config-metrics-at-relay",
        "relay.metrics_listen",
    ),
    "PROXY": (
        RELAY.replace("[ledger]", "proxy_protocol = true\n[ledger]"),
        "config-proxy-from-nobody",
        "relay.proxy_protocol",
    ),
    "everybody is trusted": (
        RELAY.replace("[ledger]", 'trusted_peers = ["0.0.0.0/0"]\n[ledger]'),
        "config-trusts-everybody",
        "relay.trusted_peers",
    ),
    "in the clear": (RELAY.replace("127.0.0.1:10025", "0.0.0.0:25"), "config-plain-listen", "relay.tls"),
    "on in the clear": (
        RELAY.replace("127.0.0.1:10026", "mail.b.vn:25"),
        "config-plain-next-hop",
        "relay.next_hop_tls",
    ),
    "accounts": (
        RELAY.replace("[ledger]", 'accounts = "accounts"\n[ledger]'),
        "config-accounts-without-tls",
        "relay.accounts",
    ),
    "certificate without TLS": (
        RELAY.replace("[ledger]", 'tls_certificate = "relay.pem"\n[ledger]'),
        "config-unused",
        "relay.tls_certificate",
    ),
    "a file for a folder": ('[held]\nfolder = "gsign.toml"\n', "config-not-a-folder", "held.folder"),
    "from nobody": (RELAY + AGENCY + POLICY + rule(sender=""), "config-fits-nobody", "policy.rule[1].from"),
    "to nobody": (RELAY + AGENCY + POLICY + rule(to=""), "config-fits-nobody", "policy.rule[1].to"),
    "client certificates": (
        RELAY.replace("[ledger]", 'tls_client_ca = "ca.pem"\n[ledger]'),
        "config-unused",
        "relay.tls_client_ca",
    ),
    "next hop's authority": (
        RELAY.replace("[ledger]", 'next_hop_tls = "encrypt"\nnext_hop_ca = "ca.pem"\n[ledger]'),
        "config-unused",
        "relay.next_hop_ca",
    ),
    "pin without TLS": (
        RELAY.replace("[ledger]", f'next_hop_sha256 = ["{"ab" * 32}"]\n[ledger]'),
        "config-unused",
        "relay.next_hop_sha256",
    ),
    "anybody may be the next hop": (
        RELAY.replace("[ledger]", 'next_hop_tls = "encrypt"\n[ledger]'),
        "config-next-hop-unknown",
        "relay.next_hop_tls",
    ),
    "revocation": (RELAY + '[trust]\nrevocation = "off"\n', "config-revocation-off", "trust.revocation"),
    "two agencies of a name": (
        AGENCY.replace('"C"', '"B"'),
        "config-name-twice",
        "agency[2].name",
    ),
    "two agencies of a domain": (AGENCY.replace('"c.vn"', '"b.vn"'), "config-domain-twice", "agency[2].domains"),
    "no mailbox": (
        AGENCY.replace('["vanthu@b.vn"]', '["*@b.vn"]'),
        "config-mailbox-unlisted",
        "agency[1].certificate_emails",
    ),
    "hold by default": (
        RELAY + '[policy]\ndefault = "hold"\n',
        "config-hold-without-folder",
        "policy.default",
    ),
    "hold by a rule": (
        POLICY + rule(otherwise='"hold"'),
        "config-hold-without-folder",
        "policy.rule[1].otherwise",
    ),
    "encrypt": (POLICY + rule(then='["encrypt-message"]'), "config-encrypts-to-nobody", "policy.rule[1].then"),
    "sign for anybody": (
        AGENCY + POLICY + rule(sender='"*"', then='["sign-message"]'),
        "config-signs-for-nobody",
        "policy.rule[1].then",
    ),
    "sign for strangers": (
        AGENCY + POLICY + rule(sender='"x.vn"', then='["sign-message"]'),
        "config-signs-for-nobody",
        "policy.rule[1].then",
    ),
    "sign below its domain only": (
        AGENCY + POLICY + rule(sender='"*.c.vn"', then='["sign-message"]'),
        "config-signs-for-nobody",
        "policy.rule[1].then",
    ),
    "no key": (AGENCY + POLICY + NO_KEY, "config-signs-without-key", "policy.rule[1].then"),
    "no domain key": (
        AGENCY + POLICY + rule(then='["dkim-sign"]'),
        "config-dkim-without-key",
        "policy.rule[1].then",
    ),
    "sender of no agency": (
        AGENCY + POLICY + rule(sender='"x.vn"', require='["pdf-signer-is-sender"]'),
        "config-sender-of-no-agency",
        "policy.rule[1].require",
    ),
    "rules of a name": (
        POLICY + rule() + rule(to='"c.vn"', sender='"c.vn"'),
        "config-name-twice",
        "policy.rule[2].name",
    ),
    "rule called default": (POLICY + rule("default"), "config-name-twice", "policy.rule[1].name"),
    "rule behind a wider one": (
        POLICY + rule("one", '"*.vn"') + rule("two", '"b.vn", "a@c.vn"', '"x.vn"'),
        "config-rule-never-used",
        "policy.rule[2]",
    ),
    "rule behind the same one": (POLICY + rule("one") + rule("two"), "config-rule-never-used", "policy.rule[2]"),
}


@pytest.mark.parametrize("name", CASES)
def test_what_does_not_go_together_is_told(tmp_path: Path, name: str) -> None:
    text, advice, key = CASES[name]
    assert (advice, key) in warned(tmp_path, text)


@pytest.mark.parametrize(
    "rules",
    [
        pytest.param(rule("one", '"b.vn"') + rule("two", '"*.b.vn"'), id="below is not the same"),
        pytest.param(rule("one", '"a@b.vn"') + rule("two", '"b.vn"'), id="the narrower comes first"),
        pytest.param(rule("one", '"*.b.vn"') + rule("two", '"*"'), id="anybody comes last"),
        pytest.param(rule("one", to='"c.vn"') + rule("two", to='"d.vn"'), id="other recipients"),
    ],
)
def test_rules_that_are_used(tmp_path: Path, rules: str) -> None:
    assert "config-rule-never-used" not in [found for found, _ in warned(tmp_path, POLICY + rules)]


@pytest.mark.parametrize("mode, is_open", [(0o600, False), (0o400, False), (0o640, True), (0o604, True)])
def test_secrets_are_for_one_person(tmp_path: Path, mode: int, is_open: bool) -> None:
    for name in ("pin", "tls.key", "accounts", "b.p12"):
        (tmp_path / name).touch()
        (tmp_path / name).chmod(mode)
    named = 'tls = "required"\ntls_certificate = "tls.pem"\ntls_key = "tls.key"\naccounts = "accounts"\n[ledger]'
    text = RELAY.replace("[ledger]", named) + AGENCY.replace("pkcs11:token=VP", "b.p12") + '[token]\npin_file = "pin"\n'
    told = [
        ("config-secret-open", key) for key in ("token.pin_file", "relay.tls_key", "relay.accounts", "agency[1].key")
    ]
    assert warned(tmp_path, text) == (told if is_open else [])


def test_a_domain_that_is_not_the_agencys(tmp_path: Path) -> None:
    written(tmp_path / "dkim.pem", domain_key())
    lines = 'dkim_selector = "s"\ndkim_key = "dkim.pem"\ndkim_domain = "{}"\n'
    for domain, expected in (("b.vn", []), ("mail.b.vn", []), ("x.vn", ["config-dkim-not-aligned"])):
        text = AGENCY.partition('[[agency]]\nname = "C"')[0] + lines.format(domain)
        assert [found for found, _ in warned(tmp_path, text)] == expected


def test_every_advice_is_made_somewhere_and_tested_here() -> None:
    source = Path(gsign.office.advice.__file__).read_text(encoding="utf-8")
    made = set(re.findall(r'Advice\(\s*"([a-z-]+)"', source))
    assert made == set(REASONS)
    tested = {advice for _, advice, _ in CASES.values()} | {"config-secret-open", "config-dkim-not-aligned"}
    assert tested == made


@pytest.mark.parametrize("name", CASES)
def test_sentences_name_all_that_they_speak_of(tmp_path: Path, name: str) -> None:
    for one in advise(configured(tmp_path, CASES[name][0])):
        for lang in ("vi", "en"):
            assert "?" not in reason_sentence(one.id, lang, one.said) + reason_advice(one.id, lang, one.said)


@pytest.mark.parametrize(
    "text, code",
    [
        (RELAY, "config-missing-key"),
        (RELAY.partition("[ledger]")[0] + POLICY, "config-missing-key"),
        (RELAY.replace("[ledger]", 'tls = "required"\n[ledger]') + POLICY, "tls-incomplete"),
        (RELAY.replace("[ledger]", 'accounts = "none"\n[ledger]') + POLICY, "accounts-unreadable"),
        (
            RELAY.replace("[ledger]", 'next_hop_tls = "verify"\nnext_hop_ca = "none"\n[ledger]') + POLICY,
            "tls-unreadable",
        ),
        (RELAY.replace("[ledger]", 'accounts = "gsign.toml"\n[ledger]') + POLICY, "accounts-line"),
        (
            RELAY.replace("[ledger]", 'next_hop_tls = "verify"\nnext_hop_ca = "gsign.toml"\n[ledger]') + POLICY,
            "tls-unreadable",
        ),
        ('[trust]\nanchors = ["gsign.toml"]\n', "trust-not-a-certificate"),
        (AGENCY.replace("b.pem", "gsign.toml"), "trust-not-a-certificate"),
        ('[token]\nuri = "pkcs11:tokn=VP"\n', "config-wrong-value"),
        (AGENCY.replace("pkcs11:token=VP", "pkcs11:tokn=VP"), "config-wrong-value"),
        (RELAY.replace("[ledger]", 'arc_domain = "b.vn"\n[ledger]') + POLICY, "domain-key-incomplete"),
        ('[[agency]]\nname = "B"\ndomains = ["b.vn"]\ndkim_key = "none"\n', "domain-key-incomplete"),
    ],
)
def test_what_the_relay_would_not_start_with_is_an_error(tmp_path: Path, text: str, code: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        require_whole(configured(tmp_path, text))
    assert caught.value.code == code


def test_the_example_is_not_told_off_for_what_it_shows(tmp_path: Path) -> None:
    require_whole(configured(tmp_path, example()))
    # It is a service's, whose folder need not be on the machine where it is read.
    assert set(warned(tmp_path, example())) <= {("config-ledger-without-folder", "ledger.url")}


def test_sentences_about_files_quote_no_library(tmp_path: Path) -> None:
    for line in ('accounts = "."', 'accounts = "gsign.toml"', 'next_hop_tls = "verify"\nnext_hop_ca = "gsign.toml"'):
        with pytest.raises(ConfigurationError) as caught:
            require_whole(configured(tmp_path, RELAY.replace("[ledger]", f"{line}\n[ledger]") + POLICY))
        said = caught.value.sentence("vi")
        assert str(tmp_path) in said
        assert not re.search(r"Errno|_ssl\.c|\bline\b", said)


def test_pkcs12_files_and_agencies_are_told_by_their_place(tmp_path: Path) -> None:
    text = AGENCY.replace("pkcs11:token=VP", "b.p12") + '[token]\nuri = "own.p12"\n'
    named = [(key, path.name) for key, path in named_files(configured(tmp_path, text))]
    assert named == [
        ("token.uri", "own.p12"),
        ("agency[1].key", "b.p12"),
        ("agency[1].encryption_certificate", "b.pem"),
    ]


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    assert configured(tmp_path, "\ufeff" + RELAY).relay is not None
