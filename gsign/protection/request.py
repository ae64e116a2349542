"""What is asked for when a message is signed, and what is told afterwards."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Final, NamedTuple, TypedDict, Unpack

from gsign.errors import UsageError
from gsign.mime import Part
from gsign.mime.addresses import AddressError, read_addresses
from gsign.protection.layers import DETACHED, OPAQUE
from gsign.result import SignerInfo, plain
from gsign.signer import Algorithm, Digest, Scheme, Signer, digest_of, scheme_of
from gsign.trust.clients import Trusted, revocation_client, trust_store

if TYPE_CHECKING:
    from gsign.trust.revocation import RevocationClient
    from gsign.trust.store import TrustStore

__all__ = ["MailRecord", "SignMailOptions", "SignMailRequest"]

_FORMS: Final = (DETACHED, OPAQUE)


Form = Callable[[tuple[str, ...]], str]
"""Tells the form that recipients take."""


class SignMailOptions(TypedDict, total=False):
    """How a message is to be signed; each has the default that `gsign mail sign` has."""

    form: str | Form
    """`detached` (default): readable without S/MIME; `opaque`: all inside the CMS, safe from any relay.

    Or what tells which, for the addresses of To and Cc.
    """
    scheme: Scheme | str | None
    """`pkcs1` or `pss` for RSA keys; None or `auto` takes `pkcs1`, which every mail program reads."""
    digest: Digest | str | None
    as_agency: bool
    """Sign as the agency for a sender of its domain whom the certificate does not name (RFC 3183)."""
    trust: Trusted
    """Anchors that the signer's certificate must lead to; None checks the certificate alone."""
    revocation: RevocationClient | str
    """`prefer` (default), `require` or `off`: whether the certificate's status is asked for before signing."""
    offline: bool
    """Ask nobody for a certificate's status."""


class SignMailRequest(NamedTuple):
    """Options made definite."""

    form: str | Form
    scheme: Scheme | None
    digest: Digest | None
    as_agency: bool
    trust: TrustStore | None
    revocation: RevocationClient

    @classmethod
    def of(cls, **options: Unpack[SignMailOptions]) -> SignMailRequest:
        """Make a request of what a caller gave.

        Raises:
            UsageError: `mail-form-unknown`, `scheme-unknown`, `digest-unknown`, `revocation-unknown`.
            TypeError: there is no such option.
        """
        unknown = options.keys() - SignMailOptions.__annotations__.keys()
        if unknown:
            raise TypeError(f"unexpected option: {', '.join(sorted(unknown))}")
        form = options.get("form", DETACHED)
        if not callable(form) and form not in _FORMS:
            raise UsageError("mail-form-unknown", value=form, known=", ".join(_FORMS))
        return cls(
            form=form,
            scheme=scheme_of(options.get("scheme")),
            digest=digest_of(options.get("digest")),
            as_agency=options.get("as_agency", False),
            trust=trust_store(options.get("trust")),
            revocation=revocation_client(options.get("revocation", "prefer"), offline=options.get("offline", False)),
        )

    def form_for(self, message: Part) -> str:
        """Choose the form: where it depends on recipients that cannot be read, the one that everybody reads."""
        if not callable(self.form):
            return self.form
        try:
            fields = (*message.get_all("to"), *message.get_all("cc"))
            return self.form(tuple(address.spec for field in fields for address in read_addresses(field)))
        except AddressError:
            return DETACHED

    def algorithm(self, signer: Signer) -> Algorithm:
        """Choose the algorithm: for RSA keys, where nobody asked otherwise, the scheme that every mail program reads.

        Raises:
            TokenError: `algorithm-unsupported`.
        """
        from gsign.trust.certificate import Certificate
        from gsign.trust.signatures import key_facts

        scheme = self.scheme
        if scheme is None and key_facts(Certificate.of(signer.certificate).spki).kind == "rsa":
            scheme = Scheme.PKCS1
        return signer.algorithm(scheme, self.digest)


class MailRecord(NamedTuple):
    """What was done to one message; times are aware."""

    file: str | None
    output: str | None
    form: str
    sender: str
    as_agency: bool
    scheme: Scheme
    digest: Digest
    is_token: bool
    key: str
    signer: SignerInfo
    signing_time: datetime
    warnings: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, object]:
        """Return the dictionary that `--json` prints."""
        facts = {name: plain(value) for name, value in self._asdict().items()}
        return {**facts, "from": facts.pop("sender")}
