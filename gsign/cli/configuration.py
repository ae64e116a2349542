"""`gsign config`: check the configuration, or print an example of one."""

from __future__ import annotations

import click

from gsign.cli.flags import shared_options
from gsign.cli.lazy import Group
from gsign.cli.output import print_json, print_result, say_error, say_note, say_warning, text
from gsign.cli.shared import Shared

__all__ = ["config"]


@click.group(cls=Group)
@shared_options
def config() -> None:
    """Check the configuration, or print an example of one."""


@config.command()
@shared_options
@click.pass_obj
def check(shared: Shared) -> int:
    """Read gsign.toml, and look whether what it names is there and what it says goes together."""
    from gsign.config import named_files
    from gsign.errors import ConfigurationError, GsignError
    from gsign.office.advice import advise, require_whole
    from gsign.sentences import reason_advice, reason_sentence

    configuration = shared.configuration()
    if configuration.file is None:
        raise ConfigurationError("config-not-found")
    for key, path in named_files(configuration):
        if not path.exists():
            raise ConfigurationError("config-file-missing", file=str(configuration.file), key=key, path=str(path))
    try:
        require_whole(configuration)
    except GsignError as error:
        # Several files are named by one: without its name nobody knows which key to look at.
        say_error(shared, error, file=configuration.file)
        return ConfigurationError.exit_code
    found = advise(configuration)
    if shared.json:
        warnings = [{"id": one.id, "key": one.key, **one.facts} for one in found]
        print_json({"file": str(configuration.file), "ok": True, "warnings": warnings})
        return 0
    for one in found:
        say_warning(shared, reason_sentence(one.id, shared.lang, one.said))
        say_note(shared, f"hint: {reason_advice(one.id, shared.lang, one.said)}")
    if not shared.quiet:
        print_result(text(shared, "config-ok", file=configuration.file))
    return 0


@config.command()
@shared_options
@click.pass_obj
def example(shared: Shared) -> None:
    """Print gsign.toml with every key there is, each with a comment."""
    from gsign.config import example as written

    print_result(written(shared.lang).rstrip("\n"))
