"""Sentences about what a visible signature shows."""

from __future__ import annotations

from typing import Final

from gsign.sentences import Sentence

__all__ = ["ERRORS", "REASONS"]

ERRORS: Final[dict[str, Sentence]] = {
    "appearance-too-small": Sentence(
        vi="ô chữ ký {width} x {height} pt quá nhỏ: nội dung không vừa ngay cả với cỡ chữ {size}",
        en="the signature's box of {width} x {height} pt is too small for its text, even at size {size}",
        hint_vi="chọn ô lớn hơn bằng --at TRANG,X,Y,RỘNG,CAO hoặc rút ngắn nội dung",
        hint_en="give a larger box with --at PAGE,X,Y,W,H, or shorten the text",
    ),
    "appearance-empty": Sentence(
        vi="không có nội dung nào để hiển thị",
        en="there is nothing to show",
        hint_vi="nêu số, ký hiệu hoặc tên cần hiển thị; chứng thư số có thể không ghi tên cơ quan",
        hint_en="give the number, symbol or name that is to be shown; the certificate may name no agency",
    ),
    "appearance-character-missing": Sentence(
        vi="không có phông chữ nào trên máy này thể hiện được: {characters}",
        en="no font on this machine can draw: {characters}",
        hint_vi="cài phông Times New Roman, hoặc bỏ các ký tự này khỏi nội dung hiển thị",
        hint_en="install Times New Roman, or leave these characters out of the text shown",
    ),
    "image-needs-room": Sentence(
        vi="ô {width} x {height} pt quá nhỏ: hình ảnh cần ít nhất {needed} pt (con dấu phải đúng kích thước thật)",
        en="a box of {width} x {height} pt is too small: the image needs {needed} pt (a seal keeps its real size)",
        hint_vi="chọn ô lớn hơn bằng --at TRANG,X,Y,RỘNG,CAO hoặc chỉ nêu --at TRANG,X,Y",
        hint_en="give a larger box with --at PAGE,X,Y,W,H, or leave out the size: --at PAGE,X,Y",
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

REASONS: Final[dict[str, Sentence]] = {
    "image-not-transparent": Sentence(
        vi="nền của hình ảnh không trong suốt nên che mất chữ ở phía dưới",
        en="the background of the image is not transparent and hides what is under it",
        hint_vi="xóa nền trắng và lưu lại dưới dạng PNG có nền trong suốt (Nghị định 30/2020/NĐ-CP, Phụ lục I)",
        hint_en="remove the white background and save it as PNG with transparency (Decree 30/2020, Appendix I)",
    ),
    "image-low-resolution": Sentence(
        vi="hình ảnh có độ phân giải dưới 200 dpi ở kích thước in ra nên sẽ bị mờ",
        en="the image has less than 200 dpi at its printed size and will look blurred",
        hint_vi="quét lại mẫu chữ ký hoặc mẫu dấu ở 300 dpi trở lên",
        hint_en="scan the signature or seal again at 300 dpi or more",
    ),
    "image-not-blue": Sentence(
        vi="hình ảnh chữ ký không phải màu xanh",
        en="the image of the signature is not blue",
        hint_vi="dùng mẫu chữ ký bằng mực xanh, quét màu (Nghị định 30/2020/NĐ-CP, Phụ lục I)",
        hint_en="use a signature written in blue and scanned in colour (Decree 30/2020, Appendix I)",
    ),
    "image-not-red": Sentence(
        vi="hình ảnh con dấu không phải màu đỏ",
        en="the image of the seal is not red",
        hint_vi="dùng mẫu dấu đóng bằng mực đỏ, quét màu (Nghị định 30/2020/NĐ-CP, Phụ lục I)",
        hint_en="use a seal stamped in red and scanned in colour (Decree 30/2020, Appendix I)",
    ),
    "seal-not-round": Sentence(
        vi="hình ảnh con dấu có chiều rộng và chiều cao khác nhau",
        en="the image of the seal is not as wide as it is high",
        hint_vi="kiểm tra hình ảnh có bị méo, bị cắt hoặc dính chữ, vết bẩn bên cạnh con dấu không",
        hint_en="see whether it is distorted or cut, or has writing or dirt beside the seal",
    ),
    "seal-size-assumed": Sentence(
        vi="không rõ kích thước thật của con dấu, hình ảnh được thể hiện với đường kính 36 mm",
        en="the real size of the seal is not known; it is shown with a diameter of 36 mm",
        hint_vi="ghi độ phân giải (dpi) đúng vào tệp PNG: quét mẫu dấu với tỷ lệ 1:1 và không thay đổi kích thước",
        hint_en="let the PNG file tell its true resolution (dpi): scan the seal 1:1 and do not resize it",
    ),
}
