"""What readers of mail take differently at the root of a signed message, by the identifiers of `gsign.mime`."""

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
        "sau khi kết thúc, thư lại mở thêm phần mới", "the message opens further parts behind its end"
    ),
    "boundary-missing": _sentence(
        "thư thiếu dấu ngăn cách giữa các phần", "the delimiter between the parts of the message is missing"
    ),
    "boundary-nested": _sentence(
        "dấu ngăn cách của các phần lồng nhau bị trùng", "delimiters of nested parts are mistaken for each other"
    ),
    "boundary-odd": _sentence(
        "dấu ngăn cách giữa các phần không đúng chuẩn", "the delimiter of the parts is malformed"
    ),
    "boundary-prefix": _sentence(
        "thư có dòng gần giống dấu ngăn cách giữa các phần", "some lines look like the delimiter of the parts"
    ),
    "boundary-unclosed": _sentence("thư không có dấu kết thúc các phần", "the parts of the message are never closed"),
    "content-type-malformed": _sentence("loại nội dung của thư ghi sai", "the message's content type is malformed"),
    "encoding-unknown": _sentence("cách mã hóa nội dung của thư không rõ", "the message's encoding is unknown"),
    "epilogue-content": _sentence(
        "có nội dung nằm sau phần được ký của thư", "there is content behind the signed part of the message"
    ),
    "field-malformed": _sentence("một trường quan trọng của thư ghi sai", "an important field is malformed"),
    "field-name-spaced": _sentence("tên một trường của thư có dấu cách", "the name of a field is followed by spaces"),
    "field-repeated": _sentence(
        "một trường chỉ được có một lần lại xuất hiện nhiều lần trong thư",
        "a field that a message has once stands there several times",
    ),
    "header-blank-fold": _sentence("phần đầu thư có dòng trông như dòng trống", "a line of the header looks empty"),
    "header-control": _sentence("phần đầu thư có ký tự điều khiển", "the header holds control characters"),
    "header-malformed": _sentence("phần đầu thư có dòng không đúng chuẩn", "the header holds a line that is no field"),
    "header-too-large": _sentence("phần đầu thư quá lớn", "the header is too large"),
    "message-partial": _sentence("thư là một mảnh của thư khác", "the message is a piece of another one"),
    "multipart-encoded": _sentence(
        "thư nhiều phần bị mã hóa thêm một lớp, trái chuẩn", "the parts of the message are encoded once more as a whole"
    ),
    "nul": _sentence("thư có ký tự NUL", "the message holds NUL characters"),
    "parameter-continuation": _sentence(
        "tham số của một trường bị chia đoạn sai", "a parameter is continued in a wrong way"
    ),
    "parameter-repeated": _sentence("một tham số xuất hiện nhiều lần", "a parameter stands several times"),
    "preamble-content": _sentence(
        "có nội dung nằm trước phần được ký của thư", "there is content before the signed part of the message"
    ),
    "too-deep": _sentence("thư lồng quá nhiều lớp", "the message is nested too deep"),
    "too-many-fields": _sentence("phần đầu thư có quá nhiều trường", "the header has too many fields"),
    "too-many-parts": _sentence("thư có quá nhiều phần", "the message has too many parts"),
}
