"""A time-stamping authority's answers (RFC 3161), right and wrong."""

from __future__ import annotations

import hashlib
import itertools
from typing import TYPE_CHECKING

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

if TYPE_CHECKING:
    from tests.pki import Identity
    from tests.pki_servers import Endpoint

_serials = itertools.count(1)


def timestamp_response(request_der: bytes, endpoint: Endpoint, signer: Identity, unrelated: Identity) -> bytes:
    """Answer a TimeStampReq as the endpoint's fault says."""
    from tests.pki_servers import Fault

    request = tsp.TimeStampReq.load(request_der)
    if endpoint.fault is Fault.REJECTION:
        return _rejection("dịch vụ tạm ngừng")
    info = _info(request, endpoint)
    identity = unrelated if endpoint.fault is Fault.UNRELATED_SIGNER else signer
    with_certificate = bool(request["cert_req"].native) and endpoint.fault is not Fault.NO_CERTIFICATE
    token = _token(info, identity, with_certificate, spoil=endpoint.fault is Fault.BAD_SIGNATURE)
    response = tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": token})
    return bytes(response.dump())


def _rejection(text: str) -> bytes:
    status = {"status": "rejection", "status_string": [text], "fail_info": {"system_failure"}}
    # asn1crypto insists on a token; RFC 3161 2.4.2 has none here.
    return bytes(core.Sequence.load(_sequence(tsp.PKIStatusInfo(status).dump())).dump())


def _sequence(content: bytes) -> bytes:
    length = len(content)
    head = bytes([length]) if length < 128 else b"\x82" + length.to_bytes(2, "big")
    return b"\x30" + head + content


def _info(request: tsp.TimeStampReq, endpoint: Endpoint) -> tsp.TSTInfo:
    from tests.pki import TIMESTAMP_POLICY
    from tests.pki_servers import Fault

    imprint = request["message_imprint"].copy()
    if endpoint.fault is Fault.WRONG_IMPRINT:
        imprint["hashed_message"] = bytes(len(imprint["hashed_message"].native))
    fields = {
        "version": "v1",
        "policy": request["req_policy"].native or TIMESTAMP_POLICY,
        "message_imprint": imprint,
        "serial_number": next(_serials),
        "gen_time": endpoint.clock().replace(microsecond=0),
        "accuracy": {"seconds": 1},
    }
    nonce = request["nonce"].native
    if nonce is not None and endpoint.fault is not Fault.NO_NONCE:
        fields["nonce"] = nonce + 1 if endpoint.fault is Fault.WRONG_NONCE else nonce
    return tsp.TSTInfo(fields)


def _token(info: tsp.TSTInfo, identity: Identity, with_certificate: bool, *, spoil: bool) -> cms.ContentInfo:
    certificate = asn1_x509.Certificate.load(identity.der)
    content = info.dump()
    attributes = cms.CMSAttributes(
        [
            {"type": "content_type", "values": ["tst_info"]},
            {"type": "message_digest", "values": [hashlib.sha256(content).digest()]},
            {"type": "signing_certificate_v2", "values": [_signing_certificate(identity.der)]},
        ]
    )
    signature, algorithm = _sign(identity, attributes.dump())
    if spoil:
        signature = signature[:-1] + bytes([signature[-1] ^ 1])
    signer_info = {
        "version": "v1",
        "sid": cms.SignerIdentifier(
            "issuer_and_serial_number", {"issuer": certificate.issuer, "serial_number": certificate.serial_number}
        ),
        "digest_algorithm": {"algorithm": "sha256"},
        "signed_attrs": attributes,
        "signature_algorithm": algorithm,
        "signature": signature,
    }
    signed = {
        "version": "v3",
        "digest_algorithms": [{"algorithm": "sha256"}],
        "encap_content_info": {"content_type": "tst_info", "content": core.ParsableOctetString(content)},
        "signer_infos": [signer_info],
    }
    if with_certificate:
        signed["certificates"] = [certificate]
    return cms.ContentInfo({"content_type": "signed_data", "content": cms.SignedData(signed)})


def _signing_certificate(der: bytes) -> tsp.SigningCertificateV2:
    return tsp.SigningCertificateV2({"certs": [{"cert_hash": hashlib.sha256(der).digest()}]})


def _sign(identity: Identity, message: bytes) -> tuple[bytes, algos.SignedDigestAlgorithm]:
    key = identity.key
    if isinstance(key, rsa.RSAPrivateKey):
        algorithm = algos.SignedDigestAlgorithm({"algorithm": "sha256_rsa"})
        return key.sign(message, padding.PKCS1v15(), hashes.SHA256()), algorithm
    algorithm = algos.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"})
    return key.sign(message, ec.ECDSA(hashes.SHA256())), algorithm
