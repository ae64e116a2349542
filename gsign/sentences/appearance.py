"""Sentences about what a visible signature shows."""

from __future__ import annotations

from typing import Final

from gsign.sentences import Sentence

__all__ = ["ERRORS"]

ERRORS: Final[dict[str, Sentence]] = {
    "appearance-too-small": Sentence(
        vi="ô chữ ký {width} x {height} pt quá nhỏ: nội dung không vừa ngay cả với cỡ chữ {size}",
        en="the signature's box of {width} x {height} pt is too small for its text, even at size {size}",
        hint_vi="chọn ô lớn hơn bằng --at TRANG,X,Y,RỘNG,CAO hoặc rút ngắn nội dung",
        hint_en="give a larger box with --at PAGE,X,Y,W,H, or shorten the text",
    ),
    "appearance-character-missing": Sentence(
        vi="không có phông chữ nào trên máy này thể hiện được: {characters}",
        en="no font on this machine can draw: {characters}",
        hint_vi="cài phông Times New Roman, hoặc bỏ các ký tự này khỏi nội dung hiển thị",
        hint_en="install Times New Roman, or leave these characters out of the text shown",
    ),
    "image-not-png": Sentence(
        vi="hình ảnh chữ ký hoặc con dấu không phải là tệp PNG",
        en="the image is not a PNG file",
        hint_vi="lưu hình ảnh dưới dạng PNG có nền trong suốt",
        hint_en="save it as PNG with a transparent background",
    ),
    "image-damaged": Sentence(
        vi="tệp PNG bị hỏng, không đọc được",
        en="the PNG image is damaged and cannot be read",
        hint_vi="mở hình ảnh bằng một phần mềm khác và lưu lại dưới dạng PNG",
        hint_en="open it with another program and save it as PNG again",
    ),
    "image-too-large": Sentence(
        vi="hình ảnh {width} x {height} điểm ảnh vượt quá giới hạn {limit} triệu điểm ảnh",
        en="the image has {width} x {height} pixels, more than the limit of {limit} million",
        hint_vi="cắt bớt phần thừa hoặc giảm độ phân giải; 600 dpi ở kích thước thật là đủ",
        hint_en="crop it or lower its resolution; 600 dpi at the real size is plenty",
    ),
}
