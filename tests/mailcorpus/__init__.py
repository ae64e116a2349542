"""Messages that must never pass, and messages that must: each made and signed when it is asked for.

    INVALID["third-part"].make(kit)      bytes
    VALID["lf-file"].make(kit)

Attacks follow the published descriptions ("Johnny, you are fired!", Müller et al., USENIX Security 2019; RFC 8550 and
8551; mail.md), and what a verifier of this design would be prone to.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from tests.mailcorpus.kit import Kit
from tests.mailcorpus.model import INVALID, VALID, Case

__all__ = ["INVALID", "VALID", "Case", "Kit"]

# Whatever lies beside this is part of it.
for _found in sorted(module.name for module in iter_modules(__path__)):
    import_module(f"{__name__}.{_found}")
