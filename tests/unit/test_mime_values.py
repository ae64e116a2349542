"""What fields say: parameters, names, encoded words and addresses, and what of it readers take differently."""

from __future__ import annotations

import pytest

from gsign.mime import read
from gsign.mime.addresses import AddressError, read_addresses
from gsign.mime.names import is_deceptive, judge_names, suffix
from gsign.mime.parameters import read_value
from gsign.mime.words import decode_words


@pytest.mark.parametrize(
    "text,value,parameters",
    [
        ("text/plain", "text/plain", {}),
        ("Text/PLAIN ; Charset=UTF-8", "text/plain", {"charset": "UTF-8"}),
        ('a/b; x="y;z"; w=v', "a/b", {"x": "y;z", "w": "v"}),
        (r'a/b; x="a\"b\\c"', "a/b", {"x": 'a"b\\c'}),
        ("a/b; x=1;", "a/b", {"x": "1"}),
        ("a/b; name*=utf-8''C%C3%B4ng%20v%C4%83n.pdf", "a/b", {"name": "Công văn.pdf"}),
        ("a/b; name*=utf-8'vi'%E1%BB%91", "a/b", {"name": "ố"}),
        ('a/b; name*0="a b"; name*1=c; name*2="d"', "a/b", {"name": "a bcd"}),
        ("a/b; name*1*=%E1%BB; name*0*=utf-8''; name*2*=%91", "a/b", {"name": "ố"}),
        ('a/b; name="=?utf-8?B?Q8O0bmc=?= =?utf-8?B?IHbEg24=?="', "a/b", {"name": "Công văn"}),
        ("a/b; name=\"vb.pdf\"; name*=utf-8''v%C4%83n.pdf", "a/b", {"name": "văn.pdf"}),
    ],
)
def test_values_are_read_as_the_standards_say(text: str, value: str, parameters: dict[str, str]) -> None:
    found = read_value(text, "content-type")
    assert (found.value, dict(found.parameters), found.notes) == (value, parameters, ())


@pytest.mark.parametrize(
    "text,note",
    [
        ("a/b; x=1; x=1", "parameter-repeated"),
        ("a/b; x=1; x*=us-ascii''2", "parameter-repeated"),
        ("a/b; x=a<b", "parameter-unquoted"),
        ("a/b; x=a b", "parameter-malformed"),
        ('a/b; x="a" b', "parameter-malformed"),
        ('a/b; x="a', "parameter-malformed"),
        ("a/b; x", "parameter-malformed"),
        ("a/b; x = 1", "parameter-malformed"),
        ("a/b; =1", "parameter-malformed"),
        ("a/b; x= ", "parameter-malformed"),
        ("a/b; x=\t; y=1", "parameter-malformed"),
        ("a/b; x*0=1; x*2=2", "parameter-continuation"),
        ("a/b; x*1=1", "parameter-continuation"),
        ("a/b; x*0=1; x*00=2", "parameter-continuation"),
        ("a/b; x*0=1; x*٣=2", "parameter-continuation"),
        ("a/b; x*=abc", "parameter-charset"),
        ("a/b; x*=utf-8''%FF", "parameter-charset"),
        ("a/b (c); x=1", "comment"),
        ("(c) a/b; x=1", "comment"),
        ("a/b c; x=1", "field-malformed"),
        ("", "field-malformed"),
        ('"a/b"', "field-malformed"),
        ("a/b;" + "x=1;" * 1_000, "too-many-fields"),
    ],
)
def test_what_readers_take_differently_has_a_name(text: str, note: str) -> None:
    assert note in {found.id for found in read_value(text, "content-type").notes}


def test_every_reading_of_a_name_is_kept() -> None:
    part = read(
        b'Content-Type: a/b; name="mot.pdf"\r\n'
        b"Content-Disposition: attachment; filename=\"hai.txt\"; filename*=utf-8''ba.pdf\r\n\r\n"
    )
    assert part.filenames == ("ba.pdf", "hai.txt", "mot.pdf")
    assert "names-conflict" in part.ambiguities


@pytest.mark.parametrize(
    "name,end", [("a.pdf", "pdf"), ("a.PDF . ", "pdf"), ("a.\uff50\uff44\uff46", "pdf"), (".pdf", ""), ("a", "")]
)
def test_the_end_of_a_name_is_taken_as_systems_do(name: str, end: str) -> None:
    assert suffix(name) == end


@pytest.mark.parametrize(
    "name", ["a\u202efdp.jpg", "a.p\u200bdf", "a\x00.pdf", "a\n.pdf", "a.pd\u00adf", "a\u2066.pdf"]
)
def test_names_that_show_as_others_are_deceptive(name: str) -> None:
    assert is_deceptive(name)
    assert [note.id for note in judge_names([name])] == ["name-deceptive"]


@pytest.mark.parametrize(
    "name",
    [
        "Công văn số 1.pdf",
        "a (1).pdf",
        "日本.pdf",
        "a–b.pdf",
        "TB 12/2026.pdf",
        "b\u200bc \U0001f468\u200d\U0001f469.jpg",
    ],
)
def test_ordinary_names_are_not(name: str) -> None:
    assert judge_names([name]) == []


@pytest.mark.parametrize(
    "text,plain",
    [
        ("=?utf-8?q?C=C3=B4ng_v=C4=83n?=", "Công văn"),
        ("a =?utf-8?q?b?= c", "a b c"),
        ("=?utf-8?q?a?= =?utf-8?q?b?=", "ab"),
        ("=?utf-8?q?a?= x =?utf-8?q?b?=", "a x b"),
        ("=?utf-8?b?4bs=?= =?utf-8?b?kQ==?=", "ố"),
        ("=?iso-8859-1*en?q?=E9?=", "é"),
        ("=?x-unknown?q?a?=", "a"),
        ("=?utf-8?x?a?=", "=?utf-8?x?a?="),
        ("=?utf-8?q?a", "=?utf-8?q?a"),
        ("a_b =20", "a_b =20"),
    ],
)
def test_encoded_words_are_decoded(text: str, plain: str) -> None:
    assert decode_words(text) == plain


@pytest.mark.parametrize(
    "text,specs",
    [
        ("an@a.vn", ["an@a.vn"]),
        ("An <An@A.VN>", ["An@a.vn"]),
        ('"Nguyễn, An" <an@a.vn>, b@c.vn', ["an@a.vn", "b@c.vn"]),
        ('"an@b.vn" <an@a.vn>', ["an@a.vn"]),
        ("=?utf-8?q?An?= <an@a.vn>", ["an@a.vn"]),
        ("Nguyễn Văn An <an@a.vn>", ["an@a.vn"]),
        ('"an"@a.vn', ["an@a.vn"]),
        (r'"a\"b" <an@a.vn>', ["an@a.vn"]),
        ("  an@a.vn  ", ["an@a.vn"]),
    ],
)
def test_addresses_are_read(text: str, specs: list[str]) -> None:
    assert [address.spec for address in read_addresses(text)] == specs


@pytest.mark.parametrize(
    "text",
    [
        "",
        "an",
        "an@",
        "@a.vn",
        "an@a.vn@b.vn",
        "an@a.vn b@c.vn",
        "an@a.vn <b@c.vn>",
        "<an@a.vn> <b@c.vn>",
        "<an@a.vn> b",
        "<an@a.vn",
        "an@a.vn>",
        "an (b) <an@a.vn>",
        "an@a.vn (b@c.vn)",
        "<@b.vn:an@a.vn>",
        "nhom: an@a.vn, b@c.vn;",
        '"an@b.vn" @a.vn',
        '"a@b"@a.vn',
        '"a b"@a.vn',
        "an @a.vn",
        "an@ a.vn",
        "an@[127.0.0.1]",
        "an@-a.vn",
        "an@a..vn",
        ".an@a.vn",
        "an.@a.vn",
        "an@a.vn,",
        ",an@a.vn",
        "an@a.vn;b@c.vn",
        "an\\@b.vn@a.vn",
        "an@a.vn\x00",
        '"an <an@a.vn>',
    ],
)
def test_what_is_no_plain_address_is_none(text: str) -> None:
    with pytest.raises(AddressError):
        read_addresses(text)
