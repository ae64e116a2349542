"""A client's connection: aiosmtpd owns it and reads the PROXY header; admission, TLS and its end are ours.

What aiosmtpd would do with commands and content is not asked for, and a client that leaves stops nothing.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from contextlib import suppress
from typing import Any, Final

from aiosmtpd.proxy_protocol import V2_CMD, get_proxy
from aiosmtpd.smtp import SMTP

from gsign.office.office import Office
from gsign.smtp.reply import Reply

__all__ = ["PIECE", "Wire"]

PIECE: Final = 1 << 18
"""Octets of a client that may wait to be dealt with."""
_FIRST_SECONDS: Final = 300
"""Until the conversation begins: for the PROXY header, or TLS."""
_UNKNOWN: Final = "unknown"
"""Stands for the address of a client that has none, or one that a proxy does not know either: nobody trusts it."""
_LINGER_SECONDS: Final = 2
"""How long what a client still sends is read, so that it gets to see our last reply."""
_HANDSHAKE_SECONDS: Final = 30
_SLOW: Final = Reply.of(421, "4.4.2", "too slow; try again later")

_log = logging.getLogger("gsign.relay")


class _Bare:
    """Has no names: with each connection aiosmtpd would look through all that its handler has."""

    def __dir__(self) -> tuple[str, ...]:
        return ()


_BARE: Final = _Bare()


class Wire(SMTP):
    """The connection of a client; whoever makes a conversation of it says what is said.

    Args:
        office: what conversations share.
        expects_proxy: whether a PROXY header comes first.
        begins_with_tls: whether TLS comes before everything else but that.
    """

    # The reader's buffer, which aiosmtpd makes as large as one line: content is read in large pieces.
    line_length_limit = PIECE

    def __init__(self, office: Office, *, expects_proxy: bool, begins_with_tls: bool) -> None:
        loop = asyncio.get_running_loop()
        super().__init__(_BARE, hostname=office.rules.hostname, timeout=_FIRST_SECONDS, loop=loop)
        self._office = office
        self._expects_proxy = expects_proxy
        self._begins_with_tls = begins_with_tls
        self._early = bytearray()
        """Octets that came before the conversation: none where the stream has them, until there is a PROXY header."""
        self._is_streamed = expects_proxy
        self._is_gone = self._is_held_up = False
        self._left: asyncio.Future[None] | None = None

    def __dir__(self) -> tuple[str, ...]:
        """Name nothing: with each connection aiosmtpd would look through all there is for ways to log in."""
        return ()

    async def _converse(self, address: str) -> None:
        """Hold the conversation with a client that has been let in."""
        raise NotImplementedError

    def _go_on(self) -> None:
        """Go on where the client has left, or takes what we say again."""
        raise NotImplementedError

    async def _handle_client(self) -> None:
        """Hold the whole conversation. Called by aiosmtpd once a connection is there."""
        assert self.session is not None  # noqa: S101 - aiosmtpd made it with the connection
        # Who comes by a socket of this machine's own has none.
        address = str((self.session.peer or ("",))[0]) or _UNKNOWN
        try:
            if self._expects_proxy:
                address = await self._proxied(address)
            refusal = self._office.admit(address)
            if refusal is not None:
                self._say(refusal)
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
            self._say(Reply.of(421, "4.3.0", "local trouble; try again later"))
        finally:
            if self.transport is not None:
                # Who does not take our last words has had its time.
                self._reset_timeout(_LINGER_SECONDS)
                self.transport.close()

    def _say(self, reply: Reply) -> None:
        transport: Any = self.transport
        if transport is not None:
            transport.write(reply.octets())

    # ------------------------------------------------------------ the client

    def data_received(self, data: bytes) -> None:
        """Keep what comes before the conversation; of a client that sends much no more is read for now."""
        if self._is_streamed:
            super().data_received(data)
            return
        self._early += data
        self._hold_up(len(self._early) > PIECE)

    def eof_received(self) -> bool | None:
        """Let what came before the client's end be read and answered; aiosmtpd would stop at once."""
        self._client_left()
        return asyncio.StreamReaderProtocol.eof_received(self)

    def connection_lost(self, error: Exception | None) -> None:
        """Let what has begun come to its end; aiosmtpd would stop at once."""
        if self._timeout_handle is not None:
            self._timeout_handle.cancel()
        asyncio.StreamReaderProtocol.connection_lost(self, error)
        self.transport = None
        self._client_left()

    def resume_writing(self) -> None:
        """Go on with a client that takes what we say again."""
        super().resume_writing()
        self._go_on()

    def _client_left(self) -> None:
        self._is_gone = True
        if self._left is not None and not self._left.done():
            self._left.set_result(None)
        self._go_on()

    def _hold_up(self, is_held_up: bool) -> None:
        """Read no more of what a client sends, or go on reading."""
        transport: Any = self.transport
        if is_held_up is self._is_held_up or transport is None:
            return
        self._is_held_up = is_held_up
        transport.pause_reading() if is_held_up else transport.resume_reading()

    async def _linger(self) -> None:
        """Let the client see the last reply: closing while it still sends would take the reply away again."""
        self._hold_up(False)
        self._left = self.loop.create_future()
        with suppress(TimeoutError):
            async with asyncio.timeout(_LINGER_SECONDS):
                await self._writer.drain()
                if self._writer.can_write_eof():
                    self._writer.write_eof()
                if not self._is_gone:
                    await self._left

    # ------------------------------------------------------------ before the conversation

    async def _proxied(self, address: str) -> str:
        """Return the address that the PROXY header names.

        Raises:
            ConnectionError: the peer may not send one, or it is malformed.
        """
        if not self._office.is_trusted(address):
            raise ConnectionRefusedError("not a trusted peer")
        found = await get_proxy(self._reader)
        self._is_streamed = False
        self._early += self._reader._buffer  # type: ignore[attr-defined]  # noqa: SLF001 - it came behind the header
        transport: Any = self.transport
        if transport is not None:
            transport.resume_reading()
        if not found.valid:
            raise ConnectionRefusedError("no PROXY header")
        if found.src_addr:
            return str(found.src_addr)
        # Only what a proxy sends of its own, such as a look at our health, comes from the proxy itself.
        return address if found.command == V2_CMD.LOCAL else _UNKNOWN

    async def _begin_tls(self) -> None:
        """Go on inside TLS; what a conversation has left in the clear is dropped (RFC 3207 clause 6).

        Raises:
            ConnectionError: TLS is no longer configured.
        """
        context, transport = self._office.tls, self.transport
        if context is None or transport is None:
            raise ConnectionAbortedError("no TLS any more")
        self._hold_up(True)
        beginning = self.loop.create_task(self._writer.start_tls(context, ssl_handshake_timeout=_HANDSHAKE_SECONDS))
        if self._early:
            # Of TLS from the start this is the start. It is handed over in its turn: when the task has taken its first
            # step, behind what that calls for, and before anything more is read.
            self.loop.call_soon(self.loop.call_soon, _hand_over, transport, bytes(self._early))
            self._early.clear()
        await beginning
        self.transport = self._writer.transport
        self._is_held_up = False

    def _tls_facts(self) -> tuple[str | None, str | None]:
        transport: Any = self.transport
        active = transport.get_extra_info("ssl_object") if transport is not None else None
        if active is None:
            return None, None
        shown = active.getpeercert() or {}
        names = [f"{key}={value}" for part in shown.get("subject", ()) for key, value in part]
        return f"{active.version()} {active.cipher()[0]}", ", ".join(names) or None

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


def _hand_over(transport: Any, octets: bytes) -> None:
    """Give octets to whoever reads from a transport now."""
    reader = transport.get_protocol()
    while octets and not transport.is_closing():
        room = reader.get_buffer(len(octets))
        count = min(len(room), len(octets))
        room[:count] = octets[:count]
        reader.buffer_updated(count)
        octets = octets[count:]
