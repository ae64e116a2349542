"""What tomllib says of a file that is no TOML, in Vietnamese: it says it in English alone."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["say_toml"]

_PLACED: Final = re.compile(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", re.DOTALL)
_NOT_UTF_8: Final = re.compile(r"'utf-8' codec can't decode bytes?( 0x[0-9a-f]+)? in position (\d+).*")
_SAID: Final = (
    (r"Cannot declare \((.+?),?\) twice", "bảng {0} khai báo hai lần"),
    ("Cannot (?:overwrite a value|mutate immutable namespace.*|redefine namespace.*)", "khóa đã có giá trị từ trước"),
    ("Duplicate inline table key (.+)", "khóa {0} có hai lần"),
    ("Escaped character is not a Unicode scalar value", "ký tự thoát không phải là ký tự Unicode"),
    ("Expected '=' after a key in a key/value pair", "thiếu dấu = sau tên khóa"),
    ("Expected ']' at the end of a table declaration", "thiếu ] ở cuối tên bảng"),
    ("Expected ']]' at the end of an array declaration", "thiếu ]] ở cuối tên bảng"),
    ("Expected newline or end of document after a statement", "sau giá trị phải xuống dòng"),
    ("Expected (.+)", "thiếu {0}"),
    ("(?:Found invalid|Illegal) character (.+)", "có ký tự {0} không được phép"),
    ("Invalid date or datetime", "ngày giờ không hợp lệ"),
    ("Invalid hex value", "mã ký tự thập lục phân không hợp lệ"),
    ("Invalid initial character for a key part", "tên khóa bắt đầu bằng ký tự không được phép"),
    ("Invalid statement", "dòng không phải là khóa = giá trị, cũng không phải là [bảng]"),
    ("Invalid value", "giá trị không hợp lệ"),
    ("Unclosed array", "danh sách thiếu ] ở cuối"),
    ("Unclosed inline table", "bảng trong dòng thiếu } ở cuối"),
    (r"Unescaped '\\' in a string", r"dấu \ trong chuỗi ký tự phải viết là \\"),
    ("Unterminated string", "chuỗi ký tự thiếu dấu ngoặc kép ở cuối"),
)


def say_toml(text: str) -> str | None:
    """Say in Vietnamese why, and where, a file is no TOML; None where a text says nothing of the kind."""
    if found := _NOT_UTF_8.fullmatch(text):
        return f"octet{found[1] or ''} ở vị trí {found[2]} không phải là mã UTF-8"
    placed = _PLACED.fullmatch(text)
    if placed is None:
        return None
    why, line, column = placed.groups()
    for pattern, words in _SAID:
        if said := re.fullmatch(pattern, why):
            # A name comes in quotes, and one of several parts with each of them in quotes.
            named = said[1].replace("', '", ".").strip("'") if said.re.groups else ""
            why = words.replace("{0}", named)
            break
    return f"{why} (dòng {line}, cột {column})" if line else f"{why} (cuối tệp)"
