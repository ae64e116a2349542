"""Nothing is left out unseen: where CI is set, a test that skips itself or is expected to fail fails."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).parents[2]
_FORMS = {
    "mark": "import pytest\n@pytest.mark.skip(reason='no')\ndef test_it(): pass\n",
    "inside": "import pytest\ndef test_it(): pytest.skip('no')\n",
    "xfail": "import pytest\n@pytest.mark.xfail(reason='no')\ndef test_it(): assert False\n",
    "module": "import pytest\npytest.importorskip('there_is_no_such_module')\ndef test_it(): pass\n",
    "ordinary": "def test_it(): pass\n",
}


def _failures(folder: Path, *, ci: bool) -> set[str]:
    """Return which of the forms fail."""
    environment = {name: value for name, value in os.environ.items() if name != "CI"} | ({"CI": "1"} if ci else {})
    command = [sys.executable, "-m", "pytest", "-q", "-rfE", "-p", "tests.conftest", "--continue-on-collection-errors"]
    arguments = ["--rootdir", str(folder), str(folder)]
    done = subprocess.run(
        [*command, *arguments], cwd=_ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert "1 passed" in done.stdout, done.stdout + done.stderr
    return set(re.findall(r"^(?:FAILED|ERROR) .*?test_(\w+)\.py", done.stdout, re.MULTILINE))


def test_what_is_left_out_fails_in_ci_alone(tmp_path: Path) -> None:
    for name, text in _FORMS.items():
        (tmp_path / f"test_{name}.py").write_text(text)
    assert _failures(tmp_path, ci=True) == {"mark", "inside", "xfail", "module"}
    assert _failures(tmp_path, ci=False) == set()
