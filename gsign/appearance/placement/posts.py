"""Post titles above a signature, as Decree 30/2020, Appendix I, part I, II.7 has them written."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Final

from gsign.appearance.placement.folding import fold

__all__ = ["is_note", "is_post", "says_signed"]

_BY: Final = ("TM.", "T.M", "KT.", "K.T", "TL.", "T.L", "TUQ.", "T.U.Q", "Q.", "Thừa lệnh", "Thừa ủy quyền", "Thay mặt")
_POSTS: Final = (
    "Chủ tịch", "Phó Chủ tịch", "Giám đốc", "Phó Giám đốc", "Tổng Giám đốc", "Phó Tổng Giám đốc", "Bí thư",
    "Phó Bí thư", "Thường trực", "Trưởng", "Phó Trưởng", "Chánh", "Phó Chánh", "Thủ trưởng", "Phó Thủ trưởng",
    "Thủ tướng", "Phó Thủ tướng", "Bộ trưởng", "Thứ trưởng", "Tổng cục trưởng", "Cục trưởng", "Phó Cục trưởng",
    "Phó Tổng cục trưởng", "Vụ trưởng", "Phó Vụ trưởng", "Viện trưởng", "Phó Viện trưởng", "Chi cục trưởng",
    "Phó Chi cục trưởng", "Hiệu trưởng", "Phó Hiệu trưởng", "Hạt trưởng", "Đội trưởng", "Phó Đội trưởng", "Tổ trưởng",
    "Tổ phó", "Nhóm trưởng", "Hội trưởng", "Ủy viên", "Uỷ viên", "Chủ nhiệm", "Phó Chủ nhiệm", "Thư ký", "Tổng thư ký",
    "Kế toán", "Thủ quỹ", "Thủ kho", "Văn thư", "Chủ tọa", "Chủ toạ", "Chủ trì", "Chủ đầu tư", "Chủ tài khoản",
    "Thẩm phán", "Kiểm sát viên", "Chấp hành viên", "Công chứng viên", "Trọng tài", "Thanh tra", "Kiểm toán",
    "Chỉ huy trưởng", "Chỉ huy phó", "Tư lệnh", "Phó Tư lệnh", "Chính ủy", "Chính uỷ", "Chính trị viên", "Đại diện",
    "Người", "Chuyên viên", "Cán bộ", "Lãnh đạo", "Phụ trách", "Quyền", "Điều hành", "Tổng biên tập",
    "Phó Tổng biên tập",
    "Đại sứ", "Tổng lãnh sự", "Lãnh sự", "Bên A", "Bên B", "Bên giao", "Bên nhận", "Chủ hộ", "Giám hộ", "Thành viên",
    "Phó Trưởng ban", "Phó ban", "Phó phòng", "Trạm trưởng", "Quản đốc", "Tổng Bí thư", "Chứng thực", "Xác nhận",
)  # fmt: skip
# Capitals that are no post though they stand alone.
_NO_POSTS: Final = (
    "Cộng hòa xã hội", "Độc lập", "Đảng Cộng sản", "Nơi nhận", "Quyết định", "Quyết nghị", "Nghị quyết", "Phụ lục",
    "Danh sách", "Mẫu số", "Kính gửi", "Kính trình", "Biên bản", "Tờ trình", "Báo cáo", "Thông báo", "Giấy mời",
    "Lịch công tác", "Kế hoạch", "Chương trình", "Công điện", "Hợp đồng", "Ghi chú", "STT", "Họ và tên", "Họ tên",
    "Chức vụ", "Chức danh", "Đơn vị", "Cơ quan", "Nội dung", "Chữ ký", "Ký tên", "Ký nhận", "Thành phần", "Đại biểu",
    "Kết luận",
)  # fmt: skip
_LONGEST: Final = 90
_CAPITALS: Final = re.compile(r"(?:[^\W\d_]|[\s.,()/&–-])+")


def is_post(text: str) -> bool:
    """Whether a line by itself is a post title, or names on whose behalf somebody signs."""
    folded = fold(text)
    if not folded or len(text) > _LONGEST or folded.startswith(_folded(_NO_POSTS)):
        return False
    if folded.endswith((";", "./.", ".", ",")):
        return folded.startswith(_folded(_BY)) and not folded.endswith((";", ","))
    if folded.startswith((*_folded(_BY), *_folded(_POSTS))):
        return True
    composed = unicodedata.normalize("NFC", text)
    return _CAPITALS.fullmatch(composed) is not None and composed.upper() == composed and len(folded) > 2


def is_note(text: str) -> bool:
    """Whether a line tells how to sign: "(Ký, ghi rõ họ tên)"."""
    text = text.strip()
    return text.startswith("(") and text.endswith(")") and not says_signed(text)


def says_signed(text: str) -> bool:
    """Whether a line says that somebody has signed: "(Đã ký)"."""
    return "đaky" in fold(text).replace("\u0303", "").replace("\u0301", "")


@cache
def _folded(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(fold, words))
