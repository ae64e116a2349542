"""A first walk through the house: a throwaway authority, a token, a decision signed by leader and agency."""

from __future__ import annotations

import secrets
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

from gsign.config import Configuration
from gsign.config import Ledger as LedgerSection
from gsign.config import Token as TokenSection
from gsign.demo_document import decision
from gsign.demo_images import handwriting, seal
from gsign.demo_mail import Post, send_letters
from gsign.demo_office import AGENCY, LEADER, open_office
from gsign.demo_report import write_report
from gsign.result import VIETNAM
from gsign.service import Service

if TYPE_CHECKING:
    from gsign.result import VerificationResult
    from gsign.signing.request import SigningRecord

__all__ = ["Walk", "walk"]

_NUMBER = "286"


class Walk(NamedTuple):
    """What the demo made and what came of it."""

    document: Path
    by_leader: Path
    """The document once the leader has signed it."""
    signed: Path
    """The document once the agency has issued it."""
    anchor: Path
    records: tuple[SigningRecord, ...]
    """What leader and agency did."""
    result: VerificationResult
    post: Post
    """What became of letters between two agencies."""
    ledger: Path
    """In which both, and whoever signed, wrote all of it down."""
    report: Path
    """What the ledger tells of this month."""


def walk(folder: Path, *, lang: str = "vi") -> Walk:
    """Make an authority, a token and a decision in `folder`; the leader signs it, the agency issues it, it is verified.

    Letters go between two agencies, and a report tells what came of it all; `lang` is its language.

    Raises:
        TokenError: `softhsm-missing`.
        InputError: the folder cannot be written to.
    """
    names = ("quyet-dinh.pdf", "quyet-dinh.leader.pdf", "quyet-dinh.signed.pdf", "ca.pem", "ledger.db", "bao-cao.html")
    document, by_leader, signed, anchor, ledger, report = (folder / name for name in names)
    url = f"sqlite:///{ledger.absolute()}"
    pin = secrets.token_hex(4)
    with TemporaryDirectory(prefix="gsign-demo-") as private, open_office(Path(private), pin) as office:
        anchor.write_bytes(office.authority)
        document.write_bytes(decision(datetime.now(VIETNAM).date(), LEADER.name, number=None))
        configuration = Configuration(token=TokenSection(module=office.module), ledger=LedgerSection(url=url))
        with Service(configuration, trust=[anchor], offline=True) as service:
            with service.open_signer(LEADER.key, pin=pin) as signer:
                first = service.sign_pdf(document, by_leader, signer, role="leader", image=handwriting(), force=True)
            with service.open_signer(AGENCY.key, pin=pin) as signer:
                issue = {"role": "issue", "number": _NUMBER, "image": seal(), "force": True}
                second = service.sign_pdf(by_leader, signed, signer, **issue)
            post = send_letters(
                Path(private),
                ledger=url,
                module=office.module,
                pin=pin,
                anchor=anchor,
                unsigned=document,
                signed=signed,
            )
            result = service.verify_pdf(signed)
    write_report(url, report, lang=lang)
    return Walk(document, by_leader, signed, anchor, (first, second), result, post, ledger, report)
