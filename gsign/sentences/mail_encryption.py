"""What is said when messages are encrypted and decrypted."""

from __future__ import annotations

from typing import Final

from gsign.sentences import Sentence

__all__ = ["ERRORS", "REASONS", "TEXTS"]

ERRORS: Final[dict[str, Sentence]] = {
    "decryption-failed": Sentence(
        vi="không giải mã được thư: nội dung đã bị thay đổi, hoặc không được mã hóa đúng cách cho khóa này",
        en="the message does not open: it was changed, or not encrypted properly to this key",
        hint_vi="không dùng thư này; đề nghị người gửi gửi lại",
        hint_en="do not use it; have the sender send it again",
    ),
    "ldap-unavailable": Sentence(
        vi="thư mục LDAP {url} không trả lời được: {detail}",
        en="the directory {url} gave no answer: {detail}",
        hint_vi="thử lại sau, hoặc chỉ rõ chứng thư số người nhận bằng --to TỆP",
        hint_en="try again later, or name the recipients' certificates by --to FILE",
    ),
    "ldap-url-invalid": Sentence(
        vi="địa chỉ thư mục LDAP không đúng: {url}",
        en="no address of an LDAP directory: {url}",
        hint_vi="viết theo RFC 4516, không kèm tên hay mật khẩu, ví dụ ldap://ldap.example.gov.vn/dc=example,dc=gov,dc=vn",
        hint_en="write it as RFC 4516 says, without a user or password: ldap://ldap.example.gov.vn/dc=example,dc=gov,dc=vn",
    ),
    "mail-cipher-not-offered": Sentence(
        vi="không mã hóa bằng {value} (có: {known})",
        en="nothing is encrypted by {value} (known: {known})",
    ),
    "mail-cipher-unknown": Sentence(
        vi="thư được mã hóa bằng thuật toán không biết hoặc đã bị loại bỏ",
        en="the message is encrypted by an algorithm that is not known, or no longer taken",
        hint_vi="đề nghị người gửi mã hóa lại bằng AES-256",
        hint_en="have the sender encrypt it again by AES-256",
    ),
    "mail-encrypted-already": Sentence(
        vi="thư đã được mã hóa rồi",
        en="the message is encrypted already",
        hint_vi="gửi thư như hiện có, hoặc giải mã rồi mã hóa lại cho người nhận khác",
        hint_en="send it as it is, or decrypt it first to encrypt it for others",
    ),
    "mail-encryption-malformed": Sentence(
        vi="phần mã hóa của thư bị hỏng hoặc bị cắt bớt",
        en="the encrypted part of the message is malformed or cut short",
        hint_vi="không dùng thư này; đề nghị người gửi gửi lại",
        hint_en="do not use it; have the sender send it again",
    ),
    "mail-not-encrypted": Sentence(
        vi="thư không được mã hóa",
        en="the message is not encrypted",
        hint_vi="mở thư như bình thường; kiểm tra chữ ký bằng gsign mail verify",
        hint_en="read it as it is; `gsign mail verify` checks a signature",
    ),
    "mail-sender-differs": Sentence(
        vi="người gửi ghi bên trong thư khác với người gửi bên ngoài, và không có chữ ký nào chứng minh",
        en="the sender inside is another than outside, and no signature proves either",
        hint_vi="không tin cả hai; hỏi lại người gửi qua kênh khác",
        hint_en="believe neither; ask the sender by another channel",
    ),
    "mail-unprotected": Sentence(
        vi="nội dung giải mã ({cipher}) không có gì bảo đảm là nguyên vẹn",
        en="nothing protects the decrypted content ({cipher}) from having been changed",
        hint_vi="không mở bằng phần mềm hiển thị HTML; đề nghị người gửi ký thư trước khi mã hóa",
        hint_en="do not open it where HTML is shown; have the sender sign before encrypting",
    ),
    "no-key-for-message": Sentence(
        vi="thư không được mã hóa cho khóa nào ở đây ({uri})",
        en="the message is encrypted to none of the keys here ({uri})",
        hint_vi="dùng token có khóa mà thư được mã hóa cho, kể cả token cũ đã hết hạn",
        hint_en="use the token that it was encrypted to, even one that has expired since",
    ),
    "recipients-missing": Sentence(
        vi="thư không có người nhận ở To và Cc",
        en="the message names nobody in To and Cc",
        hint_vi="chỉ rõ người nhận bằng --to",
        hint_en="name the recipients by --to",
    ),
    "recipients-unclear": Sentence(
        vi="To hoặc Cc của thư không phải danh sách địa chỉ rõ ràng",
        en="To or Cc of the message is no list of addresses that everybody reads alike",
        hint_vi="chỉ rõ người nhận bằng --to",
        hint_en="name the recipients by --to",
    ),
    "recipients-unreadable": Sentence(
        vi="không đọc được chứng thư số người nhận từ “{path}”: {cause}",
        en="no recipient's certificate can be read from “{path}”: {cause}",
        hint_vi="cần tệp chứng thư số (.pem, .crt, .cer, .p7b), thư đã ký (.eml), hoặc thư mục chứa chúng",
        hint_en="it has to be a certificate (.pem, .crt, .cer, .p7b), a signed message (.eml), or a folder of such",
    ),
    "recipients-without-certificate": Sentence(
        vi="không có chứng thư số dùng được để mã hóa cho: {recipients:vi}",
        en="no certificate to encrypt to for: {recipients:en}",
        hint_vi="xin người nhận một thư đã ký hoặc tệp chứng thư số, rồi chỉ bằng --recipients hoặc --to",
        hint_en="ask them for a signed message or their certificate, and name it by --recipients or --to",
    ),
}

REASONS: Final[dict[str, Sentence]] = {
    "cipher-weak": Sentence(
        vi="thư được mã hóa bằng thuật toán cũ đã yếu (3DES)",
        en="the message is encrypted by an old and weak algorithm (3DES)",
        hint_vi="đề nghị người gửi dùng AES-256",
        hint_en="ask the sender to use AES-256",
    ),
    "content-changeable": Sentence(
        vi="nội dung mã hóa (CBC) không được ký nên có thể bị thay đổi trên đường đi mà người nhận không biết",
        en="the encrypted content (CBC) is not signed, so that it could be changed on its way unseen",
        hint_vi="ký thư trước khi mã hóa: thêm --sign",
        hint_en="sign before encrypting: add --sign",
    ),
    "content-unauthenticated": Sentence(
        vi="nội dung giải mã không được bảo vệ toàn vẹn (CBC, không có chữ ký hợp lệ): có thể đã bị ghép hoặc sửa",
        en="nothing protects what was decrypted (CBC without a signature that holds): parts may be somebody else's",
        hint_vi="không mở bằng phần mềm tải ảnh hay hiển thị HTML, không trả lời kèm nội dung; hỏi lại người gửi",
        hint_en="do not open it where HTML or images are loaded, do not quote it in an answer; ask the sender",
    ),
    "other-address": Sentence(
        vi="chứng thư số không mang địa chỉ này",
        en="the certificate does not name this address",
        hint_vi="lấy chứng thư số đúng của người nhận, hoặc chỉ rõ tệp bằng --to nếu chắc chắn",
        hint_en="get the recipient's own certificate, or name the file by --to where it is surely the right one",
    ),
    "recipient-cannot-read": Sentence(
        vi="có người nhận trong thư không đọc được vì không được mã hóa cho họ",
        en="somebody whom the message names cannot read it: it is not encrypted to them",
        hint_vi="thêm chứng thư số của họ bằng --to",
        hint_en="add their certificates by --to",
    ),
    "results-inside": Sentence(
        vi="phần được mã hóa tự ghi kết quả kiểm tra (Authentication-Results): không máy chủ nào đã ghi kết quả đó",
        en="what was encrypted brings results of checks (Authentication-Results), which no server wrote",
        hint_vi="không tin kết quả đó; chỉ tin chữ ký bên trong thư do gsign kiểm tra",
        hint_en="do not believe them; believe the signature inside, which gsign verified",
    ),
    "sender-inside-differs": Sentence(
        vi="người gửi ghi bên trong thư khác với người gửi bên ngoài, và không có chữ ký nào chứng minh",
        en="the sender inside is another than outside, and no signature proves either",
        hint_vi="không tin cả hai; hỏi lại người gửi qua kênh khác",
        hint_en="believe neither; ask the sender by another channel",
    ),
    "subject-not-hidden": Sentence(
        vi="tiêu đề thư không được mã hóa vì chữ ký bên trong không giữ bản sao của nó",
        en="the subject is not encrypted, since the signature inside keeps no copy of it",
        hint_vi="không ghi nội dung mật trong tiêu đề, hoặc ký lại bằng gsign",
        hint_en="keep secrets out of the subject, or sign by gsign",
    ),
}

TEXTS: Final[dict[str, Sentence]] = {
    "mail-encrypted-to": Sentence(
        vi="{file} → {output}: đã mã hóa cho {names} ({cipher}, {signed})",
        en="{file} → {output}: encrypted to {names} ({cipher}, {signed})",
    ),
    "mail-encrypted-signed": Sentence(vi="có chữ ký bên trong", en="signed inside"),
    "mail-encrypted-unsigned": Sentence(vi="không có chữ ký", en="not signed"),
    "mail-decrypted": Sentence(
        vi="{file} → {output}: đã giải mã bằng khóa của {name} ({cipher}; {integrity})",
        en="{file} → {output}: decrypted by the key of {name} ({cipher}; {integrity})",
    ),
    "mail-integrity-authenticated": Sentence(vi="nguyên vẹn từ khi được mã hóa", en="unchanged since it was encrypted"),
    "mail-integrity-signed": Sentence(vi="nguyên vẹn theo chữ ký bên trong", en="protected by the signature inside"),
    "mail-integrity-none": Sentence(vi="KHÔNG được bảo vệ toàn vẹn", en="NOT protected from changes"),
    "mail-inner-unsigned": Sentence(
        vi="  không có chữ ký: không có gì chứng minh ai là người viết",
        en="  not signed: nothing proves who wrote it",
    ),
    "mail-inner-signature": Sentence(vi="Chữ ký bên trong", en="Signature inside"),
}
