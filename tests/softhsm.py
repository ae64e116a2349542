"""Real SoftHSM tokens, made at run time in a folder of their own.

office = Office(tmp_path)                       sets nothing by itself
token = office.token("VP", keys=[Item(leaf)])   a token with a key, its public key and its certificate
monkeypatch.setenv(*office.setting)             whoever opens the module now sees these tokens
token.remove(); token.put_back()                as if it were pulled out of the reader
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from gsign.token.software import (
    SoftwareToken,
    certificate_object,
    find_softhsm,
    private_key_object,
    public_key_object,
)

__all__ = ["PIN", "Item", "Office", "Token"]

PIN = "271828"


@dataclass(frozen=True)
class Item:
    """What one pair on a token is made of; leave out the certificate or the key for a lone half."""

    certificate: bytes | None = None
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | None = None
    label: str = "van-thu"
    id: bytes = b"\x01"
    certificate_id: bytes | None = None
    certificate_label: str | None = None
    public: bool = True
    hidden: bool = False

    def objects(self) -> list[dict[int, bytes]]:
        """Describe the objects."""
        from gsign.token import constants as ck

        made = []
        if self.certificate is not None:
            subject = x509.load_der_x509_certificate(self.certificate).subject.public_bytes()
            identifier = self.id if self.certificate_id is None else self.certificate_id
            label = self.label if self.certificate_label is None else self.certificate_label
            template = certificate_object(self.certificate, subject, label, identifier)
            made.append({**template, ck.CKA_PRIVATE: b"\1"} if self.hidden else template)
        if self.key is not None:
            made.append(private_key_object(self.key, self.label, self.id))
            if self.public:
                made.append(public_key_object(self.key, self.label, self.id))
        return made


class Token:
    """One token's folder, which can be taken away and put back."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._away = folder.parent.parent / "away" / folder.name

    def remove(self) -> None:
        """Pull the token out."""
        self._away.parent.mkdir(exist_ok=True)
        shutil.move(self._folder, self._away)

    def put_back(self) -> None:
        """Put the token back."""
        shutil.move(self._away, self._folder)


class Office:
    """A folder of tokens with a SoftHSM configuration of its own."""

    def __init__(self, folder: Path) -> None:
        self._tokens = SoftwareToken(folder)
        self.module = find_softhsm()

    @property
    def setting(self) -> tuple[str, str]:
        """Name and value of the environment variable that leads to these tokens."""
        ((name, value),) = self._tokens.environment.items()
        return name, value

    def token(self, label: str = "VP", items: list[Item] | None = None, pin: str = PIN) -> Token:
        """Make one more token."""
        folder = self._tokens.folder / "tokens"
        before = set(folder.iterdir())
        self._tokens.create(label, pin, [template for item in items or [] for template in item.objects()])
        (made,) = set(folder.iterdir()) - before
        return Token(made)
