"""Errors of gsign: one root, a stable code, a hint, and whether trying again later helps.

An error carries a code and facts; the sentences for people, Vietnamese and English, are looked up from the code in
`gsign.sentences`, so that nothing worded for a person is scattered through the code.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar

__all__ = [
    "ConfigurationError",
    "DecisionNeededError",
    "GsignError",
    "InputError",
    "NoSignatureError",
    "OtherKeyError",
    "TemporaryError",
    "TokenError",
    "UsageError",
    "VerificationError",
    "word_of",
]

_Word = TypeVar("_Word", bound=StrEnum)


class GsignError(Exception):
    """Carry a kebab-case `code` and the facts that its sentence names.

    Args:
        code: stable identifier, looked up in `gsign.sentences`.
        temporary: whether the same action may succeed later; None takes the class's default.
        facts: values for the placeholders of the sentence. Never a PIN, key material or document content.
    """

    exit_code = 6
    default_temporary = False

    def __init__(self, code: str, *, temporary: bool | None = None, **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts
        self.temporary = self.default_temporary if temporary is None else temporary

    def sentence(self, lang: str = "en") -> str:
        """Say what happened, in `vi` or `en`."""
        from gsign.sentences import error_sentence

        return error_sentence(self.code, lang, self.facts)

    def advice(self, lang: str = "en") -> str:
        """Say what to do about it, in `vi` or `en`; empty where there is nothing to say."""
        from gsign.sentences import error_advice

        return error_advice(self.code, lang, self.facts)

    @property
    def hint(self) -> str:
        """The English advice."""
        return self.advice("en")

    def __str__(self) -> str:
        return self.sentence("en")

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.code, self.temporary, self.facts))


def _rebuild(kind: type[GsignError], code: str, temporary: bool, facts: dict[str, object]) -> GsignError:
    return kind(code, temporary=temporary, **facts)


class VerificationError(GsignError):
    """A signature or document is not TOTAL_PASSED."""

    exit_code = 1


class UsageError(GsignError):
    """The arguments are off."""

    exit_code = 2


def word_of(kind: type[_Word], value: object, code: str) -> _Word:
    """Return the word of a closed list that somebody wrote.

    Raises:
        UsageError: `code`, naming the words that there are.
    """
    try:
        return kind(str(value))
    except ValueError:
        raise UsageError(code, value=value, known=", ".join(kind)) from None


class DecisionNeededError(UsageError):
    """A decision is needed that only a person can take, such as where a signature stands."""


class TokenError(GsignError):
    """Token, key or PIN."""

    exit_code = 5


class OtherKeyError(GsignError):
    """Something is encrypted to a key that is not here; unlike a `TokenError`, that says nothing of the next thing."""

    exit_code = 5


class InputError(GsignError):
    """An input cannot be read, or an output cannot be written."""

    exit_code = 6


class NoSignatureError(InputError):
    """A document has no signature where one is needed."""

    exit_code = 3


class TemporaryError(GsignError):
    """Something outside did not answer: TSA, OCSP, CRL, next hop."""

    exit_code = 7
    default_temporary = True


class ConfigurationError(GsignError):
    """The configuration is off."""

    exit_code = 8
