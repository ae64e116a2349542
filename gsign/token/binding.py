"""python-pkcs11, without what it imports for making and encoding keys: that is most of its start, and signs nothing.

Those parts stand in `pkcs11.util` all the same, and are read when something in them is first asked for. Imported by the
driver's own process only.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import LazyLoader
from types import ModuleType
from typing import Final

__all__ = ["AttributeMapper", "pkcs11"]

_NOT_FOR_SIGNING: Final = frozenset(f"pkcs11.util.{name}" for name in ("dh", "dsa", "ec", "rsa", "x509"))


class _Later:
    """Find those modules as ever, and have them read later."""

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        spec = PathFinder.find_spec(name, path, target) if name in _NOT_FOR_SIGNING else None
        if spec is not None and spec.loader is not None:
            spec.loader = LazyLoader(spec.loader)
        return spec


_later = _Later()
sys.meta_path.insert(0, _later)
try:
    import pkcs11
    from pkcs11.attributes import AttributeMapper
finally:
    sys.meta_path.remove(_later)
