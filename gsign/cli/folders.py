"""The documents in folders and in the folders inside them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from gsign.errors import InputError

__all__ = ["documents"]

_SUFFIX = ".pdf"


def documents(paths: Iterable[Path]) -> Iterator[Path | InputError]:
    """List files as they are named, and of folders every file whose name ends in .pdf, however deep.

    Links are followed; a folder that several lead to, or that leads to itself, is read once. Files of one folder come
    in the order of their names, before those of the folders in it.

    Args:
        paths: files and folders.

    Yields:
        A file, or `folder-unreadable` in the place of what a folder holds.
    """
    seen: set[tuple[int, int]] = set()
    for path in paths:
        if path.is_dir():
            yield from _inside(path, seen)
        else:
            yield path


def _inside(folder: Path, seen: set[tuple[int, int]]) -> Iterator[Path | InputError]:
    waiting = [folder]
    while waiting:
        current = waiting.pop()
        try:
            status = current.stat()
            if (status.st_dev, status.st_ino) in seen:
                continue
            seen.add((status.st_dev, status.st_ino))
            files, folders = _listed(current)
        except OSError as error:
            yield InputError("folder-unreadable", file=str(current), cause=error.strerror)
            continue
        yield from files
        waiting += reversed(folders)


def _listed(folder: Path) -> tuple[list[Path], list[Path]]:
    files, folders = [], []
    with os.scandir(folder) as entries:
        for entry in entries:
            # A link that leads nowhere is no folder: if it is called a document, that is for whoever reads it to say.
            if _is_folder(entry):
                folders.append(folder / entry.name)
            elif entry.name.lower().endswith(_SUFFIX):
                files.append(folder / entry.name)
    return sorted(files), sorted(folders)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False
