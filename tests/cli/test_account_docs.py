"""The lines of the manual on ledger and reports, run as they stand; and what the report says on a command line."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from gsign.cli.auditing_report import named_without_login
from gsign.config import load
from gsign.sentences.compliance import ERRORS
from tests.cli.office import Desk
from tests.ledger_year import AGENCIES, entries_of, fill

_DOCS = Path(__file__).parents[2] / "docs"
_MANUALS = [_DOCS / "en" / "account.md", _DOCS / "vi" / "so-va-bao-cao.md"]
_KEY = "pkcs11:token=VP;object=van-thu"


def blocks(manual: Path, language: str) -> str:
    text = manual.read_text(encoding="utf-8")
    return "".join(re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL))


@pytest.fixture
def office(desk: Desk) -> Desk:
    desk.token()
    fill(f"sqlite:///{desk.folder}/so.db", entries_of(600))
    text = f'[token]\nmodule = "{desk.office.module}"\npin_file = "pin"\n[trust]\nanchors = ["ca.pem"]\n'
    text += f'[ledger]\nurl = "sqlite:///{desk.folder}/so.db"\n[[agency]]\nname = "{AGENCIES[1]}"\n'
    load(desk.write("gsign.toml", f'{text}domains = ["snv.hungyen.gov.vn"]\nofficials = 120\n'))
    return desk


@pytest.mark.parametrize("manual", _MANUALS, ids=lambda path: path.parent.name)
def test_the_shell_lines_work_as_they_stand(office: Desk, manual: Path) -> None:
    lines = [shlex.split(line, comments=True) for line in blocks(manual, "shell").splitlines()]
    assert {line[2] for line in lines if line[:2] == ["gsign", "audit"]} == {
        *("log", "report", "verify", "checkpoint", "export", "import", "seal")
    }
    for line in lines:
        if line[0] == "mkdir":
            (office.folder / line[-1]).mkdir()
            continue
        run = office.run(*line[1:])
        assert run.code == 0, f"{line}\n{run.err}{run.out}"
    for name in ("quy-3.html", "thang-9.csv", "nam-2026.pdf", "bao-cao.pdf"):
        assert (office.folder / name).stat().st_size > 200


@pytest.mark.parametrize("manual", _MANUALS, ids=lambda path: path.parent.name)
def test_the_configuration_is_one(manual: Path, tmp_path: Path) -> None:
    (tmp_path / "gsign.toml").write_text(blocks(manual, "toml"), encoding="utf-8")
    configuration = load(tmp_path / "gsign.toml")
    assert configuration.agency[0].officials == 120
    assert configuration.ledger is not None


@pytest.mark.parametrize("manual", _MANUALS, ids=lambda path: path.parent.name)
def test_the_errors_are_those_of_the_program(manual: Path) -> None:
    named = set(
        re.findall(r"^\| `(period-[a-z-]+|report-[a-z-]+)` \|", manual.read_text(encoding="utf-8"), re.MULTILINE)
    )
    assert named <= ERRORS.keys()


def test_a_report_that_was_signed_is_verified_and_names_its_officials(office: Desk) -> None:
    run = office.run("audit", "report", "--period", "2026", "-o", "r.pdf", "--key", _KEY)
    assert run.code == 0, run.err
    verified = json.loads(office.run("verify", "--json", "r.pdf").out)
    assert verified["indication"] == "TOTAL_PASSED"
    (line,) = office.run("audit", "report", "--period", "2026", "--json").out.splitlines()
    found = json.loads(line)
    (known,) = [row for row in found["rows"] if row["officials_registered"]]
    assert (known["agency"], known["officials_registered"]) == (AGENCIES[1], 120)
    # The report's own signature is in the ledger, beside those that were made up.
    assert {"sign", "verify-document"} <= {served["act"] for served in found["services"]}


@pytest.mark.parametrize(
    "arguments, code, said",
    [
        (["--period", "2026-H3"], 2, "2026-Q3"),
        (["--period", "2019"], 6, "gsign audit log"),
        (["--period", "2026", "-o", "r.docx"], 2, "--format"),
        (["--period", "2026", "--format", "pdf"], 2, "-o"),
        (["--period", "2026", "--format", "html", "--key", "pkcs11:"], 2, "--format pdf"),
        (["--period", "2026", "--ledger", "nowhere.db"], 6, "nowhere.db"),
        (["--period", "2026", "--format", "table", "-o", "r.txt"], 2, "--format"),
        (["--period", "2026", "-o", "so.db", "--format", "csv"], 2, "so.db"),
    ],
)
def test_what_cannot_be_is_said_with_what_to_do(office: Desk, arguments: list[str], code: int, said: str) -> None:
    run = office.run("audit", "report", *arguments)
    assert (run.code, run.out) == (code, "")
    assert said in run.err
    assert "hint:" in run.err or "gợi ý:" in run.err
    assert not (office.folder / "r.docx").exists()


@pytest.mark.parametrize(
    "url, named",
    [
        ("sqlite:////var/lib/gsign/ledger.db", "sqlite:////var/lib/gsign/ledger.db"),
        ("postgresql://gsign:s3cret@db.example.vn:5433/so", "postgresql://db.example.vn:5433/so"),
        ("postgresql://db.example.vn/so?user=gsign&password=s3cret", "postgresql://db.example.vn/so"),
        ("postgresql://gsign:a@s3cret@/so?host=/run/postgresql", "postgresql:///so"),
    ],
)
def test_the_source_is_named_without_who_logs_in(url: str, named: str) -> None:
    assert named_without_login(url) == named


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_the_terminal_gets_the_table_that_was_asked_for(office: Desk, lang: str) -> None:
    run = office.run("audit", "report", "--period", "2026-Q3", "--by", "kind", "--lang", lang)
    assert " %" in run.out
    assert "\N{REPLACEMENT CHARACTER}" not in run.out
    assert run.code == 0, run.err
    assert ("Lịch công tác" if lang == "vi" else "Schedule") in run.out
    assert str(office.folder / "so.db") in run.out
    assert re.search(r"[0-9a-f]{64}", run.out)
    assert "\x1b[" not in run.out
