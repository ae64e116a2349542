"""Sentences about judging what comes from strangers: limits, drawing, folders, reports."""

from __future__ import annotations

from typing import Final

from gsign.sentences import Sentence

__all__ = ["ERRORS", "REASONS", "TEXTS"]

REASONS: Final[dict[str, Sentence]] = {
    "limit-exceeded": Sentence(
        vi="kiểm tra tệp này vượt quá giới hạn về thời gian, bộ nhớ, hoặc làm hỏng tiến trình kiểm tra",
        en="verifying this file exceeded the limits on time or memory, or made the verifying process fail",
        hint_vi="không dựa vào tệp này; nếu là PDF rất lớn từ nguồn tin cậy, tăng gsign verify --time-limit",
        hint_en="do not rely on it; for a very large PDF of a known source, raise `gsign verify --time-limit`",
    ),
    "rendering-differs": Sentence(
        vi="các trang khi ký hiển thị khác với các trang hiện nay, ngoài chỗ của những chữ ký thêm sau",
        en="the pages as they were signed look different from what is shown now, outside of later signatures",
        hint_vi="đối chiếu với bản gốc; chỉ dựa vào phiên bản đã ký",
        hint_en="compare with the original, and rely on the signed revision only",
    ),
    "rendering-failed": Sentence(
        vi="không vẽ được các trang để so sánh phiên bản đã ký với tệp hiện nay",
        en="the pages could not be drawn to compare the signed revision with the present file",
        hint_vi="kiểm tra lại không dùng --render, rồi xem kỹ những gì được thêm sau khi ký",
        hint_en="verify without --render, and look closely at what came after the signature",
    ),
}

ERRORS: Final[dict[str, Sentence]] = {
    "folder-unreadable": Sentence(
        vi="không đọc được thư mục {file} ({cause}) nên các tệp bên trong chưa được kiểm tra",
        en="the folder {file} cannot be read ({cause}), so that the files in it were not verified",
        hint_vi="kiểm tra quyền truy cập rồi chạy lại",
        hint_en="check the right to read it, and run again",
    ),
    "no-documents": Sentence(
        vi="không có tệp .pdf nào trong {folders}",
        en="there is no .pdf file in {folders}",
        hint_vi="kiểm tra tên thư mục; tệp không có đuôi .pdf phải được nêu tên",
        hint_en="check the folder's name; files whose names do not end in .pdf have to be named themselves",
    ),
    "worker-slow": Sentence(
        vi="tiến trình kiểm tra chờ quá lâu mà không làm được gì",
        en="the verifying process waited for too long, and could do nothing",
        hint_vi="máy có thể đang quá tải; thử lại sau",
        hint_en="the machine may have too much to do; try again later",
    ),
    "worker-unstartable": Sentence(
        vi="không khởi động được tiến trình kiểm tra",
        en="the verifying process cannot be started",
        hint_vi="máy có thể đang thiếu bộ nhớ hoặc có quá nhiều tiến trình; thử lại sau",
        hint_en="the machine may be short of memory or have too many processes; try again later",
    ),
}

TEXTS: Final[dict[str, Sentence]] = {
    "pages-differ": Sentence(vi="Trang hiển thị khác", en="Pages that look different"),
    "summary": Sentence(
        vi="Đã kiểm tra {total} tệp trong {seconds} giây:", en="{total} files verified in {seconds} s:"
    ),
    "summary-more": Sentence(vi="  … và {count} tệp khác", en="  … and {count} more"),
    "summary-not-passed": Sentence(vi="Các tệp không đạt:", en="Files that did not pass:"),
    "summary-slowest": Sentence(vi="Lâu nhất: {file} ({seconds} giây)", en="Slowest: {file} ({seconds} s)"),
    "verdict-TOTAL_PASSED": Sentence(vi="HỢP LỆ", en="VALID"),
    "verdict-TOTAL_FAILED": Sentence(vi="KHÔNG HỢP LỆ", en="NOT VALID"),
    "verdict-INDETERMINATE": Sentence(vi="CHƯA XÁC ĐỊNH", en="INDETERMINATE"),
    "verdict-NO_SIGNATURE_FOUND": Sentence(vi="KHÔNG CÓ CHỮ KÝ", en="NO SIGNATURE"),
    "verdict-UNREADABLE": Sentence(vi="KHÔNG ĐỌC ĐƯỢC", en="UNREADABLE"),
}
