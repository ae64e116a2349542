"""What earlier signatures still allow (ISO 32000-2 clauses 12.8.2.2 and 12.8.2.4, Table 236)."""

from __future__ import annotations

from typing import Any

from gsign.errors import InputError, UsageError
from gsign.syntax.reader import Document, Field

__all__ = ["check_permissions", "locks", "signed_fields"]


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
