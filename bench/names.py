"""What token, key and field are called, and the PIN. It imports nothing: processes whose memory is measured use it."""

from __future__ import annotations

from typing import Final

__all__ = ["FIELD", "KEY_LABEL", "KEY_URI", "PIN", "TOKEN_LABEL"]

TOKEN_LABEL: Final = "VP"
KEY_LABEL: Final = "van-thu"
KEY_URI: Final = f"pkcs11:token={TOKEN_LABEL}"
PIN: Final = "271828"
FIELD: Final = "Signature1"
