"""Configuration: gsign.toml read into frozen dataclasses, and a commented example printed from the same declarations.

Each field carries the kind that reads its value and the value that the example shows. An unknown key is an error that
names the nearest known one, since a misspelt key in a policy would otherwise open a door in silence.
"""

from __future__ import annotations

import os
from dataclasses import MISSING, Field, dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gsign import config_kinds as kinds
from gsign.config_kinds import Place
from gsign.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = [
    "Agency",
    "Configuration",
    "Held",
    "Ledger",
    "Policy",
    "Relay",
    "Rule",
    "Timestamp",
    "Token",
    "Trust",
    "example",
    "find",
    "load",
    "named_files",
]

FILE_NAME = "gsign.toml"


def _key(kind: kinds.Kind, example: str, **default: Any) -> Any:
    """Declare a key: how it is read, what the example shows, and its default; without one it must be given."""
    return field(**default, metadata={"kind": kind, "example": example})


@dataclass(frozen=True, slots=True)
class Token:
    """Where the key is. `wait_seconds`: how long a batch waits for a token that was pulled out."""

    uri: str | None = _key(kinds.key_place, '"pkcs11:token=VP;object=van-thu"', default=None)
    module: Path | None = _key(kinds.path, '"/usr/lib/softhsm/libsofthsm2.so"', default=None)
    pin_file: Path | None = _key(kinds.path, '"/run/credentials/gsign/pin"', default=None)
    wait_seconds: int = _key(kinds.seconds, "120", default=120)


@dataclass(frozen=True, slots=True)
class Trust:
    """Anchors beside the pinned ones, and how the status of a certificate is looked at."""

    anchors: tuple[Path, ...] = _key(kinds.paths, '["certs/local.pem"]', default=())
    revocation: str = _key(kinds.choice("require", "prefer", "off"), '"prefer"', default="prefer")


@dataclass(frozen=True, slots=True)
class Timestamp:
    """Timestamp authorities, tried in this order."""

    urls: tuple[str, ...] = _key(kinds.urls, '["http://tsa.example.gov.vn"]', default=())


@dataclass(frozen=True, slots=True)
class Relay:
    """The mail relay."""

    listen: str = _key(kinds.address, '"127.0.0.1:10025"')
    next_hop: str = _key(kinds.address, '"127.0.0.1:10026"')
    hostname: str = _key(kinds.text, '"relay.example.gov.vn"')
    budget_seconds: int = _key(kinds.seconds, "60", default=60)
    max_message_bytes: int = _key(kinds.octets, "52428800", default=52_428_800)
    trusted_peers: tuple[str, ...] = _key(kinds.networks, '["127.0.0.0/8"]', default=())
    tls_certificate: Path | None = _key(kinds.path, '"tls/relay.pem"', default=None)
    tls_key: Path | None = _key(kinds.path, '"tls/relay.key"', default=None)
    metrics_listen: str | None = _key(kinds.address, '"127.0.0.1:9464"', default=None)


@dataclass(frozen=True, slots=True)
class Ledger:
    """Where every signature and verification is recorded."""

    url: str = _key(kinds.ledger_url, '"sqlite:///var/lib/gsign/ledger.db"')


@dataclass(frozen=True, slots=True)
class Held:
    """Where messages wait for a person."""

    folder: Path = _key(kinds.path, '"/var/lib/gsign/held"')


@dataclass(frozen=True, slots=True)
class Agency:
    """An agency: its mail domains, what in a certificate counts as its own, and its key."""

    name: str = _key(kinds.text, '"UBND tỉnh Hưng Yên"')
    domains: tuple[str, ...] = _key(kinds.patterns, '["hungyen.gov.vn", "*.hungyen.gov.vn"]')
    certificate_emails: tuple[str, ...] = _key(kinds.texts, '["*@hungyen.gov.vn"]', default=())
    identifiers: tuple[str, ...] = _key(kinds.texts, '["MST:0123456789"]', default=())
    key: str | None = _key(kinds.key_place, '"pkcs11:token=VP;object=van-thu"', default=None)
    encryption_certificate: Path | None = _key(kinds.path, '"certs/van-thu.pem"', default=None)


_REQUIREMENTS = kinds.choices(
    "every-pdf-signed", "a-signed-pdf", "pdf-signer-is-sender", "message-signed", "everything-readable"
)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the policy; the first that matches decides."""

    name: str = _key(kinds.text, '"official mail between agencies"')
    from_: tuple[str, ...] = _key(kinds.patterns, '["hungyen.gov.vn", "*.hungyen.gov.vn"]')
    to: tuple[str, ...] = _key(kinds.patterns, '["*.gov.vn"]')
    require: tuple[str, ...] = _key(_REQUIREMENTS, '["every-pdf-signed", "pdf-signer-is-sender"]')
    otherwise: str = _key(kinds.choice("reject", "hold", "warn"), '"reject"', default="reject")
    then: tuple[str, ...] = _key(kinds.choices("sign-message", "encrypt-message"), '["sign-message"]', default=())


@dataclass(frozen=True, slots=True)
class Policy:
    """What a message must satisfy."""

    default: str = _key(kinds.choice("accept", "reject", "hold", "warn"), '"reject"')
    rule: tuple[Rule, ...] = field(default=(), metadata={"tables": Rule})


@dataclass(frozen=True, slots=True)
class Configuration:
    """All of gsign.toml. `file` is None where no file was found and all is default."""

    file: Path | None = None
    token: Token = field(default_factory=Token, metadata={"table": Token})
    trust: Trust = field(default_factory=Trust, metadata={"table": Trust})
    timestamp: Timestamp = field(default_factory=Timestamp, metadata={"table": Timestamp})
    relay: Relay | None = field(default=None, metadata={"table": Relay})
    ledger: Ledger | None = field(default=None, metadata={"table": Ledger})
    held: Held | None = field(default=None, metadata={"table": Held})
    agency: tuple[Agency, ...] = field(default=(), metadata={"tables": Agency})
    policy: Policy | None = field(default=None, metadata={"table": Policy})


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

    try:
        table = tomllib.loads(path.read_bytes().decode("utf-8"))
    except OSError as error:
        raise ConfigurationError("config-unreadable", file=str(path), why=error.strerror) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError("config-not-toml", file=str(path), why=str(error)) from error
    top = Place(path.absolute(), "")
    return Configuration(file=path.absolute(), **_values(Configuration, table, top))


def _values(declared: type, table: dict[str, Any], place: Place) -> dict[str, Any]:
    known = {_toml_name(f): f for f in fields(declared) if f.metadata}
    for name in table:
        if name not in known:
            raise place.at(name).unknown(known)
    for name, f in known.items():
        if name not in table and f.default is MISSING and f.default_factory is MISSING:
            raise place.at(name).missing()
    return {known[name].name: _value(known[name], value, place.at(name)) for name, value in table.items()}


def _value(f: Field[Any], value: Any, place: Place) -> Any:
    if section := f.metadata.get("table"):
        return section(**_values(section, kinds.table(value, place), place))
    if section := f.metadata.get("tables"):
        rows = kinds.tables(value, place)
        return tuple(section(**_values(section, row, place.nth(i))) for i, row in enumerate(rows, 1))
    return f.metadata["kind"](value, place)


def _toml_name(f: Field[Any]) -> str:
    # `from` is a word of Python's own.
    return f.name.removesuffix("_")


def example(lang: str = "en") -> str:
    """Write an example with every key there is, each with a comment in `vi` or `en`."""
    return "\n".join(_example_table(Configuration, "", lang)).strip() + "\n"


def _example_table(declared: type, prefix: str, lang: str) -> Iterator[str]:
    from gsign.sentences.configuration import KEYS

    for f in fields(declared):
        if "kind" in f.metadata:
            sentence = KEYS[f"{prefix}{_toml_name(f)}"]
            yield f"# {sentence.vi if lang == 'vi' else sentence.en}"
            yield f"{_toml_name(f)} = {f.metadata['example']}"
    for f in fields(declared):
        section = f.metadata.get("table") or f.metadata.get("tables")
        if section:
            path = f"{prefix}{f.name}"
            yield f"\n[[{path}]]" if "tables" in f.metadata else f"\n[{path}]"
            yield from _example_table(section, f"{path}.", lang)


def named_files(configuration: Configuration) -> Iterator[tuple[str, Path]]:
    """Name every file that the configuration expects to be there, each with its key."""
    token, relay = configuration.token, configuration.relay
    singles: list[tuple[str, Path | None]] = [("token.module", token.module), ("token.pin_file", token.pin_file)]
    singles += [("trust.anchors", anchor) for anchor in configuration.trust.anchors]
    if relay:
        singles += [("relay.tls_certificate", relay.tls_certificate), ("relay.tls_key", relay.tls_key)]
    singles += [("agency.encryption_certificate", agency.encryption_certificate) for agency in configuration.agency]
    yield from ((key, path) for key, path in singles if path)
