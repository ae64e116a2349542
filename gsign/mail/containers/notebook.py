"""Pages of OneNote ([MS-ONESTORE]): the files that lie on them, wherever in the page they are stored."""

from __future__ import annotations

from typing import Final

from gsign.mail.containers.model import Ledger

__all__ = ["NOTEBOOK", "read_notebook"]

NOTEBOOK: Final = bytes.fromhex("e4525c7b8cd8a74daeb15378d02996d3")
_FILE: Final = bytes.fromhex("e716e3bd65261145a4c48d4d0b7a9eac")
_HEADER: Final = len(_FILE) + 20


def read_notebook(data: bytes, ledger: Ledger) -> None:
    """Take out every file (clause 2.6.13), and what stands around them.

    Raises:
        ContainerError: too much.
    """
    around: list[bytes] = []
    behind = len(NOTEBOOK)
    while (at := data.find(_FILE, behind)) >= 0:
        begin = at + _HEADER
        size = int.from_bytes(data[at + len(_FILE) : at + len(_FILE) + 8], "little")
        if begin + size > len(data):
            around.append(data[behind:begin])
            behind = begin
            continue
        ledger.take("", data[begin : begin + size])
        around.append(data[behind:at])
        behind = begin + size
    ledger.take("", b"".join([*around, data[behind:]]))
