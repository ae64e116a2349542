"""The look of a `plain` signature: who, with which mailbox, of which agency, when; and an image, if there is one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from gsign.appearance.stamp import text_stamp
from gsign.errors import UsageError
from gsign.result import SignerInfo
from gsign.syntax.objects import Stream

__all__ = ["plain_lines", "plain_stamp"]

Lines = tuple[str, ...]


def plain_stamp(
    lines: Lines, width: float, height: float, *, image: bytes | None = None, soft_mask: bool = True
) -> Stream:
    """Draw as much of a plain signature as its box has room for.

    A field that is too small for all lines shows fewer of them, since its size is not the signer's to choose: who and
    when, then who alone, then the image alone.

    Args:
        lines: what `plain_lines` returned.
        width: of the box in points.
        height: likewise.
        image: content of a PNG file.
        soft_mask: see `stamp.text_stamp`.

    Raises:
        UsageError: `appearance-too-small` where not even that has room.
    """
    for fewer in _fewer(lines, has_image=image is not None):
        try:
            return text_stamp(fewer, width, height, image=image, soft_mask=soft_mask)
        except UsageError as error:
            if error.code != "appearance-too-small":
                raise
    return text_stamp(lines, width, height, image=image, soft_mask=soft_mask)


def _fewer(lines: Lines, *, has_image: bool) -> Iterator[Lines]:
    yield lines
    yield (lines[0], lines[-1])
    yield lines[:1]
    yield (lines[0].partition(": ")[2],)
    if has_image:
        yield ()


def plain_lines(
    signer: SignerInfo, moment: datetime, *, reason: str | None = None, location: str | None = None
) -> Lines:
    """Return the lines in the order and words of the tool that clerks know; what a certificate lacks is left out.

    Args:
        signer: who signs.
        moment: when, in the zone that is to be shown.
        reason: why, if said.
        location: where, if said.
    """
    said = (
        ("Người ký", signer.name),
        ("Email", signer.email),
        ("Cơ quan", signer.organisation),
        ("Lý do", reason),
        ("Nơi ký", location),
        ("Thời gian ký", moment.isoformat(timespec="seconds")),
    )
    return tuple(f"{label}: {value}" for label, value in said if value)
