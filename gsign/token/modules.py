"""Where the PKCS#11 module is: named by the URI or an option, else the usual places and p11-kit's configuration."""

from __future__ import annotations

import os
import platform
import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from gsign.errors import TokenError
from gsign.token.uri import TokenUri

__all__ = ["find_modules"]

# The drivers of the certification authorities in Viet Nam first, then those of card makers, then the software token.
_NAMES: Final = (
    "libbit4xpki.so",
    "libeTPkcs11.so",
    "libeToken.so",
    "libcastle.so",
    "libshuttle_p11v220.so",
    "viettel-ca_v6.so",
    "libIDPrimePKCS11.so",
    "libykcs11.so",
    "opensc-pkcs11.so",
    "libsofthsm2.so",
)
_SUBFOLDERS: Final = ("", "pkcs11", "softhsm", "opensc", "pkcs11/modules")
_P11_KIT_FOLDERS: Final = ("/usr/share/p11-kit/modules", "/etc/pkcs11/modules", "~/.config/pkcs11/modules")
# p11-kit's own modules repeat the others (proxy, client) or hold no keys (trust).
_NOT_DRIVERS: Final = ("p11-kit-trust.so", "p11-kit-client.so", "p11-kit-proxy.so", "libp11-kit.so.0")
_ELF: Final = b"\x7fELF"
_THIS_PROCESS_BITS: Final = struct.calcsize("P") * 8


def find_modules(uri: TokenUri, module: str | os.PathLike[str] | None) -> list[str]:
    """List the real paths of the modules to ask, best first.

    The URI's `module-path` decides, then `module`, then the URI's `module-name`; otherwise all modules found are asked.

    Args:
        uri: its query may name a module.
        module: path from an option or the configuration.

    Raises:
        TokenError: `module-not-found`, `module-wrong-architecture`, or `no-module` where none is installed.
    """
    named = uri.query.get("module-path") or module
    if named:
        return [_real(Path(named))]
    name = uri.query.get("module-name")
    found = [path for path in _installed() if name is None or _is_called(path, name)]
    if not found and name is not None:
        raise TokenError("module-not-found", module=name)
    if not found:
        raise TokenError("no-module")
    return list(dict.fromkeys(str(path.resolve()) for path in found))


def _is_called(path: Path, name: str) -> bool:
    # RFC 7512 2.4: "libmypkcs11.so" is named "mypkcs11" or in full.
    return name in (path.name, path.stem, path.stem.removeprefix("lib"))


def _real(path: Path) -> str:
    path = path.expanduser()
    if not os.path.exists(path) or path.is_dir():  # noqa: PTH110 - Path.exists raises where a name is too long
        raise TokenError("module-not-found", module=str(path))
    real = path.resolve()
    _check_architecture(real)
    return str(real)


def _check_architecture(path: Path) -> None:
    try:
        with open(path, "rb") as file:
            head = file.read(5)
    except OSError as error:
        raise TokenError("module-unloadable", module=str(path), detail=error.strerror or "") from None
    is_elf = head[:4] == _ELF
    # Libraries of other systems begin otherwise; here none is loaded that does.
    if not is_elf and sys.platform.startswith("linux"):
        raise TokenError("module-unloadable", module=str(path), detail="invalid ELF header")
    bits = {1: 32, 2: 64}.get(head[4], 0) if is_elf and len(head) > 4 else 0
    if bits and bits != _THIS_PROCESS_BITS:
        raise TokenError("module-wrong-architecture", module=str(path), bits=bits, needed=_THIS_PROCESS_BITS)


def _installed() -> Iterator[Path]:
    folders = [Path(base) / sub for base in _library_folders() for sub in _SUBFOLDERS]
    for name in _NAMES:
        yield from (folder / name for folder in folders if (folder / name).is_file())
    for folder in _P11_KIT_FOLDERS:
        for file in sorted(Path(folder).expanduser().glob("*.module")):
            path = _configured(file)
            if path is not None:
                yield path


def _library_folders() -> tuple[str, ...]:
    if platform.system() == "Darwin":
        return ("/usr/local/lib", "/opt/homebrew/lib", "/Library/OpenSC/lib")
    multiarch = f"/usr/lib/{platform.machine()}-linux-gnu"
    return (multiarch, "/usr/lib", "/usr/lib64", "/usr/local/lib", "/lib", "/opt/lib")


def _configured(file: Path) -> Path | None:
    """Read the module's path from a p11-kit module file (pkcs11.conf(5)); None where it is not for us."""
    try:
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    settings = {key.strip(): value.strip() for key, colon, value in (line.partition(":") for line in lines) if colon}
    name = settings.get("module", "")
    if not name or Path(name).name in _NOT_DRIVERS or "remote" in settings:
        return None
    if Path(name).is_absolute():
        return Path(name) if Path(name).is_file() else None
    places = (Path(base) / "pkcs11" / name for base in _library_folders())
    return next((place for place in places if place.is_file()), None)
