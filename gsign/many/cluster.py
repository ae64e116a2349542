"""The machines of a dask cluster as an executor: the only file that knows `distributed`.

Whoever speaks with the scheduler may run anything on every worker, and a worker's answers are unpickled here: a cluster
is one circle of trust, and TLS with certificates of both sides is what closes it (ADR 0016).
"""

from __future__ import annotations

import ipaddress
import logging
import time
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from gsign.errors import ConfigurationError, TemporaryError, UsageError

if TYPE_CHECKING:
    from gsign.config import Cluster as Section

__all__ = ["Cluster", "open_cluster"]

_CONNECT_SECONDS: Final = 5
_ANSWER_SECONDS: Final = 30
_FOR_EACH_THREAD: Final = 3
"""Tasks that a worker has at hand for each of its threads: it need not wait for the next one to come."""
_TOGETHER: Final = 16
"""Documents in a task: scheduler, worker and asker take about 10 ms for a task, as long as a document or two."""
_LOOK_SECONDS: Final = 2.0
_WITHOUT_WORKERS: Final = 60.0
"""How long the scheduler may be without workers, which are started again by their nannies."""


class Cluster:
    """A connection to a scheduler.

    Args:
        client: of `distributed`, connected.
    """

    def __init__(self, client: Any) -> None:
        self._client = client
        self._threads = 0
        self._looked = 0.0
        self._last_seen = time.monotonic()
        self.executor: Executor = client.get_executor(pure=False)

    def together(self, *, sent: bool) -> int:
        """Return how many documents make a task: one where it holds the document itself."""
        return 1 if sent else _TOGETHER

    def at_once(self) -> int:
        """Return how many tasks may be under way; more as workers come.

        Raises:
            TemporaryError: `cluster-gone`, `cluster-without-workers`.
        """
        if time.monotonic() - self._looked > _LOOK_SECONDS:
            self.watch()
        return max(1, _FOR_EACH_THREAD * self._threads)

    def watch(self) -> None:
        """See whether the scheduler and workers are there.

        Raises:
            TemporaryError: `cluster-gone`, `cluster-without-workers`.
        """
        try:
            found: dict[str, int] = self._client.sync(self._client.scheduler.ncores, callback_timeout=_ANSWER_SECONDS)
        except Exception as error:
            raise TemporaryError("cluster-gone", cause=type(error).__name__) from error
        now = self._looked = time.monotonic()
        self._threads = sum(found.values())
        if self._threads:
            self._last_seen = now
        elif now - self._last_seen > _WITHOUT_WORKERS:
            raise TemporaryError("cluster-without-workers", seconds=int(_WITHOUT_WORKERS))


@contextmanager
def open_cluster(url: str, section: Section) -> Iterator[Cluster]:
    """Connect to a scheduler.

    Args:
        url: `tls://host:port`; `tcp://…` on this machine, or where the configuration allows it.
        section: of the configuration.

    Raises:
        UsageError: `cluster-url`, `cluster-plain`.
        ConfigurationError: `cluster-tls-incomplete`, `cluster-tls-unreadable`.
        TemporaryError: `cluster-unreachable`.
    """
    security = _security(url, section)
    import dask.config
    from distributed import Client

    # They would tell their own story on stderr; ours is told by errors.
    for name in [name for name in logging.root.manager.loggerDict if name.startswith("distributed")]:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    # Documents are sent with their tasks where there is no file system in common.
    dask.config.set({"distributed.admin.large-graph-warning-threshold": "1GB"})
    connect: Any = Client
    try:
        client = connect(url, timeout=_CONNECT_SECONDS, security=security, set_as_default=False)
    except (OSError, ImportError, ValueError) as error:
        raise TemporaryError("cluster-unreachable", url=url, cause=str(error) or type(error).__name__) from error
    try:
        yield Cluster(client)
    finally:
        client.close(timeout=_CONNECT_SECONDS)


def _security(url: str, section: Section) -> Any:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if not host or not port or parts.scheme not in ("tls", "tcp"):
        raise UsageError("cluster-url", url=url)
    if parts.scheme == "tcp":
        if not (_is_here(host) or section.allow_plain):
            raise UsageError("cluster-plain", url=url)
        return None
    named = {
        "tls_ca_file": section.tls_ca,
        "tls_client_cert": section.tls_certificate,
        "tls_client_key": section.tls_key,
    }
    if not all(named.values()):
        raise ConfigurationError("cluster-tls-incomplete")
    from distributed.security import Security

    files = {name: str(path) for name, path in named.items()}
    for file in files.values():
        try:
            open(file, "rb").close()
        except OSError as error:
            raise ConfigurationError("cluster-tls-unreadable", file=file, cause=error.strerror) from error
    made: Any = Security
    return made(require_encryption=True, **files)


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
