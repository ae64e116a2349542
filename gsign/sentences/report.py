"""Words of the report that is filed as evidence."""

from __future__ import annotations

from typing import Final

from gsign.sentences import Sentence, roles

__all__ = ["ERRORS", "TEXTS"]

ERRORS: Final[dict[str, Sentence]] = {
    "report-kind-unknown": Sentence(
        vi="không rõ báo cáo {file} thuộc loại nào",
        en="what kind of report {file} is to be is unclear",
        hint_vi="đặt tên kết thúc bằng .html, .pdf hoặc .json",
        hint_en="end its name in .html, .pdf or .json",
    ),
}

TEXTS: Final[dict[str, Sentence]] = {
    # The whole
    "title": Sentence(vi="BÁO CÁO KIỂM TRA CHỮ KÝ SỐ", en="DIGITAL SIGNATURE VERIFICATION REPORT"),
    "made": Sentence(vi="Thời điểm kiểm tra: {time}", en="Verified at {time}"),
    "program": Sentence(vi="Phần mềm: gsign {version}", en="By gsign {version}"),
    "overview": Sentence(vi="Tổng hợp {total} tệp", en="{total} files in all"),
    "page": Sentence(vi="Trang {page}/{pages}", en="Page {page} of {pages}"),
    "footer": Sentence(
        vi="Kết quả chỉ đúng với tệp có giá trị SHA-256 nêu trên; kiểm tra lại bằng lệnh: gsign verify",
        en="Holds for the file with the SHA-256 above and no other; verify again with: gsign verify",
    ),
    # Verdicts
    "TOTAL_PASSED": Sentence(vi="HỢP LỆ", en="VALID"),
    "TOTAL_FAILED": Sentence(vi="KHÔNG HỢP LỆ", en="NOT VALID"),
    "INDETERMINATE": Sentence(vi="CHƯA XÁC ĐỊNH", en="INDETERMINATE"),
    "NO_SIGNATURE_FOUND": Sentence(vi="KHÔNG CÓ CHỮ KÝ", en="NO SIGNATURE"),
    "UNREADABLE": Sentence(vi="KHÔNG ĐỌC ĐƯỢC", en="UNREADABLE"),
    "why-TOTAL_PASSED": Sentence(
        vi="Tất cả {count} chữ ký trên văn bản đều hợp lệ.", en="Every signature of the document is valid ({count})."
    ),
    "why-TOTAL_FAILED": Sentence(
        vi="Có {failed}/{count} chữ ký không hợp lệ. Không sử dụng văn bản này.",
        en="{failed} of {count} signatures are not valid. Do not use this document.",
    ),
    "why-TOTAL_FAILED-file": Sentence(
        vi="Tệp không đáng tin cậy. Không sử dụng văn bản này.", en="The file cannot be relied on. Do not use it."
    ),
    "why-INDETERMINATE": Sentence(
        vi="Chưa đủ dữ liệu để kết luận {open}/{count} chữ ký.",
        en="What is at hand does not suffice to judge {open} of {count} signatures.",
    ),
    "why-NO_SIGNATURE_FOUND": Sentence(
        vi="Văn bản không có chữ ký số nào.", en="The document bears no digital signature."
    ),
    "why-UNREADABLE": Sentence(
        vi="Không kiểm tra được tệp này; không có gì được xác nhận.",
        en="This file could not be verified; nothing is confirmed.",
    ),
    # The file
    "sha256": Sentence(vi="SHA-256 của tệp", en="SHA-256 of the file"),
    "size": Sentence(vi="{size} byte", en="{size} bytes"),
    "unknown": Sentence(vi="không rõ", en="unknown"),
    # A signature; the first seven are those that Circular 15/2025/TT-BKHCN asks for
    "signature": Sentence(vi="Chữ ký {number}", en="Signature {number}"),
    "document-timestamp": Sentence(vi="Dấu thời gian {number}", en="Document timestamp {number}"),
    "field": Sentence(vi="ô {field}", en="field {field}"),
    **roles.TEXTS,
    "issuer": Sentence(vi="Tổ chức cấp chứng thư số", en="Issuing CA"),
    "signer": Sentence(vi="Người ký", en="Signer"),
    "stamper": Sentence(vi="Tổ chức cấp dấu thời gian", en="Timestamp authority"),
    "unit": Sentence(vi="Đơn vị quản lý chứng thư số", en="Unit managing the certificate"),
    "time": Sentence(vi="Thời gian ký", en="Signing time"),
    "integrity": Sentence(vi="Tính toàn vẹn", en="Integrity"),
    "validity": Sentence(vi="Hiệu lực tại thời điểm ký", en="Validity at signing time"),
    "period": Sentence(vi="Thời hạn chứng thư số", en="Validity period of the certificate"),
    "changes": Sentence(vi="Thay đổi sau khi ký", en="What came after"),
    "technical": Sentence(vi="Kỹ thuật", en="Technical"),
    "bytes": Sentence(vi="Phần được ký", en="Bytes signed"),
    "path": Sentence(vi="Đường dẫn tin cậy", en="Certificate path"),
    "domain-vgca": Sentence(vi="chuyên dùng công vụ", en="public service"),
    "domain-national": Sentence(vi="công cộng", en="public CAs"),
    "domain-local": Sentence(vi="chứng thư gốc do người dùng thêm", en="an anchor added by the user"),
    "domain-none": Sentence(vi="không thuộc miền tin cậy nào", en="of no trust domain"),
    "time-proven": Sentence(vi="{time} (dấu thời gian)", en="{time} (timestamp)"),
    "time-proven-by": Sentence(vi="{time} (dấu thời gian của {authority})", en="{time} (timestamp of {authority})"),
    "time-claimed": Sentence(vi="{time} (người ký khai)", en="{time} (claimed by the signer)"),
    "time-claimed-only": Sentence(
        vi="{time} (người ký khai, không có dấu thời gian tin cậy)",
        en="{time} (claimed by the signer, no trusted timestamp)",
    ),
    "time-unproven": Sentence(vi="không có dấu thời gian tin cậy", en="no trusted timestamp"),
    "intact": Sentence(vi="nội dung được ký còn nguyên vẹn", en="what was signed is unchanged"),
    "not-intact": Sentence(vi="KHÔNG xác nhận được nội dung được ký", en="what was signed is NOT confirmed"),
    "covers-whole-file": Sentence(vi="ký toàn bộ tệp", en="covers the whole file"),
    "covers-revision": Sentence(vi="ký tệp như khi đó", en="covers the file as it was"),
    "covers-none": Sentence(vi="phạm vi ký không rõ ràng", en="coverage unclear"),
    "valid-good": Sentence(
        vi="có hiệu lực, không bị thu hồi (xét tại {time})", en="valid and not revoked (judged at {time})"
    ),
    "valid-unchecked": Sentence(
        vi="còn hiệu lực; chưa kiểm tra được thu hồi (xét tại {time})",
        en="valid; revocation could not be checked (judged at {time})",
    ),
    "valid-revoked": Sentence(vi="đã bị thu hồi {time}", en="revoked {time}"),
    "valid-no": Sentence(vi="không xác nhận được (xét tại {time})", en="not confirmed (judged at {time})"),
    "valid-not-judged": Sentence(vi="không xét vì chữ ký không đúng", en="not judged, since the signature fails"),
    "changes-none": Sentence(vi="không có", en="nothing"),
    "changes-permitted": Sentence(vi="chỉ có thay đổi được phép", en="permitted changes only"),
    "changes-forbidden": Sentence(vi="CÓ thay đổi không được phép", en="FORBIDDEN changes"),
    "changes-unknown": Sentence(vi="không xét", en="not judged"),
    "on-page": Sentence(vi="trang {page}", en="page {page}"),
    # What it rests on
    "certificates": Sentence(vi="Chứng thư số", en="Certificates"),
    "anchor": Sentence(vi="gốc tin cậy", en="anchor"),
    "data": Sentence(vi="Dữ liệu đã dùng", en="Checked with"),
    "ocsp": Sentence(
        vi="OCSP cho chứng thư số {serial}: lập {this}, dùng đến {next}",
        en="OCSP response on certificate {serial}: made {this}, good until {next}",
    ),
    "crl": Sentence(
        vi="CRL của {issuer}: lập {this}, dùng đến {next}", en="CRL of {issuer}: made {this}, good until {next}"
    ),
    "failure": Sentence(vi="Không lấy được: {what}", en="Could not be had: {what}"),
    "no-data": Sentence(vi="Không có OCSP hay CRL nào được dùng", en="No OCSP response and no CRL was used"),
    "conditions": Sentence(vi="Cách kiểm tra", en="How it was verified"),
    "revocation-prefer": Sentence(vi="thu hồi: kiểm tra nếu được", en="revocation: where it can be had"),
    "revocation-require": Sentence(vi="thu hồi: bắt buộc kiểm tra", en="revocation: required"),
    "revocation-off": Sentence(vi="thu hồi: không kiểm tra", en="revocation: not looked at"),
    "online": Sentence(vi="có kết nối mạng", en="online"),
    "offline": Sentence(vi="không dùng mạng", en="offline"),
    "at": Sentence(vi="xét tại {time} theo yêu cầu", en="judged at {time} as asked"),
    "anchors-pinned": Sentence(vi="gốc tin cậy có sẵn", en="pinned anchors"),
    "anchors-added": Sentence(vi="gốc tin cậy có sẵn và: {files}", en="pinned anchors and: {files}"),
}
