"""The relay: official mail leaves signed, or not at all.

Receive → inspect → decide → act → forward. Only waiting is asynchronous: what happens to a message is a story told in
order (`gsign.mail.relaying`), and here is waited for what it waits for. The next hop and the ledger are waited for
without a thread; what takes its time is done in one of a bounded number. Trouble of our own means later (451), never
yes, and never a refusal.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import resource
import signal
import socket
import ssl
import weakref
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

from aiosmtpd.proxy_protocol import get_proxy
from aiosmtpd.smtp import SMTP

from gsign.errors import InputError
from gsign.mail.relaying import Errand
from gsign.office.office import Office
from gsign.smtp.client import split_address
from gsign.smtp.reply import Reply
from gsign.smtp.session import Session
from gsign.smtp.steps import (
    AskRecipient,
    Authenticate,
    Client,
    Deliver,
    Received,
    Say,
    StartTls,
    Step,
)
from gsign.smtp.story import Story, Work
from gsign.smtp_loop import Room, Teller

__all__ = ["Conversation", "prepare", "run", "serve"]

_PIECE: Final = 1 << 18
_FIRST_SECONDS: Final = 300
"""Until the conversation begins: for the PROXY header, or TLS."""
_PATIENCE_SECONDS: Final = 10
"""How long a connection to the next hop waits beside a client that is slow."""
_LINGER_SECONDS: Final = 2
"""How long what a client still sends is read, so that it gets to see our last reply."""
_HANDSHAKE_SECONDS: Final = 30
_BACKLOG: Final = 1024
_SHARED_BACKLOG: Final = 4
_ROOM: Final = 1 << 28
"""Octets of messages that are dealt with at once: each is needed several times over while it is inspected."""
_YOUNG: Final = 10_000
"""Objects that are made before some are looked through for garbage; most go without that."""
_FAREWELL: Final = Reply.of(421, "4.3.2", "this server stops; try again later")
_SLOW: Final = Reply.of(421, "4.4.2", "too slow; try again later")
_BUSY: Final = Reply.of(451, "4.3.2", "too much to do; try again later")
_TOO_MANY: Final = Reply.of(450, "4.7.1", "too many messages; try again later")

_log = logging.getLogger("gsign.relay")

_Result = TypeVar("_Result")
_resting: Final[set[asyncio.Task[None]]] = set()
"""What goes on after its conversation: the loop itself would forget it."""


class Conversation(SMTP):
    """One connection: octets between a client and a `Session`, and the stories of what the session asks for.

    aiosmtpd owns the connection and reads the PROXY header; commands, content, replies and TLS are ours.

    Args:
        office: what conversations share.
        room: how much is dealt with at once, by all of them.
        teller: goes through stories, for all of them.
        expects_proxy: whether a PROXY header comes first.
        begins_with_tls: whether TLS comes before everything else but that.
    """

    # The reader's buffer, which aiosmtpd makes as large as one line: content is read in large pieces.
    line_length_limit = _PIECE

    def __init__(
        self, office: Office, room: Room, teller: Teller, *, expects_proxy: bool = False, begins_with_tls: bool = False
    ) -> None:
        super().__init__(object(), hostname=office.rules.hostname, timeout=_FIRST_SECONDS, loop=_loop())
        self._office = office
        self._room = room
        self._teller = teller
        self._expects_proxy = expects_proxy
        self._begins_with_tls = begins_with_tls
        self._is_idle = False
        self._is_dismissed = False
        self._came = bytearray()
        """Octets that wait to be read: none where the stream has them, as long as there is a PROXY header to come."""
        self._is_streamed = expects_proxy
        self._is_over = self._is_held_up = False
        self._arrival: asyncio.Future[None] | None = None

    def dismiss(self) -> None:
        """End the conversation: now, or once the message that is under way has been dealt with."""
        self._is_dismissed = True
        if self._is_idle and self.transport is not None:
            self._writer.write(_FAREWELL.octets())
            self.transport.close()

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
                if self._begins_with_tls:
                    await self._begin_tls()
                await self._converse(address)
            finally:
                self._office.leave(address)
        except (ConnectionError, asyncio.IncompleteReadError, TimeoutError, ssl.SSLError) as error:
            _log.debug("connection of %s ended: %s", address, error)
        except Exception:  # noqa: BLE001 - whatever it was
            # Nothing of ours may end in silence, and no client hears of it.
            _log.exception("conversation failed")
            await self._say(Reply.of(421, "4.3.0", "local trouble; try again later"))
        finally:
            if self.transport is not None:
                # Who does not take our last words has had its time.
                self._reset_timeout(_LINGER_SECONDS)
                self.transport.close()

    async def _converse(self, address: str) -> None:
        office = self._office
        if not office.knows_next_hop:
            # One asks for all that wait.
            await asyncio.shield(asyncio.wrap_future(office.ask_next_hop()))
        tls, certificate = self._tls_facts()
        client = Client(address, is_trusted=office.is_trusted(address), tls=tls, certificate=certificate)
        session = Session(office.rules, client)
        errand: Errand | None = None
        try:
            await self._say(session.greeting())
            while not self._is_dismissed or session.is_in_transaction:
                step = session.next_step()
                if step is None:
                    if not await self._hear(session, errand):
                        return
                    continue
                if errand is None and isinstance(step, AskRecipient):
                    errand = office.errand(session.client)
                if not await self._take(step, session, errand):
                    return
                if errand is not None and not session.is_in_transaction:
                    self._leave(errand)
                    errand = None
            await self._say(_FAREWELL)
        finally:
            session.close()
            if errand is not None:
                self._leave(errand)

    def _leave(self, errand: Errand) -> None:
        if errand.is_attached:
            # Whatever becomes of this conversation: the next hop's connection must not stay behind.
            self._rest(errand)

    async def _take(self, step: Step, session: Session, errand: Errand | None) -> bool:
        """Do what a step asks for; False where the conversation is over."""
        match step:
            case Say(reply, is_last, times):
                for _ in range(times):
                    await self._say(reply)
                if is_last:
                    await self._linger()
                return not is_last
            case AskRecipient():
                assert errand is not None  # noqa: S101 - the caller saw to it
                is_one_too_many = not step.accepted and not self._office.may_send(step.client.address)
                reply = _TOO_MANY if is_one_too_many else await self._teller.tell(errand.recipient(step))
                return await self._take(session.answer_recipient(reply), session, errand)
            case Deliver(message):
                assert errand is not None  # noqa: S101 - the caller saw to it
                replies = await self._deal_with(errand, message)
                for said in session.answer_message(*replies):
                    await self._say(said.reply)
            case Authenticate(name, password):
                identity = await self._teller.tell(_worked(partial(self._office.authenticate, name, password)))
                return await self._take(session.answer_authentication(identity), session, errand)
            case StartTls(reply):
                await self._say(reply)
                await self._begin_tls()
                session.begin_tls(*self._tls_facts())
        return True

    async def _deal_with(self, errand: Errand, message: Received) -> list[Reply]:
        """Deal with a message once there is room."""
        relay = self._office.configuration.relay
        assert relay is not None  # noqa: S101 - the office looked
        octets = len(message.content)
        if not await self._room.take(octets, relay.budget_seconds):
            return [_BUSY]
        try:
            return await self._teller.tell(errand.message(message))
        finally:
            self._room.give_back(octets)

    # ------------------------------------------------------------ the wire

    async def _hear(self, session: Session, errand: Errand | None) -> bool:
        """Wait for octets; False where the client is gone."""
        self._reset_timeout(session.remaining_seconds)
        if self._paused:  # type: ignore[attr-defined]
            await self._writer.drain()
        self._is_idle = not session.is_in_transaction
        if errand is None or not errand.is_attached:
            octets = await self._read()
        else:
            octets = await self._hear_sharing(errand)
        self._is_idle = False
        if self._timeout_handle is not None:
            # From here on it is our time.
            self._timeout_handle.cancel()
        session.receive(octets)
        return bool(octets)

    async def _hear_sharing(self, errand: Errand) -> bytes:
        """Wait for octets, and leave the next hop's connection to others where the client keeps us waiting."""
        resting: list[asyncio.Task[None]] = []
        timer = self.loop.call_later(_PATIENCE_SECONDS, lambda: resting.append(self._rest(errand)))
        try:
            octets = await self._read()
        finally:
            timer.cancel()
        for task in resting:
            await task
        return octets

    def _rest(self, errand: Errand) -> asyncio.Task[None]:
        task = self.loop.create_task(self._teller.tell(errand.rest()))
        _resting.add(task)
        task.add_done_callback(_resting.discard)
        return task

    async def _say(self, reply: Reply) -> None:
        self._writer.write(reply.octets())

    async def _linger(self) -> None:
        """Let the client see the last reply: closing while it still sends would take the reply away again."""
        try:
            async with asyncio.timeout(_LINGER_SECONDS):
                await self._writer.drain()
                if self._writer.can_write_eof():
                    self._writer.write_eof()
                while await self._read():
                    pass
        except TimeoutError:
            pass

    async def _proxied(self, address: str) -> str:
        """Return the address that the PROXY header names.

        Raises:
            ConnectionError: the peer may not send one, or it is malformed.
        """
        if not self._office.is_trusted(address):
            raise ConnectionRefusedError("not a trusted peer")
        found = await get_proxy(self._reader)
        self._is_streamed = False
        self._came += self._reader._buffer  # type: ignore[attr-defined]  # noqa: SLF001 - it came behind the header
        transport: Any = self.transport
        if transport is not None:
            transport.resume_reading()
        if not found.valid:
            raise ConnectionRefusedError("no PROXY header")
        return str(found.src_addr) if found.src_addr else address

    async def _begin_tls(self) -> None:
        """Go on inside TLS; what came in the clear before is dropped (RFC 3207 clause 6).

        Raises:
            ConnectionError: TLS is no longer configured.
        """
        context = self._office.tls
        if context is None or self.transport is None:
            raise ConnectionAbortedError("no TLS any more")
        transport: Any = self.transport
        transport.pause_reading()
        self._came.clear()
        self._is_held_up = False
        await self._writer.start_tls(context, ssl_handshake_timeout=_HANDSHAKE_SECONDS)
        self.transport = self._writer.transport

    def _timeout_cb(self) -> None:
        """Tell a client that its time is up, and drop it; aiosmtpd would wait for it to take what is on its way."""
        transport: Any = self.transport
        if transport is None:
            return
        if transport.is_closing():
            transport.abort()
            return
        transport.write(_SLOW.octets())
        transport.close()
        self._reset_timeout(_LINGER_SECONDS)

    def connection_lost(self, error: Exception | None) -> None:
        """Let what has begun come to its end; aiosmtpd would stop at once."""
        if self._timeout_handle is not None:
            self._timeout_handle.cancel()
        asyncio.StreamReaderProtocol.connection_lost(self, error)
        self.transport = None
        self._is_over = True
        self._arrived()

    def eof_received(self) -> bool | None:
        """Let what came before the client's end be read and answered; aiosmtpd would stop at once."""
        self._is_over = True
        self._arrived()
        return asyncio.StreamReaderProtocol.eof_received(self)

    def data_received(self, data: bytes) -> None:
        """Take octets as they come; of a client that sends more than is dealt with no more are read for now."""
        if self._is_streamed:
            super().data_received(data)
            return
        self._came += data
        if len(self._came) > _PIECE and not self._is_held_up:
            transport: Any = self.transport
            transport.pause_reading()
            self._is_held_up = True
        self._arrived()

    def _arrived(self) -> None:
        if self._arrival is not None and not self._arrival.done():
            self._arrival.set_result(None)

    async def _read(self) -> bytes:
        """Wait for octets, and return those that have come; none at their end."""
        while not self._came and not self._is_over:
            self._arrival = self.loop.create_future()
            await self._arrival
        octets = bytes(self._came)
        self._came.clear()
        if self._is_held_up:
            self._is_held_up = False
            transport: Any = self.transport
            if transport is not None:
                transport.resume_reading()
        return octets

    def _tls_facts(self) -> tuple[str | None, str | None]:
        transport: Any = self.transport
        active = transport.get_extra_info("ssl_object") if transport is not None else None
        if active is None:
            return None, None
        shown = active.getpeercert() or {}
        names = [f"{key}={value}" for part in shown.get("subject", ()) for key, value in part]
        return f"{active.version()} {active.cipher()[0]}", ", ".join(names) or None


def _worked(call: Callable[[], _Result]) -> Story[_Result]:
    result: _Result = yield Work(call)
    return result


def prepare() -> None:
    """Import what every process needs, so that each that is copied from this one starts with it."""
    import sqlalchemy.dialects.sqlite  # noqa: F401
    from cryptography.hazmat.primitives.asymmetric import padding, rsa  # noqa: F401

    import gsign.trust.status_sources
    import gsign.verification.verdict  # noqa: F401


async def serve(office: Office, listen: str | socket.socket, *, is_ready: Callable[[], None] | None = None) -> None:
    """Take mail until told to stop by SIGTERM or SIGINT; SIGHUP reads the configuration again.

    What has begun is ended before this returns: no new connections, and at most `budget_seconds` for messages.

    Args:
        office: what conversations share.
        listen: `host:port`, or a socket that somebody else has opened.
        is_ready: called when connections are taken.
    """
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()
    relay = office.configuration.relay
    assert relay is not None  # noqa: S101 - the office looked

    room, teller = Room(_ROOM), Teller(office.executor, office.callers)
    present: weakref.WeakSet[Conversation] = weakref.WeakSet()

    def conversation() -> Conversation:
        begun = Conversation(
            office, room, teller, expects_proxy=relay.proxy_protocol, begins_with_tls=relay.tls == "implicit"
        )
        present.add(begun)
        return begun

    if isinstance(listen, str):
        host, port = split_address(listen)
        server = await loop.create_server(conversation, host, port, reuse_port=True, backlog=_BACKLOG)
    else:
        # So many connections does a process take in one go: few, since the others wait at the same socket.
        server = await loop.create_server(conversation, sock=listen, backlog=_SHARED_BACKLOG)
        listen.listen(_BACKLOG)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    loop.add_signal_handler(signal.SIGHUP, lambda: loop.run_in_executor(office.executor, office.reload))
    # What is there now stays: nobody need look through it for garbage again and again.
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG)
    if is_ready is not None:
        is_ready()
    await stopping.wait()
    server.close()
    for begun in list(present):
        begun.dismiss()
    await _drain(relay.budget_seconds)


async def _drain(seconds: float) -> None:
    """Let end what deals with a message."""
    own = asyncio.current_task()
    busy = [task for task in asyncio.all_tasks() if task is not own]
    if busy:
        await asyncio.wait(busy, timeout=seconds)


def run(
    configuration: Path | None,
    *,
    activated: socket.socket | None = None,
    is_ready: Callable[[], None] | None = None,
) -> None:
    """Open the office and take mail until told to stop.

    Args:
        configuration: gsign.toml; None where it is found.
        activated: the socket that systemd has opened; it takes the place of `relay.listen`.
        is_ready: called when connections are taken.

    Raises:
        ConfigurationError: gsign.toml, or a file that it names.
        TokenError: an agency's key cannot be opened.
        TemporaryError: `ledger-unwritable`.
        InputError: `listen-impossible`.
    """
    _raise_open_files()
    office = Office(configuration)
    relay = office.configuration.relay
    assert relay is not None  # noqa: S101 - the office looked
    try:
        with asyncio.Runner(loop_factory=_loop_factory(relay.tls)) as runner:
            runner.run(serve(office, activated or relay.listen, is_ready=is_ready))
    except OSError as error:
        raise InputError("listen-impossible", address=relay.listen, cause=str(error)) from error
    finally:
        office.close()


def _raise_open_files() -> None:
    """Take as many open files as the system allows us: each connection is one, and each to the next hop."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, hard), hard))


def _loop_factory(tls: str) -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return how to make the loop that costs least, where it is installed."""
    if tls == "implicit":
        # The fast one reads what a client sends first before anybody can say that it belongs to TLS.
        return None
    try:
        from uvloop import new_event_loop
    except ImportError:
        return None
    return new_event_loop


def _loop() -> asyncio.AbstractEventLoop:
    return asyncio.get_running_loop()
