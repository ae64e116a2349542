"""OCSP (RFC 6960), CRL, CA certificates and TSA (RFC 3161) over HTTP on 127.0.0.1, with faults on request.

One threaded server on a free port. Each endpoint has a `fault`, a count of requests and, for TSAs, a clock. A slow
endpoint answers when the test releases it or is over, so nothing sleeps.
"""

from __future__ import annotations

import base64
import contextlib
import datetime as dt
import enum
import http.server
import threading
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509 import ocsp

from tests.pki_timestamp import timestamp_response

if TYPE_CHECKING:
    from tests.pki import Authority, Identity


class Fault(enum.StrEnum):
    """What can be wrong with an answer. Those below the blank line concern OCSP, CRL or TSA alone."""

    DOWN = "down"  # the connection is closed without an answer
    SLOW = "slow"  # no answer until released
    DRIP = "drip"  # header at once, then a byte of body now and then until released
    HTTP_ERROR = "http-error"
    MALFORMED = "malformed"  # no DER
    EMPTY = "empty"
    HUGE = "huge"  # a body that does not end before released
    WRONG_TYPE = "wrong-type"  # the right bytes as text/html
    UNRELATED_SIGNER = "unrelated-signer"
    BAD_SIGNATURE = "bad-signature"
    EXPIRED = "expired"  # nextUpdate is past

    WRONG_NONCE = "wrong-nonce"
    NO_NONCE = "no-nonce"
    TRY_LATER = "try-later"  # OCSP responseStatus tryLater
    UNKNOWN = "unknown"  # OCSP certStatus unknown
    OTHER_CERTIFICATE = "other-certificate"  # OCSP answer about another serial
    REJECTION = "rejection"  # TSA status rejection
    WRONG_IMPRINT = "wrong-imprint"
    NO_CERTIFICATE = "no-certificate"  # TSA leaves its certificate out though asked


@dataclass
class Endpoint:
    """Knobs and counters of one address."""

    name: str
    fault: Fault | None = None
    requests: int = 0
    methods: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    clock: Callable[[], dt.datetime] = field(default=lambda: dt.datetime.now(dt.UTC))
    signer: Identity | None = None
    """TSA: whose certificate and key stamp."""
    released: threading.Event = field(default_factory=threading.Event)
    arrived: threading.Event = field(default_factory=threading.Event)
    """Set when a request has come in."""

    def reset(self, signer: Identity | None) -> None:
        """Forget everything a test set; let waiting requests go."""
        self.released.set()
        self.released, self.arrived = threading.Event(), threading.Event()
        self.fault, self.requests, self.methods, self.bodies = None, 0, [], []
        self.clock = lambda: dt.datetime.now(dt.UTC)
        self.signer = signer


class Servers:
    """The HTTP server and what it serves."""

    def __init__(self) -> None:
        self.authorities: list[Authority] = []
        self.endpoints = {name: Endpoint(name) for name in ("ocsp", "crl", "ca", "tsa", "tsa2")}
        self.unrelated: Identity | None = None
        self._http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Address without a trailing slash."""
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def add_authority(self, authority: Authority) -> None:
        """Answer for the certificates of this CA."""
        self.authorities.append(authority)

    def reset(self, tsa: Identity, unrelated: Identity) -> None:
        """Put every endpoint back to normal."""
        self.unrelated = unrelated
        for endpoint in self.endpoints.values():
            endpoint.reset(tsa if endpoint.name.startswith("tsa") else None)

    def close(self) -> None:
        """Let waiting requests go and stop."""
        for endpoint in self.endpoints.values():
            endpoint.released.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    # --- answers ----------------------------------------------------------------------------------------------

    def answer(self, endpoint: Endpoint, rest: str, body: bytes) -> tuple[str, bytes] | None:
        """Return content type and body of a right answer (or a wrong one of the right form); None is 404."""
        if endpoint.name == "ocsp":
            return "application/ocsp-response", self._ocsp(endpoint, _ocsp_request(rest, body))
        if endpoint.name.startswith("tsa"):
            if endpoint.signer is None or self.unrelated is None:
                raise RuntimeError("the servers were never reset")
            return "application/timestamp-reply", timestamp_response(body, endpoint, endpoint.signer, self.unrelated)
        authority = next((a for a in self.authorities if rest.rpartition(".")[0] == a.label), None)
        if authority is None:
            return None
        if endpoint.name == "crl":
            return "application/pkix-crl", self._crl(endpoint, authority)
        return "application/pkix-cert", authority.identity.der

    def _ocsp(self, endpoint: Endpoint, der: bytes) -> bytes:
        request = ocsp.load_der_ocsp_request(der)
        authority = next((a for a in self.authorities if _names(request, a)), None)
        if endpoint.fault is Fault.TRY_LATER:
            return _unsuccessful(ocsp.OCSPResponseStatus.TRY_LATER)
        if authority is None or authority.responder is None:
            return _unsuccessful(ocsp.OCSPResponseStatus.UNAUTHORIZED)
        response = _ocsp_builder(request, authority, endpoint)
        signer = authority.responder
        if endpoint.fault is Fault.UNRELATED_SIGNER and self.unrelated is not None:
            signer = self.unrelated
        response = response.responder_id(ocsp.OCSPResponderEncoding.HASH, signer.certificate)
        response = response.certificates([signer.certificate])
        made = response.sign(signer.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)
        return _spoilt(made, endpoint, signer.der)

    def _crl(self, endpoint: Endpoint, authority: Authority) -> bytes:
        start, end = _window(endpoint)
        issuer = authority.identity
        builder = x509.CertificateRevocationListBuilder(issuer.certificate.subject, start, end)
        builder = builder.add_extension(x509.CRLNumber(int(start.timestamp())), critical=False)
        signer = self.unrelated if endpoint.fault is Fault.UNRELATED_SIGNER and self.unrelated else issuer
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.key.public_key())
        builder = builder.add_extension(identifier, critical=False)
        for serial, (when, reason) in authority.revoked.items():
            entry = x509.RevokedCertificateBuilder(serial, when).add_extension(x509.CRLReason(reason), critical=False)
            builder = builder.add_revoked_certificate(entry.build())
        made = builder.sign(signer.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)
        return _spoilt(made, endpoint, b"")


def _ocsp_request(rest: str, body: bytes) -> bytes:
    """Take the request from a POST's body or a GET's path (RFC 6960 appendix A.1)."""
    return body or base64.b64decode(urllib.parse.unquote(rest))


def _names(request: ocsp.OCSPRequest, authority: Authority) -> bool:
    # Impostors have the same names: the key tells them apart.
    digest = hashes.Hash(request.hash_algorithm)
    digest.update(_public_key_bits(authority.identity.certificate))
    return digest.finalize() == request.issuer_key_hash


def _public_key_bits(certificate: x509.Certificate) -> bytes:
    from asn1crypto.keys import PublicKeyInfo

    spki = certificate.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return bytes(PublicKeyInfo.load(spki)["public_key"].contents[1:])


def _ocsp_builder(request: ocsp.OCSPRequest, authority: Authority, endpoint: Endpoint) -> ocsp.OCSPResponseBuilder:
    serial = request.serial_number + (endpoint.fault is Fault.OTHER_CERTIFICATE)
    when, reason = authority.revoked.get(serial, (None, None))
    status = ocsp.OCSPCertStatus.REVOKED if when else ocsp.OCSPCertStatus.GOOD
    if endpoint.fault is Fault.UNKNOWN or (serial not in authority.issued and serial == request.serial_number):
        status, when, reason = ocsp.OCSPCertStatus.UNKNOWN, None, None
    start, end = _window(endpoint)
    builder = ocsp.OCSPResponseBuilder().add_response_by_hash(
        request.issuer_name_hash, request.issuer_key_hash, serial, request.hash_algorithm,
        status, start, end, when, reason,
    )  # fmt: skip
    nonces = [e.value for e in request.extensions if isinstance(e.value, x509.OCSPNonce)]
    if nonces and endpoint.fault is not Fault.NO_NONCE:
        nonce = b"\x13" * 16 if endpoint.fault is Fault.WRONG_NONCE else nonces[0].nonce
        builder = builder.add_extension(x509.OCSPNonce(nonce), critical=False)
    return builder


def _window(endpoint: Endpoint) -> tuple[dt.datetime, dt.datetime]:
    """Return thisUpdate and nextUpdate."""
    moment = endpoint.clock().replace(microsecond=0)
    if endpoint.fault is Fault.EXPIRED:
        return moment - dt.timedelta(days=30), moment - dt.timedelta(days=23)
    return moment, moment + dt.timedelta(days=1)


def _unsuccessful(status: ocsp.OCSPResponseStatus) -> bytes:
    return ocsp.OCSPResponseBuilder.build_unsuccessful(status).public_bytes(serialization.Encoding.DER)


def _spoilt(made: bytes, endpoint: Endpoint, after: bytes) -> bytes:
    """Flip a bit of the signature, which stands before `after` (an embedded certificate) or at the end."""
    if endpoint.fault is not Fault.BAD_SIGNATURE:
        return made
    end = made.rindex(after) if after else len(made)
    place = end - 40
    return made[:place] + bytes([made[place] ^ 1]) + made[place + 1 :]


# --- HTTP -----------------------------------------------------------------------------------------------------


def _handler(servers: Servers) -> type[http.server.BaseHTTPRequestHandler]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._serve(b"")

        def do_POST(self) -> None:
            self._serve(self.rfile.read(int(self.headers.get("Content-Length", 0))))

        def log_message(self, *_: object) -> None:
            pass  # a test's output is its own

        def _serve(self, body: bytes) -> None:
            name, _, rest = self.path.lstrip("/").partition("/")
            endpoint = servers.endpoints.get(name)
            if endpoint is None:
                self.send_error(404)
                return
            endpoint.requests += 1
            endpoint.methods.append(self.command)
            endpoint.bodies.append(body)
            endpoint.arrived.set()
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # the client gave up, as it should
                _respond(self, servers, endpoint, rest, body)

    return Handler


def _respond(
    handler: http.server.BaseHTTPRequestHandler, servers: Servers, endpoint: Endpoint, rest: str, body: bytes
) -> None:
    fault, released = endpoint.fault, endpoint.released
    if fault is Fault.SLOW:
        released.wait(120)
    if fault in (Fault.DOWN, Fault.SLOW):
        handler.close_connection = True
        return
    if fault is Fault.HTTP_ERROR:
        handler.send_error(503)
        return
    if fault in (Fault.HUGE, Fault.DRIP):
        _endless(handler, fault, released)
        return
    answer = servers.answer(endpoint, rest, body)
    if answer is None:
        handler.send_error(404)
        return
    kind, data = answer
    data = {
        Fault.MALFORMED: b"<html>d\xc3\xb2ng n\xc3\xa0y kh\xc3\xb4ng ph\xe1\xba\xa3i DER</html>",
        Fault.EMPTY: b"",
    }.get(fault or Fault.WRONG_TYPE, data)
    handler.send_response(200)
    handler.send_header("Content-Type", "text/html" if fault is Fault.WRONG_TYPE else kind)
    handler.send_header("Content-Length", str(len(data)))
    handler.end_headers()
    handler.wfile.write(data)


def _endless(handler: http.server.BaseHTTPRequestHandler, fault: Fault, released: threading.Event) -> None:
    handler.send_response(200)
    handler.end_headers()
    chunk, pause = (b"0" * 65536, 0.0) if fault is Fault.HUGE else (b"0", 0.05)
    while not released.wait(pause):
        handler.wfile.write(chunk)
        handler.wfile.flush()
