"""`gsign relay`: take mail, and pass on what the policy lets pass."""

from __future__ import annotations

import click

from gsign.cli.shared import Shared, shared_options

__all__ = ["relay"]


@click.command()
@shared_options
@click.pass_obj
def relay(shared: Shared) -> int:
    """Take mail, judge its documents, and pass on what the policy lets pass.

    Runs until it is told to stop by SIGTERM; SIGHUP reads the configuration again.
    """
    import logging
    import sys

    from gsign.cli.pin import protect_memory
    from gsign.errors import ConfigurationError

    protect_memory()
    if shared.configuration().file is None:
        raise ConfigurationError("config-not-found")
    level = logging.WARNING if shared.quiet else logging.INFO
    logging.basicConfig(stream=sys.stderr, level=level, format="gsign: %(levelname)s: %(message)s")
    from gsign.smtp_relay import run

    run(shared.configuration().file)
    return 0
