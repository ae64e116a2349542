"""Fixtures of the command line's tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.office import Desk
from tests.documents import Library
from tests.pki import Pki


@pytest.fixture
def desk(tmp_path: Path, pki: Pki, documents: Library) -> Desk:
    """A desk with nothing signed on it yet."""
    folder = tmp_path / "desk"
    folder.mkdir()
    return Desk(folder, pki, documents)
