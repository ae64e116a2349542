"""What is said about certificates, status and timestamps."""

from __future__ import annotations

from gsign.sentences import Sentence

__all__ = ["ERRORS", "REASONS"]

_ASK_ISSUER_VI = "báo cho nơi cấp chứng thư số; không dựa vào chữ ký này"
_ASK_ISSUER_EN = "tell the authority that issued the certificate; do not rely on this signature"
_NEWER_VI = "đề nghị người gửi ký lại bằng chứng thư số và thuật toán hiện hành"
_NEWER_EN = "ask the sender to sign again with a current certificate and algorithm"
_TIMESTAMP_VI = "chữ ký có dấu thời gian tin cậy thì được xét tại thời điểm đó; nếu không có, đề nghị ký lại"
_TIMESTAMP_EN = "with a trusted timestamp the signature is judged at that time; without one, ask for a new signature"

ERRORS: dict[str, Sentence] = {
    "certificate-chain-invalid": Sentence(
        vi="đường dẫn chứng thực của chứng thư số “{subject}” không hợp lệ: {reasons}",
        en="the certification path of “{subject}” does not hold: {reasons}",
        hint_vi="báo cho nơi cấp chứng thư số; không ký bằng chứng thư số này",
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
        hint_vi="không dùng chứng thư số này nữa; liên hệ nơi cấp để được cấp lại",
        hint_en="stop using it, and ask its authority for a new one",
    ),
    "certificate-unreadable": Sentence(
        vi="không đọc được chứng thư số của người ký",
        en="the signer's certificate cannot be read",
        hint_vi="nạp lại chứng thư số vào token, hoặc chọn khóa khác bằng --key",
        hint_en="load the certificate into the token again, or choose another key with --key",
    ),
    "certificate-untrusted": Sentence(
        vi="không tìm thấy nơi cấp chứng thư số “{subject}” trong danh sách tin cậy; thiếu: {issuer}",
        en="no trusted authority was found for the certificate of “{subject}”; missing: {issuer}",
        hint_vi="thêm chứng thư số của nơi cấp bằng --trust TỆP",
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
        hint_vi="thêm chứng thư số của nơi cấp bằng --trust TỆP, hoặc ký ở mức B-T",
        hint_en="add the authority's certificate with --trust FILE, or sign at level B-T",
    ),
    "revocation-no-source": Sentence(
        vi="chứng thư số “{subject}” không cho biết nơi kiểm tra trạng thái (OCSP, CRL)",
        en="the certificate of “{subject}” names no place to check its status (OCSP, CRL)",
        hint_vi="ký ở mức B-B hoặc B-T, hoặc dùng chứng thư số có địa chỉ OCSP hay CRL",
        hint_en="sign at level B-B or B-T, or use a certificate with an OCSP or CRL address",
    ),
    "revocation-unknown": Sentence(
        vi="không có cách kiểm tra thu hồi “{revocation}”",
        en="there is no revocation mode “{revocation}”",
        hint_vi="có: require, prefer, off",
        hint_en="known: require, prefer, off",
    ),
    "revocation-unavailable": Sentence(
        vi="chưa kiểm tra được trạng thái của chứng thư số “{subject}”: {causes}",
        en="the status of the certificate of “{subject}” cannot be checked now: {causes}",
        hint_vi="kiểm tra kết nối mạng rồi thử lại sau",
        hint_en="check the network connection and try again later",
    ),
    "trust-ambiguous": Sentence(
        vi="“{wanted}” ứng với nhiều chứng thư số: {found}",
        en="“{wanted}” fits several certificates: {found}",
        hint_vi="nhập thêm ký tự của SHA-256",
        hint_en="give more characters of the SHA-256",
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
        hint_vi="tải lại tệp từ nơi cấp (PEM, DER hoặc PKCS#7)",
        hint_en="get the file again from the authority (PEM, DER or PKCS#7)",
    ),
    "trust-no-such": Sentence(
        vi="không có chứng thư số nào do người dùng thêm ứng với “{wanted}”",
        en="no certificate that was added fits “{wanted}”",
        hint_vi="xem danh sách bằng lệnh gsign trust list",
        hint_en="`gsign trust list` shows them",
    ),
    "trust-not-fetched": Sentence(
        vi="không tải được chứng thư số từ {url}: {cause}",
        en="no certificate could be fetched from {url}: {cause}",
        hint_vi="kiểm tra địa chỉ và kết nối mạng rồi thử lại sau, hoặc dùng tệp đã tải về",
        hint_en="check the address and the network, try again later, or use a file",
    ),
    "trust-own-damaged": Sentence(
        vi="{path} không phải là chứng thư số đã được xác nhận: nội dung không đúng với tên tệp",
        en="{path} is not the certificate that was confirmed: its content does not fit its name",
        hint_vi="xóa tệp này, rồi thêm lại chứng thư số bằng lệnh gsign trust add",
        hint_en="delete the file, and add the certificate again with `gsign trust add`",
    ),
    "trust-pinned": Sentence(
        vi="“{wanted}” được ghi sẵn trong gsign, không phải do người dùng thêm, nên không xóa được",
        en="“{wanted}” is pinned in gsign, not added by the user, and cannot be removed",
        hint_vi="chỉ xóa được chứng thư số thêm bằng lệnh gsign trust add",
        hint_en="only what `gsign trust add` added can be removed",
    ),
    "trust-unreadable": Sentence(
        vi="không mở được {path}: {cause}",
        en="cannot open {path}: {cause}",
        hint_vi="kiểm tra đường dẫn và quyền đọc",
        hint_en="check the path and the right to read it",
    ),
    "trust-unwritable": Sentence(
        vi="không ghi được {path}: {cause}",
        en="cannot write {path}: {cause}",
        hint_vi="kiểm tra quyền ghi vào thư mục này",
        hint_en="check the right to write to this folder",
    ),
    "tsa-unreachable": Sentence(
        vi="không lấy được dấu thời gian: {causes}",
        en="no timestamp could be had: {causes}",
        hint_vi="thử lại sau, khai thêm máy chủ bằng --tsa, hoặc ký ở mức B-B",
        hint_en="try again later, name another server with --tsa, or sign at level B-B",
    ),
}

REASONS: dict[str, Sentence] = {
    "anchor-expired": Sentence(
        vi="chứng thư số gốc đã hết hạn vào thời điểm xét",
        en="the root authority had expired by the judged time",
        hint_vi=_TIMESTAMP_VI,
        hint_en=_TIMESTAMP_EN,
    ),
    "anchor-not-yet-valid": Sentence(
        vi="chứng thư số gốc chưa có hiệu lực vào thời điểm xét",
        en="the root authority was not yet valid at the judged time",
        hint_vi="kiểm tra ngày giờ của máy hoặc giá trị --at",
        hint_en="check this machine's clock, or the value of --at",
    ),
    "authority-not-confirmed": Sentence(
        vi="đường dẫn chứng thực đi tới một cơ quan mà gsign đã biết nhưng bạn chưa xác nhận tin cậy",
        en="the certification path leads to an authority that gsign knows and nobody confirmed here",
        hint_vi="xem gsign trust list; đối chiếu SHA-256 với công bố của cơ quan đó rồi dùng lệnh gsign trust add",
        hint_en="see `gsign trust list`, compare its SHA-256 with what the authority published, then `gsign trust add`",
    ),
    "certificate-algorithm-weak": Sentence(
        vi="chứng thư số được ký bằng thuật toán không còn an toàn vào thời điểm xét (như SHA-1)",
        en="a certificate is signed with an algorithm that was no longer safe at the judged time (such as SHA-1)",
        hint_vi=_NEWER_VI,
        hint_en=_NEWER_EN,
    ),
    "certificate-expired": Sentence(
        vi="chứng thư số của người ký đã hết hạn vào thời điểm xét",
        en="the signer's certificate had expired by the judged time",
        hint_vi=_TIMESTAMP_VI,
        hint_en=_TIMESTAMP_EN,
    ),
    "certificate-not-yet-valid": Sentence(
        vi="chứng thư số của người ký chưa có hiệu lực vào thời điểm xét",
        en="the signer's certificate was not yet valid at the judged time",
        hint_vi="kiểm tra ngày giờ của máy hoặc giá trị --at",
        hint_en="check this machine's clock, or the value of --at",
    ),
    "certificate-revoked": Sentence(
        vi="chứng thư số của người ký đã bị thu hồi trước thời điểm xét",
        en="the signer's certificate was revoked before the judged time",
        hint_vi="không chấp nhận chữ ký này; hỏi lại người ký",
        hint_en="do not accept this signature; ask the signer",
    ),
    "certificate-unreadable": Sentence(
        vi="không đọc được chứng thư số của người ký",
        en="the signer's certificate cannot be read",
        hint_vi="đề nghị người gửi ký lại",
        hint_en="ask the sender to sign again",
    ),
    "chain-not-checked": Sentence(
        vi="chưa kiểm tra đường dẫn chứng thực vì không có danh sách tin cậy",
        en="the certification path was not checked: no trust anchors were given",
        hint_vi="khai chứng thư số của nơi cấp bằng --trust TỆP",
        hint_en="name the authority's certificate with --trust FILE",
    ),
    "chain-not-found": Sentence(
        vi="không tìm thấy đường dẫn từ chứng thư số của người ký đến một tổ chức chứng thực tin cậy",
        en="no path was found from the signer's certificate to a trusted authority",
        hint_vi="thêm chứng thư số của nơi cấp bằng --trust TỆP; người nhận cũng sẽ cần chứng thư số đó",
        hint_en="add the authority's certificate with --trust FILE; recipients will need it too",
    ),
    "issuer-certificate-expired": Sentence(
        vi="chứng thư số của nơi cấp đã hết hạn vào thời điểm xét",
        en="the certificate of the issuing authority had expired by the judged time",
        hint_vi=_TIMESTAMP_VI,
        hint_en=_TIMESTAMP_EN,
    ),
    "issuer-certificate-not-yet-valid": Sentence(
        vi="chứng thư số của nơi cấp chưa có hiệu lực vào thời điểm xét",
        en="the certificate of the issuing authority was not yet valid at the judged time",
        hint_vi="kiểm tra ngày giờ của máy hoặc giá trị --at",
        hint_en="check this machine's clock, or the value of --at",
    ),
    "issuer-certificate-revoked": Sentence(
        vi="chứng thư số của nơi cấp đã bị thu hồi trước thời điểm xét",
        en="the certificate of the issuing authority was revoked before the judged time",
        hint_vi="không chấp nhận chữ ký này; hỏi lại người ký",
        hint_en="do not accept this signature; ask the signer",
    ),
    "issuer-may-not-sign-certificates": Sentence(
        vi="một chứng thư số trên đường dẫn không được phép cấp chứng thư số khác",
        en="a certificate on the path may not issue other certificates",
        hint_vi=_ASK_ISSUER_VI,
        hint_en=_ASK_ISSUER_EN,
    ),
    "issuer-not-a-ca": Sentence(
        vi="chứng thư số được cấp bởi một chứng thư số không phải của tổ chức chứng thực",
        en="the certificate was issued by one that is no authority's",
        hint_vi=_ASK_ISSUER_VI,
        hint_en=_ASK_ISSUER_EN,
    ),
    "key-too-weak": Sentence(
        vi="một khóa trên đường dẫn chứng thực quá ngắn hoặc thuộc loại không được chấp nhận",
        en="a key on the certification path is too short, or of a kind that is not accepted",
        hint_vi=_NEWER_VI,
        hint_en=_NEWER_EN,
    ),
    "legacy-algorithm": Sentence(
        vi="dùng thuật toán cũ, nay không còn được phép; chỉ được chấp nhận vì có từ trước",
        en="an old algorithm is used that is not allowed any more; it counts only because it dates from before",
        hint_vi="giữ nguyên văn bản cùng dấu thời gian; văn bản mới phải dùng SHA-256 trở lên",
        hint_en="keep the document with its timestamp; new documents must use SHA-256 or better",
    ),
    "name-not-permitted": Sentence(
        vi="nơi cấp không được phép chứng thực tên này",
        en="the authority is not permitted to certify this name",
        hint_vi=_ASK_ISSUER_VI,
        hint_en=_ASK_ISSUER_EN,
    ),
    "no-chain-to-anchor": Sentence(
        vi="không tìm thấy đường dẫn chứng thực đến một tổ chức chứng thực tin cậy",
        en="no certification path leads to a trusted authority",
        hint_vi="nếu tin nơi cấp, đối chiếu SHA-256 rồi thêm chứng thư số của nơi đó bằng lệnh gsign trust add",
        hint_en="if you trust the authority, check the SHA-256 and add its certificate with `gsign trust add`",
    ),
    "not-a-timestamp-certificate": Sentence(
        vi="dấu thời gian được cấp bằng chứng thư số không dành cho việc đó",
        en="the timestamp was made with a certificate that is not for timestamps",
        hint_vi="báo cho đơn vị cung cấp dấu thời gian",
        hint_en="tell the timestamp authority",
    ),
    "path-too-long": Sentence(
        vi="đường dẫn chứng thực dài hơn mức tổ chức chứng thực cho phép",
        en="the certification path is longer than its authority allows",
        hint_vi=_ASK_ISSUER_VI,
        hint_en=_ASK_ISSUER_EN,
    ),
    "not-a-token": Sentence(
        vi="khóa nằm trong tệp PKCS#12, không phải trong thiết bị bảo mật",
        en="the key is in a PKCS#12 file, not on a token",
        hint_vi="văn bản chính thức phải được ký bằng thiết bị lưu khóa của nơi cấp chứng thư số",
        hint_en="official documents are to be signed with a token",
    ),
    "revocation-not-checked": Sentence(
        vi="chưa kiểm tra được chứng thư số có bị thu hồi hay không",
        en="whether the certificate was revoked could not be checked",
        hint_vi="kiểm tra lại khi có kết nối mạng; dùng --revocation require nếu bắt buộc phải biết",
        hint_en="check again with a network connection; use --revocation require where it must be known",
    ),
    "revocation-unavailable": Sentence(
        vi="bắt buộc kiểm tra trạng thái thu hồi nhưng chưa lấy được thông tin",
        en="the revocation status is required and could not be had",
        hint_vi="kiểm tra kết nối mạng rồi thử lại sau",
        hint_en="check the network connection and try again later",
    ),
    "timestamp-algorithm-weak": Sentence(
        vi="dấu thời gian dùng thuật toán băm không còn an toàn",
        en="the timestamp uses a digest that is no longer safe",
        hint_vi=_NEWER_VI,
        hint_en=_NEWER_EN,
    ),
    "unknown-critical-extension": Sentence(
        vi="chứng thư số có điều kiện bắt buộc mà phần mềm này không hiểu",
        en="a certificate has a compulsory condition that this program does not understand",
        hint_vi=_ASK_ISSUER_VI,
        hint_en=_ASK_ISSUER_EN,
    ),
    "wrong-extended-key-usage": Sentence(
        vi="chứng thư số chỉ dành cho mục đích khác (máy chủ, mã nguồn, dấu thời gian...), không phải để ký văn bản",
        en="the certificate is for other purposes only (servers, code, timestamps ...), not for signing documents",
        hint_vi="đề nghị người gửi ký lại bằng chứng thư số dùng để ký",
        hint_en="ask the sender to sign again with a signing certificate",
    ),
    "wrong-key-usage": Sentence(
        vi="khóa của chứng thư số không được cấp để ký",
        en="the certificate's key was not issued for signing",
        hint_vi="đề nghị người gửi ký lại bằng chứng thư số dùng để ký",
        hint_en="ask the sender to sign again with a signing certificate",
    ),
}
