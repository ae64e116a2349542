"""`gsign relay`: take mail, and pass on what the policy lets pass."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

import click

from gsign.cli.flags import shared_options
from gsign.cli.output import say_error
from gsign.cli.shared import Shared

if TYPE_CHECKING:
    import socket

    from gsign.audit.door import Door
    from gsign.config import Configuration
    from gsign.office.processes import Service

__all__ = ["relay"]


@click.command()
@shared_options
@click.pass_obj
def relay(shared: Shared) -> int:
    """Take mail, judge its documents, and pass on what the policy lets pass.

    Runs until it is told to stop by SIGTERM; SIGHUP reads the configuration again.
    """
    import signal

    # Whoever has it read again as soon as it is started does not mean to end it.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})

    from gsign.audit.door import Door
    from gsign.cli.pin import protect_memory
    from gsign.errors import ConfigurationError
    from gsign.office.processes import supervise

    protect_memory()
    configuration = shared.configuration()
    if configuration.relay is None:
        raise ConfigurationError("section-missing", section="relay")
    _begin_log(shared)

    from gsign.office.listening import activated_sockets, bound_sockets
    from gsign.smtp_relay import prepare

    listen, metrics_listen = configuration.relay.listen, configuration.relay.metrics_listen
    sockets = activated_sockets() or bound_sockets(listen)
    prepare()
    _log_advice(configuration)
    door = Door()
    take_mail = partial(_take_mail, shared, configuration, listen, sockets, door)
    run = partial(supervise, configuration.relay.processes, take_mail, sockets, service=_scribe(door))
    if metrics_listen is None:
        return run()
    from gsign.office.metrics import prepare_metrics

    with prepare_metrics():
        return run(beside=partial(_tell_metrics, shared, configuration, listen, metrics_listen))


def _begin_log(shared: Shared) -> None:
    import logging

    from gsign.office.logs import begin_log

    level = logging.WARNING if shared.quiet else logging.DEBUG if shared.verbose else logging.INFO
    begin_log(level, as_json=shared.json)


def _log_advice(configuration: Configuration) -> None:
    """Log what is to be looked at in the configuration, which works all the same."""
    import logging

    from gsign.office.advice import advise
    from gsign.sentences import reason_sentence

    log = logging.getLogger("gsign.relay")
    for one in advise(configuration):
        facts = {"facts": {"event": "configuration-advice", "advice": one.id, "key": one.key}}
        log.warning("%s", reason_sentence(one.id, "en", one.said), extra=facts)


def _take_mail(
    shared: Shared,
    configuration: Configuration,
    listen: str,
    sockets: Sequence[socket.socket],
    door: Door,
    is_ready: Callable[[], None],
) -> int:
    """Take mail until told to stop: what each process does; return its exit code."""
    import logging
    import os

    from gsign.errors import GsignError
    from gsign.smtp_relay import run

    def ready() -> None:
        facts = {"facts": {"event": "ready", "listen": listen}}
        logging.getLogger("gsign.relay").info("mail is taken at %s by process %d", listen, os.getpid(), extra=facts)
        is_ready()

    try:
        run(configuration.file, sockets, door=door, is_ready=ready)
    except GsignError as error:
        say_error(shared, error)
        return error.exit_code
    return 0


def _tell_metrics(
    shared: Shared, configuration: Configuration, listen: str, metrics_listen: str, is_ready: Callable[[], None]
) -> int:
    """Tell metrics until told to stop: what one process does beside the others; return its exit code."""
    from gsign.errors import InputError
    from gsign.mail.held import Held
    from gsign.office.metrics import serve_metrics

    held = Held(configuration.held.folder) if configuration.held else None
    try:
        serve_metrics(metrics_listen, relay=listen, held=held, is_ready=is_ready)
    except OSError as error:
        impossible = InputError("metrics-impossible", address=metrics_listen, cause=str(error))
        say_error(shared, impossible)
        return impossible.exit_code
    return 0


def _scribe(door: Door) -> Service:
    """Return what writes the ledger for all processes that take mail."""
    from gsign.audit.scribe import write_for_others
    from gsign.office.processes import Service

    def write(_: Callable[[], None]) -> int:
        write_for_others(door.stay_inside())
        return 0

    return Service(write, door.stay_outside, door.close)
