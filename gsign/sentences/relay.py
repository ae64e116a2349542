"""Sentences about the relay: the next hop, the ledger, messages that wait."""

from __future__ import annotations

from typing import Final

from gsign.sentences import Sentence

__all__ = ["ERRORS"]

_LATER_VI: Final = "máy gửi sẽ tự gửi lại; kiểm tra máy chủ kế tiếp nếu lỗi kéo dài"
_LATER_EN: Final = "the sending server tries again by itself; look at the next hop if this goes on"

ERRORS: Final[dict[str, Sentence]] = {
    "next-hop-unreachable": Sentence(
        vi="không kết nối được tới máy chủ thư kế tiếp {address}: {cause}",
        en="the next hop {address} cannot be reached: {cause}",
        hint_vi=_LATER_VI,
        hint_en=_LATER_EN,
    ),
    "next-hop-lost": Sentence(
        vi="mất kết nối với máy chủ thư kế tiếp {address}: {cause}",
        en="the connection to the next hop {address} broke: {cause}",
        hint_vi=_LATER_VI,
        hint_en=_LATER_EN,
    ),
    "next-hop-refuses-service": Sentence(
        vi="máy chủ thư kế tiếp {address} từ chối phục vụ: {reply}",
        en="the next hop {address} refuses service: {reply}",
        hint_vi=_LATER_VI,
        hint_en=_LATER_EN,
    ),
    "next-hop-without-tls": Sentence(
        vi="máy chủ thư kế tiếp {address} không có STARTTLS",
        en="the next hop {address} offers no STARTTLS",
        hint_vi="bật TLS trên máy chủ đó, hoặc xem lại relay.next_hop_tls",
        hint_en="enable TLS there, or look at relay.next_hop_tls",
    ),
    "next-hop-busy": Sentence(
        vi="đã dùng hết số kết nối tới máy chủ thư kế tiếp {address}",
        en="all connections to the next hop {address} are in use",
        hint_vi=_LATER_VI,
        hint_en=_LATER_EN,
    ),
    "next-hop-changed-its-mind": Sentence(
        vi="máy chủ thư kế tiếp {address} nay từ chối một người nhận mà trước đó đã chấp nhận",
        en="the next hop {address} now refuses a recipient that it had accepted",
        hint_vi=_LATER_VI,
        hint_en=_LATER_EN,
    ),
    "ledger-unwritable": Sentence(
        vi="không ghi được vào sổ: {cause}",
        en="the ledger cannot be written: {cause}",
        hint_vi="kiểm tra dung lượng đĩa, quyền ghi và ledger.url; chưa ghi được sổ thì không thư nào được chuyển",
        hint_en="check disk space, the right to write, and ledger.url; nothing is passed on without the ledger",
    ),
}
