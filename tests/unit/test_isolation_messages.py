"""Messages judged in processes with limits: the same results, and none of them costs another one anything."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gsign import pkcs12, smime
from gsign.errors import InputError, OtherKeyError, TokenError
from gsign.isolation.calls import decrypter_replies
from gsign.isolation.messages import decrypt_message, inspect_message, verify_message
from gsign.isolation.pool import Limits, Settings, VerifierPool
from gsign.isolation.wire import WireError
from gsign.mail.agencies import Mailboxes
from gsign.mail.containers import Opened
from gsign.mail.facts import Inspection
from gsign.mail.inspection import inspect
from gsign.result import DocumentResult, Indication, MailResult, Smime, VerificationResult
from gsign.signer import Decrypter
from tests.documents import Library
from tests.mailcorpus import INVALID, VALID, Kit
from tests.mailcorpus.kit import ENTITY, fields
from tests.pki import ORGANISATION, Pki

pytestmark = [
    pytest.mark.filterwarnings("ignore:This process.*is multi-threaded:DeprecationWarning"),
    pytest.mark.usefixtures("forked"),
]


@contextmanager
def pool(pki: Pki, limits: Limits | None = None, jobs: int = 2, **settings: object) -> Iterator[VerifierPool]:
    given = {"trust": [pki.root_file], "revocation": "off", **settings}
    with VerifierPool(Settings(**given), jobs=jobs, limits=limits) as opened:  # type: ignore[arg-type]
        yield opened


def with_document(kit: Kit, document: bytes) -> bytes:
    """Sign a message with a document in it."""
    mark = b"\r\n--phan\r\n"
    head = b"Content-Type: multipart/mixed; boundary=phan\r\n" + mark + ENTITY + mark
    part = b"Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    digits = base64.encodebytes(document).replace(b"\n", b"\r\n")
    return kit.signed(fields() + head + part + digits + b"--phan--\r\n")


def without_clocks(result: MailResult | Inspection) -> MailResult | Inspection:
    documents = tuple(d._replace(result=d.result._replace(facts={})) for d in result.documents)
    return result._replace(documents=documents)  # type: ignore[arg-type]


@pytest.mark.parametrize("cases", [[INVALID[n] for n in INVALID][::12], [VALID[n] for n in VALID][::7]])
def test_a_worker_says_of_messages_what_the_library_says(kit: Kit, cases: list, tmp_path: Path) -> None:  # type: ignore[type-arg]
    with pool(kit.pki) as judges:
        for case in cases:
            message, file = case.make(kit), tmp_path / f"{case.name}.eml"
            file.write_bytes(message)
            here = smime.verify(file, trust=kit.pki.root_file, revocation="off")
            assert verify_message(judges, file) == here, case.name
            assert verify_message(judges, message) == here._replace(file=None), case.name


def test_documents_inside_are_judged_by_another_process(kit: Kit, documents: Library) -> None:
    message = with_document(kit, documents["signed-once"].data)
    with pool(kit.pki) as judges:
        result = verify_message(judges, message, documents=judges)
        here = smime.verify(
            message,
            trust=kit.pki.root_file,
            revocation="off",
            inspector=lambda data: tuple(
                DocumentResult(d.name, d.path, d.result) for d in inspect(data, judges).documents
            ),
        )
        assert [d.result.indication for d in result.documents] == [Indication.TOTAL_PASSED]
        assert without_clocks(result) == without_clocks(here)
        assert len({worker._process._pid for worker in judges._idle if worker.answers}) == 2
        assert without_clocks(inspect_message(judges, message, judges)) == without_clocks(inspect(message, judges))


def test_a_document_that_costs_too_much_costs_neither_its_message_nor_the_next(kit: Kit, documents: Library) -> None:
    class Greedy:
        """Judges nothing in time."""

        def verify(self, source: bytes, /) -> VerificationResult:
            with pool(kit.pki, Limits(seconds=1e-6), jobs=1) as late:
                return late.verify(source)

        def open_container(self, *_: object) -> Opened:
            return Opened()

    message = with_document(kit, documents["signed-once"].data)
    with pool(kit.pki) as judges:
        result = verify_message(judges, message, documents=Greedy())  # type: ignore[arg-type]
        assert (result.smime, result.documents[0].result.reasons) == (Smime.PASS, ("limit-exceeded",))


@pytest.mark.parametrize("limits", [Limits(seconds=1e-6), Limits(memory=64 << 20)])
def test_a_message_that_costs_too_much_is_given_up(
    kit: Kit, limits: Limits, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A copy of this process may give back the stacks of the threads here, and have as much more than its limit.
    monkeypatch.setattr("gsign.isolation.pool.can_fork", lambda: False)
    message = tmp_path / "large.eml"
    message.write_bytes(kit.message() + b"x\r\n" * (32 << 20))
    with pool(kit.pki, limits) as judges:
        result = verify_message(judges, message)
        assert (result.indication, result.smime, result.reasons) == (
            Indication.UNREADABLE,
            Smime.PERMERROR,
            ("limit-exceeded",),
        )
        found = inspect_message(judges, message, judges)
        assert [u.reason for u in found.unreadables] == ["limit-exceeded"]
        assert found.indication is Indication.UNREADABLE


def test_what_cannot_be_read_is_said_as_the_library_says_it(kit: Kit, tmp_path: Path) -> None:
    with pool(kit.pki) as judges, pytest.raises(InputError) as raised:
        verify_message(judges, tmp_path / "nowhere.eml")
    assert raised.value.code == "input-unreadable"


def test_an_agencys_mailbox_is_known_to_the_process(kit: Kit) -> None:
    message = kit.signed(who=kit.agency, as_agency=True)
    table = Mailboxes(((("hungyen.gov.vn",), (str(ORGANISATION.email),)),)).table
    with pool(kit.pki) as judges:
        assert verify_message(judges, message).smime is Smime.POLICY
    with pool(kit.pki, agencies=table) as judges:
        result = verify_message(judges, message)
        assert (result.smime, result.by_agency) == (Smime.PASS, True)


# ---------------------------------------------------------------- decrypting


@pytest.fixture
def keys(kit: Kit, tmp_path: Path) -> Iterator[Decrypter]:
    leader = kit.other.p12(tmp_path / "leader.p12", "x")
    with pkcs12.open_decrypter(leader, pin="x") as opened:
        yield opened


def encrypted(kit: Kit, more: bytes = b"", **options: object) -> bytes:
    authority = kit.pki.intermediate.identity.pem
    return smime.encrypt(
        kit.message() + more, [kit.other.pem + authority], trust=kit.pki.root_file, revocation="off", **options
    )


class Watched:
    """A decrypter that remembers what was asked of it."""

    def __init__(self, keys: Decrypter, error: Exception | None = None) -> None:
        self.certificates, self.is_token, self.uri = keys.certificates, keys.is_token, keys.uri
        self._keys, self._error = keys, error
        self.asked: list[bytes] = []

    def unwrap(self, certificate: bytes, octets: bytes, *rest: object) -> bytes:
        self.asked.append(octets)
        if self._error is not None:
            raise self._error
        return self._keys.unwrap(certificate, octets, *rest)  # type: ignore[arg-type]


@pytest.mark.parametrize("cipher", ["aes-256-gcm", "aes-256-cbc"])
def test_a_worker_decrypts_with_a_key_that_it_never_has(kit: Kit, keys: Decrypter, cipher: str) -> None:
    message = encrypted(kit, signer=kit.signer(kit.person), cipher=cipher)
    watched = Watched(keys)
    with pool(kit.pki) as judges:
        opened = decrypt_message(judges, message, watched)  # type: ignore[arg-type]
    assert opened == smime.decrypt(message, keys, trust=kit.pki.root_file, revocation="off")
    assert opened.signature is not None
    assert opened.signature.smime is Smime.PASS
    assert len(watched.asked) == 1


def test_what_a_token_says_comes_through_the_process(kit: Kit, keys: Decrypter) -> None:
    watched = Watched(keys, TokenError("pin-wrong", token="VP"))
    with pool(kit.pki) as judges:
        with pytest.raises(TokenError) as raised:
            decrypt_message(judges, encrypted(kit), watched)  # type: ignore[arg-type]
        assert (raised.value.code, raised.value.facts) == ("pin-wrong", {"token": "VP"})
        assert len(watched.asked) == 1
        # The process lives and does the next one.
        assert decrypt_message(judges, encrypted(kit), keys).message


def test_a_message_for_somebody_else_asks_for_no_key(kit: Kit, tmp_path: Path) -> None:
    person = kit.person.p12(tmp_path / "person.p12", "x")
    with pkcs12.open_decrypter(person, pin="x") as keys, pool(kit.pki) as judges:
        watched = Watched(keys)
        with pytest.raises(OtherKeyError):
            decrypt_message(judges, encrypted(kit), watched)  # type: ignore[arg-type]
    assert watched.asked == []


def test_a_process_that_went_wrong_cannot_use_the_key_as_it_likes(keys: Decrypter) -> None:
    watched = Watched(keys)
    reply = decrypter_replies(watched)  # type: ignore[arg-type]
    question = {"ask": "unwrap", "certificate": 0, "padding": None, "size": 32}
    for _ in range(3):
        reply(question, bytes(256))
    with pytest.raises(WireError):
        reply(question, bytes(256))
    assert len(watched.asked) == 3


def test_a_message_that_costs_too_much_to_decrypt_is_an_error(kit: Kit, keys: Decrypter) -> None:
    with pool(kit.pki, Limits(seconds=1e-6)) as judges, pytest.raises(InputError) as raised:
        # So much that no answer is there before anybody has looked at the clock.
        decrypt_message(judges, encrypted(kit, b"x\r\n" * 2_000_000), keys)
    assert raised.value.code == "mail-too-costly"
    assert raised.value.sentence("vi") != "mail-too-costly"
