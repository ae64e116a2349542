"""Ways to hide a document in a message, so that a mail program shows it and an inspection may miss it.

Each way says what an inspection must come to: that it finds the document, and where readers of mail differ or nothing
can be looked into, by which name it says so. A way without either is a plain way of sending: then a validly signed
document must pass, without any remark.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from tests.hiding.model import WAYS, Way

__all__ = ["WAYS", "Way"]

# Whatever lies beside this is part of it.
for _found in sorted(module.name for module in iter_modules(__path__)):
    import_module(f"{__name__}.{_found}")
