"""What is said about certificates, status and timestamps."""

from __future__ import annotations

from gsign.sentences import Sentence

__all__ = ["ERRORS"]

ERRORS: dict[str, Sentence] = {
    "certificate-chain-invalid": Sentence(
        vi="đường dẫn chứng thực của chứng thư số “{subject}” không hợp lệ: {reasons}",
        en="the certification path of “{subject}” does not hold: {reasons}",
        hint_vi="báo cho cơ quan cấp chứng thư số; không ký bằng chứng thư số này",
        hint_en="tell the authority that issued the certificate; do not sign with it",
    ),
    "certificate-expired": Sentence(
        vi="chứng thư số “{subject}” đã hết hạn từ {time}",
        en="the certificate of “{subject}” expired on {time}",
        hint_vi="gia hạn chứng thư số rồi ký lại; nếu vẫn còn hạn, kiểm tra ngày giờ của máy",
        hint_en="renew the certificate and sign again; if it should still be valid, check this machine's clock",
    ),
    "certificate-not-yet-valid": Sentence(
        vi="chứng thư số “{subject}” chỉ có hiệu lực từ {time}",
        en="the certificate of “{subject}” is not valid before {time}",
        hint_vi="kiểm tra ngày giờ của máy, hoặc đợi đến ngày chứng thư số có hiệu lực",
        hint_en="check this machine's clock, or wait until the certificate becomes valid",
    ),
    "certificate-revoked": Sentence(
        vi="chứng thư số “{subject}” đã bị thu hồi từ {time}",
        en="the certificate of “{subject}” was revoked on {time}",
        hint_vi="không dùng chứng thư số này nữa; liên hệ cơ quan cấp để được cấp lại",
        hint_en="stop using it, and ask its authority for a new one",
    ),
    "certificate-unreadable": Sentence(
        vi="không đọc được chứng thư số của người ký",
        en="the signer's certificate cannot be read",
        hint_vi="nạp lại chứng thư số vào thiết bị, hoặc chọn khóa khác bằng --key",
        hint_en="load the certificate into the token again, or choose another key with --key",
    ),
    "certificate-untrusted": Sentence(
        vi="không tìm thấy cơ quan cấp chứng thư số “{subject}” trong danh sách tin cậy; thiếu: {issuer}",
        en="no trusted authority was found for the certificate of “{subject}”; missing: {issuer}",
        hint_vi="thêm chứng thư số của cơ quan cấp bằng --trust TỆP",
        hint_en="add the authority's certificate with --trust FILE",
    ),
    "certificate-weak-key": Sentence(
        vi="khóa của chứng thư số “{subject}” quá yếu để ký mới",
        en="the key of “{subject}” is too weak for new signatures",
        hint_vi="dùng khóa RSA từ 2048 bit hoặc ECDSA từ 256 bit (Thông tư 15/2025/TT-BKHCN)",
        hint_en="use RSA of at least 2048 bits or ECDSA of at least 256 (Circular 15/2025/TT-BKHCN)",
    ),
    "certificate-wrong-usage": Sentence(
        vi="chứng thư số “{subject}” không được cấp để ký văn bản",
        en="the certificate of “{subject}” was not issued for signing documents",
        hint_vi="chọn chứng thư số ký bằng --key; xem danh sách bằng lệnh gsign token keys",
        hint_en="choose a signing certificate with --key; `gsign token keys` lists them",
    ),
    "chain-not-found": Sentence(
        vi="thiếu đường dẫn chứng thực của “{subject}” nên không thể kèm dữ liệu kiểm tra lâu dài; thiếu: {issuer}",
        en="“{subject}” has no path to a trusted authority, so no long-term data can be added; missing: {issuer}",
        hint_vi="thêm chứng thư số của cơ quan cấp bằng --trust TỆP, hoặc ký ở mức B-T",
        hint_en="add the authority's certificate with --trust FILE, or sign at level B-T",
    ),
    "revocation-no-source": Sentence(
        vi="chứng thư số “{subject}” không cho biết nơi kiểm tra trạng thái (OCSP, CRL)",
        en="the certificate of “{subject}” names no place to check its status (OCSP, CRL)",
        hint_vi="ký ở mức B-B hoặc B-T, hoặc dùng chứng thư số có địa chỉ OCSP hay CRL",
        hint_en="sign at level B-B or B-T, or use a certificate with an OCSP or CRL address",
    ),
    "revocation-unavailable": Sentence(
        vi="chưa kiểm tra được trạng thái của chứng thư số “{subject}”: {causes}",
        en="the status of the certificate of “{subject}” cannot be checked now: {causes}",
        hint_vi="kiểm tra kết nối mạng rồi thử lại sau",
        hint_en="check the network connection and try again later",
    ),
    "trust-empty": Sentence(
        vi="thư mục {path} không có chứng thư số nào",
        en="there is no certificate in the folder {path}",
        hint_vi="đặt vào đó tệp .pem, .crt, .cer, .der hoặc .p7b",
        hint_en="put .pem, .crt, .cer, .der or .p7b files there",
    ),
    "trust-not-a-certificate": Sentence(
        vi="{path} không phải là tệp chứng thư số, hoặc tệp bị hỏng",
        en="{path} is not a certificate file, or is damaged",
        hint_vi="tải lại tệp từ cơ quan cấp (PEM, DER hoặc PKCS#7)",
        hint_en="get the file again from the authority (PEM, DER or PKCS#7)",
    ),
    "trust-unreadable": Sentence(
        vi="không mở được {path}: {cause}",
        en="cannot open {path}: {cause}",
        hint_vi="kiểm tra đường dẫn và quyền đọc",
        hint_en="check the path and the right to read it",
    ),
    "tsa-unreachable": Sentence(
        vi="không lấy được dấu thời gian: {causes}",
        en="no timestamp could be had: {causes}",
        hint_vi="thử lại sau, khai thêm máy chủ bằng --tsa, hoặc ký ở mức B-B",
        hint_en="try again later, name another server with --tsa, or sign at level B-B",
    ),
}
