"""Sentences about what is written into the ledger, and about evidence taken from it."""

from __future__ import annotations

from typing import Final

from gsign.sentences import Sentence

__all__ = ["ERRORS"]

ERRORS: Final[dict[str, Sentence]] = {
    "pseudonym-key-unusable": Sentence(
        vi="không dùng được khóa giả danh {file}: {cause}",
        en="the key for pseudonyms {file} cannot be used: {cause}",
        hint_vi="khóa này phải là tệp mà gsign đã tạo, chỉ chủ sở hữu đọc được (chmod 600); hãy khôi phục từ bản sao"
        " lưu, vì khóa mới sẽ không khớp với các mục đã ghi",
        hint_en="it must be the file that gsign has made, for its owner alone to read (chmod 600); restore it from the"
        " backup, since a new one does not fit the entries there are",
    ),
    "pseudonym-key-missing": Sentence(
        vi="sổ này không phải là tệp nên cần ghi rõ khóa giả danh nằm ở đâu (ledger.pseudonym_key)",
        en="this ledger is no file, so that it must be said where the key for pseudonyms is (ledger.pseudonym_key)",
        hint_vi="mọi máy ghi vào cùng một sổ phải dùng cùng một khóa",
        hint_en="all stations that write into one ledger need the same key",
    ),
}
