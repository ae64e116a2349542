"""Universal signature forgery: a range or value that a careless verifier reads as "nothing to complain of"."""

from __future__ import annotations

from gsign.syntax.objects import Raw
from tests.corpus.kit import Kit, byte_range, contents_at, replaced, with_byte_range, with_contents
from tests.corpus.model import forgery

_MALFORMED = {
    "zeros": (b"[0 0 0 0]", "an empty range covers nothing, and its digest is known"),
    "negative": (b"[0 -1 20 30]", "negative numbers read as positions from the end"),
    "three-numbers": (b"[0 100 200]", "the second part has no length"),
    "five-numbers": (b"[0 10 20 30 40]", "more than two parts"),
    "empty": (b"[]", "no parts at all"),
    "reals": (b"[0.0 100.0 200.0 9.0]", "real numbers are rounded differently by readers"),
    "names": (b"[/a /b /c /d]", "names read as zero"),
    "strings": (b"[(0) (1) (2) (3)]", "strings read as numbers"),
    "nulls": (b"[null null null null]", "null reads as zero"),
    "null": (b"null", "a null range reads as absent"),
    "reference": (b"1 0 R", "a reference can be redefined by a later revision"),
    "huge": (b"[0 10 20 99999999999999]", "a length that overflows"),
    "crossed": (b"[0 900 100 10]", "the second part begins before the first ends"),
    "nested": (b"[[0 1 2 3]]", "an array within an array"),
}
for _name, (_text, _why) in _MALFORMED.items():
    _reason = "byte-range-beyond-file" if _name == "huge" else "byte-range-malformed"

    @forgery(f"range-{_name}", _why, _reason)
    def _make(kit: Kit, text: bytes = _text) -> bytes:
        return with_byte_range(kit.signed(), text)


@forgery("range-removed", "without /ByteRange nothing is covered", "byte-range-malformed")
def range_removed(kit: Kit) -> bytes:
    return replaced(kit.signed(), b"/ByteRange", b"/ByteRangX")


@forgery("range-from-one", "the first byte is not covered", "byte-range-malformed")
def range_from_one(kit: Kit) -> bytes:
    data = kit.signed()
    _, start, end, rest = byte_range(data)
    return with_byte_range(data, b"[1 %d %d %d]" % (start - 1, end, rest))


def _shifted(kit: Kit, left: int, right: int, tail: int) -> bytes:
    data = kit.signed()
    _, start, end, rest = byte_range(data)
    return with_byte_range(data, b"[0 %d %d %d]" % (start + left, end + right, rest - right + tail))


@forgery("gap-wider-left", "the gap takes in what stands before /Contents", "byte-range-gap")
def gap_wider_left(kit: Kit) -> bytes:
    return _shifted(kit, -20, 0, 0)


@forgery("gap-wider-right", "the gap takes in what stands behind /Contents", "byte-range-gap")
def gap_wider_right(kit: Kit) -> bytes:
    return _shifted(kit, 0, 20, 0)


@forgery("gap-narrower", "the gap begins inside the hexadecimal string", "byte-range-gap")
def gap_narrower(kit: Kit) -> bytes:
    return _shifted(kit, 2, -2, 0)


@forgery("gap-without-brackets", "the brackets are covered: an old misreading", "byte-range-gap")
def gap_without_brackets(kit: Kit) -> bytes:
    return _shifted(kit, 1, -1, 0)


@forgery("end-too-early", "the last bytes are not covered", "byte-range-end")
def end_too_early(kit: Kit) -> bytes:
    return _shifted(kit, 0, 0, -30)


@forgery("end-beyond-file", "more is covered than there is", "byte-range-beyond-file")
def end_beyond_file(kit: Kit) -> bytes:
    return _shifted(kit, 0, 0, 30)


@forgery("contents-removed", "without /Contents there is nothing to check", "contents-malformed")
def contents_removed(kit: Kit) -> bytes:
    return replaced(kit.signed(), b"/Contents <", b"/Contentz <") if b"/Contents <" in kit.signed() else _renamed(kit)


def _renamed(kit: Kit) -> bytes:
    data = kit.signed()
    start, _ = contents_at(data)
    return data[: start - 9] + b"/Contentz" + data[start:]


@forgery("contents-zeroed", "a value of zeros", "cms-malformed")
def contents_zeroed(kit: Kit) -> bytes:
    data = kit.signed()
    start, end = contents_at(data)
    return with_contents(data, b"<" + b"0" * (end - start - 2) + b">")


@forgery("contents-empty", "an empty string, filled up with white space", "byte-range-gap")
def contents_empty(kit: Kit) -> bytes:
    return with_contents(kit.signed(), b"<>")


@forgery("contents-null", "null instead of a value", "contents-malformed")
def contents_null(kit: Kit) -> bytes:
    return with_contents(kit.signed(), b"null")


@forgery("contents-reference", "a value that a later revision can redefine", "contents-malformed")
def contents_reference(kit: Kit) -> bytes:
    return with_contents(kit.signed(), b"1 0 R")


@forgery("contents-garbage", "hexadecimal that is no CMS", "contents-padding")
def contents_garbage(kit: Kit) -> bytes:
    data = kit.signed()
    start, end = contents_at(data)
    return with_contents(data, b"<" + b"5a" * ((end - start - 2) // 2) + b">")


@forgery("contents-spaced", "white space inside the string is room that nothing protects", "contents-malformed")
def contents_spaced(kit: Kit) -> bytes:
    data = kit.signed()
    _, end = contents_at(data)
    return data[: end - 5] + b"    " + data[end - 1 :]


@forgery("contents-odd", "an odd number of digits reads in two ways", "contents-malformed")
def contents_odd(kit: Kit) -> bytes:
    data = kit.signed()
    start, end = contents_at(data)
    _, _, _, rest = byte_range(data)
    data = data[: end - 2] + b"> " + data[end:]
    return with_byte_range(data, b"[0 %d %d %d]" % (start, end - 1, rest + 1))


@forgery("contents-with-luggage", "something hides in the padding, where nothing is protected", "contents-padding")
def contents_with_luggage(kit: Kit) -> bytes:
    data = kit.signed()
    _, end = contents_at(data)
    return data[: end - 5] + b"4142" + data[end - 1 :]


@forgery("contents-literal", "a literal string can hold whole objects", "contents-malformed")
def contents_literal(kit: Kit) -> bytes:
    data = kit.signed()
    start, end = contents_at(data)
    return data[:start] + b"(" + b"A" * (end - start - 2) + b")" + data[end:]


@forgery("value-direct", "the signature dictionary stands inside the field itself", "signature-object-unclear")
def value_direct(kit: Kit) -> bytes:
    return kit.revise(
        kit.signed(), lambda d, r: r.change(d.fields()[0].ref, d.fields()[0].dictionary | {"V": {"a": 1}})
    )


@forgery("one-byte-changed", "a digit of the page changed", "message-digest-wrong")
def one_byte_changed(kit: Kit) -> bytes:
    return replaced(kit.signed(), b"/MediaBox [0 0 595 842]", b"/MediaBox [0 0 595 843]")


@forgery("name-changed", "the signer's name in the dictionary changed", "message-digest-wrong")
def name_changed(kit: Kit) -> bytes:
    return replaced(kit.signed(), b"Adobe.PPKLite", b"Bdobe.PPKLite")


@forgery(
    "key-glued-to-number",
    "a sign belongs to the name before it: readers find other keys from there on",
    "signature-object-unclear",
)
def key_glued_to_number(kit: Kit) -> bytes:
    data = kit.custom(kit.plain(), kit.contents, {"Odd": Raw(b"/Even")})
    return kit.signed_again(replaced(data, b"/Odd /Even", b"/Odd-12345"))
