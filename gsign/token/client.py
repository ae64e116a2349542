"""The caller's end of a driver's process: start it, ask it, and be rid of it.

A request has a time limit. A process that died, hung or was interrupted in mid-request is never asked again.
"""

from __future__ import annotations

import contextlib
import importlib.util
import socket
import struct
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from gsign.errors import TokenError
from gsign.token.faults import FunctionError
from gsign.token.wire import HEADER, WireError, decode, frame

__all__ = ["Driver", "command"]

_ROOT: Final = str(Path(__file__).parents[2])
_NEEDED: Final = ("pkcs11", "asn1crypto")
_AT_ONCE: Final = 1 << 16
_OPEN_SECONDS: Final = 30.0
_GOODBYE_SECONDS: Final = 2.0


def command(module: str) -> list[str]:
    """Return the command that runs `main` of a module of ours in a process that needs python-pkcs11 and little else.

    Without `site`, which would look through all that is installed; what is needed stands behind the standard library in
    the path, so that nothing beside it can stand in for a standard module.
    """
    # Nothing that is imported is garbage: looking for some meanwhile is a twentieth of the start.
    start = f"import gc, sys; gc.disable(); sys.path += sys.argv[1:]; from {module} import main; gc.enable(); main()"
    found = [importlib.util.find_spec(name) for name in _NEEDED]
    folders = [str(Path(spec.origin).parents[1]) for spec in found if spec is not None and spec.origin is not None]
    return [sys.executable, "-I", "-S", "-c", start, *dict.fromkeys([_ROOT, *folders])]


class Driver:
    """One process that holds one module. For one thread at a time.

    The process is started and told to load the module at once, and is waited for at the first request.

    Args:
        module: real path of the PKCS#11 module.
        environment: the process's environment; drivers read their configuration there.
    """

    def __init__(self, module: str, environment: Mapping[str, str]) -> None:
        self.module = module
        self.info: dict[str, str] | None = None
        self.is_lost = False
        self._socket, theirs = socket.socketpair()
        self._limit: float | None = None
        with theirs:
            self._process = self._start(theirs, environment)
        # Should the process be dead already, the first request says so.
        with contextlib.suppress(OSError):
            self._socket.sendall(frame(["open", module]))

    def _start(self, theirs: socket.socket, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen(
                command("gsign.token.owner"),
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=environment,
                start_new_session=True,
            )
        except OSError:
            # No memory, or no further process allowed.
            self._socket.close()
            raise TokenError("token-driver-crashed", temporary=True, module=self.module, request="start") from None

    @property
    def pid(self) -> int:
        """Number of the process."""
        return self._process.pid

    def request(
        self, name: str, *arguments: object, seconds: float, meanwhile: Callable[[], object] | None = None
    ) -> Any:
        """Ask and return the answer.

        Args:
            name: what is asked.
            arguments: plain values.
            seconds: time limit for this request.
            meanwhile: done ahead by the caller while the driver is at work; what goes wrong in it is dropped.

        Raises:
            FunctionError: the driver's function returned an error; the process lives.
            TokenError: `token-driver-crashed` or `token-driver-hung` (both temporary; the process is gone), a module
                that cannot be loaded, or a refusal such as `pin-locked`.
        """
        if self.info is None:
            self._open()
        return self._meaning(self._exchange(name, frame([name, *arguments]), seconds, meanwhile))

    def _open(self) -> None:
        # The request went out when the process was started.
        try:
            self.info = self._meaning(self._exchange("open", b"", _OPEN_SECONDS))
        except (FunctionError, TokenError):
            self.kill()
            raise

    def _exchange(
        self, name: str, data: bytes, seconds: float, meanwhile: Callable[[], object] | None = None
    ) -> list[Any]:
        try:
            if seconds != self._limit:
                self._limit_to(seconds)
            self._socket.sendall(data)
            if meanwhile is not None:
                with contextlib.suppress(Exception):
                    meanwhile()
            answer: list[Any] = self._receive()
        except (BlockingIOError, TimeoutError):
            raise self._lost("token-driver-hung", name, seconds=seconds) from None
        except (OSError, EOFError, WireError):
            raise self._lost("token-driver-crashed", name) from None
        except BaseException:
            # Ctrl-C while waiting: the answer would be taken for that of the next request.
            self.kill()
            raise
        return answer

    def _limit_to(self, seconds: float) -> None:
        """Have the system end what takes longer: Python would ask it before each piece whether there is one."""
        whole = int(seconds)
        limit = struct.pack("@ll", whole, max(1, int((seconds - whole) * 1_000_000)))
        for direction in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
            self._socket.setsockopt(socket.SOL_SOCKET, direction, limit)
        self._limit = seconds

    def _meaning(self, answer: list[Any]) -> Any:
        kind, *rest = answer
        if kind == "ok":
            return rest[0]
        if kind == "cryptoki":
            raise FunctionError(rest[0], rest[1])
        if kind == "module":
            raise TokenError("module-unloadable", module=self.module, detail=rest[0])
        raise TokenError(rest[0], temporary=rest[0] == "token-removed", module=self.module, token=rest[1])

    def _receive(self) -> Any:
        data = self._socket.recv(_AT_ONCE)
        if not data:
            raise EOFError
        while len(data) < HEADER.size or len(data) < HEADER.size + HEADER.unpack_from(data)[0]:
            more = self._socket.recv(_AT_ONCE)
            if not more:
                raise EOFError
            data += more
        return decode(data[HEADER.size :])

    def _lost(self, code: str, request: str, **facts: object) -> TokenError:
        self.kill()
        return TokenError(code, temporary=True, module=self.module, request=request, **facts)

    def close(self) -> None:
        """Let the process finish its sessions and end."""
        try:
            self._socket.shutdown(socket.SHUT_WR)
            self._socket.settimeout(_GOODBYE_SECONDS)
            # Its end closes with it: to wait for that is sooner than to ask now and then whether it has ended.
            while self._socket.recv(_AT_ONCE):
                pass
            self._socket.close()
            self._process.wait(_GOODBYE_SECONDS)
        except (OSError, subprocess.TimeoutExpired):
            self.kill()

    def kill(self) -> None:
        """End the process at once."""
        self.is_lost = True
        self._socket.close()
        self._process.kill()
        # A driver stuck inside the kernel dies later; nobody waits for that.
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_GOODBYE_SECONDS)

    def forget(self) -> None:
        """Let go of a process that belongs to the parent of this forked process."""
        self._socket.close()
        self._process.returncode = 0  # not our child: nothing here may wait for it or warn about it
