"""Which key signs which message: the one that is named, else that of the agency which the message is from."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

from gsign.cli.files import Job
from gsign.cli.keys import open_signer
from gsign.cli.shared import Shared

if TYPE_CHECKING:
    from gsign.service import Service
    from gsign.signer import Signer

__all__ = ["keys_of", "open_signers"]

Keys = Mapping[Job, str | None]
"""Where each message's key is; None for the usual one."""


def keys_of(
    service: Service, messages: Mapping[Job, Path | bytes], named: str | None, *, as_agency: bool = False
) -> Keys:
    """Choose the key of each message: the one that is named, else its sender's agency's, else the usual one.

    Args:
        service: knows the agencies.
        messages: each a file, or octets.
        named: what `--key` names.
        as_agency: whether an agency signs for its people.
    """
    return {job: named or service.key_for_mail(message, as_agency=as_agency) for job, message in messages.items()}


def open_signers(
    opened: ExitStack, shared: Shared, service: Service, given: Mapping[str, Any], keys: Keys, ended: Event
) -> dict[Job, Signer]:
    """Log in to each key once, and return each message's signer.

    Args:
        opened: closes them.
        shared: what is said, and how.
        service: opens keys.
        given: the options.
        keys: from `keys_of`.
        ended: set when nobody waits for a token any more.
    """
    signers = {
        key: opened.enter_context(open_signer(shared, service, {**given, "key": key}, ended))
        for key in dict.fromkeys(keys.values())
    }
    return {job: signers[key] for job, key in keys.items()}
