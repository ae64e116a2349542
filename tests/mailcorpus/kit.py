"""Who writes the messages of the corpus, and how: people and agencies of the test PKI, messages put together by hand.

kit.signed()                        gsign's own, detached, from the person
kit.detached(entity, cms)           any entity and CMS in multipart/signed
kit.opaque(cms)
"""

from __future__ import annotations

import base64
import datetime as dt
import email.utils
import hashlib
from pathlib import Path
from typing import Any

from cryptography import x509

from gsign import pkcs12, smime
from gsign.signer import Digest
from gsign.trust.timestamp import TimestampClient
from tests.mailcorpus.cms import Signing, signed_data
from tests.pki import LEADER, ORGANISATION, PERSON, Identity, Pki, Subject, now

__all__ = ["ENTITY", "Kit", "digits", "fields", "lines"]

_PASSWORD = "mat-khau"


def lines(text: str) -> bytes:
    """Write text as it travels."""
    return text.encode().replace(b"\n", b"\r\n")


ENTITY = lines(
    "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n"
    "K=C3=ADnh g=E1=BB=ADi Qu=C3=BD c=C6=A1 quan,\n\nM=E1=BB=9Di h=E1=BB=8Dp l=C3=BAc 8 gi=E1=BB=9D.\n"
)
"""A part that relays pass on unchanged."""


def fields(**changes: str | None) -> bytes:
    """Write the fields of a message from the person; None leaves one out, and `_` in a name stands for a hyphen."""
    values = {
        "From": f"Nguyen Thi Anh Tuyet <{PERSON.email}>",
        "To": "vanthu@hanoi.gov.vn",
        "Subject": "Moi hop",
        "Date": email.utils.format_datetime(now()),
        "Message-ID": "<286@hungyen.gov.vn>",
        "MIME-Version": "1.0",
        **{name.replace("_", "-"): value for name, value in changes.items()},
    }
    return "".join(f"{name}: {value}\r\n" for name, value in values.items() if value is not None).encode()


class Kit:
    """Signers and their messages."""

    def __init__(self, pki: Pki, folder: Path) -> None:
        self.pki = pki
        self.folder = folder
        self._signers: dict[str, Any] = {}

    # --- people ---------------------------------------------------------------------------------------------------

    @property
    def person(self) -> Identity:
        """Whom most messages are from; nobody is asked for the certificate's status."""
        return self.pki.leaf(pointers=False)

    @property
    def person_ec(self) -> Identity:
        """The same person with a key on an elliptic curve."""
        return self.pki.leaf(key="p256", pointers=False)

    @property
    def other(self) -> Identity:
        """Somebody else of the same agency: whoever attacks has a certificate too."""
        return self.pki.leaf(LEADER, pointers=False)

    @property
    def agency(self) -> Identity:
        """The agency, by its official mailbox."""
        return self.pki.leaf(ORGANISATION, pointers=False)

    def named(self, *names: x509.GeneralName, subject: Subject | None = None, **changes: Any) -> Identity:
        """Return the person with other alternative names in the certificate."""
        extra = ((x509.SubjectAlternativeName(names), False),) if names else ()
        who = subject or Subject(PERSON.common_name, units=PERSON.units)
        return self.pki.leaf(who, pointers=False, extra=extra, **changes)

    def signer(self, who: Identity) -> Any:
        """Open somebody's key."""
        key = f"{who.serial:x}"
        if key not in self._signers:
            path = who.p12(self.folder / f"{key}.p12", _PASSWORD)
            self._signers[key] = pkcs12.open_signer(path, pin=_PASSWORD)
        return self._signers[key]

    # --- messages -------------------------------------------------------------------------------------------------

    def message(self, entity: bytes = ENTITY, **changes: str | None) -> bytes:
        """Write a message that is not signed."""
        return fields(**changes) + entity

    def signed(self, message: bytes | None = None, who: Identity | None = None, **options: Any) -> bytes:
        """Let gsign sign."""
        options = {"revocation": "off", **options}
        return smime.sign(self.message() if message is None else message, self.signer(who or self.person), **options)

    def cms(
        self, content: bytes = ENTITY, who: Identity | None = None, *, carry: bool = False, **changes: Any
    ) -> bytes:
        """Make a SignedData; `changes` are those of Signing."""
        signing = Signing(who or self.person, **changes)
        return signed_data(content, signing, econtent=content if carry else None)

    def timestamped(self, who: Identity, moment: dt.datetime, *, over: bytes | None = None) -> bytes:
        """Make a SignedData of ENTITY with a timestamp over its signature, or over something else."""
        self.pki.tsa.clock = lambda: moment

        def stamp(signature: bytes) -> bytes:
            imprint = hashlib.sha256(signature if over is None else over).digest()
            return TimestampClient(self.pki.tsa_url).stamp(imprint, Digest.SHA256)

        return self.cms(who=who, stamp=stamp)

    def detached(
        self,
        cms: bytes | None = None,
        entity: bytes = ENTITY,
        *,
        header: bytes | None = None,
        boundary: str = "----ky-so",
        parameters: str = 'protocol="application/pkcs7-signature"; micalg="sha-256"',
        signature_type: str = 'application/pkcs7-signature; name="smime.p7s"',
        preamble: bytes = b"",
        epilogue: bytes = b"",
        further: bytes = b"",
    ) -> bytes:
        """Put an entity and its CMS into multipart/signed.

        Args:
            cms: by default the person's right one.
            entity: what is signed.
            header: the outer fields.
            boundary: as it stands between the parts.
            parameters: of the outer Content-Type.
            signature_type: Content-Type of the signature's part.
            preamble: before the first delimiter.
            epilogue: behind the last one.
            further: more parts, each with a CRLF before and behind.
        """
        mark = b"--" + boundary.encode()
        return b"".join([
            fields() if header is None else header,
            f'Content-Type: multipart/signed; {parameters}; boundary="{boundary}"\r\n\r\n'.encode(),
            preamble,
            mark,
            b"\r\n",
            entity,
            b"\r\n",
            mark,
            b"\r\n",
            f"Content-Type: {signature_type}\r\nContent-Transfer-Encoding: base64\r\n\r\n".encode(),
            digits(self.cms(entity) if cms is None else cms),
            *((mark, b"\r\n", further) if further else ()),
            mark,
            b"--\r\n",
            epilogue,
        ])  # fmt: skip

    def opaque(
        self,
        cms: bytes | None = None,
        *,
        header: bytes | None = None,
        content_type: str = 'application/pkcs7-mime; smime-type=signed-data; name="smime.p7m"',
        disposition: str = "",
    ) -> bytes:
        """Put a CMS into application/pkcs7-mime."""
        return b"".join([
            fields() if header is None else header,
            f"Content-Type: {content_type}\r\nContent-Transfer-Encoding: base64\r\n{disposition}\r\n".encode(),
            digits(self.cms(carry=True) if cms is None else cms),
        ])  # fmt: skip


def digits(octets: bytes) -> bytes:
    """Write octets in base64, as lines of a part."""
    return base64.encodebytes(octets).replace(b"\n", b"\r\n")
