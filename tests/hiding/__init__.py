"""Ways to hide a document in a message, so that a mail program shows it and an inspection may miss it.

Each way says what an inspection must come to: that it finds the document, and where readers of mail differ or nothing
can be looked into, by which name it says so. A way without either is a plain way of sending: then a validly signed
document must pass, without any remark.
"""

from __future__ import annotations

from tests.hiding import (
    archives,
    boundaries,
    ciphers,
    compounds,
    correspondence,
    digits,
    documents,
    encodings,
    envelopes,
    headers,
    links,
    manners,
    messages,
    names,
    office,
    programs,
    readers,
    sevenzips,
    texts,
    types,
    zips,
)
from tests.hiding.model import WAYS, Way

__all__ = ["WAYS", "Way"]

_ = (archives, boundaries, compounds, documents, encodings, envelopes, headers)
_ = (ciphers, correspondence, digits, links, manners, office, programs, readers)
_ = (messages, names, sevenzips, texts, types, zips)
