"""The tables of a ledger made, or brought up to date where they are of an older form (alembic)."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from gsign.audit.rows import REVISION
from gsign.audit.schema import METADATA
from gsign.audit.sqlite_file import make_durable
from gsign.errors import ConfigurationError

__all__ = ["bring_up", "open_engine"]

_FIRST_FORM: Final = "r0001"
"""What a ledger has whose tables were made before there were revisions."""
_LOCK: Final = 0x6773696764
"""Number of the lock that one migration at a time holds on a server: any, but the same for all."""


def open_engine(url: str) -> Engine:
    """Open a ledger for SQLAlchemy.

    Args:
        url: `sqlite:///…` or `postgresql://…`.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed.set(drivername="postgresql+psycopg"), poolclass=NullPool)
    engine = create_engine(parsed, poolclass=NullPool)
    event.listen(engine, "connect", make_durable)
    return engine


def bring_up(url: str) -> None:
    """Make the tables of a ledger, or bring them up to date; all of it or nothing. For one process at a time.

    Raises:
        ConfigurationError: `ledger-newer`: a later gsign has been here.
        SQLAlchemyError: it cannot be done.
    """
    engine = open_engine(url)
    event.listen(engine, "begin", _begin)
    try:
        with engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            _migrate(connection)
    finally:
        engine.dispose()


def _begin(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _migrate(connection: Connection) -> None:
    scripts = ScriptDirectory.from_config(_config())
    context = MigrationContext.configure(connection)
    revision = context.get_current_revision()
    if revision is not None and revision not in {script.revision for script in scripts.walk_revisions()}:
        raise ConfigurationError("ledger-newer", revision=revision, known=REVISION)
    if revision is None and inspect(connection).has_table("entry"):
        context.stamp(scripts, _FIRST_FORM)

    def upgrade(current: object, _: MigrationContext) -> object:
        return scripts._upgrade_revs(REVISION, current)  # type: ignore[arg-type]  # noqa: SLF001 - as alembic.command does

    with EnvironmentContext(_config(), scripts, fn=upgrade, destination_rev=REVISION) as environment:
        environment.configure(connection=connection, target_metadata=METADATA)
        environment.run_migrations()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    return config
