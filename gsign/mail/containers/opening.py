"""One door to all kinds of containers; what is damaged or too much is a refusal, never an error."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Final

from gsign.mail.containers.model import ContainerError, Ledger, Opened, Refusal, Room

__all__ = ["open_container"]

_READERS: Final = {
    "zip": "zipped:read_zip",
    "7z": "sevenzip:read_7z",
    "tar": "tarred:read_tar",
    "gzip": "packed:read_gzip",
    "bzip2": "packed:read_bzip2",
    "xz": "packed:read_xz",
    "lzma": "packed:read_lzma",
    "tnef": "tnef:read_tnef",
    "ole": "ole:read_ole",
    "lzfu": "rich:read_lzfu",
    "onenote": "notebook:read_notebook",
    "activemime": "packed:read_activemime",
    "cms": "enveloped:read_cms",
    "pdf": "embedded:read_embedded",
}


def open_container(kind: str, data: bytes, room: Room) -> Opened:
    """Take out what a container holds.

    Args:
        kind: as `gsign.mail.kinds` names it, or `pdf` for the files embedded in a document.
        data: the container.
        room: how much may come out.
    """
    module, _, name = _READERS[kind].partition(":")
    read: Callable[[bytes, Ledger], None] = getattr(import_module(f"gsign.mail.containers.{module}"), name)
    ledger = Ledger(room, len(data))
    try:
        read(data, ledger)
    except ContainerError as error:
        ledger.refusals.append(Refusal("", str(error)))
    except (MemoryError, RecursionError):
        ledger.refusals.append(Refusal("", "too-large"))
    return ledger.close()
