"""Words of the ledger's entries, as people read them: what happened, what was done, what came of it."""

from __future__ import annotations

from typing import Final

from gsign.sentences import Sentence

__all__ = ["WORDS"]

_KINDS: Final = {
    "decided": "quyết định về thư",
    "done": "đã xử lý thư",
    "forwarded": "đã chuyển tiếp",
    "refused": "đã từ chối",
    "held": "đã giữ lại",
    "releasing": "bắt đầu cho đi",
    "released": "đã cho đi",
    "rejecting": "bắt đầu trả lại",
    "rejected": "đã trả lại",
    "signed": "đã ký",
    "verified": "đã kiểm tra",
    "encrypted": "đã mã hóa",
    "decrypted": "đã giải mã",
    "appeared": "tệp đã xuất hiện",
    "administered": "việc quản trị",
    "anchored": "ghi mốc của các chuỗi khác",
    "opened": "mở sổ",
    "checkpoint": "điểm kiểm",
    "sealed": "niêm phong",
}
_ACTS: Final = {
    "sign": "ký văn bản",
    "augment": "nâng mức chữ ký",
    "sign-message": "ký thư",
    "encrypt-message": "mã hóa thư",
    "decrypt-message": "giải mã thư",
    "trust-add": "thêm tổ chức chứng thực tin cậy",
    "trust-update": "cập nhật chứng thư và danh sách thu hồi",
    "trust-remove": "bỏ tổ chức chứng thực tin cậy",
    "relay-start": "khởi động máy chuyển thư",
    "relay-reload": "đọc lại cấu hình máy chuyển thư",
}
_ACTIONS: Final = {
    "pass": "cho qua",
    "warn": "cho qua, có cảnh báo",
    "hold": "giữ lại",
    "reject": "từ chối",
    "defer": "tạm hoãn",
}
_INDICATIONS: Final = {
    "TOTAL_PASSED": "hợp lệ",
    "TOTAL_FAILED": "không hợp lệ",
    "INDETERMINATE": "chưa xác định",
    "NO_SIGNATURE_FOUND": "không có chữ ký",
    "UNREADABLE": "không đọc được",
}
_REVOCATION: Final = {
    "require": "bắt buộc kiểm tra được",
    "prefer": "kiểm tra nếu được",
    "off": "không kiểm tra",
}

WORDS: Final[dict[str, Sentence]] = {
    f"{group}-{code}": Sentence(vi=vi, en=code)
    for group, words in {
        "kind": _KINDS,
        "act": _ACTS,
        "action": _ACTIONS,
        "indication": _INDICATIONS,
        "revocation": _REVOCATION,
    }.items()
    for code, vi in words.items()
}
"""By what they are, and their code; in English the code itself."""
