"""Encrypted documents (ISO 32000-2 clause 7.6): the keys and ciphers are pyHanko's, the structure stays ours.

The thorough path differs from the quick one in this alone, so that both write and judge the same way: strings and
streams of a document are decrypted as they are read, and those of a new revision encrypted as they are written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gsign.errors import InputError
from gsign.syntax.lexer import PdfSyntaxError
from gsign.syntax.objects import Name, Ref
from gsign.syntax.xref import StreamObject

if TYPE_CHECKING:
    from pyhanko.pdf_utils.crypt.api import CryptFilter

__all__ = ["Security"]

_MODIFY: Final = 1 << 3
_ANNOTATE: Final = 1 << 5
_FILL_IN: Final = 1 << 8
_KNOWS_FILLING_IN: Final = 3
"""Revision of the handler from which on filling in is a right of its own."""
_VERSIONS: Final = (1, 2, 4, 5)
"""Values of /V that say how to decrypt (Table 20); pyHanko takes others for the last of these."""
_EXTENSION_LEVEL_3: Final = 5
"""Revision of Acrobat 9 alone, which ISO 32000-2 has deprecated; pyHanko takes it for the next, whose keys differ."""


class Security:
    """Decrypt and encrypt the strings and streams of one document.

    Args:
        dictionary: the encryption dictionary.
        identifier: first half of the trailer's /ID.
        password: user or owner password; None tries the empty one.
        file: name of the document, for messages.

    Raises:
        InputError: `password-needed`, `password-wrong`, `encryption-unsupported`.
    """

    def __init__(self, dictionary: dict[str, Any], identifier: bytes, password: str | None, file: str | None) -> None:
        from pyhanko.pdf_utils.crypt.api import AuthStatus, SecurityHandler
        from pyhanko.pdf_utils.crypt.standard import StandardSecurityHandler

        name = file or "-"
        try:
            handler = SecurityHandler.build(_to_pyhanko(dictionary))
            is_known = isinstance(handler, StandardSecurityHandler) and not handler.pdf_mac_enabled
            is_known = is_known and dictionary.get("V") in _VERSIONS and dictionary["R"] != _EXTENSION_LEVEL_3
            outcome = handler.authenticate(password or "", id1=identifier)
            self._strings: CryptFilter = handler.get_string_filter()
            self._streams: CryptFilter = handler.get_stream_filter()
            self._encrypts_metadata = dictionary.get("EncryptMetadata") is not False
            self._permissions, self._revision = int(dictionary["P"]), int(dictionary["R"])
        except UnicodeError as error:
            # Before revision 6 a password has letters of PDFDocEncoding only: another one cannot be right.
            raise InputError("password-wrong", file=name) from error
        except Exception as error:
            # pyHanko's exceptions have no common root; a malformed dictionary raises KeyError and TypeError too.
            raise InputError("encryption-unsupported", file=name) from error
        if not is_known:
            raise InputError("encryption-unsupported", file=name)
        if outcome.status is AuthStatus.FAILED:
            raise InputError("password-wrong" if password else "password-needed", file=name)
        self._is_owner = outcome.status is AuthStatus.OWNER

    def leaves_plain(self, dictionary: dict[str, Any]) -> bool:
        """Say whether a stream is not under the document's key: it has a filter of its own, or is metadata for all.

        What readers do not decrypt must not be compared decrypted: another vector would then seem to change nothing.
        """
        filters = dictionary.get("Filter")
        named = filters if isinstance(filters, list) else [filters]
        return "Crypt" in named or (dictionary.get("Type") == "Metadata" and not self._encrypts_metadata)

    def may_sign(self, *, in_existing_field: bool) -> bool:
        """Say whether whoever has this password may sign (Table 22): the owner always.

        Args:
            in_existing_field: fewer rights will do for a field that is there than for making one.
        """
        may_annotate = bool(self._permissions & _ANNOTATE)
        may_fill_in = self._revision >= _KNOWS_FILLING_IN and bool(self._permissions & _FILL_IN)
        if in_existing_field:
            return self._is_owner or may_annotate or may_fill_in
        return self._is_owner or (may_annotate and bool(self._permissions & _MODIFY))

    def decrypt_value(self, ref: Ref, value: Any) -> Any:
        """Decrypt the strings inside an object; the /Contents of a signature is never encrypted (clause 7.6.2)."""
        if isinstance(value, bytes):
            return self._apply(self._strings, ref, value)
        if isinstance(value, list):
            return [self.decrypt_value(ref, v) for v in value]
        if isinstance(value, dict):
            plain = {"Contents"} if "ByteRange" in value else set()
            return {k: v if k in plain else self.decrypt_value(ref, v) for k, v in value.items()}
        if isinstance(value, StreamObject):
            return StreamObject(self.decrypt_value(ref, value.dictionary), value.data_offset, ref)
        return value

    def decrypt_stream(self, ref: Ref, data: bytes) -> bytes:
        """Decrypt the stored bytes of a stream."""
        return self._apply(self._streams, ref, data)

    def encrypt_string(self, ref: Ref, data: bytes) -> bytes:
        """Encrypt a string of a new object."""
        return bytes(self._strings.encrypt(self._strings.derive_object_key(ref.number, ref.generation), data))

    def encrypt_stream(self, ref: Ref, data: bytes) -> bytes:
        """Encrypt the stored bytes of a new stream."""
        return bytes(self._streams.encrypt(self._streams.derive_object_key(ref.number, ref.generation), data))

    def _apply(self, crypt_filter: CryptFilter, ref: Ref, data: bytes) -> bytes:
        try:
            return bytes(crypt_filter.decrypt(crypt_filter.derive_object_key(ref.number, ref.generation), data))
        except Exception as error:
            raise PdfSyntaxError("damaged encrypted data") from error


def _to_pyhanko(value: Any) -> Any:
    """Turn a value of ours into pyHanko's."""
    from pyhanko.pdf_utils import generic as typed

    generic: Any = typed  # its constructors have no types

    if isinstance(value, dict):
        return generic.DictionaryObject({generic.pdf_name("/" + k): _to_pyhanko(v) for k, v in value.items()})
    if isinstance(value, list):
        return generic.ArrayObject(map(_to_pyhanko, value))
    if isinstance(value, Name):
        return generic.pdf_name("/" + value)
    if isinstance(value, bytes):
        return generic.ByteStringObject(value)
    if isinstance(value, bool):
        return generic.BooleanObject(value)
    if isinstance(value, int):
        return generic.NumberObject(value)
    raise PdfSyntaxError("malformed encryption dictionary")
