"""What users take instead for mail: endesive in Python, `openssl cms` as a program."""

from __future__ import annotations

import re
import subprocess
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any
from unittest import mock

from bench.harness import UnmeasuredError

__all__ = ["endesive", "endesive_mail", "openssl_sign", "openssl_verify"]


def endesive_mail() -> Any:
    """Import endesive's module for mail; as `endesive`."""
    return endesive("endesive.email")


@cache
def endesive(name: str) -> Any:
    """Import a module of endesive.

    It needs oscrypto by way of certvalidator. oscrypto's last release takes OpenSSL's version for unreadable where the
    last number has two digits, such as 3.0.19; while it is imported, its pattern is told of them.

    Raises:
        UnmeasuredError: endesive is not there, or does not import all the same.
    """
    search = re.search

    def tolerant(pattern: str | re.Pattern[str], string: str, flags: int = 0) -> re.Match[str] | None:
        if isinstance(pattern, str):
            pattern = pattern.replace(r"\d\.\d\.\d[a-z]", r"\d\.\d\.\d+[a-z]")
        return search(pattern, string, flags)

    try:
        with mock.patch("re.search", tolerant):
            return import_module(name)
    except Exception as error:
        raise UnmeasuredError(f"endesive does not import ({error}): pip install endesive") from error


def openssl_sign(text: Path, key: Path, certificate: Path, output: Path) -> None:
    """Sign a text with `openssl cms`."""
    files = ["-in", str(text), "-signer", str(certificate), "-inkey", str(key), "-out", str(output)]
    _run("-sign", "-text", "-md", "sha256", *files)


def openssl_verify(message: Path, anchors: Path) -> None:
    """Verify a signed message with `openssl cms`."""
    _run("-verify", "-in", str(message), "-CAfile", str(anchors), "-purpose", "smimesign", "-out", "/dev/null")


def _run(*arguments: str) -> None:
    try:
        subprocess.run(["openssl", "cms", *arguments], check=True, capture_output=True)
    except FileNotFoundError as error:
        raise UnmeasuredError("openssl is not there") from error
