"""Acts of whoever runs the program: whom to believe and what the policy is, with what was before and after.

Of a configuration digests are written down, section by section: two that are the same say the same, and a difference
names the section that somebody has to explain.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from os import PathLike, fspath
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from gsign.config_section import Section

if TYPE_CHECKING:
    from gsign.config import Configuration

__all__ = ["administering", "configured", "confirmed", "digests_of", "last_configured", "refreshing"]

_SECRETS: Final = (re.compile(r"(?i)(pin-value=)[^;&?]*"), re.compile(r"(//[^/@:]*:)[^/@]*(?=@)"))
"""What must not be guessed from a digest: PINs in URIs of keys, passwords in those of databases."""
_POLICY: Final = "policy"


@contextmanager
def administering(configuration: Configuration, act: str, **facts: Any) -> Iterator[None]:
    """Write down what somebody does, before it is done, where there is a ledger.

    Args:
        configuration: names the ledger.
        act: such as `trust-add`.
        **facts: `object`, `before`, `after`.

    Raises:
        TemporaryError: `ledger-unwritable`; nothing may be done then.
    """
    from gsign.recording.recorder import Recorder

    recorder = Recorder.of(configuration)
    if recorder is None:
        yield
        return
    with closing(recorder), recorder.administering(act, **facts):
        yield


@contextmanager
def refreshing(configuration: Configuration, act: str) -> Iterator[Counter[str]]:
    """Count what comes of fetching what authorities publish, and write it down where there is a ledger.

    What was fetched is verified whenever it is used: it need not be written down before.

    Raises:
        TemporaryError: `ledger-unwritable`; where it cannot be opened, nothing was fetched.
    """
    from gsign.recording.recorder import Recorder, user

    outcomes: Counter[str] = Counter()
    recorder = Recorder.of(configuration)
    if recorder is None:
        yield outcomes
        return
    with closing(recorder):
        recorder.begin()
        before = _fetched(configuration)
        yield outcomes
        facts = {"before": before, "after": _fetched(configuration), "outcomes": dict(outcomes)}
        recorder.add("administered", {"act": act, "by": user(), **facts})


def configured(act: str, name: str, before: Mapping[str, str] | None, after: Mapping[str, str]) -> dict[str, Any]:
    """Return what is written down where a configuration comes into force.

    Args:
        act: `relay-start` or `relay-reload`.
        name: of the relay.
        before: digests of the sections that were in force; None where that is not known.
        after: those of the sections that are now.
    """
    from gsign.recording.recorder import user

    known = before or {}
    return {
        "act": act,
        "by": user(),
        "object": name,
        "before": known.get(_POLICY),
        "after": after.get(_POLICY),
        "changed": sorted(s for s in {*known, *after} if known.get(s) != after.get(s)) if before is not None else None,
        "sections": dict(after),
    }


def last_configured(url: str, name: str) -> Mapping[str, str] | None:
    """Return digests of the sections that were in force last, as the ledger has it; None where it does not know.

    Args:
        url: of the ledger.
        name: of the relay.
    """
    import json

    from gsign.audit.mentions import entries_about
    from gsign.audit.reading import open_reader

    with open_reader(url) as reader:
        bodies = [json.loads(entry.body) for entry in entries_about(reader, name) if entry.kind == "administered"]
    known = [body["sections"] for body in bodies if "sections" in body]
    return known[-1] if known else None


def digests_of(configuration: Configuration) -> dict[str, str]:
    """Return a digest of each section of a configuration; that of `trust` covers whom files and the user trust."""
    from gsign.audit.entry import canonical

    sections = {name: _plain(getattr(configuration, name)) for name in configuration.declared}
    sections["trust"] = [sections["trust"], _digest_of_files(configuration.trust.anchors), confirmed()]
    return {
        name: hashlib.sha256(canonical(section).encode("utf-8", "replace")).hexdigest()
        for name, section in sections.items()
        if section
    }


def confirmed(*, added: str = "", removed: str = "") -> str:
    """Return a digest of which certificates the user has confirmed.

    Args:
        added: SHA-256 of one that is about to be.
        removed: SHA-256 of one that is no more.
    """
    from gsign.trust.places import anchors_folder

    names = {name.removesuffix(".pem") for name in _names(anchors_folder())}
    return _digest_of_names({*names, added} - {removed, ""})


def _fetched(configuration: Configuration) -> str:
    """Return a digest of what was fetched of authorities: certificates and revocation lists, named by their digests."""
    from gsign.trust.places import archive_folder, certificates_folder

    folders = (certificates_folder(), configuration.trust.archive or archive_folder())
    return _digest_of_names(name for folder in folders for name in _names(folder))


def _names(folder: Path | None) -> list[str]:
    return [each.name for each in folder.rglob("*") if each.is_file()] if folder is not None else []


def _digest_of_names(names: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(sorted(names)).encode("utf-8", "replace")).hexdigest()


def _digest_of_files(paths: Iterable[Path]) -> str:
    """Return a digest of what files hold, those in folders too: names and contents."""
    digest = hashlib.sha256()
    for path in paths:
        files = sorted(each for each in path.rglob("*") if each.is_file()) if path.is_dir() else [path]
        for file in files:
            digest.update(f"{file.name}\0".encode("utf-8", "replace"))
            digest.update(hashlib.sha256(_content(file)).digest())
    return digest.hexdigest()


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""  # whoever needs it says so


def _plain(value: Any) -> Any:
    """Return a value as JSON holds it, without secrets."""
    if isinstance(value, Section):
        return {name: _plain(each) for name, each in vars(value).items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    if isinstance(value, (str, PathLike)):
        text = fspath(value)
        for secret in _SECRETS:
            text = secret.sub(r"\1", text)
        return text
    return value
