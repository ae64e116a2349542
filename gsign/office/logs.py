"""The relay's log: a line for each event, for people, or a JSON object for programs; never content of messages."""

from __future__ import annotations

import json
import logging
import os
import sys
from datetime import datetime
from typing import Any, TextIO

from gsign.result import VIETNAM
from gsign.sentences import printable

__all__ = ["begin_log"]


class _Lines(logging.Formatter):
    def __init__(self) -> None:
        super().__init__("gsign: %(levelname)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the base class's name
        # Names may come from strangers: a line is a line.
        return printable(super().formatMessage(record))


class _Objects(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, VIETNAM).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "process": os.getpid(),
            "message": record.getMessage(),
            **getattr(record, "facts", {}),
        }
        if record.exc_info:
            told["trace"] = self.formatException(record.exc_info)
        line = json.dumps(told, ensure_ascii=False, default=str)
        # JSON lets stand what some readers end lines at, and what turns text around on a screen.
        return printable(line, lambda character: json.dumps(character)[1:-1])


def begin_log(level: int, *, as_json: bool, stream: TextIO | None = None) -> None:
    """Send what the relay logs to standard error.

    Args:
        level: of `logging`, for our own events; libraries are heard where they warn.
        as_json: whether each line is a JSON object: `time`, `level`, `process`, `event`, `message`, and its facts.
        stream: instead of standard error.
    """
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_Objects() if as_json else _Lines())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("gsign").setLevel(level)
