"""B-T, B-LT, B-LTA and what may fail on the way: a status, an authority, a certificate. Then nothing is written."""

from __future__ import annotations

import io
import itertools

import pikepdf
import pytest
from asn1crypto import cms as asn1_cms
from asn1crypto import tsp
from cryptography import x509

import gsign.pdf
from gsign import pkcs11, pkcs12
from gsign.errors import GsignError, InputError, NoSignatureError, TemporaryError, TokenError, UsageError
from gsign.signer import Digest
from gsign.signing.draft import Draft
from gsign.syntax.source import BytesSource
from gsign.trust.revocation import RevocationClient
from gsign.trust.timestamp import TimestampClient
from tests import judges
from tests.pki import LEADER, ORGANISATION, PERSON
from tests.pki_servers import Fault
from tests.softhsm import PIN, Item


class Counted:
    """A signer that counts what its key signs."""

    def __init__(self, signer):
        self._signer, self.signed = signer, 0

    def __getattr__(self, name):
        return getattr(self._signer, name)

    def sign(self, message, algorithm):
        self.signed += 1
        return self._signer.sign(message, algorithm)


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "ra"
    made.mkdir()
    return made


@pytest.fixture
def make_signer(pki, tmp_path):
    opened = []
    numbers = itertools.count()

    def make(subject=PERSON, **profile):
        path = pki.leaf(subject, **profile).p12(tmp_path / f"{next(numbers)}.p12", "x")
        opened.append(pkcs12.open_signer(path, pin="x"))
        return Counted(opened[-1])

    yield make
    for signer in opened:
        signer.close()


@pytest.fixture
def options(pki):
    """What a caller gives who trusts the root, with a memory of statuses of its own."""
    return {"trust": pki.root_file, "revocation": RevocationClient("prefer", timeout=5)}


def refuse(kind, code, call, folder=None):
    with pytest.raises(GsignError) as caught:
        call()
    assert (type(caught.value), caught.value.code) == (kind, code)
    assert caught.value.sentence("vi") != code
    assert folder is None or list(folder.iterdir()) == []
    return caught.value


def signatures_of(data):
    """Return the signature dictionaries, oldest first."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        return [(str(f.V.SubFilter), bytes(f.V.Contents)) for f in pdf.Root.AcroForm.Fields]


def timestamp_in(contents):
    info = asn1_cms.ContentInfo.load(contents)["content"]["signer_infos"][0]
    tokens = [a["values"][0] for a in info["unsigned_attrs"] if a["type"].native == "signature_time_stamp_token"]
    return tokens[0]["content"]["encap_content_info"]["content"].parsed if tokens else None


# ---------------------------------------------------------------- levels


@pytest.mark.parametrize("level", [None, "B-T"])
def test_a_timestamp_over_the_signature(pki, make_signer, options, documents, folder, level):
    signer = make_signer()
    record = gsign.pdf.sign_to(
        documents["one-page"].data, folder / "a.pdf", signer, level=level, tsa=pki.tsa_url, **options
    )
    assert record.level == "B-T"
    assert record.timestamp_time is not None
    assert (pki.tsa.requests, signer.signed) == (1, 1)
    judges.assert_pdfsig_accepts(folder / "a.pdf", 1)
    assert judges.pyhanko_ades(folder / "a.pdf", pki, "B-T")[0].timestamped
    (signature,) = judges.openssl_cms(folder / "a.pdf", pki.root_file)
    assert timestamp_in(signature.contents)["gen_time"].native == record.timestamp_time


def test_no_authority_is_asked_for_what_needs_none(pki, make_signer, options, documents):
    signed = gsign.pdf.sign(documents["one-page"].data, make_signer(), level="B-B", tsa=pki.tsa_url, **options)
    assert pki.tsa.requests == 0
    assert timestamp_in(signatures_of(signed)[0][1]) is None


@pytest.mark.parametrize("digest", list(Digest))
def test_authorities_are_asked_for_digests_that_they_know(pki, make_signer, options, documents, digest):
    signed = gsign.pdf.sign(documents["one-page"].data, make_signer(), digest=digest, tsa=pki.tsa_url, **options)
    imprint = timestamp_in(signatures_of(signed)[0][1])["message_imprint"]
    assert imprint["hash_algorithm"]["algorithm"].native == f"sha{digest.size * 8}"
    value = asn1_cms.ContentInfo.load(signatures_of(signed)[0][1])["content"]["signer_infos"][0]["signature"].native
    assert imprint["hashed_message"].native == Digest(f"sha{digest.size * 8}").new(value).digest()


def test_a_token_signs_up_to_the_highest_level(pki, office, options, documents, folder):
    leaf = pki.leaf(ORGANISATION, key="p384")
    office.token("KySo", [Item(leaf.der, leaf.key)])
    with pkcs11.open_signer("pkcs11:token=KySo", pin=PIN, module=office.module) as signer:
        record = gsign.pdf.sign_to(
            documents["object-streams"].data, folder / "a.pdf", signer, level="B-LTA", tsa=pki.tsa_url, **options
        )
    assert record.is_token
    assert "not-a-token" not in record.warnings
    facts = judges.pyhanko_ades(folder / "a.pdf", pki, "B-LTA")
    assert facts[0].archived
    judges.assert_pdfsig_accepts(folder / "a.pdf", 1)


def test_what_is_stored_is_what_a_reader_needs_and_stands_there_once(pki, make_signer, options, documents):
    signer = make_signer()
    first = gsign.pdf.sign(documents["one-page"].data, signer, level="B-LT", tsa=pki.tsa_url, **options)
    second = gsign.pdf.sign(first, signer, level="B-LT", tsa=pki.tsa_url, **options)
    for data in (first, second):
        with pikepdf.open(io.BytesIO(data)) as pdf:
            certificates = [x509.load_der_x509_certificate(c.read_bytes()) for c in pdf.Root.DSS.Certs]
            statuses = len(pdf.Root.DSS.get("/OCSPs", [])) + len(pdf.Root.DSS.get("/CRLs", []))
        names = {c.serial_number for c in certificates}
        assert len(names) == len(certificates)
        assert names >= {pki.leaf().serial, pki.intermediate.identity.serial, pki.tsa_identity.serial}
        assert statuses >= 3  # signer, intermediate, authority


def test_a_store_that_is_there_is_added_to(pki, make_signer, options, documents):
    with pikepdf.open(io.BytesIO(documents["one-page"].data)) as pdf:
        other = pki.impostor.identity.der
        store = pikepdf.Dictionary(Certs=pikepdf.Array([pdf.make_stream(other)]), VRI=pikepdf.Dictionary(XX=1))
        pdf.Root.DSS = pdf.make_indirect(store)
        out = io.BytesIO()
        pdf.save(out)
    signed = gsign.pdf.sign(out.getvalue(), make_signer(), level="B-LT", tsa=pki.tsa_url, **options)
    with pikepdf.open(io.BytesIO(signed)) as pdf:
        assert other in [c.read_bytes() for c in pdf.Root.DSS.Certs]
        assert len(pdf.Root.DSS.Certs) > 1
        assert pdf.Root.DSS.VRI.XX == 1


def test_the_older_format_takes_a_timestamp_and_no_more(pki, make_signer, options, documents, folder):
    source, signer = documents["one-page"].data, make_signer()
    older = {"subfilter": "adbe.pkcs7.detached", "tsa": pki.tsa_url, **options}
    gsign.pdf.sign_to(source, folder / "a.pdf", signer, **older)
    judges.assert_pdfsig_accepts(folder / "a.pdf", 1)
    (signature,) = judges.openssl_cms(folder / "a.pdf", pki.root_file)
    assert signature.kind == "adbe.pkcs7.detached"
    assert timestamp_in(signature.contents) is not None
    for level in ("B-LT", "B-LTA"):
        call = lambda level=level: gsign.pdf.sign(source, signer, level=level, **older)  # noqa: E731
        refuse(UsageError, "level-needs-pades", call)


def test_levels_that_contradict_other_options(make_signer, documents):
    source, signer = documents["one-page"].data, make_signer()
    for given, code in [
        ({"level": "B-T"}, "tsa-needed"),
        ({"level": "B-LTA", "tsa": []}, "tsa-needed"),
        ({"level": "B-X"}, "level-unknown"),
        ({"revocation": "always"}, "revocation-unknown"),
        ({"subfilter": "adbe.pkcs7.sha1"}, "subfilter-unknown"),
        ({"digest": "sha1"}, "digest-unknown"),
        ({"scheme": "dsa"}, "scheme-unknown"),
    ]:
        refuse(UsageError, code, lambda given=given: gsign.pdf.sign(source, signer, **given))
    with pytest.raises(TypeError, match="levle"):
        gsign.pdf.sign(source, signer, levle="B-T")
    assert signer.signed == 0


# ---------------------------------------------------------------- authorities that fail

FAULTS = [
    Fault.DOWN,
    Fault.HTTP_ERROR,
    Fault.MALFORMED,
    Fault.EMPTY,
    Fault.UNRELATED_SIGNER,
    Fault.BAD_SIGNATURE,
    Fault.WRONG_NONCE,
    Fault.NO_NONCE,
    Fault.REJECTION,
    Fault.WRONG_IMPRINT,
    Fault.NO_CERTIFICATE,
    Fault.HUGE,
]


@pytest.mark.parametrize("fault", FAULTS)
def test_nothing_is_written_without_a_right_timestamp(pki, make_signer, options, documents, folder, fault):
    pki.tsa.fault = fault
    call = lambda: gsign.pdf.sign_to(  # noqa: E731
        documents["one-page"].data, folder / "a.pdf", make_signer(), tsa=pki.tsa_url, **options
    )
    error = refuse(TemporaryError, "tsa-unreachable", call, folder)
    assert (error.temporary, error.exit_code) == (True, 7)
    assert pki.tsa_url in error.sentence("en")


@pytest.mark.parametrize("fault", [Fault.DOWN, Fault.WRONG_NONCE, Fault.BAD_SIGNATURE])
@pytest.mark.parametrize("level", ["B-T", "B-LTA"])
def test_the_next_authority_is_asked_where_one_fails(pki, make_signer, options, documents, folder, fault, level):
    pki.tsa.fault = fault
    signer = make_signer()
    tsa = [pki.tsa_url, pki.tsa2_url]
    gsign.pdf.sign_to(documents["one-page"].data, folder / "a.pdf", signer, level=level, tsa=tsa, **options)
    stamps = 1 if level == "B-T" else 2
    assert (pki.tsa.requests, pki.tsa2.requests, signer.signed) == (1, stamps, 1)
    judges.pyhanko_ades(folder / "a.pdf", pki, level)


def test_an_authority_that_does_not_answer_costs_its_time_once(pki, make_signer, options, documents, folder):
    pki.tsa.fault = Fault.SLOW
    client = TimestampClient([pki.tsa_url, pki.tsa2_url], timeout=0.3)
    gsign.pdf.sign_to(documents["one-page"].data, folder / "a.pdf", make_signer(), level="B-LTA", tsa=client, **options)
    assert (pki.tsa.requests, pki.tsa2.requests) == (1, 2)


def test_all_that_failed_are_named(pki, make_signer, options, documents):
    pki.tsa.fault, pki.tsa2.fault = Fault.DOWN, Fault.REJECTION
    call = lambda: gsign.pdf.sign(  # noqa: E731
        documents["one-page"].data, make_signer(), tsa=[pki.tsa_url, pki.tsa2_url], **options
    )
    causes = str(refuse(TemporaryError, "tsa-unreachable", call).facts["causes"])
    assert pki.tsa_url + ":" in causes
    assert pki.tsa2_url + ":" in causes


@pytest.mark.parametrize("level", ["B-T", "B-LTA"])
def test_a_token_larger_than_the_room_that_was_reserved(pki, make_signer, options, documents, folder, level):
    large = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.55555.9"), bytes(30_000))
    pki.tsa.signer = pki.timestamping_identity(extra=((large, False),))
    signer = make_signer()
    gsign.pdf.sign_to(documents["one-page"].data, folder / "a.pdf", signer, level=level, tsa=pki.tsa_url, **options)
    assert signer.signed == 2
    (_, contents), *_ = signatures_of((folder / "a.pdf").read_bytes())
    assert len(asn1_cms.ContentInfo.load(contents).dump()) > 30_000
    judges.assert_pdfsig_accepts(folder / "a.pdf", 1)
    judges.openssl_cms(folder / "a.pdf", pki.root_file)


def test_an_authority_whose_tokens_grow_is_asked_a_few_times_only(documents):
    draft = Draft(BytesSource(documents["one-page"].data), None)
    draft.expect({Digest.SHA256})
    draft.digests.run()
    asked = []

    def grow(imprint: bytes) -> bytes:
        asked.append(imprint)
        # As large as an answer may be, however often the question comes.
        return bytes(min(8_192 + 2_048 * len(asked), 256 << 10))

    assert len(draft.add_timestamp(Digest.SHA256, grow, 8_192)) > 8_192
    assert len(asked) < 10


# ---------------------------------------------------------------- certificates that may not sign


@pytest.mark.parametrize("source", ["ocsp", "crl"])
@pytest.mark.parametrize("who", ["signer", "intermediate"])
def test_a_revoked_certificate_does_not_sign(pki, make_signer, options, documents, folder, source, who):
    signer = make_signer()
    pki.revoke(pki.leaf() if who == "signer" else pki.intermediate.identity)
    if source == "crl":
        pki.ocsp.fault = Fault.DOWN
    call = lambda: gsign.pdf.sign_to(documents["one-page"].data, folder / "a.pdf", signer, **options)  # noqa: E731
    refuse(TokenError, "certificate-revoked", call, folder)
    assert signer.signed == 0


@pytest.mark.parametrize(
    "variant, code",
    [
        ("expired", "certificate-expired"),
        ("not-yet-valid", "certificate-not-yet-valid"),
        ("encryption-only", "certificate-wrong-usage"),
        ("authority", "certificate-wrong-usage"),
        ("impostor", "certificate-untrusted"),
        ("unknown-critical", "certificate-chain-invalid"),
    ],
)
def test_a_certificate_that_readers_refuse_does_not_sign(pki, make_signer, options, documents, folder, variant, code):
    signer = make_signer(variant=variant)
    call = lambda: gsign.pdf.sign_to(documents["one-page"].data, folder / "a.pdf", signer, **options)  # noqa: E731
    error = refuse(TokenError, code, call, folder)
    assert (error.exit_code, signer.signed) == (5, 0)


def _without_status(pki):
    pki.ocsp.fault = pki.crl.fault = Fault.DOWN


def test_a_status_that_cannot_be_had_is_a_warning_or_an_error(pki, make_signer, documents, folder):
    _without_status(pki)
    source, signer = documents["one-page"].data, make_signer()
    client = RevocationClient("require", timeout=5)
    call = lambda: gsign.pdf.sign_to(  # noqa: E731
        source, folder / "a.pdf", signer, trust=pki.root_file, revocation=client
    )
    refuse(TemporaryError, "revocation-unavailable", call, folder)
    assert signer.signed == 0
    client = RevocationClient("prefer", timeout=5)
    record = gsign.pdf.sign_to(source, folder / "a.pdf", signer, trust=pki.root_file, revocation=client)
    assert "revocation-not-checked" in record.warnings
    assert "not-a-token" in record.warnings


@pytest.mark.parametrize("level", ["B-LT", "B-LTA"])
def test_nothing_is_written_without_the_status_that_is_to_be_stored(
    pki, make_signer, options, documents, folder, level
):
    _without_status(pki)
    call = lambda: gsign.pdf.sign_to(  # noqa: E731
        documents["one-page"].data, folder / "a.pdf", make_signer(), level=level, tsa=pki.tsa_url, **options
    )
    error = refuse(TemporaryError, "revocation-unavailable", call, folder)
    assert error.exit_code == 7


# ---------------------------------------------------------------- augmenting


@pytest.fixture
def signed(make_signer, options, documents):
    return gsign.pdf.sign(documents["one-page"].data, make_signer(LEADER), **options)


@pytest.mark.parametrize("level", ["B-T", "B-LT", "B-LTA"])
def test_a_signature_is_raised_to_a_level(pki, options, signed, folder, level):
    gsign.pdf.augment_to(signed, folder / "a.pdf", level=level, tsa=pki.tsa_url, **options)
    data = (folder / "a.pdf").read_bytes()
    assert data.startswith(signed)
    assert gsign.pdf.verify(data, trust=pki.root_file, offline=True).signatures[0].level == level
    kinds = [kind for kind, _ in signatures_of(data)]
    assert kinds == ["/ETSI.CAdES.detached"] + ["/ETSI.RFC3161"] * {"B-T": 1, "B-LT": 1, "B-LTA": 2}[level]
    with pikepdf.open(io.BytesIO(data)) as pdf:
        assert ("/DSS" in pdf.Root) is (level != "B-T")


def test_document_timestamps_cover_all_that_came_before(pki, options, signed, folder):
    gsign.pdf.augment_to(signed, folder / "a.pdf", level="B-LTA", tsa=pki.tsa_url, **options)
    _, *stamps = judges.openssl_cms(folder / "a.pdf", pki.root_file)
    assert [len(s.covered) for s in stamps] == sorted(len(s.covered) for s in stamps)
    last = stamps[-1]
    token = asn1_cms.ContentInfo.load(last.contents)["content"]["encap_content_info"]["content"].parsed
    assert isinstance(token, tsp.TSTInfo)
    assert last.byte_range[2] + last.byte_range[3] == len((folder / "a.pdf").read_bytes())


def test_a_document_that_forbids_changes_can_still_be_kept(pki, make_signer, options, documents, folder):
    """ISO 32000-2 12.8.2.2.2: a store and a document timestamp are no changes, whatever the permissions."""
    certified = gsign.pdf.sign(documents["one-page"].data, make_signer(), certify=1, **options)
    gsign.pdf.augment_to(certified, folder / "a.pdf", level="B-LTA", tsa=pki.tsa_url, **options)
    result = gsign.pdf.verify(folder / "a.pdf", trust=pki.root_file, offline=True)
    assert {s.indication.value for s in result.signatures} == {"TOTAL_PASSED"}


def test_what_cannot_be_augmented(pki, options, documents, folder):
    for name, kind, code in [
        ("one-page", NoSignatureError, "no-signature"),
        ("text-fields", NoSignatureError, "no-signature"),
        ("signed-broken", InputError, "earlier-signature-broken"),
        ("truncated", InputError, "input-truncated"),
    ]:
        call = lambda name=name: gsign.pdf.augment_to(  # noqa: E731
            documents[name].data, folder / "a.pdf", level="B-LTA", tsa=pki.tsa_url, **options
        )
        refuse(kind, code, call, folder)
    assert pki.tsa.requests == 0


def test_an_augmentation_that_fails_leaves_nothing(pki, options, signed, folder):
    for level, break_it, code in [
        ("B-T", lambda: setattr(pki.tsa, "fault", Fault.DOWN), "tsa-unreachable"),
        ("B-LT", lambda: _without_status(pki), "revocation-unavailable"),
    ]:
        pki.reset()
        break_it()
        client = RevocationClient("prefer", timeout=5)
        call = lambda level=level, client=client: gsign.pdf.augment_to(  # noqa: E731
            signed, folder / "a.pdf", level=level, tsa=pki.tsa_url, trust=pki.root_file, revocation=client
        )
        refuse(TemporaryError, code, call, folder)


def test_an_augmented_output_is_not_overwritten_either(pki, options, signed, folder):
    (folder / "a.pdf").write_bytes(signed)
    to = {"level": "B-T", "tsa": pki.tsa_url, **options}
    refuse(UsageError, "output-exists", lambda: gsign.pdf.augment_to(signed, folder / "a.pdf", **to))
    refuse(
        UsageError,
        "output-is-input",
        lambda: gsign.pdf.augment_to(folder / "a.pdf", folder / "a.pdf", force=True, **to),
    )
    assert (folder / "a.pdf").read_bytes() == signed
