"""What is said about a signature or document that was verified: what happened, and what to do."""

from __future__ import annotations

from gsign.sentences import Sentence, revisions
from gsign.sentences.revisions import RETURN_EN, RETURN_VI

__all__ = ["REASONS"]

_RESIGN_VI = "đề nghị người ký ký lại văn bản bằng phần mềm ký số đúng chuẩn PAdES"
_RESIGN_EN = "ask the signer to sign again with software that follows PAdES"
_STAMP_VI = "đề nghị người gửi ký lại có dấu thời gian của tổ chức tin cậy"
_STAMP_EN = "ask the sender to sign again with a timestamp of a trusted authority"
_NOTHING_VI = "không cần làm gì"
_NOTHING_EN = "nothing needs to be done"

_COVERAGE: dict[str, Sentence] = {
    "signature-object-unclear": Sentence(
        vi="dữ liệu chữ ký không nằm ở vị trí rõ ràng trong tệp",
        en="the signature's data do not stand in one clear place in the file",
        hint_vi=RETURN_VI,
        hint_en=RETURN_EN,
    ),
    "signature-object-changed": Sentence(
        vi="dữ liệu chữ ký đã bị thay bằng dữ liệu khác sau khi ký",
        en="the signature's data were replaced after signing",
        hint_vi=RETURN_VI,
        hint_en=RETURN_EN,
    ),
    "signatures-share-bytes": Sentence(
        vi="hai chữ ký dùng chung hoặc chồng lấn dữ liệu của nhau",
        en="two signatures share or cross each other's data",
        hint_vi=RETURN_VI,
        hint_en=RETURN_EN,
    ),
    "byte-range-malformed": Sentence(
        vi="chữ ký không nói rõ nó bảo vệ phần nào của tệp",
        en="the signature does not say clearly which part of the file it protects",
        hint_vi=RETURN_VI,
        hint_en=RETURN_EN,
    ),
    "byte-range-beyond-file": Sentence(
        vi="chữ ký bảo vệ nhiều dữ liệu hơn số có trong tệp: tệp bị cắt bớt hoặc bị ghi lại",
        en="the signature protects more than the file holds: the file was cut short or rewritten",
        hint_vi=RETURN_VI,
        hint_en=RETURN_EN,
    ),
    "byte-range-gap": Sentence(
        vi="phần chữ ký không bảo vệ lớn hơn hoặc khác với chỗ chứa chính chữ ký đó",
        en="what the signature leaves unprotected is not exactly the place of its own value",
        hint_vi=RETURN_VI,
        hint_en=RETURN_EN,
    ),
    "byte-range-end": Sentence(
        vi="phần được chữ ký bảo vệ không kết thúc ở cuối một phiên bản của văn bản",
        en="what the signature protects does not end where a revision of the document ends",
        hint_vi=RETURN_VI,
        hint_en=RETURN_EN,
    ),
    "contents-malformed": Sentence(
        vi="giá trị chữ ký trong tệp bị hỏng",
        en="the signature's value in the file is damaged",
        hint_vi=RETURN_VI,
        hint_en=RETURN_EN,
    ),
    "contents-padding": Sentence(
        vi="có dữ liệu lạ nằm sau giá trị chữ ký, ở chỗ không được bảo vệ",
        en="something stands behind the signature's value, where nothing is protected",
        hint_vi=RETURN_VI,
        hint_en=RETURN_EN,
    ),
    "rewritten-after-signing": Sentence(
        vi="văn bản đã từng được ký, sau đó bị một chương trình ghi lại (nén, lưu lại, gộp) nên chữ ký mất giá trị",
        en="the document was signed, then rewritten by a program (saved again, merged): the signature is lost",
        hint_vi="lấy lại tệp gốc chưa qua chỉnh sửa; không in ra PDF, nén hay lưu lại văn bản đã ký",
        hint_en="get the file as it was signed; never print to PDF, compress or save a signed document again",
    ),
    "timestamp-alone": Sentence(
        vi="văn bản chỉ có dấu thời gian, không có chữ ký của ai: ai cũng xin được dấu thời gian cho văn bản bất kỳ",
        en="the document bears a timestamp and nobody's signature: anybody can have any document timestamped",
        hint_vi="đề nghị người có thẩm quyền ký số văn bản; dấu thời gian chỉ cho biết văn bản có từ lúc nào",
        hint_en="have the person in charge sign it; a timestamp only tells since when the document exists",
    ),
}

_ENVELOPE: dict[str, Sentence] = {
    "message-digest-wrong": Sentence(
        vi="nội dung văn bản đã bị sửa sau khi ký",
        en="the document's content was changed after it was signed",
        hint_vi=RETURN_VI,
        hint_en=RETURN_EN,
    ),
    "imprint-wrong": Sentence(
        vi="nội dung văn bản đã bị sửa sau khi được đóng dấu thời gian",
        en="the document's content was changed after it was timestamped",
        hint_vi=RETURN_VI,
        hint_en=RETURN_EN,
    ),
    "signature-wrong": Sentence(
        vi="chữ ký không khớp với khóa trong chứng thư số của người ký",
        en="the signature does not fit the key in the signer's certificate",
        hint_vi=RETURN_VI,
        hint_en=RETURN_EN,
    ),
    "subfilter-unsupported": Sentence(
        vi="chữ ký thuộc một dạng lạ mà chuẩn hiện hành không chấp nhận",
        en="the signature is of an odd kind that today's standards do not accept",
        hint_vi=_RESIGN_VI,
        hint_en=_RESIGN_EN,
    ),
    "subfilter-sha1": Sentence(
        vi="chữ ký thuộc một dạng cũ chỉ dựa trên SHA-1, không còn đủ tin cậy, nên không kết luận được đúng hay sai",
        en="the signature is of an old kind that rests on SHA-1 alone: too weak today, so that it was not judged",
        hint_vi=_RESIGN_VI,
        hint_en=_RESIGN_EN,
    ),
    "signature-type-unclear": Sentence(
        vi="không rõ đây là chữ ký hay dấu thời gian: tệp nói hai điều trái nhau",
        en="whether this is a signature or a timestamp is unclear: the file says both",
        hint_vi=RETURN_VI,
        hint_en=RETURN_EN,
    ),
    "cms-malformed": Sentence(
        vi="giá trị chữ ký không đọc được",
        en="the signature's value cannot be read",
        hint_vi=RETURN_VI,
        hint_en=RETURN_EN,
    ),
    "token-malformed": Sentence(
        vi="dấu thời gian không đọc được",
        en="the timestamp cannot be read",
        hint_vi=RETURN_VI,
        hint_en=RETURN_EN,
    ),
    "not-one-signer": Sentence(
        vi="một chữ ký trong tệp chứa không hoặc nhiều người ký; chuẩn chỉ cho phép đúng một",
        en="one signature of the file holds none or several signers; the standard allows exactly one",
        hint_vi=_RESIGN_VI,
        hint_en=_RESIGN_EN,
    ),
    "content-not-detached": Sentence(
        vi="chữ ký mang theo nội dung riêng thay vì bảo vệ nội dung của tệp",
        en="the signature carries content of its own instead of protecting the file's",
        hint_vi=RETURN_VI,
        hint_en=RETURN_EN,
    ),
    "content-type-wrong": Sentence(
        vi="chữ ký được tạo cho một loại dữ liệu khác",
        en="the signature was made for another kind of data",
        hint_vi=RETURN_VI,
        hint_en=RETURN_EN,
    ),
    "signed-attributes-missing": Sentence(
        vi="chữ ký thiếu các thuộc tính bắt buộc phải được ký",
        en="the attributes that must be signed are missing",
        hint_vi=_RESIGN_VI,
        hint_en=_RESIGN_EN,
    ),
    "message-digest-missing": Sentence(
        vi="chữ ký thiếu mã băm của nội dung",
        en="the signature lacks the digest of the content",
        hint_vi=_RESIGN_VI,
        hint_en=_RESIGN_EN,
    ),
    "attribute-repeated": Sentence(
        vi="một thuộc tính của chữ ký xuất hiện nhiều lần, có thể hiểu theo hai cách",
        en="an attribute of the signature stands more than once and can be read in two ways",
        hint_vi=RETURN_VI,
        hint_en=RETURN_EN,
    ),
    "algorithms-differ": Sentence(
        vi="các phần của chữ ký nói đến những thuật toán khác nhau",
        en="the parts of the signature speak of different algorithms",
        hint_vi=RETURN_VI,
        hint_en=RETURN_EN,
    ),
    "algorithm-unknown": Sentence(
        vi="chữ ký dùng thuật toán không được hỗ trợ",
        en="the signature uses an algorithm that is not supported",
        hint_vi="đề nghị người gửi ký lại bằng RSA hoặc ECDSA với SHA-256 trở lên",
        hint_en="ask the sender to sign again with RSA or ECDSA and SHA-256 or better",
    ),
    "key-and-algorithm-differ": Sentence(
        vi="thuật toán của chữ ký không hợp với khóa trong chứng thư số",
        en="the signature's algorithm does not go with the key in the certificate",
        hint_vi=RETURN_VI,
        hint_en=RETURN_EN,
    ),
    "signer-certificate-missing": Sentence(
        vi="tệp không có chứng thư số của người ký",
        en="the file does not hold the signer's certificate",
        hint_vi=_RESIGN_VI,
        hint_en=_RESIGN_EN,
    ),
    "certificate-missing": Sentence(
        vi="dấu thời gian không mang chứng thư số của tổ chức cấp dấu thời gian",
        en="the timestamp does not carry its authority's certificate",
        hint_vi=_STAMP_VI,
        hint_en=_STAMP_EN,
    ),
    "signing-certificate-wrong": Sentence(
        vi="chữ ký được ghi là thuộc một chứng thư số khác với chứng thư số kèm theo",
        en="the signature names another certificate than the one that comes with it",
        hint_vi=RETURN_VI,
        hint_en=RETURN_EN,
    ),
    "signature-algorithm-weak": Sentence(
        vi="thuật toán băm của chữ ký đã quá yếu và không có dấu thời gian tin cậy chứng minh chữ ký có từ trước",
        en="the signature's digest is too weak by now, and no trusted timestamp shows that it is older",
        hint_vi="đề nghị người gửi ký lại bằng SHA-256 trở lên",
        hint_en="ask the sender to sign again with SHA-256 or better",
    ),
}

_STRUCTURE: dict[str, Sentence] = {
    "bytes-before-header": Sentence(
        vi="tệp có dữ liệu lạ đứng trước phần đầu của văn bản PDF",
        en="something stands before the beginning of the PDF document",
        hint_vi=RETURN_VI,
        hint_en=RETURN_EN,
    ),
    "bytes-after-end": Sentence(
        vi="tệp có dữ liệu lạ nằm sau phần cuối của văn bản đã ký",
        en="something stands behind the end of the signed document",
        hint_vi=RETURN_VI,
        hint_en=RETURN_EN,
    ),
    "bytes-unaccounted": Sentence(
        vi="sau khi ký, tệp được thêm dữ liệu không thuộc về phần nào của văn bản",
        en="after signing, bytes were added that belong to no part of the document",
        hint_vi=RETURN_VI,
        hint_en=RETURN_EN,
    ),
    "hidden-objects": Sentence(
        vi="phần đã ký có nội dung ẩn, không kê trong bảng tham chiếu; phần mềm tự sửa tệp có thể hiện nội dung khác",
        en="the signed part hides objects that the file does not list; a reader that repairs files may show others",
        hint_vi=RETURN_VI,
        hint_en=RETURN_EN,
    ),
    "revision-malformed": Sentence(
        vi="phần được thêm sau khi ký bị hỏng, các phần mềm xem có thể hiển thị khác nhau",
        en="what was added after signing is damaged: viewers may show different things",
        hint_vi=RETURN_VI,
        hint_en=RETURN_EN,
    ),
    "trailer-changed": Sentence(
        vi="phần được thêm sau khi ký thay đổi gốc của văn bản",
        en="what was added after signing changes the root of the document",
        hint_vi=RETURN_VI,
        hint_en=RETURN_EN,
    ),
    "hybrid-revision": Sentence(
        vi="phần được thêm sau khi ký được các phần mềm xem đời cũ và đời mới hiểu khác nhau",
        en="older and newer viewers read what was added after signing differently",
        hint_vi=RETURN_VI,
        hint_en=RETURN_EN,
    ),
    "hybrid-contradicts": Sentence(
        vi="văn bản nói hai điều khác nhau với phần mềm xem đời cũ và đời mới",
        en="the document says different things to older and newer viewers",
        hint_vi=RETURN_VI,
        hint_en=RETURN_EN,
    ),
    "encryption-contradicts": Sentence(
        vi="phần cũ của văn bản nói rằng văn bản được mã hóa, phần mới nhất thì không: mỗi phần mềm hiển thị một khác",
        en="an older part of the document says that it is encrypted, the newest does not: viewers differ",
        hint_vi=RETURN_VI,
        hint_en=RETURN_EN,
    ),
    "linearization-misleads": Sentence(
        vi="tệp dẫn phần mềm xem đến một phiên bản khác với phiên bản đã ký",
        en="the file leads viewers to another revision than the one that is signed",
        hint_vi=RETURN_VI,
        hint_en=RETURN_EN,
    ),
    "structure-damaged": Sentence(
        vi="cấu trúc của tệp PDF bị hỏng, các phần mềm xem có thể hiển thị khác nhau",
        en="the structure of the PDF file is damaged: viewers may show different things",
        hint_vi=RETURN_VI,
        hint_en=RETURN_EN,
    ),
    "file-empty": Sentence(
        vi="tệp rỗng",
        en="the file is empty",
        hint_vi="đề nghị nơi gửi gửi lại tệp",
        hint_en="ask the sender to send the file again",
    ),
    "file-truncated": Sentence(
        vi="tệp bị cắt cụt",
        en="the file is cut short",
        hint_vi="tải lại hoặc đề nghị nơi gửi gửi lại tệp",
        hint_en="download it again, or ask the sender to send it again",
    ),
    "not-a-pdf": Sentence(
        vi="tệp không phải là văn bản PDF",
        en="the file is no PDF document",
        hint_vi="kiểm tra lại tệp đã chọn; với thư (.eml), dùng gsign mail verify",
        hint_en="check which file was chosen; `gsign mail verify` is for messages (.eml)",
    ),
    "internal-error": Sentence(
        vi="gặp lỗi bất ngờ khi kiểm tra tệp này nên không thể xác nhận chữ ký",
        en="something unexpected happened while this file was verified, so that nothing can be confirmed",
        hint_vi="không dựa vào văn bản này; gửi tệp cho người phát triển gsign để tìm nguyên nhân",
        hint_en="do not rely on this document; send the file to gsign's developers",
    ),
}

_WARNINGS: dict[str, Sentence] = {
    "timestamp-invalid": Sentence(
        vi="dấu thời gian kèm theo chữ ký không hợp lệ nên không chứng minh được thời điểm ký",
        en="the signature's timestamp does not hold and proves no time",
        hint_vi=_STAMP_VI,
        hint_en=_STAMP_EN,
    ),
    "timestamp-not-trusted": Sentence(
        vi="dấu thời gian không phải của tổ chức tin cậy nên không chứng minh được thời điểm ký",
        en="the timestamp is of no trusted authority and proves no time",
        hint_vi="nếu tin cậy tổ chức này, thêm chứng thư số gốc của họ bằng --trust TỆP",
        hint_en="where this authority is to be trusted, add its root certificate with --trust FILE",
    ),
    "timestamp-in-future": Sentence(
        vi="dấu thời gian ghi một thời điểm trong tương lai",
        en="the timestamp is of a time in the future",
        hint_vi="kiểm tra ngày giờ của máy này",
        hint_en="check this machine's clock",
    ),
    "timestamp-certificate-revoked": Sentence(
        vi="chứng thư số của tổ chức cấp dấu thời gian đã bị thu hồi nên dấu thời gian không chứng minh được gì",
        en="the timestamp authority's certificate was revoked, so that the timestamp proves nothing",
        hint_vi=_STAMP_VI,
        hint_en=_STAMP_EN,
    ),
    "timestamp-revocation-not-checked": Sentence(
        vi="không kiểm tra được chứng thư số của tổ chức cấp dấu thời gian có bị thu hồi hay không",
        en="whether the timestamp authority's certificate was revoked could not be checked",
        hint_vi="kiểm tra lại khi có kết nối mạng",
        hint_en="verify again when the network is there",
    ),
    "timestamp-revocation-unavailable": Sentence(
        vi="phải biết trạng thái thu hồi của tổ chức cấp dấu thời gian nhưng hiện không lấy được",
        en="the status of the timestamp authority's certificate is required and could not be had",
        hint_vi="thử lại sau",
        hint_en="try again later",
    ),
    "claimed-time-labelled-utc": Sentence(
        vi="giờ ký là giờ Việt Nam nhưng bị ghi nhãn là giờ quốc tế, lệch 7 giờ; dấu thời gian cho biết giờ đúng",
        en="the signing time is Vietnam's, labelled as UTC and so off by 7 hours; the timestamp tells the right one",
        hint_vi=_NOTHING_VI,
        hint_en=_NOTHING_EN,
    ),
    "signing-certificate-missing": Sentence(
        vi="chữ ký không ghi rõ nó thuộc chứng thư số nào, như chuẩn PAdES yêu cầu, nên không đạt mức PAdES nào",
        en="the signature does not say which certificate it belongs to, as PAdES demands, and is of no PAdES level",
        hint_vi="chữ ký vẫn đúng với nội dung; nếu phải lưu trữ lâu dài, đề nghị ký bằng phần mềm theo đúng chuẩn",
        hint_en="it still fits the content; to archive it for long, ask for one by a program that follows PAdES",
    ),
    "claimed-time-differs": Sentence(
        vi="giờ ký do máy của người ký ghi lệch hơn một ngày so với dấu thời gian",
        en="the signer's own clock was off by more than a day from the timestamp",
        hint_vi="dựa vào giờ của dấu thời gian",
        hint_en="rely on the timestamp's time",
    ),
}

REASONS: dict[str, Sentence] = _COVERAGE | _ENVELOPE | _STRUCTURE | _WARNINGS | revisions.REASONS
