"""The command line: a table of commands, each imported when it is called, and one place where errors are said.

`gsign --help` imports click and little else.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from typing import Any, cast

import click

from gsign.cli import leave_with
from gsign.cli.flags import shared_options
from gsign.cli.lazy import LazyGroup
from gsign.cli.output import StdoutError, internal_error, say_error, say_note, text
from gsign.cli.shared import Shared, language
from gsign.errors import ConfigurationError, GsignError, InputError, UsageError

__all__ = ["main"]

_COMMANDS = {
    "sign": ("gsign.cli.signing:sign", "Sign PDF documents with a key on a token."),
    "verify": ("gsign.cli.verifying:verify", "Verify the signatures in PDF documents."),
    "augment": ("gsign.cli.documents:augment", "Raise signed documents to B-T, B-LT or B-LTA."),
    "token": ("gsign.cli.tokens:token", "Tokens present, and the signing keys on them."),
    "mail": ("gsign.cli.mail:mail", "Sign, verify, encrypt, decrypt and inspect messages."),
    "trust": ("gsign.cli.trust:trust", "Authorities that signatures must lead to."),
    "policy": ("gsign.cli.policy:policy", "What the relay would do with a message, and why."),
    "held": ("gsign.cli.held:held", "Messages that wait for a person."),
    "relay": ("gsign.cli.relay:relay", "Take mail, and pass on what the policy lets pass."),
    "audit": ("gsign.cli.audit:audit", "The ledger: who signed, what was judged and decided, provably."),
    "config": ("gsign.cli.configuration:config", "Check the configuration, or print an example of one."),
    "demo": ("gsign.cli.demo:demo", "Sign and verify an official document with a software token."),
}

_EXTRAS = {
    **dict.fromkeys(("aiosmtpd", "argon2", "dns", "prometheus_client", "uvloop"), "relay"),
    **dict.fromkeys(("alembic", "sqlalchemy"), "ledger"),
    "psycopg": "postgres",
    **dict.fromkeys(("dask", "distributed"), "cluster"),
}
"""Modules that not everybody installs, and with which extra of ours they come."""

_EXTRA = re.compile(r"Got unexpected extra arguments? \((.*)\)", re.DOTALL)
_INTERRUPTED = 130
_BROKEN_PIPE = 141


class _Commands(LazyGroup):
    table = _COMMANDS


def _print_version(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    if value:
        from gsign import __version__

        print(f"gsign {__version__}")
        ctx.exit()


@click.group(cls=_Commands, context_settings={"help_option_names": []})
@shared_options
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_print_version, help="Print the version."
)
def _cli() -> None:
    """Sign and verify PDF documents with keys on PKCS#11 tokens."""
    from gsign.cli.stopping import stop_cleanly

    stop_cleanly()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code; never raises, never shows a traceback unasked.

    Args:
        arguments: None for those of this process, which is over when they are done.
    """
    code = _main(arguments)
    if arguments is None:
        leave_with(code)
    return code


def _main(arguments: Sequence[str] | None) -> int:
    _see_to_streams()
    shared = Shared(language(sys.argv[1:] if arguments is None else arguments))
    try:
        code = _run(arguments, shared)
        sys.stdout.flush()
    except (OSError, StdoutError) as error:
        _forget_stdout()
        cause = error if isinstance(error, OSError) else error.__cause__
        if isinstance(cause, BrokenPipeError):
            return _BROKEN_PIPE
        say_error(shared, InputError("stdout-unwritable", why=getattr(cause, "strerror", "")))
        return InputError.exit_code
    return code


def _run(arguments: Sequence[str] | None, shared: Shared) -> int:
    try:
        code = _cli.main(arguments, prog_name="gsign", standalone_mode=False, obj=shared)
    except GsignError as error:
        say_error(shared, error)
        return error.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        _say_help(error, shared)
        return UsageError.exit_code
    except click.ClickException as error:
        say_error(shared, _usage(error, shared))
        return UsageError.exit_code
    except (click.Abort, KeyboardInterrupt) as error:
        say_note(shared, text(shared, "interrupted"))
        return getattr(error.__cause__ or error, "exit_code", _INTERRUPTED)
    except StdoutError:
        raise
    except SystemExit:  # click's answer where nobody reads the help that it prints
        return _BROKEN_PIPE
    except Exception as error:  # noqa: BLE001 - the last resort, instead of a traceback
        unexpected = _missing_extra(error) or internal_error(error, shared)
        say_error(shared, unexpected)
        return unexpected.exit_code
    return code if isinstance(code, int) else 0


def _say_help(error: click.exceptions.NoArgsIsHelpError, shared: Shared) -> None:
    from gsign.cli.helping import help_of

    assert error.ctx is not None  # noqa: S101 - click raises it with one
    print(help_of(error.ctx, shared.lang), file=sys.stderr)


def _missing_extra(error: Exception) -> GsignError | None:
    module = (getattr(error, "name", None) or "").partition(".")[0] if isinstance(error, ModuleNotFoundError) else ""
    if module not in _EXTRAS:
        return None
    return ConfigurationError("packages-missing", module=module, extra=_EXTRAS[module])


def _usage(error: click.ClickException, shared: Shared) -> UsageError:
    """Say in our words what click found wrong with the arguments."""
    ctx = getattr(error, "ctx", None)
    facts: dict[str, Any] = {"command": ctx.command_path if ctx else "gsign", "why": error.format_message()}
    param = getattr(error, "param", None)
    if param is not None:
        facts["name"] = param.opts[-1] if param.param_type_name == "option" else param.make_metavar(ctx)
    if isinstance(error, click.NoSuchOption):
        return _no_such("option", error.option_name, error.possibilities, facts)
    if isinstance(error, click.NoSuchCommand):
        return _no_such("command", error.command_name, error.possibilities, facts)
    if isinstance(error, click.BadOptionUsage):
        code = "usage-value-extra" if "does not take" in error.message else "usage-value-missing"
        return UsageError(code, **facts, name=error.option_name)
    if isinstance(error, click.MissingParameter) and param is not None:
        return UsageError("usage-missing", **facts)
    if isinstance(error, click.BadParameter) and param is not None:
        return UsageError("usage-bad-value", **{**facts, "why": _needed(param.type, shared) or error.message})
    if ctx and isinstance(ctx.command, click.Group) and type(error) is click.UsageError:
        return UsageError("usage-missing", **{**facts, "name": "COMMAND"})
    if extra := _EXTRA.fullmatch(error.message):
        return UsageError("usage-extra", **facts, name=extra[1])
    return UsageError("usage", **facts)


def _needed(kind: Any, shared: Shared) -> str:
    """Say what kind of value is needed, which click says in English alone; empty where it is nothing of ours."""
    if isinstance(kind, click.Choice):
        return text(shared, "value-choice", values=", ".join(map(str, kind.choices)))
    if isinstance(kind, click.IntRange) and kind.max is None:
        return text(shared, "value-least", least=kind.min)
    if isinstance(kind, click.IntRange):
        return text(shared, "value-range", least=kind.min, most=kind.max)
    if isinstance(kind, click.FloatRange):
        return text(shared, "value-positive", most=kind.max)
    return text(shared, kind.needed) if hasattr(kind, "needed") else ""


def _no_such(kind: str, name: str, possibilities: Sequence[str] | None, facts: dict[str, Any]) -> UsageError:
    if possibilities:
        return UsageError(f"usage-no-such-{kind}-near", name=name, near=possibilities[0])
    return UsageError(f"usage-no-such-{kind}", name=name, **facts)


def _see_to_streams() -> None:
    """Make stdout and stderr take whatever is said, however the program was started."""
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            # Closed by the caller: the next file opened would get its number, and what is printed.
            setattr(sys, name, open(os.devnull, "r" if name == "stdin" else "w", encoding="utf-8"))  # noqa: SIM115
    if hasattr(sys.stdout, "reconfigure"):
        # An interrupt while a text stream hands on what it has gathered loses all of it; a binary one keeps it.
        cast("Any", sys.stdout).reconfigure(write_through=True)
    if sys.stdout.encoding.lower() != "utf-8" and hasattr(sys.stdout, "reconfigure"):
        # A locale without Vietnamese letters is no reason to end in the middle of a result.
        cast("Any", sys.stdout).reconfigure(errors="backslashreplace")


def _forget_stdout() -> None:
    # The interpreter flushes stdout once more on its way out, and would complain.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
