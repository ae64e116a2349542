"""What in a configuration contradicts itself, or is not what anybody would want: found without opening anything.

The relay would start with all of it, and put mail off, or let it pass, where its administrator expects otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Final, NamedTuple

from gsign.audit.sqlite_file import path_of
from gsign.config import Agency, Configuration, Relay, Rule, key_file
from gsign.mail.agencies import Directory, matches
from gsign.office.domain_keys import is_open_to_others
from gsign.smtp.client import split_address

__all__ = ["Advice", "advise", "require_whole"]

_WIDE: Final = 8
"""Networks of shorter prefixes than this are most of the Internet."""


class Advice(NamedTuple):
    """Something to look at: `id` is that of its sentence, `key` where in gsign.toml it is."""

    id: str
    key: str
    facts: dict[str, object] = {}  # noqa: RUF012 - never changed

    @property
    def said(self) -> dict[str, object]:
        """What its sentence names."""
        return {"key": self.key, **self.facts}


def require_whole(configuration: Configuration) -> None:
    """See that the relay could open what the configuration names, as far as that needs no token and no network.

    Raises:
        ConfigurationError: it could not.
    """
    from gsign.errors import ConfigurationError
    from gsign.office.accounts import Accounts
    from gsign.office.domain_keys import vouching_of
    from gsign.office.tls import client_context, server_context

    _require_keys(configuration)
    _require_certificates(configuration)
    vouching_of(configuration)
    relay = configuration.relay
    if relay is None:
        return
    for name in ("policy", "ledger"):
        if getattr(configuration, name) is None:
            raise ConfigurationError("config-missing-key", file=str(configuration.file), key=name)
    server_context(relay)
    client_context(relay)
    if relay.accounts is not None:
        Accounts(relay.accounts)


def _require_keys(configuration: Configuration) -> None:
    from gsign.errors import ConfigurationError, UsageError
    from gsign.token.uri import TokenUri

    named = [("token.uri", configuration.token.uri)]
    if configuration.ledger is not None:
        named.append(("ledger.checkpoint_key", configuration.ledger.checkpoint_key))
    named += [(f"agency[{number}].key", agency.key) for number, agency in _numbered(configuration)]
    for key, place in named:
        if place is None or key_file(place) is not None:
            continue
        try:
            TokenUri.parse(place)
        except UsageError as error:
            expected = '"pkcs11:token=…;object=…"'
            file = str(configuration.file)
            raise ConfigurationError("config-wrong-value", file=file, key=key, expected=expected) from error


def _require_certificates(configuration: Configuration) -> None:
    from gsign.trust.files import read_certificates

    encryption = (agency.encryption_certificate for agency in configuration.agency)
    for path in (*configuration.trust.anchors, *encryption):
        if path is not None:
            read_certificates(path)


def advise(configuration: Configuration) -> list[Advice]:
    """Return what to look at, in the order of gsign.toml."""
    looks: tuple[Callable[[Configuration], Iterator[Advice]], ...] = (
        _files,
        _folders,
        _relay_itself,
        _agencies,
        _rules,
        _order,
    )
    return [found for look in looks for found in look(configuration)]


# ---------------------------------------------------------------- files


def _files(configuration: Configuration) -> Iterator[Advice]:
    """Secrets that others may read, folders that are none; open keys of domains never get here."""
    relay = configuration.relay
    named: list[tuple[str, Path | None]] = [("token.pin_file", configuration.token.pin_file)]
    if relay is not None:
        named += [("relay.tls_key", relay.tls_key), ("relay.accounts", relay.accounts)]
    named += [(f"agency[{number}].key", key_file(agency.key)) for number, agency in _numbered(configuration)]
    for key, path in named:
        if path is not None and _is_open(path):
            yield Advice("config-secret-open", key, {"file": str(path)})
    ledger = configuration.ledger
    if (
        ledger is not None
        and ledger.url.startswith("sqlite:")
        and not (folder := Path(path_of(ledger.url)).parent).exists()
    ):
        yield Advice("config-ledger-without-folder", "ledger.url", {"folder": str(folder)})


def _folders(configuration: Configuration) -> Iterator[Advice]:
    held, relay = configuration.held, configuration.relay
    named = (
        ("trust.archive", configuration.trust.archive),
        ("relay.spool", relay.spool if relay is not None else None),
        ("held.folder", held.folder if held is not None else None),
    )
    for key, path in named:
        if path is not None and path.exists() and not path.is_dir():
            yield Advice("config-not-a-folder", key, {"file": str(path)})


def _is_open(path: Path) -> bool:
    try:
        return is_open_to_others(path, path.stat())
    except OSError:
        return False


# ---------------------------------------------------------------- the relay


def _relay_itself(configuration: Configuration) -> Iterator[Advice]:
    relay = configuration.relay
    if relay is None:
        return
    yield from _addresses(relay)
    yield from _protection(relay)
    if configuration.trust.revocation == "off":
        yield Advice("config-revocation-off", "trust.revocation")


def _addresses(relay: Relay) -> Iterator[Advice]:
    if relay.next_hop == relay.listen:
        yield Advice("config-own-next-hop", "relay.next_hop")
    if relay.metrics_listen == relay.listen:
        yield Advice("config-metrics-at-relay", "relay.metrics_listen")
    if relay.proxy_protocol and not relay.trusted_peers:
        yield Advice("config-proxy-from-nobody", "relay.proxy_protocol")
    for network in relay.trusted_peers:
        if ip_network(network).prefixlen < _WIDE and not ip_network(network).is_loopback:
            yield Advice("config-trusts-everybody", "relay.trusted_peers", {"network": network})


def _protection(relay: Relay) -> Iterator[Advice]:
    if relay.tls == "none":
        if not _is_near(relay.listen):
            yield Advice("config-plain-listen", "relay.tls", {"address": relay.listen})
        if relay.accounts is not None:
            yield Advice("config-accounts-without-tls", "relay.accounts")
        for name in ("tls_certificate", "tls_key", "tls_client_ca"):
            if getattr(relay, name) is not None:
                yield Advice("config-unused", f"relay.{name}", {"because": "relay.tls"})
    if relay.next_hop_tls == "none" and not _is_near(relay.next_hop):
        yield Advice("config-plain-next-hop", "relay.next_hop_tls", {"address": relay.next_hop})
    if relay.next_hop_tls == "none" and relay.next_hop_sha256:
        yield Advice("config-unused", "relay.next_hop_sha256", {"because": "relay.next_hop_tls"})
    if relay.next_hop_tls == "encrypt" and not relay.next_hop_sha256:
        yield Advice("config-next-hop-unknown", "relay.next_hop_tls")
    if relay.next_hop_tls != "verify" and relay.next_hop_ca is not None:
        yield Advice("config-unused", "relay.next_hop_ca", {"because": "relay.next_hop_tls"})


def _is_near(address: str) -> bool:
    host = split_address(address)[0]
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


# ---------------------------------------------------------------- agencies


def _agencies(configuration: Configuration) -> Iterator[Advice]:
    names: set[str] = set()
    domains: dict[str, str] = {}
    for number, agency in _numbered(configuration):
        key = f"agency[{number}]"
        if agency.name in names:
            yield Advice("config-name-twice", f"{key}.name", {"name": agency.name})
        names.add(agency.name)
        for domain in agency.domains:
            if domains.setdefault(domain, agency.name) != agency.name:
                yield Advice("config-domain-twice", f"{key}.domains", {"domain": domain, "other": domains[domain]})
        yield from _mailbox(agency, key)


def _mailbox(agency: Agency, key: str) -> Iterator[Advice]:
    """Mail that an agency signs is from its people: only its own mailbox, in full, may sign for all of them."""
    whole = [box for box in agency.certificate_emails if "@" in box and "*" not in box and "?" not in box]
    if agency.key is not None and not whole:
        yield Advice("config-mailbox-unlisted", f"{key}.certificate_emails", {"name": agency.name})
    if agency.dkim_domain is not None and not _is_aligned(agency, agency.dkim_domain):
        yield Advice("config-dkim-not-aligned", f"{key}.dkim_domain", {"domain": agency.dkim_domain})


def _is_aligned(agency: Agency, domain: str) -> bool:
    """Tell whether a domain is, or is above or below, one of the agency's (RFC 7489 clause 3.1.1)."""
    own = [pattern.removeprefix("*.") for pattern in agency.domains]
    return any(f".{name}".endswith(f".{domain}") or f".{domain}".endswith(f".{name}") for name in own)


def _numbered(configuration: Configuration) -> Iterator[tuple[int, Agency]]:
    return enumerate(configuration.agency, 1)


# ---------------------------------------------------------------- rules


def _rules(configuration: Configuration) -> Iterator[Advice]:
    policy = configuration.policy
    if policy is None:
        return
    if policy.default == "hold" and configuration.held is None:
        yield Advice("config-hold-without-folder", "policy.default", {"rule": "default"})
    directory = Directory(configuration.agency)
    for number, rule in enumerate(policy.rule, 1):
        key = f"policy.rule[{number}]"
        if rule.otherwise == "hold" and rule.require and configuration.held is None:
            yield Advice("config-hold-without-folder", f"{key}.otherwise", {"rule": rule.name})
        for name, patterns in (("from", rule.from_), ("to", rule.to)):
            if not patterns:
                yield Advice("config-fits-nobody", f"{key}.{name}", {"rule": rule.name})
        yield from _senders(rule, key, directory)
        if "encrypt-message" in rule.then and not _can_encrypt(configuration):
            yield Advice("config-encrypts-to-nobody", f"{key}.then", {"rule": rule.name})


def _senders(rule: Rule, key: str, directory: Directory) -> Iterator[Advice]:
    """Who may send by a rule, and what the rule needs of their agency."""
    for pattern in rule.from_:
        agency = None if pattern == "*" else directory.agency_of(_sample(pattern))
        facts: dict[str, object] = {"rule": rule.name, "pattern": pattern}
        if agency is None:
            if "sign-message" in rule.then:
                yield Advice("config-signs-for-nobody", f"{key}.then", facts)
            elif "pdf-signer-is-sender" in rule.require and pattern != "*":
                yield Advice("config-sender-of-no-agency", f"{key}.require", facts)
            continue
        if "sign-message" in rule.then and agency.key is None:
            yield Advice("config-signs-without-key", f"{key}.then", {**facts, "name": agency.name})
        if "dkim-sign" in rule.then and getattr(agency, "dkim_key", None) is None:
            yield Advice("config-dkim-without-key", f"{key}.then", {**facts, "name": agency.name})


def _can_encrypt(configuration: Configuration) -> bool:
    of_agencies = any(agency.encryption_certificate is not None for agency in configuration.agency)
    return of_agencies or bool(configuration.recipients.certificates)


def _order(configuration: Configuration) -> Iterator[Advice]:
    """Rules that never decide, since one before them fits whatever they fit."""
    rules = configuration.policy.rule if configuration.policy is not None else ()
    names: set[str] = set()
    for number, rule in enumerate(rules, 1):
        key = f"policy.rule[{number}]"
        if rule.name in names or rule.name == "default":
            yield Advice("config-name-twice", f"{key}.name", {"name": rule.name})
        names.add(rule.name)
        before = next((r for r in rules[: number - 1] if _covers(r.from_, rule.from_) and _covers(r.to, rule.to)), None)
        if before is not None:
            yield Advice("config-rule-never-used", key, {"rule": rule.name, "other": before.name})


def _covers(wide: tuple[str, ...], narrow: tuple[str, ...]) -> bool:
    return all(
        pattern in wide or "*" in wide or (pattern != "*" and matches(wide, _sample(pattern))) for pattern in narrow
    )


def _sample(pattern: str) -> str:
    """Return an address that a pattern fits, and that no narrower pattern names by chance."""
    if "@" in pattern:
        return pattern
    return f"x@{'x.' + pattern[2:] if pattern.startswith('*.') else pattern}"
