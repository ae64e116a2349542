"""`gsign relay`: take mail, and pass on what the policy lets pass."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from gsign.cli.flags import shared_options
from gsign.cli.output import say_error
from gsign.cli.shared import Shared

if TYPE_CHECKING:
    from gsign.audit.door import Door
    from gsign.office.processes import Service

__all__ = ["relay"]


@click.command()
@shared_options
@click.pass_obj
def relay(shared: Shared) -> int:
    """Take mail, judge its documents, and pass on what the policy lets pass.

    Runs until it is told to stop by SIGTERM; SIGHUP reads the configuration again.
    """
    import logging
    import os
    import signal

    # Whoever has it read again as soon as it is started does not mean to end it.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})

    from gsign.audit.door import Door
    from gsign.cli.pin import protect_memory
    from gsign.errors import ConfigurationError, GsignError, InputError
    from gsign.mail.held import Held
    from gsign.office.logs import begin_log
    from gsign.office.processes import supervise

    protect_memory()
    configuration = shared.configuration()
    if configuration.relay is None:
        raise ConfigurationError("section-missing", section="relay")
    level = logging.WARNING if shared.quiet else logging.DEBUG if shared.verbose else logging.INFO
    begin_log(level, as_json=shared.json)

    from gsign.office.advice import advise
    from gsign.office.listening import activated_sockets, bound_sockets
    from gsign.sentences import reason_sentence
    from gsign.smtp_relay import prepare, run

    sockets = activated_sockets() or bound_sockets(configuration.relay.listen)
    prepare()

    log = logging.getLogger("gsign.relay")
    for one in advise(configuration):
        facts = {"facts": {"event": "configuration-advice", "advice": one.id, "key": one.key}}
        log.warning("%s", reason_sentence(one.id, "en", one.said), extra=facts)

    def work(is_ready: Callable[[], None]) -> int:
        def ready() -> None:
            facts = {"facts": {"event": "ready", "listen": listen}}
            log.info("mail is taken at %s by process %d", listen, os.getpid(), extra=facts)
            is_ready()

        try:
            run(configuration.file, sockets, door=door, is_ready=ready)
        except GsignError as error:
            say_error(shared, error)
            return error.exit_code
        return 0

    door = Door()
    scribe = _scribe(door)
    listen = configuration.relay.listen
    count, metrics_listen = configuration.relay.processes, configuration.relay.metrics_listen
    if metrics_listen is None:
        return supervise(count, work, sockets, service=scribe)
    from gsign.office.metrics import prepare_metrics, serve_metrics

    held = Held(configuration.held.folder) if configuration.held else None

    def tell(is_ready: Callable[[], None]) -> int:
        try:
            serve_metrics(metrics_listen, relay=listen, held=held, is_ready=is_ready)
        except OSError as error:
            impossible = InputError("metrics-impossible", address=metrics_listen, cause=str(error))
            say_error(shared, impossible)
            return impossible.exit_code
        return 0

    with prepare_metrics():
        return supervise(count, work, sockets, beside=tell, service=scribe)


def _scribe(door: Door) -> Service:
    """Return what writes the ledger for all processes that take mail."""
    from gsign.audit.scribe import write_for_others
    from gsign.office.processes import Service

    def write(_: Callable[[], None]) -> int:
        write_for_others(door.stay_inside())
        return 0

    return Service(write, door.stay_outside, door.close)
