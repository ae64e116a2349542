"""Configuration: gsign.toml read into frozen sections, and a commented example printed from the same declarations.

Each field carries the kind that reads its value and the value that the example shows. An unknown key is an error that
names the nearest known one, since a misspelt key in a policy would otherwise open a door in silence.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gsign import config_kinds as kinds
from gsign.config_kinds import Place
from gsign.config_section import Key, Section, table, tables, value
from gsign.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "Agency",
    "Cluster",
    "Configuration",
    "Held",
    "Ledger",
    "Policy",
    "Recipients",
    "Relay",
    "Rule",
    "Timestamp",
    "Token",
    "Trust",
    "example",
    "find",
    "key_file",
    "load",
    "named_files",
]

FILE_NAME = "gsign.toml"
_LARGEST = 16 << 20
"""Octets of a configuration; a device has no end."""


class Token(Section):
    """Where the key is. `wait_seconds`: how long a batch waits for a token that was pulled out."""

    uri: str | None = value(kinds.key_place, '"pkcs11:token=VP;object=van-thu"', default=None)
    module: Path | None = value(kinds.path, '"/usr/lib/softhsm/libsofthsm2.so"', default=None)
    pin_file: Path | None = value(kinds.path, '"/run/credentials/gsign-relay.service/pin"', default=None)
    wait_seconds: int = value(kinds.seconds, "120", default=120)


class Trust(Section):
    """Anchors beside the pinned ones, how the status of a certificate is looked at, and where lists are kept."""

    anchors: tuple[Path, ...] = value(kinds.paths, '["certs/local.pem"]', default=())
    revocation: str = value(kinds.choice("require", "prefer", "off"), '"prefer"', default="prefer")
    archive: Path | None = value(kinds.path, '"/var/lib/gsign/crl"', default=None)
    allow_private_addresses: bool = value(kinds.truth, "false", default=False)


class Timestamp(Section):
    """Timestamp authorities, tried in this order."""

    urls: tuple[str, ...] = value(kinds.urls, '["http://tsa.example.gov.vn"]', default=())


_PROCESSORS = os.cpu_count() or 1
_PROCESSES = max(min(2, _PROCESSORS), _PROCESSORS // 2)
"""Half of the processors: those who judge documents, the ledger and mail servers beside it need the others. Two of two:
large mail goes through a fifth faster by them than by one, small mail no slower, and one that dies leaves the other."""


class Relay(Section):
    """The mail relay."""

    listen: str = value(kinds.address, '"127.0.0.1:10025"')
    next_hop: str = value(kinds.address, '"127.0.0.1:10026"')
    hostname: str = value(kinds.text, '"relay.example.gov.vn"')
    budget_seconds: int = value(kinds.seconds, "60", default=60)
    max_message_bytes: int = value(kinds.octets, "52428800", default=52_428_800)
    trusted_peers: tuple[str, ...] = value(kinds.networks, '["127.0.0.0/8"]', default=())
    processes: int = value(kinds.count, "2", default=_PROCESSES)
    protocol: str = value(kinds.choice("smtp", "lmtp"), '"smtp"', default="smtp")
    next_hop_protocol: str = value(kinds.choice("smtp", "lmtp"), '"smtp"', default="smtp")
    next_hop_tls: str = value(kinds.choice("none", "encrypt", "verify"), '"none"', default="none")
    next_hop_ca: Path | None = value(kinds.path, '"tls/next-hop-ca.pem"', default=None)
    next_hop_sha256: tuple[str, ...] = value(kinds.digests, f'["{":".join(["AB"] * 32)}"]', default=())
    tls: str = value(kinds.choice("none", "starttls", "required", "implicit"), '"none"', default="none")
    tls_certificate: Path | None = value(kinds.path, '"tls/relay.pem"', default=None)
    tls_key: Path | None = value(kinds.path, '"tls/relay.key"', default=None)
    tls_client_ca: Path | None = value(kinds.path, '"tls/peers-ca.pem"', default=None)
    accounts: Path | None = value(kinds.path, '"accounts"', default=None)
    proxy_protocol: bool = value(kinds.truth, "false", default=False)
    max_connections: int = value(kinds.count, "2000", default=2000)
    max_connections_per_peer: int = value(kinds.count, "2000", default=2000)
    max_messages_per_minute: int = value(kinds.count, "100000", default=100_000)
    max_recipients: int = value(kinds.count, "1000", default=1000)
    max_message_seconds: int = value(kinds.seconds, "1800", default=1800)
    max_session_seconds: int = value(kinds.seconds, "3600", default=3600)
    spool: Path | None = value(kinds.path, '"/var/spool/gsign"', default=None)
    metrics_listen: str | None = value(kinds.address, '"127.0.0.1:9464"', default=None)
    resolver: str | None = value(kinds.numeric_address, '"127.0.0.1:53"', default=None)
    arc_domain: str | None = value(kinds.domain, '"relay.example.gov.vn"', default=None)
    arc_selector: str | None = value(kinds.domain, '"arc2026"', default=None)
    arc_key: Path | None = value(kinds.path, '"keys/arc.pem"', default=None)


class Ledger(Section):
    """Where every signature and verification is recorded, and whether persons are named in it."""

    url: str = value(kinds.ledger_url, '"sqlite:////var/lib/gsign/ledger.db"')
    station: str | None = value(kinds.text, '"van-thu"', default=None)
    checkpoint_key: str | None = value(kinds.key_place, '"pkcs11:token=VP;object=van-thu"', default=None)
    pseudonyms: bool = value(kinds.truth, "false", default=False)
    pseudonym_key: Path | None = value(kinds.path, '"/var/lib/gsign/ledger.db.pseudonyms"', default=None)


class Held(Section):
    """Where messages wait for a person."""

    folder: Path = value(kinds.path, '"/var/lib/gsign/held"')


class Agency(Section):
    """An agency: its mail domains, what in a certificate counts as its own, and its key."""

    name: str = value(kinds.text, '"UBND tỉnh Hưng Yên"')
    domains: tuple[str, ...] = value(kinds.patterns, '["hungyen.gov.vn", "*.hungyen.gov.vn"]')
    certificate_emails: tuple[str, ...] = value(
        kinds.texts, '["vanthu@hungyen.gov.vn", "*@hungyen.gov.vn"]', default=()
    )
    identifiers: tuple[str, ...] = value(kinds.texts, '["MST:0123456789"]', default=())
    key: str | None = value(kinds.key_place, '"pkcs11:token=VP;object=van-thu"', default=None)
    encryption_certificate: Path | None = value(kinds.path, '"certs/van-thu.pem"', default=None)
    mail_form: str = value(kinds.choice("detached", "opaque"), '"detached"', default="detached")
    dkim_selector: str | None = value(kinds.domain, '"gsign2026"', default=None)
    dkim_domain: str | None = value(kinds.domain, '"hungyen.gov.vn"', default=None)
    dkim_key: Path | None = value(kinds.path, '"keys/dkim.pem"', default=None)
    officials: int | None = value(kinds.count, "120", default=None)


class Recipients(Section):
    """Where the certificates of those are looked for whom mail is encrypted to."""

    certificates: tuple[str, ...] = value(
        kinds.sources, '["recipients", "ldap://ldap.example.gov.vn/dc=vn"]', default=()
    )


class Cluster(Section):
    """How `--cluster` speaks with a scheduler, and how documents come to workers."""

    files: str = value(kinds.choice("shared", "sent"), '"shared"', default="shared")
    most_sent_bytes: int = value(kinds.octets, "33554432", default=33_554_432)
    tls_ca: Path | None = value(kinds.path, '"cluster/ca.pem"', default=None)
    tls_certificate: Path | None = value(kinds.path, '"cluster/client.pem"', default=None)
    tls_key: Path | None = value(kinds.path, '"cluster/client.key"', default=None)
    allow_plain: bool = value(kinds.truth, "false", default=False)


_REQUIREMENTS = kinds.choices(
    "every-pdf-signed", "a-signed-pdf", "pdf-signer-is-sender", "message-signed", "everything-readable"
)


class Rule(Section):
    """One rule of the policy; the first that matches decides."""

    name: str = value(kinds.text, '"official mail between agencies"')
    from_: tuple[str, ...] = value(kinds.patterns, '["hungyen.gov.vn", "*.hungyen.gov.vn"]')
    to: tuple[str, ...] = value(kinds.patterns, '["*.gov.vn"]')
    require: tuple[str, ...] = value(_REQUIREMENTS, '["every-pdf-signed", "pdf-signer-is-sender"]')
    otherwise: str = value(kinds.choice("reject", "hold", "warn"), '"reject"', default="reject")
    then: tuple[str, ...] = value(
        kinds.choices("sign-message", "encrypt-message", "dkim-sign"), '["sign-message"]', default=()
    )


class Policy(Section):
    """What a message must satisfy."""

    default: str = value(kinds.choice("accept", "reject", "hold", "warn"), '"reject"')
    rule: tuple[Rule, ...] = tables(Rule, default=())


class Configuration(Section):
    """All of gsign.toml. `file` is None where no file was found and all is default."""

    file: Path | None = None
    token: Token = table(Token, default=Token())
    trust: Trust = table(Trust, default=Trust())
    timestamp: Timestamp = table(Timestamp, default=Timestamp())
    relay: Relay | None = table(Relay, default=None)
    ledger: Ledger | None = table(Ledger, default=None)
    held: Held | None = table(Held, default=None)
    agency: tuple[Agency, ...] = tables(Agency, default=())
    recipients: Recipients = table(Recipients, default=Recipients())
    cluster: Cluster = table(Cluster, default=Cluster())
    policy: Policy | None = table(Policy, default=None)


def find() -> Path | None:
    """Find gsign.toml: the working directory's, the user's, the system's; None where there is none."""
    user = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    places = (Path.cwd(), user / "gsign", Path("/etc/gsign"))
    return next((place / FILE_NAME for place in places if (place / FILE_NAME).is_file()), None)


def load(path: Path | None = None) -> Configuration:
    """Read the configuration from `path`, or from where it is found, or take the defaults.

    Raises:
        ConfigurationError: unreadable, not TOML, a key unknown, missing or with a value that it cannot have.
    """
    path = path or find()
    if path is None:
        return Configuration()
    import tomllib

    from gsign.reading import read_at_most

    try:
        # Editors of Windows write a byte order mark, which TOML does not know.
        found = tomllib.loads(read_at_most(path, _LARGEST).decode("utf-8-sig"))
    except OSError as error:
        raise ConfigurationError("config-unreadable", file=str(path), why=error.strerror) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError("config-not-toml", file=str(path), why=str(error)) from error
    top = Place(path.absolute(), "")
    return Configuration(file=path.absolute(), **_values(Configuration, found, top))


def _values(section: type[Section], found: dict[str, Any], place: Place) -> dict[str, Any]:
    known = {declared.name: declared for declared in section.declared.values()}
    for name in found:
        if name not in known:
            raise place.at(name).unknown(known)
    for name, declared in known.items():
        if name not in found and declared.is_compulsory:
            raise place.at(name).missing()
    return {known[name].attribute: _value(known[name], given, place.at(name)) for name, given in found.items()}


def _value(declared: Key, given: Any, place: Place) -> Any:
    section = declared.section
    if section is None:
        return declared.kind(given, place)
    if not declared.is_array:
        return section(**_values(section, kinds.table(given, place), place))
    rows = kinds.tables(given, place)
    return tuple(section(**_values(section, row, place.nth(i))) for i, row in enumerate(rows, 1))


_FILES = frozenset(
    {
        "token.module",
        "token.pin_file",
        "trust.anchors",
        "relay.next_hop_ca",
        "relay.next_hop_sha256",
        "relay.tls_certificate",
        "relay.tls_key",
        "relay.tls_client_ca",
        "relay.accounts",
        "relay.resolver",
        "relay.arc_domain",
        "relay.arc_selector",
        "relay.arc_key",
        "agency.encryption_certificate",
        "agency.dkim_selector",
        "agency.dkim_domain",
        "agency.dkim_key",
        "recipients.certificates",
        "cluster.tls_ca",
        "cluster.tls_certificate",
        "cluster.tls_key",
    }
)


def example(lang: str = "en") -> str:
    """Write an example with every key there is, each with a comment in `vi` or `en`."""
    return "\n".join(_example(Configuration, "", lang)).strip() + "\n"


def _example(section: type[Section], prefix: str, lang: str) -> Iterator[str]:
    from gsign.sentences.configuration import KEYS

    for declared in section.declared.values():
        path = prefix + declared.name
        if declared.section is None:
            yield f"# {KEYS[path].vi if lang == 'vi' else KEYS[path].en}"
            # What names a file, or a server that has to be there, is for the reader to fill in.
            mark = "# " if path in _FILES else ""
            yield f"{mark}{declared.name} = {declared.example}"
        else:
            yield f"\n[[{path}]]" if declared.is_array else f"\n[{path}]"
            yield from _example(declared.section, f"{path}.", lang)


def key_file(key: str | None) -> Path | None:
    """Return the PKCS#12 file that a key is in; None for a key on a token, and for none."""
    return None if key is None or key.startswith("pkcs11:") else Path(key)


def named_files(configuration: Configuration) -> Iterator[tuple[str, Path]]:
    """Name every file that the configuration expects to be there, each with its key."""
    token, relay = configuration.token, configuration.relay
    singles: list[tuple[str, Path | None]] = [
        ("token.uri", key_file(token.uri)),
        ("token.module", token.module),
        ("token.pin_file", token.pin_file),
    ]
    singles += [("trust.anchors", anchor) for anchor in configuration.trust.anchors]
    if relay:
        named: tuple[str, ...] = ("next_hop_ca", "tls_certificate", "tls_key", "tls_client_ca", "accounts", "arc_key")
        singles += [(f"relay.{name}", getattr(relay, name)) for name in named]
    if configuration.ledger:
        singles.append(("ledger.checkpoint_key", key_file(configuration.ledger.checkpoint_key)))
    for number, agency in enumerate(configuration.agency, 1):
        singles.append((f"agency[{number}].key", key_file(agency.key)))
        named = ("encryption_certificate", "dkim_key")
        singles += [(f"agency[{number}].{name}", getattr(agency, name)) for name in named]
    local = (source for source in configuration.recipients.certificates if not source.lower().startswith("ldap"))
    singles += [("recipients.certificates", Path(source)) for source in local]
    tls = ("tls_ca", "tls_certificate", "tls_key")
    singles += [(f"cluster.{name}", getattr(configuration.cluster, name)) for name in tls]
    yield from ((key, path) for key, path in singles if path)
