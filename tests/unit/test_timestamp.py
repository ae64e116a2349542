"""Timestamps asked of real TSAs on loopback, and judged."""

from __future__ import annotations

import datetime as dt
import hashlib
import subprocess
from pathlib import Path

import pytest
from asn1crypto import tsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from gsign import der
from gsign.errors import TemporaryError
from gsign.signer import Digest
from gsign.trust.store import TrustStore
from gsign.trust.timestamp import (
    TimestampClient,
    TimestampError,
    TimestampFacts,
    build_request,
    read_token,
    verify_timestamp,
)
from tests.pki import TIMESTAMP_POLICY, Identity, Pki
from tests.pki_servers import Fault

MESSAGE = "Quyết định số 286/QĐ-UBND".encode()


def imprint_of(name: str) -> bytes:
    return hashlib.new(name.replace("-", "_"), MESSAGE).digest()


def stamp(pki: Pki, digest: Digest = Digest.SHA256) -> bytes:
    return TimestampClient(pki.tsa_url).stamp(imprint_of(digest), digest)


def verify(pki: Pki, token: bytes, at: dt.datetime | None = None) -> TimestampFacts:
    return verify_timestamp(token, imprint_of, TrustStore.load(pki.root_file, pinned=False), at=at)


@pytest.mark.parametrize("digest", [Digest.SHA256, Digest.SHA384, Digest.SHA512])
def test_a_timestamp_is_accepted_here_and_by_openssl(pki: Pki, digest: Digest, tmp_path: Path) -> None:
    token = stamp(pki, digest)
    facts = verify(pki, token)
    assert facts.is_trusted
    assert (facts.digest, facts.policy, facts.accuracy) == (digest.value, TIMESTAMP_POLICY, dt.timedelta(seconds=1))
    assert abs(facts.time - dt.datetime.now(dt.UTC)) < dt.timedelta(minutes=1)
    assert facts.certificate == pki.tsa_identity.der
    assert facts.chain is not None
    assert facts.chain.domain == "local"
    (tmp_path / "token.der").write_bytes(token)
    (tmp_path / "message").write_bytes(MESSAGE)
    command = ["openssl", "ts", "-verify", "-token_in", "-in", str(tmp_path / "token.der")]
    command += ["-data", str(tmp_path / "message"), "-CAfile", str(pki.root_file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert "Verification: OK" in done.stdout, done.stderr


def test_the_request_says_what_is_wanted(pki: Pki) -> None:
    stamp(pki, Digest.SHA384)
    stamp(pki, Digest.SHA384)
    first, second = (tsp.TimeStampReq.load(body) for body in pki.tsa.bodies)
    assert first["version"].native == "v1"
    assert first["cert_req"].native is True
    assert first["message_imprint"].native["hash_algorithm"]["algorithm"] == "sha384"
    assert first["message_imprint"].native["hashed_message"] == imprint_of("sha384")
    assert first["nonce"].native != second["nonce"].native
    assert first["nonce"].native.bit_length() in (63, 64)
    assert pki.tsa.methods == ["POST", "POST"]


FAULTS = {
    Fault.DOWN: "no-http-answer",
    Fault.HTTP_ERROR: "http-503",
    Fault.MALFORMED: "response-malformed",
    Fault.EMPTY: "response-malformed",
    Fault.HUGE: "answer-too-large",
    Fault.REJECTION: "status-rejection",
    Fault.WRONG_NONCE: "nonce-wrong",
    Fault.NO_NONCE: "nonce-wrong",
    Fault.WRONG_IMPRINT: "imprint-wrong",
    Fault.BAD_SIGNATURE: "signature-wrong",
    Fault.UNRELATED_SIGNER: "not-a-timestamp-certificate",
    Fault.NO_CERTIFICATE: "certificate-missing",
}


@pytest.mark.parametrize("fault, cause", FAULTS.items())
def test_the_next_authority_is_asked_where_one_errs(pki: Pki, fault: Fault, cause: str) -> None:
    pki.tsa.fault = fault
    client = TimestampClient([pki.tsa_url, pki.tsa2_url])
    assert verify(pki, client.stamp(imprint_of("sha256"), Digest.SHA256)).is_trusted
    assert (pki.tsa.requests, pki.tsa2.requests) == (1, 1)
    # Alone, it is an error that tells the cause.
    with pytest.raises(TemporaryError) as caught:
        TimestampClient(pki.tsa_url).stamp(imprint_of("sha256"), Digest.SHA256)
    assert (caught.value.code, caught.value.temporary) == ("tsa-unreachable", True)
    assert caught.value.facts["causes"] == f"{pki.tsa_url}: {cause}"


@pytest.mark.parametrize("fault", [Fault.SLOW, Fault.DRIP])
def test_an_authority_that_never_ends_is_left_at_the_deadline(pki: Pki, fault: Fault) -> None:
    pki.tsa.fault = fault
    client = TimestampClient([pki.tsa_url, pki.tsa2_url], timeout=0.3)
    assert verify(pki, client.stamp(imprint_of("sha256"), Digest.SHA256)).is_trusted


def test_an_authority_that_failed_is_not_waited_for_again_by_every_file(pki: Pki) -> None:
    pki.tsa.fault = Fault.DOWN
    client = TimestampClient([pki.tsa_url, pki.tsa2_url])
    for _ in range(3):
        client.stamp(imprint_of("sha256"), Digest.SHA256)
    assert (pki.tsa.requests, pki.tsa2.requests) == (1, 3)
    # It is still the last resort.
    pki.tsa.fault, pki.tsa2.fault = None, Fault.DOWN
    assert verify(pki, client.stamp(imprint_of("sha256"), Digest.SHA256)).is_trusted


def test_every_cause_is_told_where_none_answers(pki: Pki) -> None:
    pki.tsa.fault, pki.tsa2.fault = Fault.REJECTION, Fault.HTTP_ERROR
    with pytest.raises(TemporaryError) as caught:
        TimestampClient([pki.tsa_url, pki.tsa2_url]).stamp(imprint_of("sha256"), Digest.SHA256)
    assert caught.value.facts["causes"] == f"{pki.tsa_url}: status-rejection; {pki.tsa2_url}: http-503"


@pytest.mark.parametrize(
    "url", ["ftp://127.0.0.1/tsa", "file:///etc/passwd", "http://", "http://a b/", "http://u:p@127.0.0.1/"]
)
def test_an_address_that_is_none_is_not_opened(url: str) -> None:
    with pytest.raises(TemporaryError, match="malformed address"):
        TimestampClient(url).stamp(imprint_of("sha256"), Digest.SHA256)


def test_a_token_over_something_else_is_refused(pki: Pki) -> None:
    token = stamp(pki)
    with pytest.raises(TimestampError, match="imprint-wrong"):
        verify_timestamp(token, lambda _: bytes(32), None)


def test_without_a_store_no_time_is_proven(pki: Pki) -> None:
    facts = verify_timestamp(stamp(pki), imprint_of, None)
    assert facts.chain is None
    assert not facts.is_trusted


def by(pki: Pki, signer: Identity) -> bytes:
    pki.tsa.signer = signer
    return stamp(pki)


def test_the_authority_must_lead_to_an_anchor(pki: Pki) -> None:
    facts = verify(pki, by(pki, pki.timestamping_identity(impostor=True)))
    assert not facts.is_trusted
    assert (facts.sub_indication, facts.reasons) == ("NO_CERTIFICATE_CHAIN_FOUND", ("no-chain-to-anchor",))


def test_the_authority_is_judged_at_the_time_of_the_token(pki: Pki) -> None:
    tsa = pki.timestamping_identity(from_day=-900, to_day=-300)
    pki.tsa.clock = lambda: dt.datetime.now(dt.UTC) - dt.timedelta(days=500)
    old = by(pki, tsa)
    assert verify(pki, old).is_trusted
    # An archive's later proof asks about another time.
    assert verify(pki, old, at=dt.datetime.now(dt.UTC)).sub_indication == "EXPIRED"
    pki.tsa.clock = lambda: dt.datetime.now(dt.UTC)
    assert verify(pki, by(pki, tsa)).reasons == ("certificate-expired",)


@pytest.mark.parametrize(
    "changes",
    [
        {"extended_usage_critical": False},
        {"extended_usages": (ExtendedKeyUsageOID.TIME_STAMPING, ExtendedKeyUsageOID.EMAIL_PROTECTION)},
        {"extended_usages": ()},
        {"usages": ("key_encipherment",)},
    ],
)
def test_a_certificate_not_made_for_timestamps_stamps_nothing(pki: Pki, changes: dict[str, object]) -> None:
    pki.tsa.signer = pki.timestamping_identity(**changes)
    with pytest.raises(TemporaryError, match="its certificate is not for timestamps"):
        stamp(pki)


def test_a_sha1_imprint_of_an_old_document_is_read_with_a_warning(pki: Pki) -> None:
    import urllib.request

    # Made as today's client will not: the request is the SHA-256 one with another algorithm and digest.
    request = build_request(imprint_of("sha256"), Digest.SHA256, 4711)
    fields = tsp.TimeStampReq.load(request)
    fields["message_imprint"] = {"hash_algorithm": {"algorithm": "sha1"}, "hashed_message": imprint_of("sha1")}
    asked = urllib.request.Request(pki.tsa_url, fields.dump(force=True))
    with urllib.request.urlopen(asked, timeout=20) as answer:
        token = tsp.TimeStampResp.load(answer.read())["time_stamp_token"].dump()
    facts = verify(pki, token)
    assert facts.is_trusted
    assert (facts.digest, facts.warnings) == ("sha1", ("legacy-algorithm",))


def test_a_changed_token_proves_nothing(pki: Pki) -> None:
    token = stamp(pki)
    accepted = []
    for place in range(len(token)):
        changed = token[:place] + bytes([token[place] ^ 1]) + token[place + 1 :]
        try:
            facts = verify(pki, changed)
        except TimestampError:
            continue
        if facts.is_trusted:
            accepted.append((place, facts))
    # What is left is outside what is signed: versions, and algorithm parameters that say nothing.
    original = verify(pki, token)
    for _, facts in accepted:
        assert (facts.time, facts.policy, facts.certificate) == (original.time, original.policy, original.certificate)
    assert len(accepted) < 60


def test_a_cut_token_is_an_error_of_its_own_kind(pki: Pki) -> None:
    token = stamp(pki)
    for end in range(0, len(token), 11):
        with pytest.raises(TimestampError):
            read_token(token[:end])
    # A /Contents string is padded with zeros.
    assert read_token(token + bytes(100))[0].policy == TIMESTAMP_POLICY


def test_the_request_is_well_formed_der() -> None:
    request = build_request(bytes(32), Digest.SHA256, 1)
    assert der.parse(request).raw == tsp.TimeStampReq.load(request).dump(force=True)
