"""Ways to a content key, and the padding taken off here where a token has the bare RSA operation (RFC 8017 7).

The bare operation comes first: it says no to nothing. A token that takes padding off itself answers later where it is
off, by 0.1 ms with SoftHSM, which is all that Bleichenbacher's and Manger's attacks need.

The whole block is looked at, whatever is in it, and nothing but the answer depends on what was found. Python promises
no more: how long adding numbers takes is not in its hands.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

from gsign.signer import Oaep
from gsign.token import constants as ck
from gsign.token.certificate import PublicKey

__all__ = ["Way", "oaep_key", "pkcs1_key", "ways"]

_OAEP: Final = {
    "sha1": (ck.CKM_SHA_1, ck.CKG_MGF1_SHA1),
    "sha256": (ck.CKM_SHA256, ck.CKG_MGF1_SHA256),
    "sha384": (ck.CKM_SHA384, ck.CKG_MGF1_SHA384),
    "sha512": (ck.CKM_SHA512, ck.CKG_MGF1_SHA512),
}


class Way(NamedTuple):
    """A mechanism with its parameter, and what is made of its answer: a content key, or None.

    Args:
        mechanism: CKM number.
        finish: makes it.
        parameter: digest, mask function and label of OAEP.
        is_bare: whether the token looks at no padding.
    """

    mechanism: int
    finish: Callable[[bytes], bytes | None]
    parameter: tuple[Any, ...] = ()
    is_bare: bool = False


def ways(key: PublicKey, mechanisms: frozenset[int], padding: Oaep | None, size: int) -> Iterator[Way]:
    """List the ways that a token offers to a content key of `size` bytes, best first."""
    return (way for way in _ways(key, padding, size) if way.mechanism in mechanisms)


def _ways(key: PublicKey, padding: Oaep | None, size: int) -> Iterator[Way]:
    block_size = len(key.octets)
    if padding is None:
        yield Way(ck.CKM_RSA_X_509, lambda block: pkcs1_key(block.rjust(block_size, b"\0"), size), is_bare=True)
        yield Way(ck.CKM_RSA_PKCS, lambda found: found)
        return
    yield Way(ck.CKM_RSA_X_509, lambda block: oaep_key(block.rjust(block_size, b"\0"), padding, size), is_bare=True)
    digest, mask = _OAEP.get(padding.digest), _OAEP.get(padding.mask_digest)
    if digest and mask:
        yield Way(ck.CKM_RSA_PKCS_OAEP, lambda found: found, (digest[0], mask[1], padding.label))


def pkcs1_key(block: bytes, size: int) -> bytes | None:
    """Take a key of `size` bytes out of a block of PKCS#1 v1.5 (RFC 8017 7.2.2); None where it is none."""
    filling = block[2 : -size - 1]
    wrong = (len(filling) < 8) | (block[0] != 0) | (block[1] != 2) | (block[-size - 1] != 0)
    for octet in filling:
        wrong |= octet == 0
    return None if wrong else block[-size:]


def oaep_key(block: bytes, padding: Oaep, size: int) -> bytes | None:
    """Take a key of `size` bytes out of a block of OAEP (RFC 8017 7.1.2); None where it is none."""
    name = padding.digest.replace("-", "_")
    label = hashlib.new(name, padding.label).digest()
    width = len(label)
    if len(block) < 2 * width + 2 + size:
        return None
    seed, data = block[1 : 1 + width], block[1 + width :]
    seed = _xor(seed, _mask(data, width, padding.mask_digest))
    data = _xor(data, _mask(seed, len(data), padding.mask_digest))
    expected = b"\0" + label + bytes(len(data) - width - size - 1) + b"\1"
    right = hmac.compare_digest(block[:1] + data[:-size], expected)
    return data[-size:] if right else None


def _mask(seed: bytes, length: int, digest: str) -> bytes:
    """MGF1 (RFC 8017 B.2.1)."""
    name, mask = digest.replace("-", "_"), b""
    for counter in range(length):
        mask += hashlib.new(name, seed + counter.to_bytes(4, "big")).digest()
        if len(mask) >= length:
            break
    return mask[:length]


def _xor(one: bytes, other: bytes) -> bytes:
    return (int.from_bytes(one, "big") ^ int.from_bytes(other, "big")).to_bytes(len(one), "big")
