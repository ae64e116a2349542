"""What is found in a message: what may be read in several ways, what cannot be looked into, and words for both."""

from __future__ import annotations

from typing import Final

from gsign.sentences import Sentence

__all__ = ["REASONS", "TEXTS"]

_AMBIGUOUS_VI: Final = "không mở tệp này; đề nghị người gửi gửi lại tài liệu gốc dưới dạng tệp đính kèm thông thường"
_AMBIGUOUS_EN: Final = "do not open it; ask the sender to send the original again as a plain attachment"
_UNREADABLE_VI: Final = "đề nghị người gửi gửi lại tài liệu không mã hóa, không nén hoặc nén dạng zip thông thường"
_UNREADABLE_EN: Final = "ask the sender to send the documents unencrypted, and unpacked or in a plain zip archive"


def _sentence(vi: str, en: str) -> Sentence:
    return Sentence(vi, en, _AMBIGUOUS_VI, _AMBIGUOUS_EN)


def _unreadable(vi: str, en: str) -> Sentence:
    return Sentence(vi, en, _UNREADABLE_VI, _UNREADABLE_EN)


_AMBIGUOUS: Final[dict[str, Sentence]] = {
    "address-malformed": _sentence(
        "địa chỉ thư ghi sai hoặc có thể hiểu theo nhiều cách",
        "an address is malformed, or may be read in several ways",
    ),
    "base64-after-padding": _sentence(
        "nội dung mã hóa base64 còn tiếp tục sau dấu kết thúc", "the base64 content goes on behind its end"
    ),
    "base64-garbage": _sentence(
        "nội dung mã hóa base64 lẫn ký tự lạ", "the base64 content has other characters among its digits"
    ),
    "base64-padding": _sentence(
        "nội dung mã hóa base64 có đoạn cuối sai", "the end of the base64 content is malformed"
    ),
    "entry-repeated": _sentence("tệp nén có nhiều mục cùng tên", "the archive has several entries of one name"),
    "from-missing": _sentence("thư thiếu trường From", "the field From is missing"),
    "from-several": _sentence("thư có nhiều địa chỉ người gửi", "the message has several authors"),
    "packed-trailing": _sentence("có dữ liệu nằm sau phần được nén", "there is data behind what was packed"),
    "packed-twice": _sentence("tệp nén gồm nhiều phần nối nhau", "the packed file is several ones joined"),
    "digits-in-text": _sentence(
        "trong văn bản có một tệp viết dưới dạng chữ số base64",
        "a file is written out in a text, in digits of base64",
    ),
    "part-in-text": _sentence(
        "trong văn bản có dòng trông như phần đầu của một tệp đính kèm",
        "lines of a text look like the header of an attachment",
    ),
    "pdf-inside": _sentence(
        "có tài liệu PDF nằm bên trong một tệp loại khác", "a PDF document lies inside a file of another kind"
    ),
    "polyglot": _sentence("một tệp vừa là loại này vừa là loại khác", "one file is of two kinds at once"),
    "quoted-printable-malformed": _sentence(
        "nội dung mã hóa quoted-printable ghi sai", "the quoted-printable content is malformed"
    ),
    "sevenzip-checksum": _sentence(
        "tệp 7z có mục sai tổng kiểm tra", "the checksum of an entry in the 7z archive is wrong"
    ),
    "sevenzip-trailing": _sentence(
        "có dữ liệu nằm sau phần cuối của tệp 7z", "there is data behind the end of the 7z archive"
    ),
    "tar-trailing": _sentence(
        "có dữ liệu nằm sau phần cuối của tệp tar", "there is data behind the end of the tar archive"
    ),
    "tnef-checksum": _sentence("tệp winmail.dat có tổng kiểm tra sai", "a checksum in winmail.dat is wrong"),
    "tnef-trailing": _sentence(
        "có dữ liệu nằm sau phần cuối của winmail.dat", "there is data behind the end of winmail.dat"
    ),
    "uuencode-malformed": _sentence("nội dung mã hóa uuencode ghi sai", "the uuencoded content is malformed"),
    "zip-checksum": _sentence(
        "tệp zip có mục sai tổng kiểm tra hoặc kích thước", "size or checksum of an entry in the zip archive is wrong"
    ),
    "zip-comment": _sentence("tệp zip có dữ liệu trong phần chú thích", "the comment of the zip archive holds data"),
    "zip-damaged": _sentence("tệp zip bị hỏng mục lục", "the directory of the zip archive is damaged"),
    "zip-directory-differs": _sentence(
        "mục lục của tệp zip khác với nội dung thực",
        "the directory of the zip archive and what really is in it differ",
    ),
    "zip-hidden": _sentence(
        "tệp zip chứa dữ liệu không có trong mục lục",
        "the zip archive holds data that its directory does not lead to",
    ),
    "zip-overlap": _sentence("các mục trong tệp zip chồng lên nhau", "entries of the zip archive overlap"),
    "zip-trailing": _sentence(
        "có dữ liệu nằm sau phần cuối của tệp zip", "there is data behind the end of the zip archive"
    ),
    "zip-two-ends": _sentence("tệp zip có hai phần kết thúc", "the zip archive has two ends"),
}

_CLOSED: Final[dict[str, Sentence]] = {
    "container-unsupported": _unreadable("loại tệp nén này không đọc được", "archives of this kind cannot be read"),
    "damaged": _unreadable("tệp bị hỏng", "the file is damaged"),
    "encrypted": _unreadable("nội dung được mã hóa hoặc đặt mật khẩu", "the content is encrypted"),
    "entry-unsupported": _unreadable(
        "tệp nén có mục thuộc loại không đọc được", "an entry of the archive is of a kind that cannot be read"
    ),
    "external-body": _unreadable("nội dung nằm ngoài thư", "the content lies outside of the message"),
    "method-unsupported": _unreadable(
        "nội dung được nén bằng cách không đọc được", "the content is packed in a way that cannot be read"
    ),
    "out-of-time": _unreadable("hết thời gian trước khi xem hết thư", "time was up before everything was looked into"),
    "script": _unreadable(
        "trang có chương trình tự tạo nội dung hoặc tệp", "a program in the page makes content or files"
    ),
    "split": _unreadable("tệp nén bị chia thành nhiều phần", "the archive is split into several files"),
    "too-large": _unreadable("nội dung giải nén quá lớn", "what is unpacked is too large"),
    "too-many-entries": _unreadable("tệp nén có quá nhiều mục", "the archive has too many entries"),
}

REASONS: Final[dict[str, Sentence]] = {**_AMBIGUOUS, **_CLOSED}

TEXTS: Final[dict[str, Sentence]] = {
    "mail-from": Sentence(vi="Người gửi", en="From"),
    "mail-recipients": Sentence(vi="Người nhận", en="To"),
    "mail-subject": Sentence(vi="Tiêu đề", en="Subject"),
    "mail-date": Sentence(vi="Ngày gửi", en="Date"),
    "mail-envelope": Sentence(vi="Lớp S/MIME ngoài cùng", en="S/MIME envelope"),
    "envelope-none": Sentence(vi="không có", en="none"),
    "envelope-detached": Sentence(vi="đã ký, chữ ký tách rời", en="signed, the signature beside the content"),
    "envelope-opaque": Sentence(vi="đã ký, nội dung nằm trong chữ ký", en="signed, the content inside the signature"),
    "envelope-encrypted": Sentence(vi="đã mã hóa", en="encrypted"),
    "envelope-compressed": Sentence(vi="đã nén", en="compressed"),
    "envelope-other": Sentence(vi="không rõ loại", en="of an unknown kind"),
    "mail-parts": Sentence(vi="Các phần của thư", en="Parts"),
    "mail-part": Sentence(vi="{type}, {size} byte", en="{type}, {size} bytes"),
    "mail-found": Sentence(vi="Tài liệu PDF tìm thấy: {count}", en="PDF documents found: {count}"),
    "mail-unreadable": Sentence(vi="Không xem được bên trong:", en="Could not be looked into:"),
    "mail-ambiguous": Sentence(vi="Có thể hiểu theo nhiều cách:", en="May be read in several ways:"),
    "inspected-TOTAL_PASSED": Sentence(
        vi="{file}: mọi tài liệu trong thư đều có chữ ký hợp lệ", en="{file}: every document has valid signatures"
    ),
    "inspected-TOTAL_FAILED": Sentence(
        vi="{file}: có tài liệu mang chữ ký KHÔNG HỢP LỆ", en="{file}: a document's signature is NOT VALID"
    ),
    "inspected-INDETERMINATE": Sentence(
        vi="{file}: có tài liệu mang chữ ký CHƯA XÁC ĐỊNH được", en="{file}: a document's signature is INDETERMINATE"
    ),
    "inspected-NO_SIGNATURE_FOUND": Sentence(
        vi="{file}: không có tài liệu nào, hoặc có tài liệu KHÔNG CÓ CHỮ KÝ",
        en="{file}: there is no document, or one WITHOUT SIGNATURE",
    ),
    "inspected-UNREADABLE": Sentence(
        vi="{file}: KHÔNG KIỂM TRA ĐƯỢC HẾT: có phần không đọc được hoặc có thể hiểu theo nhiều cách",
        en="{file}: NOT EVERYTHING COULD BE EXAMINED: something is unreadable, or may be read in several ways",
    ),
}
