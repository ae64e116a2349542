"""What readers of mail take differently in a message, by the identifiers of `gsign.mime`."""

from __future__ import annotations

from typing import Final

from gsign.sentences import Sentence

__all__ = ["REASONS"]

_VI: Final = "không dựa vào thư này; đề nghị người gửi gửi lại bằng phần mềm thư thông dụng"
_EN: Final = "do not rely on this message; ask the sender to send it again with a usual mail program"


def _sentence(vi: str, en: str) -> Sentence:
    return Sentence(vi, en, _VI, _EN)


REASONS: Final[dict[str, Sentence]] = {
    "bare-cr": _sentence("thư có ký tự xuống dòng sai (CR đứng một mình)", "the message has bare CRs among its lines"),
    "bare-lf": _sentence("thư có ký tự xuống dòng sai (LF đứng một mình)", "the message has bare LFs among its lines"),
    "boundary-after-close": _sentence(
        "sau dấu kết thúc lại có thêm phần mới", "further parts begin behind the closing delimiter"
    ),
    "boundary-missing": _sentence("thiếu dấu ngăn cách giữa các phần", "the delimiter between the parts is missing"),
    "boundary-nested": _sentence(
        "dấu ngăn cách của các phần lồng nhau dễ bị nhầm với nhau",
        "delimiters of nested parts are mistaken for each other",
    ),
    "boundary-odd": _sentence(
        "dấu ngăn cách giữa các phần không đúng chuẩn", "the delimiter of the parts is malformed"
    ),
    "boundary-padded": _sentence(
        "có khoảng trắng sau dấu ngăn cách giữa các phần", "a delimiter of the parts is followed by spaces"
    ),
    "boundary-prefix": _sentence(
        "có dòng gần giống dấu ngăn cách giữa các phần", "a line looks almost like the delimiter of the parts"
    ),
    "boundary-unclosed": _sentence("các phần không có dấu kết thúc", "the parts are never closed"),
    "charset-odd": _sentence(
        "văn bản dùng bảng mã có thể che giấu nội dung", "the text is in a character set that can hide what it says"
    ),
    "comment": _sentence(
        "một trường quan trọng có chú thích trong ngoặc", "an important field holds a comment in brackets"
    ),
    "content-type-malformed": _sentence("loại nội dung ghi sai", "the content type is malformed"),
    "encoding-unknown": _sentence("cách mã hóa nội dung không rõ", "the encoding of the content is unknown"),
    "epilogue-content": _sentence("có nội dung nằm sau phần cuối cùng", "there is content behind the last part"),
    "field-malformed": _sentence("một trường quan trọng ghi sai", "an important field is malformed"),
    "field-name-spaced": _sentence("tên một trường có dấu cách phía sau", "the name of a field is followed by spaces"),
    "field-repeated": _sentence(
        "một trường chỉ được có một lần lại xuất hiện nhiều lần",
        "a field that may stand once stands there several times",
    ),
    "header-8bit": _sentence(
        "một trường có ký tự không thuộc bảng mã nào được phép",
        "a field holds octets that are in no character set allowed",
    ),
    "header-blank-fold": _sentence("phần đầu có dòng trông như dòng trống", "a line of the header looks empty"),
    "header-control": _sentence("phần đầu có ký tự điều khiển", "the header holds control characters"),
    "header-malformed": _sentence("phần đầu có dòng không đúng chuẩn", "the header holds a line that is no field"),
    "header-too-large": _sentence("phần đầu quá lớn", "the header is too large"),
    "header-unended": _sentence("phần đầu không có dòng trống kết thúc", "the header is not ended by an empty line"),
    "message-encoded": _sentence(
        "thư lồng bên trong bị mã hóa thêm một lớp, trái chuẩn", "a message inside is encoded once more as a whole"
    ),
    "message-partial": _sentence("thư là một mảnh của thư khác", "the message is a piece of another one"),
    "mime-version-missing": _sentence("thiếu trường MIME-Version", "the field MIME-Version is missing"),
    "mime-version-odd": _sentence("trường MIME-Version ghi sai", "the field MIME-Version is malformed"),
    "multipart-encoded": _sentence(
        "các phần bị mã hóa thêm một lớp, trái chuẩn", "the parts are encoded once more as a whole"
    ),
    "name-deceptive": _sentence(
        "tên tệp có ký tự ẩn hoặc đảo chiều chữ",
        "the name of a file holds characters that do not show or turn the writing around",
    ),
    "names-conflict": _sentence("một tệp mang nhiều tên khác loại nhau", "a file is given names of different kinds"),
    "nul": _sentence("thư có ký tự NUL", "the message holds NUL characters"),
    "parameter-charset": _sentence(
        "tên tệp ghi bằng bảng mã sai", "a name is in a character set that is wrong or unknown"
    ),
    "parameter-continuation": _sentence(
        "tham số của một trường bị chia đoạn sai", "a parameter is continued in a wrong way"
    ),
    "parameter-malformed": _sentence("tham số của một trường ghi sai", "a parameter is malformed"),
    "parameter-repeated": _sentence("một tham số xuất hiện nhiều lần", "a parameter stands several times"),
    "parameter-unquoted": _sentence(
        "một tham số có ký tự đặc biệt mà không đặt trong ngoặc kép",
        "a parameter holds special characters without quotes",
    ),
    "preamble-content": _sentence("có nội dung nằm trước phần đầu tiên", "there is content before the first part"),
    "too-deep": _sentence("các lớp lồng nhau quá sâu", "it is nested too deep"),
    "too-many-fields": _sentence("phần đầu có quá nhiều trường", "the header has too many fields"),
    "too-many-parts": _sentence("thư có quá nhiều phần", "the message has too many parts"),
}
