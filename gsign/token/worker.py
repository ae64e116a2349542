"""One driver's process, and what it has been told."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, TypeVar

from gsign.token.client import Driver
from gsign.token.faults import MAY_HEAL, FunctionError, to_error

if TYPE_CHECKING:
    from gsign.token.discovery import TokenInfo, TokenObject

__all__ = ["Worker"]

_LOOK_SECONDS: Final = 60.0
_Done = TypeVar("_Done")


class Worker:
    """One driver's process and what it has been told: logins and the handles of keys."""

    def __init__(self, module: str, environment: dict[str, str]) -> None:
        self.module = module
        self._environment = environment
        self._driver: Driver | None = None
        self.keys: dict[object, tuple[int, int]] = {}
        """Slot and handle by a signer's name for its key."""
        self.logged_in: set[object] = set()

    def start(self) -> Driver:
        """Start the process unless it runs; it loads the module while the caller does something else."""
        if self._driver is None:
            self._driver = Driver(self.module, self._environment)
        return self._driver

    def request(
        self, name: str, *arguments: object, seconds: float, meanwhile: Callable[[], object] | None = None
    ) -> Any:
        """Ask the driver, as `Driver.request` says; one that is lost (it died, hung or was interrupted) is let go of.

        Raises:
            FunctionError: the driver's function returned an error.
            TokenError: as `Driver.request` says.
        """
        driver = self.start()
        try:
            return driver.request(name, *arguments, seconds=seconds, meanwhile=meanwhile)
        finally:
            if driver.is_lost:
                self._forget_driver()

    def tokens(self) -> list[TokenInfo]:
        """List the tokens present."""
        from gsign.token.discovery import TokenInfo

        facts = self.request("tokens", seconds=_LOOK_SECONDS)
        library = self.start().info or {}
        return [TokenInfo.of({**library, **token}, self.module) for token in facts]

    def find(self, identity: object) -> TokenInfo | None:
        """Find a token again, wherever it is put in now.

        It is looked for once more in a fresh process: a module that runs does not see what is put in later, and SoftHSM
        overlooks a token that another process logs in to while the module starts.
        """
        for _ in range(2):
            token = next((token for token in self.tokens() if token.identity == identity), None)
            if token is not None:
                return token
            self.discard()
        return None

    def objects(self, token: TokenInfo) -> list[TokenObject]:
        """Read what a token shows."""
        from gsign.token.discovery import read_objects

        return read_objects(self.request("objects", token.slot, seconds=_LOOK_SECONDS))

    def attempt(self, work: Callable[[], _Done], token: str, heed: Callable[[FunctionError], None]) -> _Done:
        """Do what a token may fail at; where a fresh start may heal it, start the module anew and do it once more.

        Args:
            work: what is done, with this worker.
            token: the name that a person knows the token by.
            heed: is told of each failure.

        Raises:
            TokenError: it failed for good, or `work` says so itself.
        """
        try:
            return work()
        except FunctionError as fault:
            first = fault
        self.discard()
        heed(first)
        if first.rv not in MAY_HEAL:
            raise to_error(first, token)
        try:
            return work()
        except FunctionError as second:
            self.discard()
            heed(second)
            raise to_error(second, token) from None

    def discard(self) -> None:
        """End the process; the next request starts a new one, and with it the module afresh."""
        driver = self._driver
        self._forget_driver()
        if driver is not None:
            driver.close()

    def abandon(self) -> None:
        """Let go of the process of this process's parent."""
        driver = self._driver
        self._forget_driver()
        if driver is not None:
            driver.forget()

    def _forget_driver(self) -> None:
        self._driver = None
        self.keys.clear()
        self.logged_in.clear()
