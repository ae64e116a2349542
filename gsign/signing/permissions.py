"""What the document's author and earlier signatures allow (ISO 32000-2 clauses 7.6.4.2, 12.8.2.2 and 12.8.2.4)."""

from __future__ import annotations

from typing import Any, Final

from gsign.errors import InputError, UsageError
from gsign.syntax.reader import Document, Field

__all__ = ["check_permissions", "check_rights", "locks", "lost_rights", "signed_fields"]

_USAGE_RIGHTS: Final = frozenset({"UR", "UR3"})


def signed_fields(fields: list[Field]) -> list[Field]:
    """Return the signature fields that hold a signature."""
    return [f for f in fields if f.kind == "Sig" and f.value is not None]


def check_permissions(document: Document, fields: list[Field], name: str, *, certify: bool) -> None:
    """Refuse what an earlier signature forbids, or what would make it invalid.

    Args:
        document: the document to be signed.
        fields: its form fields.
        name: fully qualified name of the field that is to be signed.
        certify: whether a certification is asked for, which only the first signature can be.

    Raises:
        InputError: `certified-no-changes`, `field-locked`.
        UsageError: `certify-not-first`.
    """
    signed = signed_fields(fields)
    if certify and signed:
        raise UsageError("certify-not-first", field=signed[0].name)
    for field in signed:
        _check_lock(document, field)
        signature = document.dictionary(field.value, "signature")
        for entry in document.array(signature.get("Reference"), "/Reference"):
            reference = document.dictionary(entry, "signature reference")
            method = document.get(reference.get("TransformMethod"))
            parameters = document.dictionary(reference.get("TransformParams") or {}, "/TransformParams")
            if method == "DocMDP" and document.get(parameters.get("P", 2)) == 1:
                raise InputError("certified-no-changes", field=field.name)
            if method == "FieldMDP" and locks(document, parameters, name):
                raise InputError("field-locked", field=name, by=field.name)


def check_rights(document: Document, *, in_existing_field: bool) -> None:
    """Refuse to sign an encrypted document whose author keeps that from those who have this password.

    Raises:
        InputError: `rights-withheld`.
    """
    if document.security is not None and not document.security.may_sign(in_existing_field=in_existing_field):
        raise InputError("rights-withheld", file=document.source.name or "-")


def lost_rights(document: Document) -> tuple[str, ...]:
    """Return a warning where the document grants rights to readers that end with any change (clause 12.8.2.3)."""
    granted = document.get(document.catalog.get("Perms"))
    return ("usage-rights-lost",) if isinstance(granted, dict) and granted.keys() & _USAGE_RIGHTS else ()


def _check_lock(document: Document, field: Field) -> None:
    lock = document.get(field.dictionary.get("Lock"))
    if isinstance(lock, dict) and document.get(lock.get("P")) == 1:
        raise InputError("certified-no-changes", field=field.name)


def locks(document: Document, parameters: dict[str, Any], name: str) -> bool:
    """Say whether FieldMDP parameters or a field lock dictionary lock the field `name`."""
    from gsign.syntax.reader import decode_text

    action = document.get(parameters.get("Action"))
    names = map(document.get, document.array(parameters.get("Fields"), "/Fields"))
    listed = [decode_text(name) for name in names if isinstance(name, bytes) and name]
    # A name stands for the field and all below it.
    named = any(name == entry or name.startswith(entry + ".") for entry in listed)
    if action == "Include":
        return named
    if action == "Exclude":
        return not named
    return True
