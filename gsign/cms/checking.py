"""One signature of a SignedData, checked against the certificate that is said to have made it."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

from gsign import der
from gsign.cms.identifiers import (
    DIGESTS_READ,
    ID_ALGORITHM_PROTECTION,
    ID_CONTENT_TYPE,
    ID_DATA,
    ID_MESSAGE_DIGEST,
    MGF1,
    CmsError,
    hash_algorithm,
    public_key,
)
from gsign.cms.reading import SignerInfo, is_bound
from gsign.der import Node
from gsign.signer import Scheme

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.padding import PSS, PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

__all__ = ["verify_signer_info"]

_KEPT: Final = 256


def verify_signer_info(
    info: SignerInfo, certificate: bytes, content_digest: bytes, content_type: str = ID_DATA
) -> None:
    """Check that `certificate`'s key signed content of this digest.

    (1) signed attributes are there; (2) content type as expected; (3) message digest; (4) signing certificate, where
    one is bound; (5) algorithm protection, where present (RFC 6211); (6) the signature itself.

    Args:
        info: the signer's part.
        certificate: DER of the certificate that `info` names.
        content_digest: digest of the content by `info.digest`.
        content_type: OID of the content.

    Raises:
        CmsError: the first of these that does not hold.
    """
    try:
        message = _to_verify(info)
        _check_attributes(info, certificate, content_digest, content_type)
        _check_signature(info, certificate, message)
    except CmsError:
        raise
    except (ValueError, IndexError) as error:
        raise CmsError("cms-malformed") from error


def _to_verify(info: SignerInfo) -> bytes:
    if info.signed is None:
        raise CmsError("signed-attributes-missing")
    return info.signed.retagged(der.SET)


def _check_attributes(info: SignerInfo, certificate: bytes, content_digest: bytes, content_type: str) -> None:
    kind = info.signed_value(ID_CONTENT_TYPE)
    if kind is None or kind.oid() != content_type:
        raise CmsError("content-type-wrong")
    digest = info.signed_value(ID_MESSAGE_DIGEST)
    if digest is None:
        raise CmsError("message-digest-missing")
    if digest.expect(der.OCTET_STRING).content != content_digest:
        raise CmsError("message-digest-wrong")
    if is_bound(info, certificate) is False:
        raise CmsError("signing-certificate-wrong")
    protection = info.signed_value(ID_ALGORITHM_PROTECTION)
    if protection is not None and not _protects(protection, info):
        raise CmsError("algorithms-differ")


def _protects(protection: Node, info: SignerInfo) -> bool:
    parts = protection.children()
    return (
        _is_same_algorithm(parts[0], info.digest_identifier)
        and parts[1].tag == 0xA1
        and _is_same_algorithm(parts[1], info.signature_identifier)
    )


def _is_same_algorithm(one: Node, other: Node) -> bool:
    """Compare two AlgorithmIdentifiers, whatever their tags and parameters; mostly they are the same octets."""
    if one.is_constructed and one.content == other.content:
        return True
    return one.children()[0].raw == other.children()[0].raw


def _check_signature(info: SignerInfo, certificate: bytes, message: bytes) -> None:
    invalid, unsupported, rsa_key, pkcs1 = _rsa()
    try:
        key = public_key(certificate)
        algorithm = hash_algorithm(info.digest)
        if info.scheme is Scheme.ECDSA:
            from cryptography.hazmat.primitives.asymmetric import ec

            if not isinstance(key, ec.EllipticCurvePublicKey):
                raise CmsError("key-and-algorithm-differ")
            key.verify(info.signature, message, ec.ECDSA(algorithm))
        elif info.scheme is Scheme.PKCS1 and isinstance(key, rsa_key):
            key.verify(info.signature, message, pkcs1, algorithm)
        elif info.scheme is Scheme.PSS and isinstance(key, rsa_key):
            identifier = info.signature_identifier.raw
            scheme = (_pss if len(identifier) <= _KEPT else _pss.__wrapped__)(identifier, info.digest)
            key.verify(info.signature, message, scheme, algorithm)
        else:
            raise CmsError("key-and-algorithm-differ")
    except invalid as error:
        raise CmsError("signature-wrong") from error
    except (unsupported, ValueError) as error:
        if isinstance(error, CmsError):
            raise
        raise CmsError("algorithm-unknown") from error


@cache
def _rsa() -> tuple[type[Exception], type[Exception], type[RSAPublicKey], PKCS1v15]:
    """Return what the check of a signature may raise, and what most signatures are made with."""
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import padding, rsa

    return InvalidSignature, UnsupportedAlgorithm, rsa.RSAPublicKey, padding.PKCS1v15()


@lru_cache(maxsize=64)
def _pss(identifier: bytes, digest: str) -> PSS:
    from cryptography.hazmat.primitives.asymmetric import padding

    mask, salt = _pss_parameters(identifier, digest)
    return padding.PSS(padding.MGF1(hash_algorithm(mask)), salt)


def _pss_parameters(identifier: bytes, digest: str) -> tuple[str, int]:
    """Return the digest of the mask and the salt's length; the hash must be the digest of the signature (RFC 4056 3).

    The mask's should be the same one. Programs that leave it at SHA-1 lose nothing: no collision is of use there.
    """
    parameters = der.parse(identifier).children()
    parts = {n.tag & 0x1F: n.children()[0] for n in parameters[1].children()} if len(parameters) > 1 else {}
    hash_name = DIGESTS_READ.get(parts[0].children()[0].oid()) if 0 in parts else "sha1"
    mask_name: str | None = "sha1"
    if 1 in parts:
        mask, mask_digest = parts[1].children()
        mask_name = DIGESTS_READ.get(mask_digest.children()[0].oid()) if mask.oid() == MGF1 else None
    if hash_name != digest:
        raise CmsError("algorithms-differ")
    if mask_name is None or (3 in parts and parts[3].integer() != 1):
        raise CmsError("algorithm-unknown")
    salt = parts[2].integer() if 2 in parts else 20
    if not 0 <= salt <= 512:
        raise CmsError("algorithm-unknown")
    return mask_name, salt
