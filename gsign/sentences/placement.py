"""Sentences about places that the text of a document does not tell for certain."""

from __future__ import annotations

from typing import Final

from gsign.sentences import Sentence

__all__ = ["ERRORS"]

_HINT_VI: Final = (
    "tự chỉ vị trí bằng --at TRANG,X,Y[,RỘNG,CAO] (điểm, từ góc dưới bên trái của trang); "
    "dùng --preview ẢNH.png để xem trước khi ký"
)
_HINT_EN: Final = (
    "say where with --at PAGE,X,Y[,W,H] (points, from the lower-left corner of the page); "
    "look at it with --preview IMAGE.png before signing"
)

ERRORS: Final[dict[str, Sentence]] = {
    "place-not-found": Sentence(
        vi="không tìm thấy vị trí ký theo “{sought}”: {cause} (đã thấy: {found})",
        en="no place is found by “{sought}”: {cause} (found: {found})",
        hint_vi=_HINT_VI,
        hint_en=_HINT_EN,
    ),
    "place-uncertain": Sentence(
        vi="không chắc chắn về vị trí ký theo “{sought}”: {cause} (đã thấy: {found})",
        en="the place by “{sought}” is not certain: {cause} (found: {found})",
        hint_vi=_HINT_VI,
        hint_en=_HINT_EN,
    ),
    "place-taken": Sentence(
        vi="không đặt được vào vị trí theo “{sought}”: {cause} (đã thấy: {found})",
        en="the place by “{sought}” cannot be used: {cause} (found: {found})",
        hint_vi=_HINT_VI,
        hint_en=_HINT_EN,
    ),
}
