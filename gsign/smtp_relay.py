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
import weakref
from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

from gsign.audit.door import Door
from gsign.errors import InputError
from gsign.mail.relaying import Errand
from gsign.office.office import Office
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
)
from gsign.smtp.story import Story
from gsign.smtp_clerk import Rounds
from gsign.smtp_loop import Room, Teller
from gsign.smtp_reception import Reception, share_presence
from gsign.smtp_wire import PIECE, Wire

__all__ = ["Conversation", "prepare", "run", "serve"]

_PATIENCE_SECONDS: Final = 10
"""How long a connection to the next hop waits for a client's content, or for its next recipient."""
_ROOM: Final = 1 << 28
"""Octets of messages that are dealt with at once: each is needed several times over while it is inspected."""
_YOUNG: Final = 10_000
"""Objects that are made before some are looked through for garbage; most go without that."""
_FAREWELL_SECONDS: Final = 1
"""For the last words to those who were not through when the relay had to stop."""
_FAREWELL: Final = Reply.of(421, "4.3.2", "this server stops; try again later")
_BUSY: Final = Reply.of(451, "4.3.2", "too much to do; try again later")
_TOO_MANY: Final = Reply.of(450, "4.7.1", "too many messages; try again later")

_log = logging.getLogger("gsign.relay")

_Result = TypeVar("_Result")
_resting: Final[set[asyncio.Task[None]]] = set()
"""What goes on after its conversation: the loop itself would forget it."""


class Conversation(Wire):
    """One connection: octets between a client and a `Session`, and the stories of what the session asks for.

    What a client says is answered as it comes: only before the conversation, for TLS, and at its end is there something
    that a coroutine waits for.

    Args:
        office: what conversations share.
        room: how much is dealt with at once, by all of them.
        teller: goes through stories, for all of them.
        rounds: where is looked at what may run out of time.
        count_out: called once the connection is no more.
        expects_proxy: whether a PROXY header comes first.
        begins_with_tls: whether TLS comes before everything else but that.
    """

    def __init__(
        self,
        office: Office,
        room: Room,
        teller: Teller,
        rounds: Rounds,
        count_out: Callable[[asyncio.BaseProtocol], None],
        *,
        expects_proxy: bool = False,
        begins_with_tls: bool = False,
    ) -> None:
        super().__init__(office, expects_proxy=expects_proxy, begins_with_tls=begins_with_tls)
        self._room = room
        self._teller = teller
        self._rounds = rounds
        self._count_out = count_out
        self._dialogue: Session | None = None
        self._errand: Errand | None = None
        self._turn: asyncio.Future[bool] | None = None
        """What `_handle_client` waits for: whether TLS is to begin; if not, the conversation is over."""
        self._is_going = self._is_busy = self._is_dismissed = False
        self._lingers = False
        self._has_asked = False
        self._asked_at = 0.0

    def connection_lost(self, error: Exception | None) -> None:
        """Count the client out, and let what has begun come to its end."""
        self._count_out(self)
        super().connection_lost(error)

    def dismiss(self) -> None:
        """End the conversation: now, or once the message that is under way has been dealt with."""
        self._is_dismissed = True
        self._go_on()

    def break_off(self) -> None:
        """End the conversation whatever is under way: the client keeps its message, and is told so."""
        if self._turn is not None and not self._turn.done():
            self._say(_FAREWELL)
            self._end_turn(begins_tls=False)

    async def _converse(self, address: str) -> None:
        office = self._office
        if not office.knows_next_hop:
            # One asks for all that wait.
            await asyncio.shield(asyncio.wrap_future(office.ask_next_hop()))
        if self._timeout_handle is not None:
            # From here on the session knows how long a client may take.
            self._timeout_handle.cancel()
        tls, certificate = self._tls_facts()
        client = Client(address, is_trusted=office.is_trusted(address), tls=tls, certificate=certificate)
        session = Session(office.rules, client)
        self._rounds.watch(self)
        try:
            self._say(session.greeting())
            while await self._begins_tls_next(session):
                # What comes inside TLS may come before we hear that it has begun.
                self._dialogue = None
                await self._begin_tls()
                session.begin_tls(*self._tls_facts())
            if self._lingers:
                await self._linger()
        finally:
            self._rounds.forget(self)
            session.close()
            self._leave()

    async def _begins_tls_next(self, session: Session) -> bool:
        """Speak with the client until TLS is to begin, or (False) until there is no more to be said."""
        self._dialogue = session
        session.receive(bytes(self._early))
        self._early.clear()
        self._turn = self.loop.create_future()
        self._go_on()
        return await self._turn

    # ------------------------------------------------------------ what is said

    def _go_on(self) -> None:
        """Take one step after another until the client, or somebody else, has to be waited for."""
        turn, session = self._turn, self._dialogue
        if turn is None or session is None or self._is_going:
            return
        self._is_going = True
        try:
            self._take_steps(turn, session)
        except Exception as error:  # noqa: BLE001 - whatever it was, it ends the conversation
            self._fail(error)
        finally:
            self._is_going = False

    def _take_steps(self, turn: asyncio.Future[bool], session: Session) -> None:
        while not (self._is_busy or turn.done()):
            if self._paused and not self._is_gone:  # type: ignore[attr-defined]
                return
            if not session.is_in_transaction and self._ends_here():
                turn.set_result(False)
                return
            step = session.next_step()
            if isinstance(step, Say):
                self._answer(step)
                if self._only_waits(session):
                    return
            elif step is not None:
                self._take(step, session)
            else:
                if self._is_gone:
                    turn.set_result(False)
                elif self._is_held_up:
                    self._hold_up(False)
                return

    def _only_waits(self, session: Session) -> bool:
        """Tell whether there is nothing to do before the client says more: it has just been answered."""
        is_amid = session.is_in_transaction and not session.unread
        return is_amid and not (self._is_dismissed or self._is_gone or self._is_held_up)

    def _ends_here(self) -> bool:
        """Forget a transaction that is over; tell whether the conversation is over as well."""
        if self._errand is not None:
            self._leave()
        if self._is_dismissed:
            self._say(_FAREWELL)
        return self._is_dismissed

    def _take(self, step: AskRecipient | Deliver | Authenticate | StartTls, session: Session) -> None:
        """Do what a step asks for, or begin to."""
        if isinstance(step, AskRecipient):
            self._ask(step, session)
        elif isinstance(step, Deliver):
            assert self._errand is not None  # noqa: S101 - recipients were asked for
            self._tell(self._dealt_with(self._errand, step.message), self._answer_message)
        elif isinstance(step, Authenticate):
            self._tell(self._identified(step), lambda identity: self._answer(session.answer_authentication(identity)))
        else:
            self._say(step.reply)
            self._hold_up(True)
            self._end_turn(begins_tls=True)

    def _ask(self, asked: AskRecipient, session: Session) -> None:
        # Nothing else that a client says keeps the next hop's connection from others: whoever drips would for long.
        self._has_asked = True
        if self._errand is None:
            self._errand = self._office.errand(session.client)
        if not asked.accepted and not self._office.may_send(asked.client.address):
            self._answer(session.answer_recipient(_TOO_MANY))
        else:
            self._tell(self._errand.recipient(asked), lambda reply: self._answer(session.answer_recipient(reply)))

    def _answer(self, said: Say) -> None:
        transport: Any = self.transport
        if transport is not None:
            transport.write(said.reply.octets() * said.times)
        if said.is_last:
            self._lingers = True
            self._end_turn(begins_tls=False)

    def _answer_message(self, replies: list[Reply]) -> None:
        assert self._dialogue is not None  # noqa: S101 - it has received the message
        for said in self._dialogue.answer_message(*replies):
            self._answer(said)

    def _end_turn(self, *, begins_tls: bool) -> None:
        if self._turn is not None and not self._turn.done():
            self._turn.set_result(begins_tls)

    def _fail(self, error: Exception) -> None:
        if self._turn is not None and not self._turn.done():
            self._turn.set_exception(error)

    # ------------------------------------------------------------ what is done

    def _tell(self, story: Story[_Result], then: Callable[[_Result], None]) -> None:
        """Go through a story, and answer with what it ends with; meanwhile nothing else is said."""
        self._is_busy = True
        self._teller.begin(story, partial(self._told, then))

    def _told(self, then: Callable[[Any], None], result: Any, error: Exception | None) -> None:
        self._is_busy = False
        if self._turn is not None and self._turn.done():
            # It was broken off: whoever was told that its message is put off hears nothing else.
            return
        try:
            if error is None:
                then(result)
            else:
                self._fail(error)
        except Exception as odd:  # noqa: BLE001 - whatever it was, it ends the conversation
            self._fail(odd)
        if self._dialogue is None or not self._only_waits(self._dialogue):
            self._go_on()

    def _identified(self, step: Authenticate) -> Generator[Any, Any, str | None]:
        office = self._office
        identity: str | None = yield self.loop.run_in_executor(
            office.doorkeepers, office.authenticate, step.name, step.password
        )
        return identity

    def _dealt_with(self, errand: Errand, message: Received) -> Generator[Any, Any, list[Reply]]:
        """Deal with a message once there is room."""
        octets, seconds = len(message.content), self._office.relay.budget_seconds
        if not self._room.take_now(octets) and not (yield self._room.take(octets, seconds)):
            return [_BUSY]
        try:
            return (yield from errand.message(message))
        finally:
            self._room.give_back(octets)

    def _leave(self) -> None:
        """Forget a transaction; the next hop's connection must not stay behind, whatever becomes of ours."""
        errand, self._errand = self._errand, None
        # Where it was broken off, a story of the errand's still speaks with the next hop.
        if errand is not None and errand.is_attached and not self._is_busy:
            self._rest(errand)

    def _rest(self, errand: Errand) -> asyncio.Task[None]:
        task = self.loop.create_task(self._teller.tell(errand.rest()))
        _resting.add(task)
        task.add_done_callback(_resting.discard)
        return task

    def look(self, now: float) -> None:
        """See whether a client has had its time, or keeps the next hop's connection from others."""
        session, errand = self._dialogue, self._errand
        if session is None or self._is_busy:
            return
        if session.remaining_seconds <= 0:
            # Who takes nothing any more need not be told.
            self._end_turn(begins_tls=False) if self._paused else self._go_on()  # type: ignore[attr-defined]
        elif self._has_asked:
            self._has_asked, self._asked_at = False, now
        elif now - self._asked_at >= _PATIENCE_SECONDS and errand is not None and errand.is_attached:
            self._is_busy = True
            self._rest(errand).add_done_callback(self._rested)

    def _rested(self, _: asyncio.Task[None]) -> None:
        self._is_busy = False
        self._go_on()

    def data_received(self, data: bytes) -> None:
        """Take octets as they come; of a client that sends more than is dealt with no more are read for now."""
        session = self._dialogue
        if session is None:
            super().data_received(data)
            return
        session.receive(data)
        self._go_on()
        if self._is_busy or self._paused:  # type: ignore[attr-defined]
            self._hold_up(len(session.unread) > PIECE)


def prepare() -> None:
    """Import what every process needs, so that each copy of this one starts with it; have them share what they must."""
    from cryptography.hazmat.primitives.asymmetric import padding, rsa  # noqa: F401

    import gsign.trust.status_sources
    import gsign.verification.verdict  # noqa: F401
    from gsign.token.refusals import share_refusals

    share_refusals()
    share_presence()


async def serve(
    office: Office, sockets: Sequence[socket.socket], *, is_ready: Callable[[], None] | None = None
) -> None:
    """Take mail until told to stop by SIGTERM or SIGINT; SIGHUP reads the configuration again.

    What has begun is ended before this returns: no new connections, and at most `budget_seconds` for messages. Who is
    not through then is told to try again.

    Args:
        office: what conversations share.
        sockets: where mail is taken, bound; other processes may share them.
        is_ready: called when connections are taken.
    """
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()
    rounds = Rounds()
    room, teller = Room(_ROOM), Teller(office.executor, office.callers, office.speakers, rounds)
    present: weakref.WeakSet[Conversation] = weakref.WeakSet()

    def conversation() -> Conversation:
        # As it was read last: what was compulsory inside TLS is never taken outside it.
        relay = office.relay
        implicit = relay.tls == "implicit"
        has_header = relay.proxy_protocol
        begun = Conversation(
            office, room, teller, rounds, reception.leave, expects_proxy=has_header, begins_with_tls=implicit
        )
        present.add(begun)
        return begun

    reception = Reception(sockets, conversation)
    reception.open()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    loop.add_signal_handler(signal.SIGHUP, office.reload_soon)
    # What came while the office was opened has waited.
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGHUP})
    # What is there now stays: nobody need look through it for garbage again and again.
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG)
    if is_ready is not None:
        is_ready()
    await stopping.wait()
    reception.close()
    for begun in list(present):
        begun.dismiss()
    await _drain(office.relay.budget_seconds)
    for begun in list(present):
        begun.break_off()
    await _drain(_FAREWELL_SECONDS)


async def _drain(seconds: float) -> None:
    """Let end what deals with a message."""
    own = asyncio.current_task()
    busy = [task for task in asyncio.all_tasks() if task is not own]
    if busy:
        await asyncio.wait(busy, timeout=seconds)


def run(
    configuration: Path | None,
    sockets: Sequence[socket.socket],
    *,
    door: Door,
    is_ready: Callable[[], None] | None = None,
) -> None:
    """Open the office and take mail until told to stop.

    Args:
        configuration: gsign.toml; None where it is found.
        sockets: where mail is taken, bound; other processes may share them.
        door: to the scribe, who writes the ledger.
        is_ready: called when connections are taken.

    Raises:
        ConfigurationError: gsign.toml, or a file that it names.
        TokenError: an agency's key cannot be opened.
        TemporaryError: `ledger-unwritable`.
        InputError: `listen-impossible`.
    """
    _raise_open_files()
    office = Office(configuration, door)
    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(serve(office, sockets, is_ready=is_ready))
    except OSError as error:
        raise InputError("listen-impossible", address=office.relay.listen, cause=str(error)) from error
    finally:
        office.close()


def _raise_open_files() -> None:
    """Take as many open files as the system allows us: each connection is one, and each to the next hop."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, hard), hard))


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return how to make the loop that costs least, where it is installed."""
    try:
        from uvloop import new_event_loop
    except ImportError:
        return None
    return new_event_loop
