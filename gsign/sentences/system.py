"""What the system says of a file or connection, and SQLite of a ledger, in Vietnamese: they speak English alone."""

from __future__ import annotations

import errno
import os
from functools import cache
from typing import Final

from gsign.sentences.toml import say_toml

__all__ = ["say_system"]

_VIETNAMESE: Final = {
    errno.EACCES: "không có quyền truy cập",
    errno.EADDRINUSE: "địa chỉ đang được chương trình khác dùng",
    errno.EADDRNOTAVAIL: "máy này không có địa chỉ đó",
    errno.ECONNABORTED: "kết nối bị ngắt",
    errno.ECONNREFUSED: "máy chủ từ chối kết nối",
    errno.ECONNRESET: "máy chủ ngắt kết nối",
    errno.EDQUOT: "hết hạn mức đĩa",
    errno.EEXIST: "tệp đã có",
    errno.EFBIG: "tệp quá lớn",
    errno.EHOSTUNREACH: "không tới được máy chủ",
    errno.EINVAL: "giá trị không hợp lệ",
    errno.EIO: "lỗi đọc ghi của thiết bị lưu trữ",
    errno.EISDIR: "đó là thư mục",
    errno.ELOOP: "quá nhiều liên kết tượng trưng",
    errno.EMFILE: "mở quá nhiều tệp",
    errno.ENAMETOOLONG: "tên tệp quá dài",
    errno.ENETUNREACH: "không có đường mạng tới đó",
    errno.ENFILE: "hệ thống mở quá nhiều tệp",
    errno.ENOENT: "không có tệp hoặc thư mục này",
    errno.ENOEXEC: "không phải tệp chạy được",
    errno.ENOMEM: "hết bộ nhớ",
    errno.ENOSPC: "hết chỗ trên đĩa",
    errno.ENOTCONN: "chưa kết nối",
    errno.ENOTDIR: "đường dẫn đi qua một tệp không phải thư mục",
    errno.ENOTEMPTY: "thư mục không rỗng",
    errno.ENXIO: "không có thiết bị này",
    errno.EPERM: "không được phép",
    errno.EPIPE: "bên kia đã đóng kết nối",
    errno.EROFS: "hệ thống tệp chỉ cho đọc",
    errno.ETIMEDOUT: "quá thời gian chờ",
    errno.ETXTBSY: "tệp đang được chạy",
    errno.EXDEV: "khác hệ thống tệp",
}

_SQLITE: Final = {
    "attempt to write a readonly database": "tệp sổ chỉ cho đọc",
    "database disk image is malformed": "tệp sổ bị hỏng",
    "database is locked": "chương trình khác đang giữ sổ",
    "database or disk is full": "hết chỗ trên đĩa",
    "disk I/O error": "lỗi đọc ghi đĩa, có thể hết chỗ",
    "file is not a database": "tệp không phải là cơ sở dữ liệu",
    "unable to open database file": "không mở được tệp sổ",
}


_OWN: Final = {
    "invalid ELF header": "tệp không phải là thư viện chương trình (ELF)",
    "not opened in binary mode": "chưa mở ở chế độ nhị phân",
    "not a regular file": "không phải là tệp thông thường",
}


@cache
def _table() -> dict[str, str]:
    return {os.strerror(number): words for number, words in _VIETNAMESE.items()} | _SQLITE | _OWN


def say_system(text: str) -> str:
    """Say in Vietnamese what the system has said within a text; the rest stays as it is."""
    if told := say_toml(text):
        return told
    for english, vietnamese in _table().items():
        if english in text:
            text = text.replace(english, vietnamese)
    return text
