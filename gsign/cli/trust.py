"""`gsign trust`: whom to believe, and how that changes: against a pin, or by a person's word for a SHA-256."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gsign.cli.flags import shared_options
from gsign.cli.lazy import Group
from gsign.cli.output import clean, print_json, print_result, say_note, say_warning, text
from gsign.cli.shared import Shared
from gsign.result import shown_day, shown_time

if TYPE_CHECKING:
    from gsign.trust.admission import Candidate
    from gsign.trust.anchors import Anchor
    from gsign.trust.certificate import Certificate
    from gsign.trust.inventory import Authority
    from gsign.trust.refresh import Refreshed

__all__ = ["trust"]

_TIMEOUT = 30.0
_TYPED = 8


class _Sha256Type(click.ParamType["str"]):
    name = "HEX"
    needed = "value-sha256"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Read a SHA-256 as authorities print it, colons and spaces included."""
        digest = _bare(value)
        if not re.fullmatch("[0-9a-f]{64}", digest):
            self.fail(f"{value!r} is no SHA-256 in hexadecimal", param, ctx)
        return digest


@click.group(cls=Group)
@shared_options
def trust() -> None:
    """Authorities that signatures must lead to: list, add, update, remove."""


# ------------------------------------------------------------------------------------------ list


@trust.command("list")
@shared_options
@click.pass_obj
def list_(shared: Shared) -> int:
    """List anchors, intermediates, and authorities that are known and not trusted."""
    from gsign.trust.inventory import list_authorities

    configured = shared.configuration().trust.anchors
    for authority in list_authorities(configured, datetime.now(UTC)):
        if shared.json:
            print_json(authority.to_dict())
        else:
            _print_authority(shared, authority)
    return 0


def _print_authority(shared: Shared, authority: Authority) -> None:
    use = authority.use if authority.trusted or authority.use == "known" else f"{authority.use}-idle"
    origin = f" ({clean(authority.origin)})" if authority.origin else ""
    added = f", {authority.added}" if authority.added else ""
    print_result(clean(authority.name) + (f" [{authority.id}]" if authority.id else ""))
    facts = {
        "authority-use": text(shared, f"use-{use}"),
        "trust": text(shared, f"domain-{authority.domain or 'none'}"),
        "validity": _period(authority),
        "sha256": authority.sha256,
        "authority-source": text(shared, f"source-{authority.source}") + origin + added,
    }
    for name, value in facts.items():
        print_result(f"  {text(shared, name)}: {value}")


def _period(holder: Authority | Certificate | Anchor) -> str:
    return f"{shown_day(holder.not_before)} – {shown_day(holder.not_after)}"


# ------------------------------------------------------------------------------------------ add


@trust.command()
@click.argument("place", metavar="FILE|URL")
@click.option(
    "--sha256", multiple=True, type=_Sha256Type(), help="SHA-256 of a certificate to be trusted; may be repeated."
)
@click.option("--yes", is_flag=True, help="Ask nothing: what no pin and no --sha256 vouches for is refused.")
@shared_options
@click.pass_obj
def add(shared: Shared, place: str, sha256: tuple[str, ...], yes: bool) -> int:
    """Trust a certificate whose SHA-256 you have compared with what its authority published."""
    from gsign.recording.administration import administering, confirmed
    from gsign.trust.admission import candidates_at, take_in

    configuration = shared.configuration()
    candidates = candidates_at(place, timeout=_TIMEOUT)
    chosen = _choose(shared, candidates, sha256, may_ask=not yes)
    now = datetime.now().astimezone()
    source = place if place.startswith(("http://", "https://")) else str(Path(place).absolute())
    for candidate in chosen:
        digest = candidate.certificate.sha256
        added = digest if candidate.standing == "unconfirmed" else ""
        facts = {"object": digest, "before": confirmed(), "after": confirmed(added=added)}
        with administering(configuration, "trust-add", **facts):
            take_in(candidate, source, now)
        _report(shared, candidate)
    left = len(candidates) - len(chosen)
    if left:
        say_note(shared, text(shared, "trust-left-out", count=left))
    return 0


def _choose(shared: Shared, candidates: list[Candidate], named: tuple[str, ...], *, may_ask: bool) -> list[Candidate]:
    """Choose those that a pin, a SHA-256 given or an answer vouches for; nothing is taken in before all is decided."""
    from gsign.errors import DecisionNeededError, UsageError
    from gsign.trust.admission import Standing

    for digest in named:
        if not any(candidate.certificate.sha256 == digest for candidate in candidates):
            found = ", ".join(candidate.certificate.sha256 for candidate in candidates)
            raise UsageError("trust-sha256-differs", wanted=digest, found=found)
    chosen = []
    for candidate in candidates:
        certificate = candidate.certificate
        if candidate.standing is not Standing.UNCONFIRMED or certificate.sha256 in named:
            _warn_of_namesake(shared, candidate)
            chosen.append(candidate)
        elif not named:
            if not (may_ask and _has_terminal()):
                raise DecisionNeededError("trust-unconfirmed", subject=certificate.label, sha256=certificate.sha256)
            _confirm(shared, candidate)
            chosen.append(candidate)
    return chosen


def _confirm(shared: Shared, candidate: Candidate) -> None:
    """Show a certificate at the terminal, and have the beginning of its SHA-256 typed.

    Raises:
        UsageError: `trust-not-confirmed`.
    """
    from gsign.errors import UsageError

    certificate = candidate.certificate
    facts = {
        "subject": certificate.subject,
        "issuer": certificate.issuer,
        "validity": _period(certificate),
        "trust": text(shared, f"domain-{candidate.domain}"),
        "sha256": certificate.sha256,
    }
    _warn_of_namesake(shared, candidate)
    for name, value in facts.items():
        click.echo(f"{text(shared, name)}: {clean(value)}", err=True)
    with open("/dev/tty", "r+b", buffering=0) as terminal:
        terminal.write(text(shared, "ask-sha256", count=_TYPED).encode())
        typed = _bare(terminal.readline().decode("utf-8", "replace"))
    if len(typed) < _TYPED or not certificate.sha256.startswith(typed):
        raise UsageError("trust-not-confirmed", subject=certificate.label)


def _has_terminal() -> bool:
    try:
        with open("/dev/tty", "r+b", buffering=0):
            return True
    except OSError:
        return False


def _warn_of_namesake(shared: Shared, candidate: Candidate) -> None:
    if candidate.namesake is not None:
        facts = {"subject": candidate.certificate.label, "id": candidate.namesake.identifier}
        say_warning(shared, text(shared, "trust-namesake", **facts))


def _report(shared: Shared, candidate: Candidate) -> None:
    certificate = candidate.certificate
    record = {
        "name": certificate.label,
        "sha256": certificate.sha256,
        "domain": candidate.domain,
        "outcome": candidate.standing.value if candidate.standing != "unconfirmed" else "added",
    }
    if shared.json:
        print_json(record)
    elif not shared.quiet:
        print_result(text(shared, f"trust-{record['outcome']}", **record))


# ------------------------------------------------------------------------------------------ update, remove


@trust.command()
@shared_options
@click.pass_obj
def update(shared: Shared) -> int:
    """Fetch the pinned authorities' certificates, and the revocation lists of all that are trusted."""
    from gsign.recording.administration import refreshing
    from gsign.service import Service

    codes = [0]
    configuration = shared.configuration()
    with refreshing(configuration, "trust-update") as outcomes:
        for refreshed in Service(configuration).refresh_trust(timeout=_TIMEOUT):
            outcomes[refreshed.outcome] += 1
            codes.append(_REFRESH_CODES.get(refreshed.outcome, 0))
            _print_refreshed(shared, refreshed)
    return max(codes)


# What may succeed later is temporary; a certificate that is another than the pinned one, or a folder that cannot be
# written, needs somebody to look.
_REFRESH_CODES = {"not-fetched": 7, "unusable": 7, "not-the-pinned-one": 8, "not-kept": 8}


def _print_refreshed(shared: Shared, refreshed: Refreshed) -> None:
    if shared.json:
        print_json(refreshed.to_dict())
        return
    from gsign.sentences.causes import say_causes

    cause = say_causes(refreshed.cause, shared.lang)
    facts = {"authority": refreshed.authority, "url": refreshed.url, "cause": cause}
    if refreshed.outcome in _REFRESH_CODES:
        say_warning(shared, text(shared, f"refresh-{refreshed.outcome}", **facts))
    elif not shared.quiet:
        until = shown_time(refreshed.next_update) if refreshed.next_update else "–"
        print_result(text(shared, f"refresh-{refreshed.kind}-{refreshed.outcome}", until=until, **facts))


@trust.command()
@click.argument("wanted", metavar="SHA256|NAME")
@shared_options
@click.pass_obj
def remove(shared: Shared, wanted: str) -> int:
    """Stop trusting a certificate that was added: by the beginning of its SHA-256, or by its name."""
    from gsign.recording.administration import administering, confirmed
    from gsign.trust.admission import find_own
    from gsign.trust.own_anchors import OwnAnchors

    own = find_own(wanted)
    digest = own.certificate.sha256
    facts = {"object": digest, "before": confirmed(), "after": confirmed(removed=digest)}
    with administering(shared.configuration(), "trust-remove", **facts):
        OwnAnchors.of_user().remove(own)
    record = {"name": own.certificate.label, "sha256": own.certificate.sha256, "outcome": "removed"}
    if shared.json:
        print_json(record)
    elif not shared.quiet:
        print_result(text(shared, "trust-removed", **record))
    return 0


def _bare(digest: str) -> str:
    """Write a digest without what authorities print between its digits."""
    return re.sub("[: \t\r\n]", "", digest).lower()
