"""Sentences about judging what comes from strangers: limits, drawing, folders, reports."""

from __future__ import annotations

from typing import Final

from gsign.sentences import Sentence

__all__ = ["ERRORS", "REASONS"]

REASONS: Final[dict[str, Sentence]] = {
    "limit-exceeded": Sentence(
        vi="kiểm tra tệp này vượt quá giới hạn về thời gian hoặc bộ nhớ, hoặc làm hỏng tiến trình kiểm tra, nên đã dừng",
        en="verifying this file exceeded the limits on time or memory, or made the verifying process fail",
        hint_vi="không dựa vào văn bản này; nếu tệp rất lớn và từ nguồn tin cậy, tăng --time-limit rồi kiểm tra lại",
        hint_en="do not rely on this document; where it is very large and of a known source, raise --time-limit",
    ),
    "folder-unreadable": Sentence(
        vi="không đọc được thư mục này nên các tệp bên trong chưa được kiểm tra",
        en="this folder cannot be read, so that the files in it were not verified",
        hint_vi="kiểm tra quyền truy cập rồi chạy lại",
        hint_en="check the right to read it, and run again",
    ),
}

ERRORS: Final[dict[str, Sentence]] = {
    "worker-unstartable": Sentence(
        vi="không khởi động được tiến trình kiểm tra",
        en="the verifying process cannot be started",
        hint_vi="máy có thể đang thiếu bộ nhớ hoặc có quá nhiều tiến trình; thử lại sau",
        hint_en="the machine may be short of memory or have too many processes; try again later",
    ),
}
