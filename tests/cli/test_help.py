"""`--help` speaks the user's language, for every command and option there is."""

from __future__ import annotations

from collections.abc import Iterator

import click
import pytest

from gsign.cli.helping import texts_of
from gsign.cli.main import _cli, main
from gsign.sentences.help import VIETNAMESE


def commands(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        ctx = click.Context(command)
        for name in command.list_commands(ctx):
            found = command.get_command(ctx, name)
            assert found is not None
            yield from commands(found, (*path, name))


ALL = dict(commands(_cli))


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_every_text_of_the_help_is_known_in_vietnamese(path: tuple[str, ...]) -> None:
    command = ALL[path]
    lines = [line for _, line in command.lines()] if hasattr(command, "lines") else []
    assert [text for text in (*texts_of(command), *lines) if " ".join(text.split()) not in VIETNAMESE] == []


@pytest.mark.parametrize("words", [["--lang", "vi", "sign", "--help"], ["sign", "-h", "--lang=vi"]])
def test_help_is_vietnamese_wherever_the_language_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    assert main(words) == 0
    out = capsys.readouterr().out
    assert "Cách dùng: gsign sign [OPTIONS] FILE...\n" in out
    assert "Ký văn bản PDF bằng khóa trên token." in out
    assert "[1<=x<=64]" in out
    assert "Show this message" not in out


def test_help_is_english_where_the_locale_is(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    assert main(["trust", "--help"]) == 0
    out = capsys.readouterr().out
    assert "Usage: gsign trust [OPTIONS] COMMAND [ARGS]...\n" in out
    # In full: what click cuts ends in three points.
    assert "..." not in out.partition("Commands:")[2]


def test_a_group_without_a_command_says_its_help_and_is_no_success(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trust", "--lang", "vi"]) == 2
    assert main(["--lang", "vi", "trust"]) == 2
    assert "Lệnh:" in capsys.readouterr().err


def test_words_of_the_system_are_said_in_vietnamese(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "not-there.pdf", "--lang", "vi"]) == 6
    err = capsys.readouterr().err
    assert "không có tệp hoặc thư mục này" in err
    assert "No such file" not in err
