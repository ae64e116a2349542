"""Why an attempt failed, in a few words: they stand inside other sentences, behind the address that was asked.

Facts named `cause` or `causes` hold `address: code; address: code`; whoever writes the sentence has them said here.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

__all__ = ["CAUSES", "Cause", "say_causes"]


class Cause(NamedTuple):
    """A few words in both languages."""

    vi: str
    en: str


CAUSES: Final[dict[str, Cause]] = {
    # The network
    "address-not-public": Cause("địa chỉ nằm trong mạng nội bộ", "the address is inside this network"),
    "answer-cut-short": Cause("dữ liệu bị đứt giữa chừng", "the answer was cut short"),
    "answer-too-large": Cause("dữ liệu quá lớn", "the answer is too large"),
    "connection-lost": Cause("mất kết nối", "the connection was lost"),
    "connection-refused": Cause("máy chủ từ chối kết nối", "connection refused"),
    "host-unknown": Cause("không tìm thấy máy chủ", "unknown host"),
    "network-failed": Cause("lỗi mạng", "the network failed"),
    "no-certificate": Cause("dữ liệu nhận được không phải chứng thư số", "what came is no certificate"),
    "no-http-answer": Cause("máy chủ trả lời sai quy cách", "no HTTP answer"),
    "offline": Cause("đang làm việc không dùng mạng", "offline"),
    "redirect-loses-question": Cause("bị chuyển hướng sai", "redirected away from the question"),
    "timed-out": Cause("quá thời gian chờ", "timed out"),
    "tls-failed": Cause("kết nối không bảo mật được", "no secure connection"),
    "too-many-redirects": Cause("bị chuyển hướng quá nhiều lần", "too many redirects"),
    "unreachable": Cause("không tới được máy chủ", "unreachable"),
    "url-malformed": Cause("địa chỉ không đúng", "malformed address"),
    # Files of the ledger
    "results-in-use": Cause("lệnh gsign khác đang dùng tệp này", "another gsign is using it"),
    "not-results": Cause("không phải tệp do --results ghi ra", "it was not written by --results"),
    "not-a-pseudonym-key": Cause("không phải khóa bí danh", "it is no key for pseudonyms"),
    "readable-by-all": Cause("mọi người dùng của máy đều đọc được", "every user of this machine can read it"),
    # Folders of recipients' certificates
    "too-many-files": Cause("thư mục có quá nhiều tệp", "the folder holds too many files"),
    # Status: OCSP and CRL
    "algorithm-weak": Cause("thuật toán ký quá yếu", "weak algorithm"),
    "another-certificate": Cause("trả lời về chứng thư số khác", "about another certificate"),
    "another-issuer": Cause("của cơ quan khác", "of another authority"),
    "another-nonce": Cause("trả lời cho câu hỏi khác", "answers another question"),
    "certificate-not-included": Cause("không bao gồm chứng thư số này", "does not include this certificate"),
    "delta-list": Cause("chỉ là phần thay đổi của danh sách", "a delta list only"),
    "entry-malformed": Cause("có mục bị hỏng", "malformed entry"),
    "entry-of-delta-list": Cause("có mục chỉ dành cho danh sách thay đổi", "entry of a delta list"),
    "indirect-list": Cause("là danh sách gián tiếp", "indirect list"),
    "issuer-may-not-sign-lists": Cause("nơi cấp không được phép ký danh sách", "the issuer may not sign lists"),
    "list-malformed": Cause("danh sách bị hỏng", "malformed list"),
    "partial-list": Cause("chỉ dành cho một số trường hợp", "for some reasons or certificates only"),
    "responder-not-good": Cause(
        "chứng thư số của máy chủ trả lời đã bị thu hồi hoặc không kiểm tra được",
        "the responder's own certificate is revoked, or its status could not be had",
    ),
    "response-kind-unknown": Cause("loại trả lời không biết", "unknown kind of response"),
    "response-malformed": Cause("trả lời bị hỏng", "malformed response"),
    "signature-not-the-issuers": Cause("không phải do nơi cấp ký", "signed by somebody else"),
    "status-internal-error": Cause("máy chủ gặp lỗi", "the responder had an error"),
    "status-malformed-request": Cause("máy chủ không hiểu câu hỏi", "the responder did not understand"),
    "status-signature-required": Cause("máy chủ đòi câu hỏi có chữ ký", "the responder wants signed questions"),
    "status-try-later": Cause("máy chủ hẹn lần sau", "the responder says: try later"),
    "status-unauthorized": Cause("máy chủ không được phép trả lời", "the responder may not answer"),
    "status-unknown": Cause("máy chủ không biết chứng thư số này", "the certificate is unknown there"),
    "time-not-covered": Cause("không nói về thời điểm cần xét", "does not cover the judged time"),
    "unknown-critical-extension": Cause("có điều kiện không hiểu được", "unknown critical extension"),
    # Places found from the text
    "blank-too-small": Cause("chỗ trống quá hẹp", "the blank is too small"),
    "date-line-filled-in": Cause("ngày, tháng đã được ghi", "the date is filled in already"),
    "date-line-says-otherwise": Cause("phần ngày, tháng, năm đã in khác với ngày ký", "another date is printed there"),
    "name-not-in-text": Cause("họ tên này không đứng riêng ở đâu trong văn bản", "the name stands nowhere by itself"),
    "name-perhaps-on-a-scan": Cause(
        "họ tên này không đứng riêng ở đâu trong phần có chữ, và có trang không có lớp chữ (bản quét)",
        "the name stands nowhere by itself, and some pages have no text (scans)",
    ),
    "name-under-no-post-title": Cause(
        "họ tên không nằm dưới chức vụ với khoảng trống để ký", "it stands under no post title with a blank between"
    ),
    "no-date-line": Cause("không có dòng địa danh và ngày, tháng, năm", "there is no line of place and date"),
    "no-last-line": Cause("không có dòng cuối kết thúc bằng “./.”", "no line ends the text with “./.”"),
    "no-number-line": Cause("không có dòng “Số: …”", "there is no line “Số: …”"),
    "no-room-beside": Cause("không còn khoảng trống bên cạnh", "there is no blank space beside it"),
    "no-room-in-corner": Cause(
        "góc trên bên phải trang đầu không còn khoảng trống",
        "there is no blank space at the top right of the first page",
    ),
    "no-room-under-number": Cause(
        "dưới số, ký hiệu không còn khoảng trống", "there is no blank space under the number"
    ),
    "no-text-on-pages": Cause("trang không có lớp chữ (bản quét)", "the pages have no text (a scan)"),
    "number-line-filled-in": Cause("số đã được ghi", "the number is filled in already"),
    "several-date-lines": Cause("có nhiều dòng ngày, tháng, năm để trống", "several lines have a blank date"),
    "several-documents": Cause(
        "tệp gồm nhiều văn bản, đều có chỗ ký mang họ tên này",
        "the file holds several documents, each with a signature block of this name",
    ),
    "several-last-lines": Cause("có nhiều dòng kết thúc bằng “./.”", "several lines end with “./.”"),
    "several-names": Cause("họ tên đứng riêng ở nhiều chỗ", "the name stands by itself in several places"),
    "several-number-lines": Cause("có nhiều dòng “Số: …” để trống", "several lines have a blank number"),
    "several-signature-blocks": Cause(
        "có nhiều chỗ ký mang họ tên này", "there are several signature blocks with this name"
    ),
    "taken-by-drawing": Cause("đã có hình hoặc nét vẽ ở đó", "something is drawn there"),
    "taken-by-empty-field": Cause(
        "có sẵn ô chữ ký còn trống ở đó, ký vào ô ấy bằng --field TÊN",
        "an empty signature field stands there; sign it with --field NAME",
    ),
    "taken-by-signature": Cause("đã có chữ ký khác ở đó", "another signature stands there"),
    "taken-by-text": Cause("đã có chữ ở đó", "text stands there"),
    "text-in-old-encoding": Cause(
        "chữ trong tài liệu theo bảng mã cũ (TCVN3 hoặc VNI), không đọc được; nên chuyển sang Unicode rồi xuất lại PDF",
        "the text is stored in an old encoding (TCVN3 or VNI); convert it to Unicode and export it again",
    ),
    # Timestamps and the signatures in them
    "algorithm-unknown": Cause("thuật toán không biết", "unknown algorithm"),
    "algorithms-differ": Cause("các thuật toán mâu thuẫn nhau", "contradictory algorithms"),
    "attribute-repeated": Cause("thuộc tính bị lặp", "repeated attribute"),
    "certificate-missing": Cause("thiếu chứng thư số của nơi cấp dấu thời gian", "its certificate is missing"),
    "certificate-unreadable": Cause("không đọc được chứng thư số", "unreadable certificate"),
    "cms-malformed": Cause("dữ liệu chữ ký bị hỏng", "malformed signature data"),
    "content-type-wrong": Cause("loại nội dung không đúng", "wrong content type"),
    "imprint-wrong": Cause("dấu thời gian của dữ liệu khác", "stamps something else"),
    "key-and-algorithm-differ": Cause("khóa không hợp với thuật toán", "key and algorithm do not fit"),
    "message-digest-missing": Cause("thiếu mã băm", "no message digest"),
    "message-digest-wrong": Cause("mã băm không khớp", "wrong message digest"),
    "nonce-wrong": Cause("trả lời cho yêu cầu khác", "answers another request"),
    "not-a-timestamp-certificate": Cause(
        "chứng thư số không dành cho dấu thời gian", "its certificate is not for timestamps"
    ),
    "signature-wrong": Cause("chữ ký không đúng", "wrong signature"),
    "signed-attributes-missing": Cause("thiếu thuộc tính được ký", "no signed attributes"),
    "signing-certificate-missing": Cause("không nêu chứng thư số đã ký", "does not name the signing certificate"),
    "signing-certificate-wrong": Cause("nêu chứng thư số khác", "names another signing certificate"),
    "status-rejection": Cause("máy chủ từ chối cấp", "the authority refused"),
    "status-revocation-notification": Cause("nơi cấp báo chứng thư số đã bị thu hồi", "the authority was revoked"),
    "status-revocation-warning": Cause(
        "nơi cấp báo chứng thư số sắp bị thu hồi", "the authority is about to be revoked"
    ),
    "status-waiting": Cause("máy chủ chưa cấp ngay", "the authority has not decided yet"),
    "token-malformed": Cause("dấu thời gian bị hỏng", "malformed timestamp"),
}

_CODE: Final = re.compile(r"(?:(?<=: )|^)(?:([a-z]+(?:-[a-z]+)*)|http-(\d+))(?=;|$)")


def say_causes(text: str, lang: str) -> str:
    """Replace the codes in `address: code; address: code` by words; what is no code is left as it is."""

    def words(match: re.Match[str]) -> str:
        if match[2]:
            return f"HTTP {match[2]}"
        cause = CAUSES.get(match[1])
        return match[0] if cause is None else cause.vi if lang == "vi" else cause.en

    return _CODE.sub(words, text)
