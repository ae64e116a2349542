"""The verdict on a document: what signatures cover, what came after, who signed and when, what it is worth."""

from gsign.verification.signatures import FoundSignature, find_signatures
from gsign.verification.verdict import verify_document

__all__ = ["FoundSignature", "find_signatures", "verify_document"]
