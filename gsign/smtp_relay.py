"""The relay: official mail leaves signed, or not at all.

Receive → inspect → decide → act → forward. The conversation with a client is asynchronous; what happens to a message
is one synchronous story (`gsign.mail.relaying`), crossed into once, in a bounded number of threads. Trouble of our own
means later (451), never yes, and never a refusal.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import ssl
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

from aiosmtpd.proxy_protocol import get_proxy
from aiosmtpd.smtp import SMTP

from gsign.errors import InputError, TemporaryError
from gsign.mail.relaying import Errand
from gsign.office.office import Office
from gsign.smtp.client import Connection, split_address
from gsign.smtp.pool import Question
from gsign.smtp.reply import Reply
from gsign.smtp.session import Session
from gsign.smtp.steps import (
    AskRecipient,
    Authenticate,
    Client,
    Deliver,
    Say,
    StartTls,
    Step,
)

__all__ = ["Conversation", "run", "serve"]

_PIECE: Final = 1 << 18
_COMMAND_SECONDS: Final = 300
_CONTENT_SECONDS: Final = 180
"""How long a client may be silent, for a command and within content (RFC 5321 clause 4.5.3.2)."""
_ANSWER_SECONDS: Final = 30
"""How long the next hop may take to answer for a recipient before it is asked again over another connection."""
_PATIENCE_SECONDS: Final = 10
"""How long a connection to the next hop waits beside a client that is slow."""
_LINGER_SECONDS: Final = 2
"""How long what a client still sends is read, so that it gets to see our last reply."""

_log = logging.getLogger("gsign.relay")

_Result = TypeVar("_Result")


class Conversation(SMTP):
    """One connection: octets between a client and a `Session`; what the session asks for is done in threads.

    aiosmtpd owns the connection, STARTTLS and the PROXY header; commands, content and replies are ours.

    Args:
        office: what conversations share.
        tls: for STARTTLS; None offers none.
        expects_proxy: whether a PROXY header comes first.
    """

    # The reader's buffer, which aiosmtpd makes as large as one line: content is read in large pieces.
    line_length_limit = _PIECE

    def __init__(self, office: Office, *, tls: ssl.SSLContext | None = None, expects_proxy: bool = False) -> None:
        super().__init__(
            object(), hostname=office.rules.hostname, tls_context=tls, timeout=_COMMAND_SECONDS, loop=_loop()
        )
        self._office = office
        self._expects_proxy = expects_proxy

    async def _handle_client(self) -> None:
        """Hold the whole conversation. Called by aiosmtpd once a connection is there."""
        assert self.session is not None  # noqa: S101 - aiosmtpd made it with the connection
        address = str((self.session.peer or ("",))[0])
        try:
            if self._expects_proxy:
                address = await self._proxied(address)
            refusal = self._office.admit(address)
            if refusal is not None:
                await self._say(refusal)
                return
            try:
                await self._converse(address)
            finally:
                self._office.leave(address)
        except (ConnectionError, asyncio.IncompleteReadError, TimeoutError):
            pass
        except Exception:  # noqa: BLE001 - whatever it was
            # Nothing of ours may end in silence, and no client hears of it.
            _log.exception("conversation failed")
            await self._say(Reply.of(421, "4.3.0", "local trouble; try again later"))
        finally:
            if self.transport is not None:
                self.transport.close()

    async def _converse(self, address: str) -> None:
        office = self._office
        tls, certificate = self._tls_facts()
        client = Client(address, is_trusted=office.is_trusted(address), tls=tls, certificate=certificate)
        session = Session(office.rules, client)
        errand: Errand | None = None
        try:
            await self._say(session.greeting())
            while True:
                step = session.next_step()
                if step is None:
                    if not await self._hear(session, errand):
                        return
                    continue
                if errand is None and isinstance(step, AskRecipient | Deliver):
                    errand = office.errand(session.client)
                if not await self._take(step, session, errand):
                    return
                if errand is not None and not session.is_in_transaction:
                    self._leave(errand)
                    errand = None
        finally:
            session.close()
            if errand is not None:
                self._leave(errand)

    def _leave(self, errand: Errand) -> None:
        if errand.is_attached:
            # In a thread, and whatever becomes of this task: the next hop's connection must not stay behind.
            self._rest(errand)

    async def _ask(self, errand: Errand, asked: AskRecipient) -> Reply:
        """Find out whether a recipient is taken: without a thread, where a connection to the next hop is there."""
        question = errand.question(asked)
        if isinstance(question, Reply):
            return question
        if question is not None:
            try:
                return errand.answered(question, await self._exchange(question))
            except (OSError, TemporaryError):
                errand.unanswered()
        return await self._do(partial(errand.recipient, asked))

    async def _exchange(self, question: Question) -> list[Reply]:
        connection = question.connection
        replies: list[Reply] = []
        connection.send(question.octets)
        async with asyncio.timeout(_ANSWER_SECONDS):
            while len(replies) < question.replies:
                await self._readable(connection)
                replies += connection.receive()
        return replies

    async def _take(self, step: Step, session: Session, errand: Errand | None) -> bool:
        """Do what a step asks for; False where the conversation is over."""
        match step:
            case Say(reply, is_last):
                await self._say(reply)
                if is_last:
                    await self._linger()
                return not is_last
            case AskRecipient():
                assert errand is not None  # noqa: S101 - the caller saw to it
                reply = await self._ask(errand, step)
                await self._say(session.answer_recipient(reply).reply)
            case Deliver(message):
                assert errand is not None  # noqa: S101 - the caller saw to it
                # A client that leaves now does not undo what has begun: it ends in its thread, and is written down.
                replies = await asyncio.shield(self._do(partial(errand.message, message)))
                for said in session.answer_message(*replies):
                    await self._say(said.reply)
            case Authenticate(name, password):
                identity = await self._do(partial(self._office.authenticate, name, password))
                await self._say(session.answer_authentication(identity).reply)
            case StartTls():
                await self.smtp_STARTTLS(None)
                session.begin_tls(*self._tls_facts())
        return True

    async def _readable(self, connection: Connection) -> None:
        came = self.loop.create_future()
        self.loop.add_reader(connection, came.set_result, None)
        try:
            await came
        finally:
            self.loop.remove_reader(connection)

    # ------------------------------------------------------------ the wire

    async def _hear(self, session: Session, errand: Errand | None) -> bool:
        """Wait for octets; False where the client is gone."""
        await self._writer.drain()
        self._reset_timeout(_CONTENT_SECONDS if session.is_receiving else _COMMAND_SECONDS)
        async with self._sharing(errand):
            octets = await self._reader.read(_PIECE)
        session.receive(octets)
        return bool(octets)

    @asynccontextmanager
    async def _sharing(self, errand: Errand | None) -> AsyncIterator[None]:
        """Leave the next hop's connection to others where the client keeps us waiting."""
        if errand is None or not errand.is_attached:
            yield
            return
        resting: list[Future[None]] = []
        timer = self.loop.call_later(_PATIENCE_SECONDS, lambda: resting.append(self._rest(errand)))
        try:
            yield
        finally:
            timer.cancel()
        for future in resting:
            await asyncio.wrap_future(future)

    def _rest(self, errand: Errand) -> Future[None]:
        return self._office.executor.submit(errand.rest)

    async def _say(self, reply: Reply) -> None:
        self._writer.write(reply.octets())

    async def _linger(self) -> None:
        """Let the client see the last reply: closing while it still sends would take the reply away again."""
        await self._writer.drain()
        if self._writer.can_write_eof():
            self._writer.write_eof()
        try:
            async with asyncio.timeout(_LINGER_SECONDS):
                while await self._reader.read(_PIECE):
                    pass
        except TimeoutError:
            pass

    async def _do(self, work: Callable[[], _Result]) -> _Result:
        """Work in a thread; the client's silence is not counted meanwhile."""
        if self._timeout_handle is not None:
            self._timeout_handle.cancel()
        return await self.loop.run_in_executor(self._office.executor, work)

    async def _proxied(self, address: str) -> str:
        """Return the address that the PROXY header names.

        Raises:
            ConnectionError: the peer may not send one, or it is malformed.
        """
        if not self._office.is_trusted(address):
            raise ConnectionRefusedError("not a trusted peer")
        found = await get_proxy(self._reader)
        if not found.valid:
            raise ConnectionRefusedError("no PROXY header")
        return str(found.src_addr) if found.src_addr else address

    def eof_received(self) -> bool | None:
        """Let what came before the client's end be read and answered; aiosmtpd would stop at once."""
        return asyncio.StreamReaderProtocol.eof_received(self)

    def _tls_facts(self) -> tuple[str | None, str | None]:
        transport: Any = self.transport
        active = transport.get_extra_info("ssl_object") if transport is not None else None
        if active is None:
            return None, None
        shown = active.getpeercert() or {}
        names = [f"{key}={value}" for part in shown.get("subject", ()) for key, value in part]
        return f"{active.version()} {active.cipher()[0]}", ", ".join(names) or None


async def serve(office: Office, listen: str, *, is_ready: Callable[[], None] | None = None) -> None:
    """Take mail until told to stop by SIGTERM or SIGINT; SIGHUP reads the configuration again.

    What has begun is ended before this returns: no new connections, and at most `budget_seconds` for messages.

    Args:
        office: what conversations share.
        listen: `host:port`.
        is_ready: called when connections are taken.
    """
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()
    host, port = split_address(listen)
    relay = office.configuration.relay
    assert relay is not None  # noqa: S101 - the office looked

    def conversation() -> Conversation:
        tls = office.tls if office.rules.has_tls else None
        return Conversation(office, tls=tls, expects_proxy=relay.proxy_protocol)

    implicit = office.tls if relay.tls == "implicit" else None
    server = await loop.create_server(conversation, host, port, ssl=implicit, reuse_port=True, backlog=1024)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    loop.add_signal_handler(signal.SIGHUP, lambda: loop.run_in_executor(office.executor, office.reload))
    if is_ready is not None:
        is_ready()
    await stopping.wait()
    server.close()
    await _drain(relay.budget_seconds)


async def _drain(seconds: float) -> None:
    """Let conversations end by themselves, those that deal with a message first of all."""
    own = asyncio.current_task()
    busy = [task for task in asyncio.all_tasks() if task is not own]
    if busy:
        await asyncio.wait(busy, timeout=seconds)


def run(configuration: Path | None, *, is_ready: Callable[[], None] | None = None) -> None:
    """Open the office and take mail until told to stop.

    Args:
        configuration: gsign.toml; None where it is found.
        is_ready: called when connections are taken.

    Raises:
        ConfigurationError: gsign.toml, or a file that it names.
        TokenError: an agency's key cannot be opened.
        TemporaryError: `ledger-unwritable`.
        InputError: `listen-impossible`.
    """
    office = Office(configuration)
    relay = office.configuration.relay
    assert relay is not None  # noqa: S101 - the office looked
    try:
        asyncio.run(serve(office, relay.listen, is_ready=is_ready))
    except OSError as error:
        raise InputError("listen-impossible", address=relay.listen, cause=str(error)) from error
    finally:
        office.close()


def _loop() -> asyncio.AbstractEventLoop:
    return asyncio.get_running_loop()
