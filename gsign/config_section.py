"""Sections of gsign.toml: frozen classes whose attributes are declared once, with how each is read and shown.

What type checkers know as dataclasses, without the milliseconds that the real ones take to be made at every start.
"""

from __future__ import annotations

from typing import Any, ClassVar, Final, dataclass_transform

from gsign.config_kinds import Kind

__all__ = ["Key", "Section", "table", "tables", "value"]

_MUST_BE_GIVEN: Final = object()


class Key:
    """A declared key: a value of some kind, a table, or an array of tables."""

    __slots__ = ("attribute", "default", "example", "is_array", "kind", "section")

    def __init__(
        self,
        default: Any,
        *,
        kind: Kind | None = None,
        example: str = "",
        section: type[Section] | None = None,
        is_array: bool = False,
    ) -> None:
        self.attribute = ""
        self.default = default
        self.kind: Any = kind
        self.example = example
        self.section = section
        self.is_array = is_array

    @property
    def name(self) -> str:
        """Its name in the file; `from` is a word of Python's own."""
        return self.attribute.removesuffix("_")

    @property
    def is_compulsory(self) -> bool:
        """Whether the file must have it."""
        return self.default is _MUST_BE_GIVEN

    def __set_name__(self, owner: type[Section], name: str) -> None:
        self.attribute = name


def value(kind: Kind, example: str, *, default: Any = _MUST_BE_GIVEN) -> Any:
    """Declare a value that `kind` reads; `example` is shown as it stands in TOML. No default: compulsory."""
    return Key(default, kind=kind, example=example)


def table(section: type[Section], *, default: Any) -> Any:
    """Declare a table."""
    return Key(default, section=section)


def tables(section: type[Section], *, default: Any) -> Any:
    """Declare an array of tables."""
    return Key(default, section=section, is_array=True)


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(value, table, tables))
class Section:
    """Base of sections: takes its keys by name, fills in defaults, and does not change any more."""

    declared: ClassVar[dict[str, Key]]

    def __init_subclass__(cls) -> None:
        cls.declared = {name: item for name, item in vars(cls).items() if isinstance(item, Key)}

    def __init__(self, **values: Any) -> None:
        own = vars(self)
        own.update({name: declared.default for name, declared in self.declared.items()})
        own.update(values)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__}.{name} is frozen")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={item!r}' for name, item in vars(self).items())})"
