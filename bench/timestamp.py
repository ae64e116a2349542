"""Signing with a timestamp from an authority on loopback, or for long: its servers' own work counts for both."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bench.desk import Desk
from bench.harness import Case, Race, beside, seconds
from bench.peers import bare_key, pdf_signer, pyhanko_sign
from gsign import pdf
from gsign.signer import Digest
from gsign.trust.revocation import RevocationClient
from gsign.trust.timestamp import TimestampClient

__all__ = ["CASES"]


@contextmanager
def one_page(desk: Desk) -> Iterator[Race]:
    """Sign one page at B-T."""
    from pyhanko.sign.timestamps import HTTPTimeStamper

    data = desk.document("one-page")
    client = TimestampClient((desk.pki.tsa_url,))
    imprint = Digest.SHA256.new(b"").digest()
    with desk.signer() as signer, bare_key(desk.module) as key:
        theirs = pdf_signer(key, HTTPTimeStamper(desk.pki.tsa_url))
        yield Race(
            {
                "gsign": seconds(lambda: pdf.sign(data, signer, trust=desk.trust, level="B-T", tsa=client)),
                "pyHanko": seconds(lambda: pyhanko_sign(theirs, data)),
                "one timestamp alone": seconds(lambda: client.stamp(imprint, Digest.SHA256)),
            },
            (beside("pyHanko"), beside("one timestamp alone")),
        )


@contextmanager
def for_long(desk: Desk) -> Iterator[Race]:
    """Sign one page at B-LTA; neither keeps a status or certificates from one document for the next."""
    from pyhanko.sign.timestamps import HTTPTimeStamper

    data = desk.document("one-page")
    client = TimestampClient((desk.pki.tsa_url,))
    stamper = HTTPTimeStamper(desk.pki.tsa_url)
    with desk.signer() as signer, bare_key(desk.module) as key:

        def ours() -> bytes:
            asked = RevocationClient()
            return pdf.sign(data, signer, trust=desk.trust, level="B-LTA", tsa=client, revocation=asked)

        def theirs() -> bytes:
            return pyhanko_sign(pdf_signer(key, stamper, anchors=desk.anchors), data)

        yield Race({"gsign": seconds(ours), "pyHanko": seconds(theirs)}, (beside("pyHanko", at_most=0.3),), rounds=11)


CASES = (
    Case("timestamp", "one page with a timestamp", one_page),
    Case("for-long", "one page at B-LTA", for_long),
)
