"""Objects read and written: what the standard spells, what it forbids; writing, then reading changes nothing."""

from __future__ import annotations

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gsign.syntax.lexer import MAX_DEPTH, Lexer, PdfSyntaxError, Truncated
from gsign.syntax.objects import Indirect, Name, Raw, Real, Ref, Stream, literal_string, serialize, text_string
from gsign.syntax.reader import decode_text

FEW = settings(max_examples=80, deadline=None)


def read(data: bytes) -> object:
    lexer = Lexer(data)
    value = lexer.value()
    lexer.skip_space()
    assert lexer.position == len(data), f"read up to {lexer.position} of {len(data)}"
    return value


_NAMES = st.text(st.characters(min_codepoint=1, max_codepoint=255), max_size=8)
_ATOMS = (
    st.none()
    | st.booleans()
    | st.integers(-(1 << 62), 1 << 62)
    | st.binary(max_size=20)
    | _NAMES.map(Name)
    | st.builds(Ref, st.integers(0, 8_388_607), st.integers(0, 65_535))
)
_VALUES = st.recursive(
    _ATOMS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(_NAMES, inner, max_size=5),
    max_leaves=20,
)


def _same(one: object, other: object) -> bool:
    """Compare with types: True is not 1, and a name is not a string."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict) and isinstance(other, dict):
        return list(one) == list(other) and all(_same(one[k], other[k]) for k in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return one == other


@settings(max_examples=200, deadline=None)
@given(_VALUES)
def test_what_is_written_reads_the_same(value):
    assert _same(read(serialize(value)), value)


@FEW
@given(_VALUES, st.integers(1, 40))
def test_an_object_cut_short_by_a_window_asks_for_more(value, kept):
    written = serialize(value) + b" "
    lexer = Lexer(written[: max(0, len(written) - kept)], final=False)
    try:
        found = lexer.value()
    except Truncated:
        return
    # Where it does not, the window was enough.
    assert _same(found, value)


@FEW
@given(st.dictionaries(st.text("ab#/ (%~", min_size=1, max_size=5), st.binary(max_size=12), max_size=6))
def test_qpdf_reads_what_is_written(value):
    found = pikepdf.Object.parse(serialize(value))
    assert {key[1:]: bytes(item) for key, item in found.items()} == value


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=80) | st.text("<>[]()/%\\ 019.R-+#\r\n\tatrufelsn", max_size=60).map(str.encode))
def test_any_bytes_are_read_or_refused_in_one_kind_of_error(data):
    for final in (True, False):
        try:
            Lexer(data, final=final).value()
        except PdfSyntaxError:
            continue


# ---------------------------------------------------------------- spellings


@pytest.mark.parametrize(
    "written, value",
    [
        (b"+17", 17),
        (b"-0", 0),
        (b"007", 7),
        (b"34.5", 34.5),
        (b"-.002", -0.002),
        (b"4.", 4.0),
        (b"+123.6", 123.6),
        (b"true", True),
        (b"null", None),
        (b"[1 0 R]", [Ref(1)]),
        (b"[1 0 R 2 0 R]", [Ref(1), Ref(2)]),
        (b"[1 0 R\n2 5 R %c\n]", [Ref(1), Ref(2, 5)]),
        (b"[1\x000 R\x002 0\x00R\x00]", [Ref(1), Ref(2)]),
        (b"[1 0 R 2 0]", [Ref(1), 2, 0]),
        (b"[1 0 R/N]", [Ref(1), "N"]),
        (b"[0 1 2]", [0, 1, 2]),
        (b"[]", []),
        (b"[ %]\n]", []),
        (b"<</A<</B[/C(d)<65>]>>>>", {"A": {"B": ["C", b"d", b"e"]}}),
        (b"<</A%comment >> \r/B>>", {"A": "B"}),
        (b"<</A/B/C null>>", {"A": "B", "C": None}),
        (b"<</A()/B<>>>", {"A": b"", "B": b""}),
        (b"<< / 1 >>", {"": 1}),
    ],
)
def test_spellings(written, value):
    assert read(written) == value


@pytest.mark.parametrize(
    "written, value",
    [
        (b"/Adobe#20Green", "Adobe Green"),
        (b"/A#42", "AB"),
        (b"/#e1", "\u00e1"),
        (b"/A;Name_With-Various***Characters?", "A;Name_With-Various***Characters?"),
        (b"/@#4G", "@#4G"),  # no number behind it: the sign stands for itself
        (b"/a#", "a#"),
    ],
)
def test_names(written, value):
    found = read(written)
    assert found == value
    assert isinstance(found, Name)


@pytest.mark.parametrize(
    "written, value",
    [
        (b"(a(b(c)d)e)", b"a(b(c)d)e"),
        (rb"(a\)b\(c)", b"a)b(c"),
        (rb"(\n\r\t\b\f\\)", b"\n\r\t\b\f\\"),
        (rb"(\0053)", b"\x053"),
        (rb"(\053)", b"+"),
        (rb"(\53)", b"+"),
        (rb"(\5)", b"\x05"),
        (rb"(\777)", b"\xff"),  # high-order overflow is ignored (7.3.4.2)
        (rb"(\8\q)", b"8q"),
        (b"(a\\\nb)", b"ab"),
        (b"(a\\\r\nb)", b"ab"),
        (b"(a\\\rb)", b"ab"),
        (b"(a\rb)", b"a\nb"),
        (b"(a\r\nb)", b"a\nb"),
        (b"(a\n\rb)", b"a\n\nb"),
        (b"(%no comment)", b"%no comment"),
        (b"(\x00\xff)", b"\x00\xff"),
        (b"<48 65\n6C6c6F>", b"Hello"),
        (b"<901FA>", b"\x90\x1f\xa0"),
        (b"<  >", b""),
    ],
)
def test_strings(written, value):
    assert read(written) == value
    assert bytes(pikepdf.Object.parse(written)) == value, "qpdf reads something else"


@pytest.mark.parametrize(
    "written",
    [
        b"",
        b"   % nothing",
        b"(never ends",
        b"(ends in an escape \\",
        b"(a(b)",
        b"<48",
        b"<4x>",
        b"<<",
        b"<</A>>",
        b"<</A 1",
        b"<<1 2>>",
        b"<</A 1 /A 1>>",
        b"<</A 1 /#41 2>>",
        b"[1 2",
        b"[1 2)",
        b"]",
        b">>",
        b"--5",
        b"1.2.3",
        b"1e5",
        b".",
        b"+",
        b"nul",
        b"nulll",
        b"True",
        b"{1}",
        b")",
        b"[1 0 R2 0 R]",
        b"[1 0 Rx]",
        b"9" * 41,
        b"9" * 41 + b".5",
        b"9" * 100_000,
    ],
)
def test_what_is_not_well_formed_is_refused(written):
    with pytest.raises(PdfSyntaxError):
        read(written)


def test_nesting_is_bounded_and_the_message_says_where():
    read(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)
    for opening in (b"[", b"<</A "):
        with pytest.raises(PdfSyntaxError, match="deep"):
            read(b" " + opening * 100_000)
    with pytest.raises(PdfSyntaxError) as caught:
        Lexer(b"  [1 }]", base=1000).value()
    assert caught.value.offset == 1005
    assert "1005" in str(caught.value)


def test_real_numbers_keep_their_digits():
    for digits in (b"0.10", b"595.27563", b"-.5", b"12.", b"000.1"):
        assert serialize(read(digits)) == digits


def test_a_number_made_here_has_no_exponent():
    assert serialize(1e-9) == b"0"
    assert serialize(-1e-9) == b"0"
    assert serialize(123456789.0) == b"123456789"
    assert serialize(0.1 + 0.2) == b"0.3"
    assert float(serialize(1e15)) == 1e15


def test_raw_stands_as_it_is_and_streams_want_a_number():
    assert serialize([Raw(b"<00ff>"), 1]) == b"[<00ff> 1]"
    for value in (Stream({}, b""), Indirect(5)):
        with pytest.raises(TypeError):
            serialize([value])
        assert serialize([value, value], allot=lambda _: Ref(7)) == b"[7 0 R 7 0 R]"


@pytest.mark.parametrize("value", [object(), "text", {1, 2}, 1j, ("a",)])
def test_only_pdf_objects_are_written(value):
    with pytest.raises(TypeError):
        serialize({"A": value})


def test_protection_applies_to_strings_alone():
    written = serialize({"A": b"x", "N": Name("x"), "R": Raw(b"(x)"), "L": [b"y"]}, protect=lambda s: s.upper())
    assert written == b"<</A (X)/N /x/R (x)/L [(Y)]>>"


@FEW
@given(st.text(max_size=20))
def test_text_reads_as_it_was_written(text):
    if not text.isascii() or all(" " <= c <= "~" for c in text):
        assert decode_text(text_string(text)) == text
        assert str(pikepdf.Object.parse(literal_string(text_string(text)))) == text


@pytest.mark.parametrize(
    "stored, text",
    [
        (b"\xfe\xff\x1e\xd6", "\u1ed6"),
        (b"\xef\xbb\xbf\xe1\xbb\x96", "\u1ed6"),
        (b"caf\xe9", "caf\u00e9"),
        (b"\xfe\xff\xd8", "\ufffd"),
    ],
)
def test_text_strings_of_other_writers(stored, text):
    assert decode_text(stored) == text


def test_a_large_string_costs_one_walk():
    data = b"(" + b"x\\)" * 100_000 + b")"
    assert len(read(data)) == 200_000
    assert len(read(b"<" + b"ab" * 1_000_000 + b">")) == 1_000_000
    assert read(b"%" + b"x" * 2_000_000 + b"\n1") == 1


def test_real_is_a_number():
    assert Real(b"2.50") * 2 == 5


@pytest.mark.parametrize(
    "array, values",
    [
        (b"[0 -5 +7 595]", [0, -5, 7, 595]),
        (b"[1\n2\t3\r4\x0c5 ]", [1, 2, 3, 4, 5]),
        (b"[1\x002 %3\n4]", [1, 2, 4]),
        (b"[12345678901234 1]", [12345678901234, 1]),
        (b"[1 2 0 R 3]", [1, Ref(2, 0), 3]),
        (b"[1 2[3]]", [1, 2, [3]]),
    ],
)
def test_whole_numbers_in_an_array_are_read_whatever_is_between_and_beside_them(
    array: bytes, values: list[object]
) -> None:
    lexer = Lexer(array + b" 9")
    assert lexer.value() == values
    assert lexer.position == len(array)


def test_vertical_tabs_are_no_space_between_numbers() -> None:
    with pytest.raises(PdfSyntaxError):
        Lexer(b"[1\x0b2]").value()


@pytest.mark.parametrize("between", [b" ", b"\r\n", b"%comment\n"])
def test_a_name_that_stands_alone_is_read_without_what_follows_it(between: bytes) -> None:
    tokens = (b"/A", b"/", b"/B", b"1 0 R", b"/C", b"<41>", b"/D", b"[/E /F 2]", b"/G", b"(x)")
    lexer = Lexer(between.join(tokens) + b" ")
    values = [lexer.value() for _ in tokens]
    assert values == ["A", "", "B", Ref(1), "C", b"A", "D", ["E", "F", 2], "G", b"x"]
    assert lexer.position == len(lexer.buffer) - 1


def test_comments_between_keys_and_values_change_nothing() -> None:
    assert read(b"<</A%1\n/B%2\n/C%3\n<</D%4\n(x)>>%5\n/E[/F%6\n/G]>>") == {"A": "B", "C": {"D": b"x"}, "E": ["F", "G"]}
