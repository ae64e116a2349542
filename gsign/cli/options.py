"""Options that several commands take, and the kinds of values they have."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gsign.cli.shared import FILE, AnyCallable, Shared
from gsign.config_kinds import is_url
from gsign.errors import UsageError

if TYPE_CHECKING:
    from gsign.service import Service

__all__ = [
    "DIGESTS",
    "KEY",
    "SECONDS",
    "SPOT",
    "TIME",
    "checks",
    "documents",
    "files",
    "jobs",
    "level",
    "outputs",
    "password",
    "password_file",
    "service_of",
    "timestamps",
    "trust",
]

# The values of gsign.signer.Digest and gsign.result.Level: named again, since `--help` imports neither.
DIGESTS = click.Choice(["sha256", "sha384", "sha512", "sha3-256", "sha3-384", "sha3-512"])
_LEVELS = ["B-B", "B-T", "B-LT", "B-LTA"]


class _PlaceType(click.ParamType["tuple[float, ...]"]):
    name = "PAGE,X,Y[,W,H]"
    needed = "value-place"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[float, ...]:
        """Read a page number and two or four lengths in points."""
        page, *lengths = value.split(",")
        try:
            place = (int(page), *map(float, lengths))
        except ValueError:
            place = ()
        if len(place) not in (3, 5) or not all(map(isfinite, place)):
            self.fail(f"{value!r} is not {self.name}", param, ctx)
        return place


class _TimeType(click.ParamType["datetime"]):
    name = "TIME"
    needed = "value-time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Read an ISO 8601 time; without an offset it is Vietnam's, as are all times that are shown."""
        from gsign.result import VIETNAM

        try:
            moment = datetime.fromisoformat(value)
            return (moment if moment.tzinfo else moment.replace(tzinfo=VIETNAM)).astimezone(VIETNAM)
        except (ValueError, OverflowError):
            self.fail(f"{value!r} is not an ISO 8601 time such as 2026-02-23T15:39:22+07:00", param, ctx)


class _KeyType(click.ParamType["str"]):
    name = "URI"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Take a key's name; a PIN in it would show in the list of processes."""
        if value.lower().startswith("pkcs11:") and "pin-value=" in value:
            raise UsageError("pin-in-arguments")
        return str(value)


class _UrlType(click.ParamType["str"]):
    name = "URL"
    needed = "value-url"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Take the address of a server that speaks HTTP."""
        if not is_url(value):
            self.fail(f"{value!r} is not an http or https URL", param, ctx)
        return str(value)


class _SpotType(click.ParamType["tuple[str, tuple[float, ...]]"]):
    name = "[PART=]PAGE,X,Y[,W,H]"
    needed = "value-place"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, tuple[float, ...]]:
        """Read a place, and of which of several things it is."""
        part, _, place = value.rpartition("=")
        return part.strip(), PLACE.convert(place, param, ctx)


class _SecondsType(click.FloatRange):
    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Read a number of seconds, a day at most; what is no number is in every range."""
        seconds = float(super().convert(value, param, ctx))
        if not isfinite(seconds):
            self.fail(f"{value!r} is not a number of seconds", param, ctx)
        return seconds


PLACE = _PlaceType()
SECONDS = _SecondsType(0, 86_400, min_open=True)
SPOT = _SpotType()
URL = _UrlType()
TIME = _TimeType()
KEY = _KeyType()


def _no_stream(_ctx: click.Context, _param: click.Parameter, files: tuple[Path, ...]) -> tuple[Path, ...]:
    if Path("-") in files:
        raise UsageError("stdin-not-taken")
    return files


files = click.argument("files", nargs=-1, required=True, type=FILE, metavar="FILE...")
documents = click.argument("files", nargs=-1, required=True, type=FILE, metavar="FILE...", callback=_no_stream)
jobs = click.option("--jobs", type=click.IntRange(1, 64), default=1, metavar="N", help="Files at a time.")
level = click.option("--level", type=click.Choice(_LEVELS), help="PAdES level (EN 319 142-1).")
password_file = click.option(
    "--password-file", type=FILE, metavar="F", help="File with an encrypted document's password."
)
timestamps = click.option("--tsa", multiple=True, type=URL, help="Timestamp authority; repeat for fall-backs.")


def _together(*decorators: Callable[[AnyCallable], AnyCallable]) -> Callable[[AnyCallable], AnyCallable]:
    def decorate(function: AnyCallable) -> AnyCallable:
        for decorator in reversed(decorators):
            function = decorator(function)
        return function

    return decorate


outputs = _together(
    click.option("-o", "--output", type=FILE, metavar="OUT", help="Output file, for one input."),
    click.option("--out-dir", type=FILE, metavar="DIR", help="Folder for the outputs, which keep their names."),
    click.option("--force", is_flag=True, help="Overwrite outputs that exist."),
    jobs,
)
trust = click.option("--trust", multiple=True, type=FILE, metavar="FILE|DIR", help="Anchors beside the pinned ones.")
checks = _together(
    trust,
    click.option("--revocation", type=click.Choice(["require", "prefer", "off"]), help="How status is looked at."),
    click.option("--offline", is_flag=True, help="Fetch nothing."),
)


def service_of(shared: Shared, given: Mapping[str, Any]) -> Service:
    """Open the service with what the configuration and the options say."""
    from gsign.service import Service

    service = Service(
        shared.configuration(),
        trust=given["trust"],
        tsa=given.get("tsa", ()),
        revocation=given.get("revocation"),
        offline=given.get("offline", False),
    )
    click.get_current_context().call_on_close(lambda: _close(service, shared))
    return service


def _close(service: Service, shared: Shared) -> None:
    """Let go of the ledger at the end of a command: what it is about was done, whether the last word is kept or not."""
    from gsign.cli.output import say_error
    from gsign.errors import TemporaryError

    try:
        service.close()
    except TemporaryError as error:
        say_error(shared, error)


def password(given: Mapping[str, Any]) -> str | None:
    """Read the password of encrypted documents, where `--password-file` names one."""
    if given["password_file"] is None:
        return None
    from gsign.cli.files import read_first_line

    return read_first_line(given["password_file"])
