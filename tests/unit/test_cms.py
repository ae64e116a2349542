"""SignedData built here pleases OpenSSL and asn1crypto; what others build is read; every forgery has its reason."""

from __future__ import annotations

import hashlib
import subprocess
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from asn1crypto import cms as other
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509 import load_der_x509_certificate
from hypothesis import given, settings
from hypothesis import strategies as st

from gsign import cms, der, pkcs12
from gsign.cms import CmsError
from gsign.signer import Algorithm, Digest, Scheme
from tests.pki import ORGANISATION

CONTENT = b"n\xe1\xbb\x99i dung v\xc4\x83n b\xe1\xba\xa3n"
KEYS = {"rsa2048": [Scheme.PKCS1, Scheme.PSS], "p256": [Scheme.ECDSA], "p384": [Scheme.ECDSA], "p521": [Scheme.ECDSA]}
CASES = [(key, scheme, digest) for key, schemes in KEYS.items() for scheme in schemes for digest in Digest]


@pytest.fixture(scope="module")
def signers(session_pki, tmp_path_factory):
    folder = tmp_path_factory.mktemp("p12")
    return {
        key: pkcs12.open_signer(session_pki.leaf(ORGANISATION, key=key).p12(folder / key, "x"), pin="x") for key in KEYS
    }


def made(signer, algorithm=None, *, content=CONTENT, chain=(), **options):
    algorithm = algorithm or signer.algorithm()
    digest = algorithm.digest.new(content).digest()
    attributes = cms.signed_attributes(signer.certificate, algorithm, digest, **options)
    return cms.assemble(attributes, signer.sign(attributes.to_sign, algorithm), chain=chain)


def check(data, content=CONTENT, certificate=None):
    signed = cms.read(data)
    (info,) = signed.signer_infos
    certificate = certificate or signed.signer_certificate(info)
    digest = hashlib.new(info.digest.replace("-", "_"), content).digest()
    cms.verify_signer_info(info, certificate, digest)
    return signed


def refuse(reason, call):
    with pytest.raises(CmsError) as caught:
        call()
    assert caught.value.reason == reason


def openssl(data, content, folder, root, *more):
    (folder / "content").write_bytes(content)
    (folder / "cms").write_bytes(data)
    command = ["openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", "cms", "-content", "content"]
    command += ["-CAfile", str(root), "-purpose", "any", "-out", "/dev/null", *more]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


# ---------------------------------------------------------------- what is built


@pytest.mark.parametrize("key, scheme, digest", CASES)
def test_openssl_accepts_every_scheme_with_every_digest(signers, pki, tmp_path, key, scheme, digest):
    signer = signers[key]
    data = made(signer, Algorithm(scheme, digest), chain=signer.chain)
    done = openssl(data, CONTENT, tmp_path, pki.root_file)
    assert done.returncode == 0, done.stderr
    assert openssl(data, CONTENT + b"x", tmp_path, pki.root_file).returncode
    signed = check(data)
    info = signed.signer_infos[0]
    assert (info.scheme, info.digest) == (scheme, digest.value)


@pytest.mark.parametrize("key", KEYS)
def test_it_is_der_of_the_profile(signers, key):
    signer = signers[key]
    data = made(signer, chain=signer.chain)
    parsed = other.ContentInfo.load(data, strict=True)
    assert parsed.dump(force=True) == data, "asn1crypto writes it differently"
    content = parsed["content"]
    assert content["version"].native == "v1"
    assert content["encap_content_info"]["content_type"].native == "data"
    assert content["encap_content_info"]["content"].native is None
    assert {c.chosen.dump() for c in content["certificates"]} == {signer.certificate, *signer.chain}
    (info,) = content["signer_infos"]
    attributes = {a["type"].native: a["values"] for a in info["signed_attrs"]}
    # PAdES: no signing-time, and the certificate is bound (EN 319 142-1 clause 6.3).
    assert set(attributes) == {"content_type", "message_digest", "signing_certificate_v2", "cms_algorithm_protection"}
    bound = attributes["signing_certificate_v2"][0]["certs"][0]
    name = bound["hash_algorithm"]["algorithm"].native
    assert bound["cert_hash"].native == hashlib.new(name, signer.certificate).digest()
    assert info["signed_attrs"].untag().dump() == b"".join([
        der.set_of(sorted(a.dump() for a in info["signed_attrs"]))
    ])  # fmt: skip


def test_signing_time_is_there_when_asked_for(signers):
    moment = datetime(2026, 1, 27, 8, 39, 22, tzinfo=UTC)
    data = made(signers["p256"], signing_time=moment)
    attributes = other.ContentInfo.load(data)["content"]["signer_infos"][0]["signed_attrs"]
    assert [a["values"][0].native for a in attributes if a["type"].native == "signing_time"] == [moment]
    value = check(data).signer_infos[0].signed_value("1.2.840.113549.1.9.5")
    assert der.read_time(value) == moment


def test_certificates_are_carried_once(signers):
    signer = signers["p256"]
    data = made(signer, chain=(*signer.chain, *signer.chain, signer.certificate))
    assert sorted(cms.read(data).certificates) == sorted({signer.certificate, *signer.chain})


@pytest.mark.parametrize("key, scheme, digest", CASES)
@pytest.mark.parametrize("time", [None, datetime(2026, 1, 1, tzinfo=UTC)])
def test_the_room_that_is_reserved_is_enough_and_hardly_too_much(signers, key, scheme, digest, time):
    signer = signers[key]
    algorithm = Algorithm(scheme, digest)
    for chain in ((), signer.chain):
        room = cms.size_of(signer.certificate, algorithm, tuple(chain))
        length = len(made(signer, algorithm, chain=chain, signing_time=time))
        assert length <= room <= length + 100


def test_a_timestamp_is_an_unsigned_attribute(signers):
    signer = signers["rsa2048"]
    algorithm = signer.algorithm()
    token = der.sequence(der.oid(cms.ID_SIGNED_DATA), der.explicit(0, der.sequence()))
    attributes = cms.signed_attributes(signer.certificate, algorithm, algorithm.digest.new(CONTENT).digest())
    data = cms.assemble(attributes, signer.sign(attributes.to_sign, algorithm), timestamp_token=token)
    assert check(data).signer_infos[0].timestamp_tokens() == [token]
    assert cms.read(made(signer)).signer_infos[0].timestamp_tokens() == []


# ---------------------------------------------------------------- what others build


@pytest.mark.parametrize(
    "key, hash_", [("rsa2048", hashes.SHA256()), ("rsa2048", hashes.SHA512()), ("p384", hashes.SHA384())]
)
@pytest.mark.parametrize("capabilities", [[], [pkcs7.PKCS7Options.NoCapabilities], [pkcs7.PKCS7Options.NoCerts]])
def test_what_cryptography_signs_is_read(pki, key, hash_, capabilities):
    leaf = pki.leaf(ORGANISATION, key=key)
    builder = pkcs7.PKCS7SignatureBuilder().set_data(CONTENT).add_signer(leaf.certificate, leaf.key, hash_)
    options = [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary, *capabilities]
    check(builder.sign(serialization.Encoding.DER, options), certificate=leaf.der)


@pytest.mark.parametrize("options", [[], ["-keyid"], ["-cades"], ["-nocerts"], ["-md", "sha384"]])
@pytest.mark.parametrize("stream", [[], ["-stream", "-nodetach"]])
def test_what_openssl_signs_is_read(pki, tmp_path, options, stream):
    leaf = pki.leaf()
    (tmp_path / "key").write_bytes(
        leaf.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    (tmp_path / "cert").write_bytes(leaf.pem)
    (tmp_path / "content").write_bytes(CONTENT)
    command = ["openssl", "cms", "-sign", "-binary", "-in", "content", "-signer", "cert", "-inkey", "key"]
    done = subprocess.run(
        [*command, "-outform", "DER", *options, *stream], cwd=tmp_path, capture_output=True, check=True
    )
    signed = check(done.stdout, certificate=leaf.der)
    assert signed.econtent == (CONTENT if stream else None)


def indefinite(node):
    """Write a value again with indefinite lengths, as some writers in the field do."""
    if not node.is_constructed:
        return node.raw
    return bytes((node.tag, 0x80)) + b"".join(map(indefinite, node.children())) + b"\0\0"


def test_indefinite_lengths_are_read_and_the_attributes_digested_in_der(signers):
    data = made(signers["rsa2048"])
    root = der.parse(data)
    # Signed attributes, names and certificates stay DER inside what is BER (RFC 5652 5.3 and 10.2.2).
    signed = cms.read(data)
    spelt = indefinite(root)
    info = signed.signer_infos[0]
    for kept in (info.signed.raw, *signed.certificates, info.issuer):
        spelt = spelt.replace(indefinite(der.parse(kept)), kept)
    assert spelt != data
    check(spelt)
    signed = cms.read(spelt + bytes(50), trailing=True)
    assert signed.certificates == cms.read(data).certificates


def test_digests_that_are_never_written_are_read(pki):
    leaf = pki.leaf()
    certificate = load_der_x509_certificate(leaf.der)
    builder = pkcs7.PKCS7SignatureBuilder().set_data(CONTENT).add_signer(certificate, leaf.key, hashes.SHA256())
    data = builder.sign(serialization.Encoding.DER, [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary])
    data = data.replace(der.oid("2.16.840.1.101.3.4.2.1"), der.oid("2.16.840.1.101.3.4.2.4"))
    assert cms.read(data).signer_infos[0].digest == "sha224"
    refuse("message-digest-wrong", lambda: check(data, certificate=leaf.der))


# ---------------------------------------------------------------- forgeries


def changed(data, change):
    """Change a SignedData with asn1crypto."""
    parsed = other.ContentInfo.load(data)
    change(parsed["content"], parsed["content"]["signer_infos"][0])
    return parsed.dump(force=True)


def attribute(info, name):
    return next(a for a in info["signed_attrs"] if a["type"].native == name)


def _without(name):
    def change(_, info):
        kept = [a for a in info["signed_attrs"] if a["type"].native != name]
        info["signed_attrs"] = other.CMSAttributes(kept)

    return change


def _twice(name):
    def change(_, info):
        info["signed_attrs"] = other.CMSAttributes([*info["signed_attrs"], attribute(info, name)])

    return change


def _second_value(name):
    def change(_, info):
        found = attribute(info, name)
        found["values"] = [*found["values"], found["values"][0]]

    return change


def _no_attributes(content, info):
    kept = {name: info[name] for name in ("version", "sid", "digest_algorithm", "signature_algorithm", "signature")}
    content["signer_infos"] = other.SignerInfos([other.SignerInfo(kept)])


def _other_content_type(_, info):
    attribute(info, "content_type")["values"] = ["signed_data"]


def _other_digest(_, info):
    attribute(info, "message_digest")["values"] = [bytes(32)]


def _other_certificate_bound(_, info):
    attribute(info, "signing_certificate_v2")["values"][0]["certs"][0]["cert_hash"] = bytes(32)


def _signature_bit(_, info):
    value = bytearray(info["signature"].native)
    value[-1] ^= 1
    info["signature"] = bytes(value)


def _other_algorithm(_, info):
    info["digest_algorithm"] = {"algorithm": "sha512"}
    info["signature_algorithm"] = {"algorithm": "sha512_rsa"}


def _mixed_algorithms(_, info):
    info["signature_algorithm"] = {"algorithm": "sha512_rsa"}


def _unknown_algorithm(_, info):
    info["digest_algorithm"] = {"algorithm": "md5"}


def _ecdsa(_, info):
    info["signature_algorithm"] = {"algorithm": "sha256_ecdsa"}


@pytest.mark.parametrize(
    "change, reason",
    [
        (_no_attributes, "signed-attributes-missing"),
        (_without("content_type"), "content-type-wrong"),
        (_without("message_digest"), "message-digest-missing"),
        (_without("cms_algorithm_protection"), "signature-wrong"),
        (_without("signing_certificate_v2"), "signature-wrong"),
        (_twice("message_digest"), "attribute-repeated"),
        (_twice("content_type"), "attribute-repeated"),
        (_twice("signing_certificate_v2"), "attribute-repeated"),
        (_second_value("message_digest"), "attribute-repeated"),
        (_other_content_type, "content-type-wrong"),
        (_other_digest, "message-digest-wrong"),
        (_other_certificate_bound, "signing-certificate-wrong"),
        (_signature_bit, "signature-wrong"),
        (_other_algorithm, "message-digest-wrong"),
        (_mixed_algorithms, "algorithms-differ"),
        (_unknown_algorithm, "algorithm-unknown"),
        (_ecdsa, "algorithms-differ"),
    ],
)
def test_every_forgery_has_its_reason(signers, change, reason):
    signer = signers["rsa2048"]
    data = changed(made(signer), change)
    refuse(reason, lambda: check(data, certificate=signer.certificate))


def test_other_content_and_other_keys(signers):
    data = made(signers["rsa2048"])
    refuse("message-digest-wrong", lambda: check(data, content=b"x"))
    other_signer = signers["p256"]
    refuse("signing-certificate-wrong", lambda: check(data, certificate=other_signer.certificate))


def test_a_certificate_of_the_same_name_and_number_does_not_take_the_place_of_the_bound_one(pki, signers):
    """Two certificates answer to the signer identifier: the bound one is taken wherever it stands."""
    signer = signers["rsa2048"]
    parsed = other.ContentInfo.load(made(signer))
    twin = pki.leaf(ORGANISATION, key="p256").der
    forged = bytearray(twin)
    ours, theirs = (der.parse(c).children()[0].children()[1].raw for c in (signer.certificate, twin))
    assert len(ours) == len(theirs)
    forged = bytes(forged).replace(theirs, ours, 1)
    assert cms.issuer_and_serial(forged) == cms.issuer_and_serial(signer.certificate)
    for order in ([forged, signer.certificate], [signer.certificate, forged]):
        parsed["content"]["certificates"] = other.CertificateSet(
            [other.CertificateChoices("certificate", other.Certificate.load(c)) for c in order]
        )
        signed = cms.read(parsed.dump(force=True))
        assert signed.signer_certificate(signed.signer_infos[0]) == signer.certificate


@pytest.mark.parametrize(
    "salt, mask, trailer, reason",
    [
        (20, "sha256", 1, None),
        (0, "sha256", 1, None),
        (32, "sha512", 1, None),
        (32, "md5", 1, "algorithm-unknown"),
        (32, "sha256", 2, "algorithm-unknown"),
    ],
)
def test_parameters_of_pss(pki, signers, salt, mask, trailer, reason):
    from cryptography.hazmat.primitives.asymmetric import padding

    signer, leaf = signers["rsa2048"], pki.leaf(ORGANISATION, key="rsa2048")
    algorithm = Algorithm(Scheme.PSS, Digest.SHA256)
    attributes = cms.signed_attributes(signer.certificate, algorithm, algorithm.digest.new(CONTENT).digest())

    def change(_, info):
        # Without algorithm protection, which names the usual parameters.
        _without("cms_algorithm_protection")(_, info)
        parameters = info["signature_algorithm"]["parameters"]
        parameters["salt_length"] = salt
        parameters["trailer_field"] = trailer
        parameters["mask_gen_algorithm"]["parameters"] = {"algorithm": mask}
        to_sign = info["signed_attrs"].untag().dump(force=True)
        hashed = {"sha256": hashes.SHA256(), "sha512": hashes.SHA512(), "md5": hashes.MD5()}[mask]
        info["signature"] = leaf.key.sign(to_sign, padding.PSS(padding.MGF1(hashed), salt), hashes.SHA256())

    data = changed(cms.assemble(attributes, bytes(256)), change)
    if reason is None:
        check(data)
    else:
        refuse(reason, lambda: check(data))


# ---------------------------------------------------------------- anything at all


@pytest.mark.parametrize(
    "data", [b"", b"\x30\x00", b"\x30\x80", der.sequence(der.oid(cms.ID_DATA)), b"\0" * 100, b"%PDF"]
)
def test_what_is_no_signed_data(data):
    refuse("cms-malformed", lambda: cms.read(data))


def test_trailing_octets_only_where_allowed(signers):
    data = made(signers["p256"])
    cms.read(data + bytes(7), trailing=True)
    refuse("cms-malformed", lambda: cms.read(data + bytes(7)))


@settings(max_examples=250, deadline=None)
@given(st.data())
def test_any_damage_is_one_kind_of_error(signers, data):
    made_before = bytearray(_example(signers["p256"]))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(made_before) - 1))
        made_before[at] = data.draw(st.integers(0, 255))
    with suppress(CmsError):
        signed = cms.read(bytes(made_before), trailing=True)
        for info in signed.signer_infos:
            info.timestamp_tokens()
            certificate = signed.signer_certificate(info)
            if certificate is not None:
                cms.verify_signer_info(info, certificate, Digest.SHA256.new(CONTENT).digest())


_EXAMPLES: dict[bytes, bytes] = {}


def _example(signer):
    if signer.certificate not in _EXAMPLES:
        token = der.sequence(der.oid(cms.ID_SIGNED_DATA), der.explicit(0, der.sequence()))
        algorithm = signer.algorithm()
        attributes = cms.signed_attributes(signer.certificate, algorithm, algorithm.digest.new(CONTENT).digest())
        signature = signer.sign(attributes.to_sign, algorithm)
        _EXAMPLES[signer.certificate] = cms.assemble(attributes, signature, timestamp_token=token)
    return _EXAMPLES[signer.certificate]
