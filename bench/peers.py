"""What users take instead: pyHanko with python-pkcs11; and the limit, python-pkcs11 alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pkcs11

from bench.names import FIELD, KEY_LABEL, PIN, TOKEN_LABEL

if TYPE_CHECKING:
    from pyhanko.sign import PdfSigner
    from pyhanko.sign.timestamps import TimeStamper

__all__ = ["bare_key", "bare_sign", "pdf_signer", "pyhanko_sign"]

# As long as the signed attributes of a signature, which is what the token is given.
_MESSAGE = bytes(150)
_PSS = (pkcs11.Mechanism.SHA256, pkcs11.MGF.SHA256, 32)


@contextmanager
def bare_key(module: str) -> Iterator[Any]:
    """Open the key with python-pkcs11."""
    token = pkcs11.lib(module).get_token(token_label=TOKEN_LABEL)
    with token.open(user_pin=PIN) as session:
        yield session.get_key(object_class=pkcs11.ObjectClass.PRIVATE_KEY, label=KEY_LABEL)


def bare_sign(key: Any) -> bytes:
    """Make one signature of the kind that both programs make: RSASSA-PSS with SHA-256."""
    return bytes(key.sign(_MESSAGE, mechanism=pkcs11.Mechanism.SHA256_RSA_PKCS_PSS, mechanism_param=_PSS))


def pdf_signer(
    key: Any, timestamper: TimeStamper | None = None, *, anchors: Path | None = None, **appearance: Any
) -> PdfSigner:
    """Make pyHanko's signer for the same key, as its manual says; with anchors, one that signs at B-LTA."""
    from pyhanko.sign import PdfSignatureMetadata, PdfSigner
    from pyhanko.sign.fields import SigSeedSubFilter
    from pyhanko.sign.pkcs11 import PKCS11Signer

    signer = PKCS11Signer(key.session, cert_label=KEY_LABEL, key_label=KEY_LABEL, prefer_pss=True)
    wanted = PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        **(_for_long(anchors) if anchors is not None else {}),
    )
    return PdfSigner(wanted, signer, timestamper=timestamper, **appearance)


def _for_long(anchors: Path) -> dict[str, Any]:
    from pyhanko.keys import load_certs_from_pemder
    from pyhanko_certvalidator import ValidationContext

    trusted = list(load_certs_from_pemder([anchors]))  # type: ignore[no-untyped-call]
    context = ValidationContext(trust_roots=trusted, allow_fetching=True, revocation_mode="require")
    return {"embed_validation_info": True, "use_pades_lta": True, "validation_context": context}


def pyhanko_sign(signer: PdfSigner, data: bytes) -> bytes:
    """Sign a document with pyHanko."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    out = signer.sign_pdf(IncrementalPdfFileWriter(BytesIO(data)))
    return bytes(out.getbuffer())
