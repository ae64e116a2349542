"""Enveloped content opens exactly as it was sealed, or not at all and without a word why."""

from __future__ import annotations

import os
from contextlib import suppress

import pytest
from cryptography.hazmat.primitives.asymmetric import padding
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gsign import der, pkcs12
from gsign.cms import enveloped
from gsign.cms.content import AES_256_CBC, AES_256_GCM, encrypt_content
from gsign.cms.identifiers import CmsError, issuer_and_serial
from gsign.cms.opening import open_read, read_enveloped
from gsign.errors import TokenError
from gsign.signer import Oaep

CONTENT = "Content-Type: text/plain; charset=utf-8\r\n\r\nKính gửi: Sở Nội vụ\r\n".encode()
CIPHERS = pytest.mark.parametrize("cipher", [AES_256_GCM, AES_256_CBC], ids=lambda cipher: cipher.name)
KEYS = pytest.mark.parametrize("kind", ["rsa2048", "rsa3072", "p256", "p384", "p521"])
V15 = der.sequence(der.oid("1.2.840.113549.1.1.1"), der.NULL)


def envelop(content, certificates, cipher):
    addressees = [enveloped.Addressee(certificate) for certificate in certificates]
    return b"".join(enveloped.envelop([content[:5], memoryview(content)[5:]], addressees, cipher))


def decrypter_of(leaf, folder):
    return pkcs12.open_decrypter(leaf.p12(folder / f"{leaf.serial:x}.p12", "mat-khau"), pin="mat-khau")


def opened(data, decrypter):
    return open_read(read_enveloped(data), decrypter, bytes)[0]


def reason(data, decrypter):
    with pytest.raises(CmsError) as caught:
        opened(data, decrypter)
    return caught.value.reason


def outcome(data, decrypter):
    """Return the content, or the reason why there is none."""
    try:
        return opened(data, decrypter)
    except CmsError as error:
        return error.reason


def transport(leaf, key, algorithm=V15, encrypted=None, identifier=None):
    """Write a KeyTransRecipientInfo by hand."""
    encrypted = leaf.key.public_key().encrypt(key, padding.PKCS1v15()) if encrypted is None else encrypted
    identifier = der.sequence(*issuer_and_serial(leaf.der)) if identifier is None else identifier
    return der.sequence(der.integer(0), identifier, algorithm, der.octet_string(encrypted))


def by_hand(recipients, sealed, *, kind, content_type="1.2.840.113549.1.7.1", attributes=b"", ciphertext=None):
    """Write a ContentInfo around recipients and a sealed content."""
    ciphertext = der.context(0, b"".join(sealed.pieces), constructed=False) if ciphertext is None else ciphertext
    encrypted = der.sequence(der.oid(content_type), sealed.identifier, ciphertext)
    tail = attributes + der.octet_string(sealed.tag) if kind == AUTHENTICATED else b""
    inner = der.sequence(der.integer(0), der.tlv(der.SET, b"".join(recipients)), encrypted, tail)
    return der.sequence(der.oid(kind), der.explicit(0, inner))


ENVELOPED = "1.2.840.113549.1.7.3"
AUTHENTICATED = "1.2.840.113549.1.9.16.1.23"


@CIPHERS
@KEYS
def test_what_was_sealed_opens_octet_for_octet(pki, tmp_path, kind, cipher):
    leaf = pki.leaf(key=kind)
    decrypter = decrypter_of(leaf, tmp_path)
    for content in (b"", b"x", bytes(15), bytes(16), bytes(17), CONTENT, os.urandom(100_000)):
        sealed = envelop(content, [leaf.der], cipher)
        assert content not in sealed or not content.strip(b"\0x")
        assert open_read(read_enveloped(sealed), decrypter, bytes) == (content, leaf.der)


@CIPHERS
def test_each_of_several_recipients_opens_it_and_nobody_else(pki, tmp_path, cipher):
    leaves = [pki.leaf(key=kind) for kind in ("rsa2048", "p256", "p384")]
    sealed = envelop(CONTENT, [leaf.der for leaf in leaves], cipher)
    for leaf in leaves:
        assert opened(sealed, decrypter_of(leaf, tmp_path)) == CONTENT
    assert reason(sealed, decrypter_of(pki.leaf(key="rsa3072"), tmp_path)) == "no-key-for-message"


def test_a_recipient_named_twice_is_written_once(pki):
    leaf = pki.leaf()
    assert len(read_enveloped(envelop(CONTENT, [leaf.der, leaf.der], AES_256_GCM)).recipients) == 1


def test_every_message_has_a_key_of_its_own(pki):
    leaf = pki.leaf(key="p256")
    one, two = (read_enveloped(envelop(CONTENT, [leaf.der], AES_256_GCM)) for _ in range(2))
    assert one.vector != two.vector
    assert one.ciphertext.content != two.ciphertext.content
    assert one.recipients[0].way.point != two.recipients[0].way.point


@pytest.mark.parametrize("kind", ["rsa2048", "p256"])
def test_no_changed_octet_of_an_authenticated_message_gives_another_content(pki, tmp_path, kind):
    leaf = pki.leaf(key=kind)
    decrypter = decrypter_of(leaf, tmp_path)
    sealed = envelop(CONTENT, [leaf.der], AES_256_GCM)
    still_open = []
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 0x01
        try:
            assert opened(bytes(changed), decrypter) == CONTENT
            still_open.append(sealed[place - 2 : place + 1].hex())
        except CmsError:
            continue
    # What nobody reads: the version numbers, and the NULL of OAEP's digests.
    assert set(still_open) <= {"020100", "020103", "020105"}


@pytest.mark.parametrize("kind", ["rsa2048", "p256"])
def test_what_is_wrong_with_key_tag_or_ciphertext_is_not_told(pki, tmp_path, kind):
    leaf = pki.leaf(key=kind)
    decrypter = decrypter_of(leaf, tmp_path)
    for cipher in (AES_256_GCM, AES_256_CBC):
        sealed = envelop(CONTENT, [leaf.der], cipher)
        read = read_enveloped(sealed)
        recipient = read.recipients[0]
        for piece in filter(None, (recipient.encrypted, read.tag, read.ciphertext.content[-16:])):
            broken = sealed.replace(piece, bytes([piece[0] ^ 0x40]) + piece[1:])
            if cipher == AES_256_GCM:
                assert reason(broken, decrypter) == "decryption-failed"
            elif piece == recipient.encrypted:
                # A key that cannot be had is another one: one in 256 of those leaves padding that looks right.
                found = outcome(broken, decrypter)
                assert found == "decryption-failed" or (isinstance(found, bytes) and found != CONTENT)


@pytest.mark.parametrize("kind", ["key", "padding", "right"])
def test_what_came_out_is_read_whether_its_padding_is_right_or_not(pki, tmp_path, kind):
    leaf, key = pki.leaf(), os.urandom(32)
    garbage = os.urandom(64)
    # Zeros at the end of what is left after a cut are no padding.
    content = garbage[:-1] if kind == "right" else garbage + bytes(15)
    sealed = encrypt_content([content], AES_256_CBC, key)
    octets = b"".join(sealed.pieces)[: -16 if kind == "padding" else None]
    named = os.urandom(32) if kind == "key" else key
    message = by_hand([transport(leaf, named)], sealed._replace(pieces=[octets]), kind=ENVELOPED)
    asked = []
    with pytest.raises(CmsError) as caught:
        open_read(read_enveloped(message), decrypter_of(leaf, tmp_path), asked.append)
    assert caught.value.reason == "decryption-failed"
    assert len(asked) == 1
    assert len(octets) - len(asked[0]) <= 16


@pytest.mark.parametrize(
    "block",
    [
        lambda size, key: b"\0\2" + b"\xff" * (size - 3 - len(key)) + b"\0" + key,
        lambda size, key: b"\1\2" + b"\xff" * (size - 3 - len(key)) + b"\0" + key,
        lambda size, key: b"\0\1" + b"\xff" * (size - 3 - len(key)) + b"\0" + key,
        lambda size, key: b"\0\2\xff\0" + b"\xff" * (size - 5 - len(key)) + b"\0" + key,
        lambda size, key: b"\0\2" + b"\xff" * (size - 2 - len(key)) + key,
        lambda size, key: b"\0\2" + b"\xff" * (size - 2 - len(key)) + b"\0" + key[1:],
        lambda size, key: b"\0\2" + b"\xff" * (size - 4 - len(key)) + b"\0" + key + b"\0",
    ],
    ids=["right", "first-octet", "block-type", "early-zero", "no-zero", "short-key", "long-key"],
)
def test_padding_of_version_1_5_is_no_oracle(pki, tmp_path, block, request):
    leaf = pki.leaf()
    numbers, size = leaf.key.private_numbers(), leaf.key.key_size // 8
    key = os.urandom(32)
    number = int.from_bytes(block(size, key), "big")
    public = numbers.public_numbers
    encrypted = pow(number % public.n, public.e, public.n).to_bytes(size, "big")
    sealed = encrypt_content([CONTENT], AES_256_GCM, key)
    message = by_hand([transport(leaf, key, encrypted=encrypted)], sealed, kind=AUTHENTICATED)
    decrypter = decrypter_of(leaf, tmp_path)
    if request.node.callspec.id == "right":
        assert opened(message, decrypter) == CONTENT
    else:
        assert reason(message, decrypter) == "decryption-failed"
        found = decrypter.unwrap(leaf.der, encrypted, None, 32)
        assert len(found) == 32
        assert found != key


@pytest.mark.parametrize("encrypted", [b"", b"\1", b"\xff" * 256, b"\xff" * 300], ids=len)
def test_what_is_no_rsa_ciphertext_yields_a_key_by_chance(pki, tmp_path, encrypted):
    leaf = pki.leaf()
    decrypter = decrypter_of(leaf, tmp_path)
    for way in (None, Oaep()):
        assert len(decrypter.unwrap(leaf.der, encrypted, way, 32)) == 32


@pytest.mark.parametrize("point", [b"", b"\4" + bytes(64), b"\4" + b"\xff" * 64, b"\2" + b"\xff" * 32, bytes(65)])
def test_a_point_off_the_curve_yields_a_secret_by_chance(pki, tmp_path, point):
    leaf = pki.leaf(key="p256")
    decrypter = decrypter_of(leaf, tmp_path)
    assert decrypter.agree(leaf.der, point) != decrypter.agree(leaf.der, point)


def test_a_closed_decrypter_says_so(pki, tmp_path):
    for kind in ("rsa2048", "p256"):
        with decrypter_of(pki.leaf(key=kind), tmp_path) as decrypter:
            pass
        with pytest.raises(TokenError) as caught:
            opened(envelop(CONTENT, decrypter.certificates, AES_256_GCM), decrypter)
        assert caught.value.code == "signer-closed"


def test_indefinite_lengths_and_ciphertext_in_pieces_are_read(pki, tmp_path):
    leaf, key = pki.leaf(), os.urandom(32)
    for cipher, kind in ((AES_256_GCM, AUTHENTICATED), (AES_256_CBC, ENVELOPED)):
        sealed = encrypt_content([CONTENT], cipher, key)
        octets = b"".join(sealed.pieces)
        pieces = b"".join(der.octet_string(octets[at : at + 7]) for at in range(0, len(octets), 7))
        nested = b"\x24\x80" + der.octet_string(b"") + pieces + b"\0\0"
        message = by_hand([transport(leaf, key)], sealed, kind=kind, ciphertext=b"\xa0\x80" + nested + b"\0\0")
        whole = der.parse(message)
        indefinite = b"\x30\x80" + whole.content + b"\0\0"
        assert opened(indefinite, decrypter_of(leaf, tmp_path)) == CONTENT


def test_a_recipient_is_found_by_key_identifier_too(pki, tmp_path):
    leaf, key = pki.leaf(), os.urandom(32)
    skid = leaf.certificate.extensions.get_extension_for_oid(der_skid()).value.digest
    sealed = encrypt_content([CONTENT], AES_256_GCM, key)
    for identifier in (der.context(0, skid, constructed=False), der.context(0, der.octet_string(skid))):
        message = by_hand([transport(leaf, key, identifier=identifier)], sealed, kind=AUTHENTICATED)
        assert opened(message, decrypter_of(leaf, tmp_path)) == CONTENT
    other = by_hand(
        [transport(leaf, key, identifier=der.context(0, skid[::-1], constructed=False))], sealed, kind=AUTHENTICATED
    )
    assert reason(other, decrypter_of(leaf, tmp_path)) == "no-key-for-message"


def der_skid():
    from cryptography.x509.oid import ExtensionOID

    return ExtensionOID.SUBJECT_KEY_IDENTIFIER


def test_attributes_are_authenticated_and_repeat_the_content_type(pki, tmp_path):
    leaf, key = pki.leaf(), os.urandom(32)
    decrypter = decrypter_of(leaf, tmp_path)

    def message(covered, content_type, attributes):
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

        nonce = os.urandom(12)
        sealing = Cipher(algorithms.AES(key), modes.GCM(nonce)).encryptor()
        sealing.authenticate_additional_data(covered)
        octets = sealing.update(CONTENT) + sealing.finalize()
        parameters = der.sequence(der.octet_string(nonce), der.integer(16))
        sealed = encrypt_content([CONTENT], AES_256_GCM, key)._replace(
            identifier=der.sequence(der.oid(AES_256_GCM.oid), parameters), pieces=[octets], tag=sealing.tag
        )
        recipients = [transport(leaf, key)]
        return by_hand(recipients, sealed, kind=AUTHENTICATED, content_type=content_type, attributes=attributes)

    def attribute(kind):
        return der.sequence(der.oid("1.2.840.113549.1.9.3"), der.tlv(der.SET, der.oid(kind)))

    data, signed = "1.2.840.113549.1.7.1", "1.2.840.113549.1.7.2"
    good = attribute(data)
    assert opened(message(der.tlv(der.SET, good), data, der.context(1, good)), decrypter) == CONTENT
    # Not covered, covered by something else, taken away.
    assert reason(message(b"", data, der.context(1, good)), decrypter) == "decryption-failed"
    assert reason(message(der.context(1, good), data, der.context(1, good)), decrypter) == "decryption-failed"
    assert reason(message(der.tlv(der.SET, good), data, b""), decrypter) == "decryption-failed"
    # A content type that is another one, or that nothing authenticates.
    other = attribute(signed)
    assert reason(message(der.tlv(der.SET, other), data, der.context(1, other)), decrypter) == "content-types-differ"
    assert reason(message(b"", signed, b""), decrypter) == "content-type-wrong"
    assert reason(message(der.tlv(der.SET, other), signed, der.context(1, other)), decrypter) == "content-type-wrong"
    twice = good + good
    assert reason(message(der.tlv(der.SET, twice), data, der.context(1, twice)), decrypter) == "cms-malformed"


def test_an_authenticated_cipher_outside_its_own_structure_is_refused(pki, tmp_path):
    leaf, key = pki.leaf(), os.urandom(32)
    decrypter = decrypter_of(leaf, tmp_path)
    for cipher, kind in ((AES_256_GCM, ENVELOPED), (AES_256_CBC, AUTHENTICATED)):
        sealed = encrypt_content([CONTENT], cipher, key)
        assert reason(by_hand([transport(leaf, key)], sealed, kind=kind), decrypter) == "ciphers-mixed"


def test_a_short_tag_is_refused(pki, tmp_path):
    leaf, key = pki.leaf(), os.urandom(32)
    sealed = encrypt_content([CONTENT], AES_256_GCM, key)
    nonce = read_enveloped(by_hand([transport(leaf, key)], sealed, kind=AUTHENTICATED)).vector

    def cut(claimed, actual):
        parameters = der.sequence(der.octet_string(nonce), der.integer(claimed))
        shorter = sealed._replace(
            identifier=der.sequence(der.oid(AES_256_GCM.oid), parameters), tag=sealed.tag[:actual]
        )
        return by_hand([transport(leaf, key)], shorter, kind=AUTHENTICATED)

    decrypter = decrypter_of(leaf, tmp_path)
    assert opened(cut(12, 12), decrypter) == CONTENT
    for claimed, actual in ((4, 4), (11, 11), (16, 12), (12, 16), (16, 0), (17, 16), (0, 0), (-1, 16)):
        assert reason(cut(claimed, actual), decrypter) == "cms-malformed"


@pytest.mark.parametrize("length", [0, 1, 15, 17, 31])
def test_a_ciphertext_that_is_no_whole_number_of_blocks_does_not_open(pki, tmp_path, length):
    leaf, key = pki.leaf(), os.urandom(32)
    sealed = encrypt_content([CONTENT], AES_256_CBC, key)
    cut = by_hand([transport(leaf, key)], sealed._replace(pieces=[b"".join(sealed.pieces)[:length]]), kind=ENVELOPED)
    assert reason(cut, decrypter_of(leaf, tmp_path)) == "decryption-failed"


def test_padding_is_looked_at_whole(pki, tmp_path):
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    leaf, key, vector = pki.leaf(), os.urandom(32), os.urandom(16)
    decrypter = decrypter_of(leaf, tmp_path)
    identifier = der.sequence(der.oid(AES_256_CBC.oid), der.octet_string(vector))

    def message(plain):
        chaining = Cipher(algorithms.AES(key), modes.CBC(vector)).encryptor()
        sealed = encrypt_content([b""], AES_256_CBC, key)._replace(
            identifier=identifier, pieces=[chaining.update(plain) + chaining.finalize()]
        )
        return by_hand([transport(leaf, key)], sealed, kind=ENVELOPED)

    assert opened(message(b"a" * 13 + b"\3\3\3"), decrypter) == b"a" * 13
    assert opened(message(b"\x10" * 16), decrypter) == b""
    for last in (b"\0", b"\x11", b"\x02\x03\x03", b"\x04\x03\x03\x04", b"\xff"):
        assert reason(message(last.rjust(16, b"a")), decrypter) == "decryption-failed"


def test_an_algorithm_nobody_knows_hurts_only_whose_key_it_is(pki, tmp_path):
    one, two, key = pki.leaf(), pki.leaf(key="rsa3072"), os.urandom(32)
    unheard = der.sequence(der.oid("1.3.6.1.4.1.55555.7"))
    sealed = encrypt_content([CONTENT], AES_256_GCM, key)
    message = by_hand([transport(one, key, unheard), transport(two, key)], sealed, kind=AUTHENTICATED)
    assert opened(message, decrypter_of(two, tmp_path)) == CONTENT
    assert reason(message, decrypter_of(one, tmp_path)) == "key-algorithm-unknown"


@pytest.mark.parametrize(
    "digest, mask", [("sha1", "sha1"), ("sha256", "sha1"), ("sha384", "sha384"), ("sha512", "sha256")]
)
def test_oaep_is_read_with_the_digests_it_names(pki, tmp_path, digest, mask):
    from cryptography.hazmat.primitives import hashes

    leaf, key, label = pki.leaf(), os.urandom(32), b"label"
    named = {"sha1": hashes.SHA1(), "sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}
    oids = {"sha1": "1.3.14.3.2.26", "sha256": "2.16.840.1.101.3.4.2.1"}
    oids |= {"sha384": "2.16.840.1.101.3.4.2.2", "sha512": "2.16.840.1.101.3.4.2.3"}
    fields = []
    if digest != "sha1":
        fields.append(der.explicit(0, der.sequence(der.oid(oids[digest]))))
    if mask != "sha1":
        function = der.sequence(der.oid("1.2.840.113549.1.1.8"), der.sequence(der.oid(oids[mask]), der.NULL))
        fields.append(der.explicit(1, function))
    fields.append(der.explicit(2, der.sequence(der.oid("1.2.840.113549.1.1.9"), der.octet_string(label))))
    way = padding.OAEP(padding.MGF1(named[mask]), named[digest], label)
    algorithm = der.sequence(der.oid("1.2.840.113549.1.1.7"), der.sequence(*fields))
    recipient = transport(leaf, key, algorithm, leaf.key.public_key().encrypt(key, way))
    message = by_hand([recipient], encrypt_content([CONTENT], AES_256_GCM, key), kind=AUTHENTICATED)
    assert opened(message, decrypter_of(leaf, tmp_path)) == CONTENT


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_octets_are_read_only_our_own_error_comes_out(pki, tmp_path, data):
    sealed = bytearray(envelop(CONTENT, [pki.leaf(key="p256").der], AES_256_CBC))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(sealed) - 1))
        end = place + data.draw(st.integers(0, 3))
        sealed[place:end] = data.draw(st.binary(max_size=4))
    with suppress(CmsError):
        read_enveloped(bytes(sealed))
