"""Who may sign a message, with which certificate, and what is left on disk."""

from __future__ import annotations

import pytest

from gsign import smime
from gsign.errors import InputError, TemporaryError, TokenError, UsageError
from tests.judges_mail import cut_signed
from tests.mailcorpus.cms import signed_data
from tests.mailcorpus.kit import ENTITY, fields
from tests.pki import ORGANISATION, PERSON


def test_only_the_sender_signs(kit):
    with pytest.raises(UsageError) as refused:
        kit.signed(who=kit.other)
    assert refused.value.code == "signer-is-not-sender"
    assert refused.value.facts["sender"] == PERSON.email


def test_an_agency_signs_for_senders_of_its_domain_only(kit):
    kit.signed(who=kit.agency, as_agency=True)
    kit.signed(kit.message(From="x@so-noi-vu.hungyen.gov.vn"), who=kit.agency, as_agency=True)
    for stranger in ("x@hanoi.gov.vn", "x@gov.vn", "x@xhungyen.gov.vn"):
        with pytest.raises(UsageError, match="certificate names"):
            kit.signed(kit.message(From=stranger), who=kit.agency, as_agency=True)
    with pytest.raises(UsageError, match="certificate names"):
        kit.signed(who=kit.agency)


def test_who_verifies_may_know_the_agency(kit):
    signed = kit.signed(who=kit.agency, as_agency=True)
    result = smime.verify(
        signed,
        trust=kit.pki.root_file,
        revocation="off",
        agencies=lambda signer, sender: (signer, sender) == (ORGANISATION.email, PERSON.email),
    )
    assert (result.smime, result.by_agency) == ("pass", True)


def test_an_agency_signs_over_a_personal_signature_which_stays_as_it_is(kit):
    personal = kit.signed()
    agency = kit.signed(personal, who=kit.agency, as_agency=True)
    entity, _ = cut_signed(agency)
    assert personal.partition(b"\r\n\r\n")[2] in entity
    inner = smime.verify(entity, trust=kit.pki.root_file, revocation="off")
    assert (inner.smime, inner.signer.email) == ("pass", PERSON.email)


def test_nobody_signs_twice_in_one_name(kit):
    for form in ("detached", "opaque"):
        with pytest.raises(UsageError) as refused:
            kit.signed(kit.signed(form=form), who=kit.person_ec)
        assert refused.value.code == "mail-already-signed"


def test_what_is_encrypted_is_not_signed(kit):
    enveloped = bytes.fromhex("300f06092a864886f70d010703a0020500")
    with pytest.raises(UsageError) as refused:
        kit.signed(kit.opaque(enveloped, content_type="application/pkcs7-mime; smime-type=enveloped-data"))
    assert refused.value.code == "mail-is-encrypted"


@pytest.mark.parametrize(
    "message, code",
    [
        (fields() + b"Content-Type: message/partial; id=a; number=1; total=2\r\n\r\nx", "mail-partial"),
        (fields() + fields(), "mail-unclear"),
        (fields(From=None) + ENTITY, "mail-unclear"),
        (fields(From="Chu tich") + ENTITY, "mail-unclear"),
        (b"no header\r\n" + fields() + ENTITY, "mail-unclear"),
        (
            fields() + b"Content-Type: multipart/mixed; boundary=a; boundary=b\r\n\r\n--a\r\n\r\n--a--\r\n",
            "mail-unclear",
        ),
        (b"From: x", "mail-unclear"),
        (b"", "mail-unclear"),
    ],
)
def test_what_readers_take_differently_is_not_signed(kit, message, code):
    with pytest.raises(InputError) as refused:
        kit.signed(message)
    assert refused.value.code == code


def test_a_damaged_signature_is_not_signed_over(kit):
    for message in (kit.detached(b"no CMS"), kit.detached(further=ENTITY), kit.detached(signed_data(ENTITY))):
        with pytest.raises(InputError) as refused:
            kit.signed(message, who=kit.agency, as_agency=True)
        assert refused.value.code == "mail-unclear"


# ---------------------------------------------------------------- the certificate, before the key is used


@pytest.mark.parametrize(
    "variant, code",
    [
        ("expired", "certificate-expired"),
        ("not-yet-valid", "certificate-not-yet-valid"),
        ("encryption-only", "certificate-wrong-usage"),
        ("server-authentication", "certificate-wrong-usage"),
        ("weak-key", "certificate-weak-key"),
    ],
)
def test_a_certificate_that_readers_refuse_signs_nothing(kit, variant, code):
    with pytest.raises(TokenError) as refused:
        kit.signed(who=kit.pki.leaf(variant=variant))
    assert refused.value.code == code


def test_a_certificate_that_is_not_for_mail_signs_no_message(kit):
    from cryptography.x509.oid import ExtendedKeyUsageOID

    who = kit.pki.leaf(extended_usages=(ExtendedKeyUsageOID.CLIENT_AUTH,), pointers=False)
    with pytest.raises(TokenError) as refused:
        kit.signed(who=who)
    assert refused.value.code == "certificate-not-for-mail"


def test_a_revoked_certificate_signs_no_message(kit):
    with pytest.raises(TokenError) as refused:
        kit.signed(who=kit.pki.leaf(variant="revoked"), trust=kit.pki.root_file, revocation="prefer")
    assert refused.value.code == "certificate-revoked"


def test_a_status_that_is_required_and_not_to_be_had_stops_signing(kit):
    with pytest.raises(TemporaryError):
        kit.signed(trust=kit.pki.root_file, revocation="require")


def test_named_anchors_must_lead_to_the_signer(kit):
    assert kit.signed(trust=kit.pki.root_file)
    with pytest.raises(TokenError) as refused:
        kit.signed(trust=kit.pki.impostor_root_file)
    assert refused.value.code == "certificate-untrusted"


@pytest.mark.parametrize(
    "options, code",
    [({"form": "x"}, "mail-form-unknown"), ({"scheme": "x"}, "scheme-unknown"), ({"digest": "md5"}, "digest-unknown")],
)
def test_options_that_are_off_are_named(kit, options, code):
    with pytest.raises(UsageError) as refused:
        kit.signed(**options)
    assert refused.value.code == code


def test_a_record_tells_what_was_done(kit):
    _, record = smime.sign_recorded(kit.message(), kit.signer(kit.person), revocation="off")
    facts = record.to_dict()
    assert (facts["from"], facts["form"], facts["scheme"], facts["digest"]) == (
        PERSON.email,
        "detached",
        "pkcs1",
        "sha256",
    )
    assert facts["is_token"] is False
    assert "not-a-token" in facts["warnings"]


def test_the_output_appears_only_when_complete(kit, tmp_path):
    source, output = tmp_path / "a.eml", tmp_path / "b.eml"
    source.write_bytes(kit.message(From="x@hanoi.gov.vn"))
    with pytest.raises(UsageError):
        smime.sign_to(source, output, kit.signer(kit.person), revocation="off")
    assert [path.name for path in tmp_path.iterdir()] == ["a.eml"]
    source.write_bytes(kit.message())
    record = smime.sign_to(source, output, kit.signer(kit.person), revocation="off")
    assert (record.file, record.output) == (str(source), str(output))
    assert smime.verify(output, trust=kit.pki.root_file, revocation="off").smime == "pass"
    with pytest.raises(UsageError, match="exists"):
        smime.sign_to(source, output, kit.signer(kit.person), revocation="off")


def test_an_open_file_is_not_written_over_while_it_is_read(kit, tmp_path):
    file = tmp_path / "a.eml"
    file.write_bytes(kit.message())
    with file.open("rb") as source, pytest.raises(UsageError) as refused:
        smime.sign_to(source, file, kit.signer(kit.person), force=True, revocation="off")
    assert refused.value.code == "output-is-input"
    assert file.read_bytes() == kit.message()


def test_an_unreadable_source_is_told(kit, tmp_path):
    for call in (smime.verify, lambda p: smime.sign(p, kit.signer(kit.person), revocation="off")):
        with pytest.raises(InputError) as refused:
            call(tmp_path / "missing.eml")
        assert refused.value.code == "input-unreadable"


def test_messages_are_taken_as_octets_paths_and_files(kit, tmp_path):
    path = tmp_path / "a.eml"
    path.write_bytes(kit.signed())
    with path.open("rb") as file:
        results = [
            smime.verify(m, trust=kit.pki.root_file, revocation="off")
            for m in (path.read_bytes(), str(path), path, file)
        ]
    assert {r.smime for r in results} == {"pass"}
    assert [r.file for r in results] == [None, str(path), str(path), str(path)]
