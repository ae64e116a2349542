"""The README's commands, code and exit codes, held against the program."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest

from gsign import errors
from gsign.config import load
from tests.cli.office import Desk
from tests.softhsm import PIN

_ROOT = Path(__file__).parents[2]
_README = (_ROOT / "README.md").read_text(encoding="utf-8")
_BLOCKS = re.findall(r"```(\w+)\n(.*?)```", _README, re.DOTALL)


def commands(program: str) -> list[list[str]]:
    lines = "".join(text for language, text in _BLOCKS if language == "shell").splitlines()
    return [words for line in lines if (words := shlex.split(line, comments=True))[:1] == [program]]


@pytest.fixture
def office(desk: Desk) -> Desk:
    desk.document("one-page", "quyet-dinh.pdf")
    desk.token()
    text = f'[token]\nmodule = "{desk.office.module}"\npin_file = "pin"\n[trust]\nanchors = ["ca.pem"]\n'
    load(desk.write("gsign.toml", text))
    return desk


def test_the_shell_lines_work_as_they_stand(office: Desk) -> None:
    lines = commands("gsign")
    assert [line[1] for line in lines] == ["token", "sign", "verify"]
    for line in lines:
        run = office.run(*line[1:])
        assert run.code == 0, f"{line}\n{run.err}{run.out}"


def test_the_python_lines_work_as_they_stand(office: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    (code,) = (text for language, text in _BLOCKS if language == "python")
    monkeypatch.chdir(office.folder)
    monkeypatch.setenv(*office.office.setting)
    names: dict[str, object] = {"ask": lambda: PIN}
    exec(compile(code, "README.md", "exec"), names)
    assert names["signed"].startswith(b"%PDF-")


def test_make_lists_the_targets_that_the_readme_names() -> None:
    listed = subprocess.run(["make", "-s"], cwd=_ROOT, capture_output=True, text=True, check=True).stdout
    targets = set(re.findall(r"^  make (\w+)", listed, re.MULTILINE))
    assert targets == {"venv", "demo", "test", "check", "bench", "docs"}
    assert {line[1] for line in commands("make")} == {"demo", "test"}
    assert set(re.findall(r"`make (\w+)`", _README)) <= targets


def test_ci_runs_the_test_command_and_nothing_else() -> None:
    script = (_ROOT / ".ci/run").read_text(encoding="utf-8").splitlines()
    assert script[1:] == ["set -euo pipefail", 'cd "$(dirname "$0")/.."', "make test"]


def test_the_exit_code_table_is_that_of_the_errors() -> None:
    table = {int(code) for code in re.findall(r"^\| (\d) \|", _README, re.MULTILINE)}
    raised = {kind.exit_code for name in errors.__all__ if isinstance(kind := getattr(errors, name), type)}
    assert table == raised | {0, 3, 4}


def test_every_link_leads_somewhere() -> None:
    for file in [_ROOT / "README.md", *(_ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)", file.read_text(encoding="utf-8")):
            if not re.match(r"https?:", target):
                assert (file.parent / target).exists(), f"{file.relative_to(_ROOT)}: {target}"
