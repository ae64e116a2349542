"""What the manual says of the policy is what the program has."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gsign.config import load
from gsign.mail.policy import _REQUIREMENTS, Action, Decision, Reason
from gsign.sentences.relay import REASONS

DOCS = Path(__file__).parents[2] / "docs"
MANUALS = [DOCS / "en" / "policy.md", DOCS / "vi" / "chinh-sach-thu.md"]


@pytest.mark.parametrize("manual", MANUALS, ids=lambda path: path.parent.name)
def test_every_reason_has_its_code_and_every_requirement_its_meaning(manual: Path) -> None:
    rows = dict(re.findall(r"^\| `([a-z-]+)` \| ([45]\.\d\.\d) \|", manual.read_text(encoding="utf-8"), re.MULTILINE))
    assert rows.keys() == REASONS.keys()
    later = {"message-not-judged"}
    codes = {id_: Decision(Action.REJECT, "", (Reason(id_),)).enhanced for id_ in rows.keys() - later}
    assert {id_: code for id_, code in rows.items() if id_ not in later} == codes
    assert set(re.findall(r"^\| `([a-z-]+)` \| (?![45]\.)", manual.read_text(encoding="utf-8"), re.MULTILINE)) >= set(
        _REQUIREMENTS
    )


@pytest.mark.parametrize("manual", MANUALS, ids=lambda path: path.parent.name)
def test_the_rule_to_begin_with_refuses_nothing(manual: Path, tmp_path: Path) -> None:
    found = re.search(r"<!-- watching -->\n```toml\n(.*?)```", manual.read_text(encoding="utf-8"), re.DOTALL)
    assert found
    (tmp_path / "gsign.toml").write_text(found[1], encoding="utf-8")
    policy = load(tmp_path / "gsign.toml").policy
    assert policy is not None
    assert (policy.default, [rule.otherwise for rule in policy.rule]) == ("warn", ["warn"])
