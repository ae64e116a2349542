"""CMS SignedData with one signature (RFC 5652, RFC 5035, RFC 6211, ETSI EN 319 122-1)."""

from gsign.cms.building import SignedAttributes, assemble, assemble_around, attribute, signed_attributes, size_of
from gsign.cms.checking import verify_signer_info
from gsign.cms.identifiers import (
    ID_DATA,
    ID_SIGNED_DATA,
    ID_TIMESTAMP_TOKEN,
    ID_TST_INFO,
    CmsError,
    digest_identifier,
    issuer_and_serial,
    signature_identifier,
)
from gsign.cms.reading import SignedData, SignerInfo, read

__all__ = [
    "ID_DATA",
    "ID_SIGNED_DATA",
    "ID_TIMESTAMP_TOKEN",
    "ID_TST_INFO",
    "CmsError",
    "SignedAttributes",
    "SignedData",
    "SignerInfo",
    "assemble",
    "assemble_around",
    "attribute",
    "digest_identifier",
    "issuer_and_serial",
    "read",
    "signature_identifier",
    "signed_attributes",
    "size_of",
    "verify_signer_info",
]
