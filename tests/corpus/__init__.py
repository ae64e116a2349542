"""Forgeries that must never pass, and genuine documents that must: each made from a freshly signed document.

    FORGERIES["dangling-reference-filled"].make(kit)      bytes
    GENUINE["three-signatures"].make(kit)

Attacks follow the published descriptions: universal signature forgery, incremental saving and signature wrapping
(Mladenov et al., CCS 2019), shadow attacks (Mainka et al., NDSS 2021), attacks on certified documents (Rohlmann et al.,
S&P 2021); and what a verifier of this design would be prone to.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from tests.corpus.kit import Kit
from tests.corpus.model import FORGERIES, GENUINE, Case

__all__ = ["FORGERIES", "GENUINE", "Case", "Kit"]

# Whatever lies beside this is part of it.
for _found in sorted(module.name for module in iter_modules(__path__)):
    import_module(f"{__name__}.{_found}")
