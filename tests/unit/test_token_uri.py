from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gsign.errors import UsageError
from gsign.token.uri import TokenUri, same_text

_WORDS = ("token", "manufacturer", "serial", "model", "object")


def test_reads_every_part_of_a_uri():
    uri = TokenUri.parse("pkcs11:token=V%C4%83n%20th%C6%B0;object=k%3Bhoa;type=private;id=%01%ff?module-path=/a/b.so")
    assert uri.path == {"token": "Văn thư", "object": "k;hoa", "type": "private"}
    assert uri.id == b"\x01\xff"
    assert uri.query == {"module-path": "/a/b.so"}


def test_scheme_is_read_in_any_case_and_an_empty_uri_means_anything():
    assert TokenUri.parse("PKCS11:") == TokenUri()
    assert TokenUri().is_for_token({"label": "any"})


@pytest.mark.parametrize(
    "text",
    [
        "token=VP",
        "pkcs11",
        "pkcs11:token",
        "pkcs11:token=a;token=b",
        "pkcs11:tokn=a",
        "pkcs11:token=%G1",
        "pkcs11:token=%1",
        "pkcs11:token=%ff",
        "pkcs11:type=key",
        "pkcs11:slot-id=x",
        "pkcs11:token=a;;object=b",
        "pkcs11:?pin-source=a&pin-source=b",
    ],
)
def test_refuses_what_is_malformed_or_unknown(text):
    with pytest.raises(UsageError) as caught:
        TokenUri.parse(text)
    assert caught.value.code == "uri-invalid"


def test_query_attributes_of_other_vendors_are_passed_over():
    assert TokenUri.parse("pkcs11:token=a?x-vendor=1&module-name=m").query == {"module-name": "m"}


def test_the_pin_is_neither_written_nor_shown_nor_repeated_in_an_error():
    uri = TokenUri.parse("pkcs11:token=a?pin-value=271828&pin-source=file:/etc/pin")
    assert uri.query["pin-value"] == "271828"
    assert "271828" not in str(uri) + repr(uri)
    assert "pin-source=file:/etc/pin" in str(uri)
    with pytest.raises(UsageError) as caught:
        TokenUri.parse("pkcs11:token=a;bad?pin-value=271828")
    assert "271828" not in str(caught.value) + repr(caught.value.facts)


def test_labels_match_whatever_the_padding_and_the_form_of_vietnamese_letters():
    assert same_text("Văn thư", "Văn thư   ")
    assert same_text("Văn thư", "Văn thư\0\0")
    assert not same_text("Văn thư", "văn thư")


def test_matches_a_token_by_all_that_is_asked():
    facts = {"label": "VP", "serial": "01", "manufacturer": "ACME", "model": "X", "slot": 7, "library_version": "2.6"}
    for text in ("pkcs11:token=VP", "pkcs11:serial=01;model=X", "pkcs11:slot-id=7", "pkcs11:library-version=2.6"):
        assert TokenUri.parse(text).is_for_token(facts)
    for text in ("pkcs11:token=VP;serial=02", "pkcs11:slot-id=8", "pkcs11:slot-description=here"):
        assert not TokenUri.parse(text).is_for_token(facts)


@given(
    st.dictionaries(st.sampled_from(_WORDS), st.text(st.characters(codec="utf-8"))),
    st.none() | st.binary(min_size=1),
)
def test_what_is_written_reads_back_the_same(path, identifier):
    uri = TokenUri(path, identifier)
    assert TokenUri.parse(str(uri)) == uri
    assert str(uri).isascii()
    assert str(uri).isprintable()
