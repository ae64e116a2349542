"""Sentences about tokens, keys and PINs."""

from __future__ import annotations

from gsign.sentences import Sentence

__all__ = ["ERRORS", "REASONS", "reason_in_words"]

ERRORS: dict[str, Sentence] = {
    "uri-invalid": Sentence(
        vi="URI PKCS#11 không hợp lệ ở thuộc tính “{attribute}”",
        en="the PKCS#11 URI is malformed at “{attribute}”",
        hint_vi="viết theo RFC 7512, ví dụ pkcs11:token=VP;object=van-thu; “gsign token keys” in URI của từng khóa",
        hint_en="write it as RFC 7512 says, such as pkcs11:token=VP;object=van-thu; see “gsign token keys”",
    ),
    "no-module": Sentence(
        vi="không tìm thấy trình điều khiển PKCS#11 nào trên máy này",
        en="no PKCS#11 module was found on this machine",
        hint_vi="cài trình điều khiển do đơn vị cấp chứng thư số cung cấp, hoặc chỉ rõ tệp bằng --module",
        hint_en="install the driver of the authority that issued the token, or name its file with --module",
    ),
    "module-not-found": Sentence(
        vi="không có trình điều khiển PKCS#11 “{module}”",
        en="there is no PKCS#11 module “{module}”",
        hint_vi="kiểm tra đường dẫn ở --module, module-path trong URI hoặc mục [token] của tệp cấu hình",
        hint_en="check the path in --module, in the URI's module-path or in [token] of the configuration",
    ),
    "module-unloadable": Sentence(
        vi="không nạp được trình điều khiển PKCS#11 “{module}”: {detail}",
        en="the PKCS#11 module “{module}” cannot be loaded: {detail}",
        hint_vi="tệp này phải là thư viện PKCS#11 dùng được trên máy này; hãy cài lại trình điều khiển của token",
        hint_en="the file has to be a PKCS#11 library for this machine; install the token's driver again",
    ),
    "module-wrong-architecture": Sentence(
        vi="trình điều khiển “{module}” là bản {bits} bit, cần bản {needed} bit",
        en="the PKCS#11 module “{module}” is a {bits}-bit one, a {needed}-bit one is needed",
        hint_vi="cài bản {needed} bit của trình điều khiển",
        hint_en="install the {needed}-bit version of the driver",
    ),
    "no-token": Sentence(
        vi="không có token nào được cắm vào máy",
        en="no token is present",
        hint_vi="cắm token vào rồi thử lại; nếu đã cắm, cài trình điều khiển của hãng hoặc chỉ rõ bằng --module",
        hint_en="put the token in and try again; where it is in, install its maker's driver, or name it with --module",
    ),
    "token-not-found": Sentence(
        vi="token mà URI chỉ định không có mặt",
        en="the token that the URI means is not present",
        hint_vi="các token đang có: {tokens}",
        hint_en="tokens present: {tokens}",
    ),
    "no-signing-key": Sentence(
        vi="không có khóa nào dùng được để ký",
        en="no key can be used for signing",
        hint_vi="đã xem xét {count}: {candidates:vi}",
        hint_en="{count} considered: {candidates:en}",
    ),
    "several-signing-keys": Sentence(
        vi="có nhiều khóa ký được, chưa rõ dùng khóa nào",
        en="several keys can sign, and it is not clear which one is meant",
        hint_vi="chọn một bằng URI của nó: {candidates:vi}",
        hint_en="name one by its URI: {candidates:en}",
    ),
    "several-tokens": Sentence(
        vi="có nhiều token, chưa rõ dùng token nào",
        en="several tokens are present, and it is not clear which one is meant",
        hint_vi="chỉ rõ một token bằng URI của nó: {tokens}",
        hint_en="name one by its URI: {tokens}",
    ),
    "key-mismatch": Sentence(
        vi="khóa trên token “{token}” không phải là khóa của chứng thư số đi kèm",
        en="the key on token “{token}” is not the key of the certificate beside it",
        hint_vi="liên hệ nơi cấp token: khóa và chứng thư số trên token không khớp nhau",
        hint_en="ask the token's issuer: its key and certificate do not belong together",
    ),
    "key-removed": Sentence(
        vi="khóa đã mở không còn trên token “{token}”",
        en="the key that was opened is no longer on token “{token}”",
        hint_vi="xem lại bằng “gsign token keys”",
        hint_en="look again with “gsign token keys”",
    ),
    "token-removed": Sentence(
        vi="token “{token}” đã bị rút ra",
        en="token “{token}” was removed",
        hint_vi="cắm lại đúng token đó để ký tiếp",
        hint_en="put the same token back to go on",
    ),
    "token-failed": Sentence(
        vi="token “{token}” báo lỗi {result} ở {function}",
        en="token “{token}” answered {result} to {function}",
        hint_vi="rút token ra, cắm lại rồi thử lại",
        hint_en="take the token out, put it back and try again",
    ),
    "token-driver-crashed": Sentence(
        vi="trình điều khiển của token bị dừng đột ngột ({module})",
        en="the token's driver crashed ({module})",
        hint_vi="thử lại; nếu vẫn lỗi, hãy cập nhật trình điều khiển của token",
        hint_en="try again; if it goes on, update the token's driver",
    ),
    "token-driver-hung": Sentence(
        vi="trình điều khiển của token không trả lời trong {seconds} giây ({module})",
        en="the token's driver did not answer within {seconds} seconds ({module})",
        hint_vi="rút token ra, cắm lại rồi thử lại",
        hint_en="take the token out, put it back and try again",
    ),
    "algorithm-unsupported": Sentence(
        vi="khóa {key} trên “{token}” không ký được bằng {scheme} với {digest}",
        en="the {key} key on “{token}” cannot sign with {scheme} and {digest}",
        hint_vi="bỏ --scheme và --digest để tự chọn thuật toán phù hợp",
        hint_en="leave out --scheme and --digest to have a fitting algorithm chosen",
    ),
    "no-decryption-key": Sentence(
        vi="trên token “{token}” không có khóa nào dùng được để giải mã",
        en="token “{token}” has no key to decrypt with",
        hint_vi="cắm token có khóa mà thư được mã hóa cho; “gsign token keys” liệt kê các khóa",
        hint_en="put in the token that the message was encrypted for; “gsign token keys” lists the keys",
    ),
    "decryption-unsupported": Sentence(
        vi="khóa {key} trên token “{token}” không giải mã được theo cách mà thư này dùng",
        en="the {key} key on token “{token}” cannot decrypt in the way that this message asks for",
        hint_vi="dùng token khác có cùng khóa, hoặc đề nghị người gửi mã hóa lại theo cách khác",
        hint_en="use another token that holds the key, or have the message encrypted in another way",
    ),
    "signer-closed": Sentence(
        vi="phiên làm việc với token “{token}” đã đóng",
        en="the session with token “{token}” is closed",
        hint_vi="mở lại khóa ký",
        hint_en="open the signer again",
    ),
    "pin-needed": Sentence(
        vi="cần mã PIN của token “{token}”",
        en="token “{token}” needs its PIN",
        hint_vi="dùng --pin-file, GSIGN_PIN_FILE hoặc token.pin_file trong gsign.toml; trong cửa sổ lệnh thì được hỏi",
        hint_en="use --pin-file, GSIGN_PIN_FILE or token.pin_file in gsign.toml; in a terminal it is asked for",
    ),
    "pin-in-arguments": Sentence(
        vi="không ghi mã PIN (pin-value) vào dòng lệnh: ai xem danh sách tiến trình cũng thấy",
        en="a PIN (pin-value) does not belong on the command line, where the list of processes shows it",
        hint_vi="dùng --pin-file, hoặc pin-source trong URI; nếu người khác có thể đã thấy thì hãy đổi mã PIN",
        hint_en="use --pin-file, or pin-source in the URI; change the PIN where somebody may have seen it",
    ),
    "pin-cancelled": Sentence(
        vi="chưa nhập mã PIN cho token “{token}”",
        en="no PIN was entered for token “{token}”",
        hint_vi="chạy lại và nhập mã PIN",
        hint_en="run again and enter the PIN",
    ),
    "pin-incorrect": Sentence(
        vi="mã PIN của “{token}” không đúng; không thử lại",
        en="the PIN for “{token}” is wrong; it is not tried again",
        hint_vi="kiểm tra lại mã PIN trước khi chạy lại: nhập sai vài lần sẽ khóa token",
        hint_en="check the PIN before running again: a few wrong ones lock the token",
    ),
    "pin-final-try": Sentence(
        vi="token “{token}” chỉ còn một lần nhập mã PIN, nên không thử",
        en="token “{token}” has one PIN try left, which is not used",
        hint_vi="nếu chắc chắn mã PIN đúng, thêm --use-last-try",
        hint_en="if the PIN is surely right, add --use-last-try",
    ),
    "pin-locked": Sentence(
        vi="mã PIN của token “{token}” đã bị khóa",
        en="the PIN of token “{token}” is locked",
        hint_vi="mang token đến nơi cấp để mở khóa",
        hint_en="have the token unlocked by its issuer",
    ),
    "pin-expired": Sentence(
        vi="mã PIN của token “{token}” phải được đổi trước",
        en="the PIN of token “{token}” has to be changed first",
        hint_vi="đổi mã PIN bằng phần mềm đi kèm token",
        hint_en="change it with the software that came with the token",
    ),
    "pin-not-set": Sentence(
        vi="token “{token}” chưa được đặt mã PIN",
        en="token “{token}” has no PIN yet",
        hint_vi="đặt mã PIN bằng phần mềm đi kèm token",
        hint_en="set one with the software that came with the token",
    ),
    "pin-source-unreadable": Sentence(
        vi="không đọc được mã PIN từ “{path}”: {detail}",
        en="no PIN can be read from “{path}”: {detail}",
        hint_vi="mã PIN phải nằm ở dòng đầu của một tệp mà bạn đọc được",
        hint_en="the PIN has to be the first line of a file that you can read",
    ),
    "softhsm-missing": Sentence(
        vi="chưa cài token phần mềm SoftHSM",
        en="the software token SoftHSM is not installed",
        hint_vi="cài bằng: apt install softhsm2",
        hint_en="install it: apt install softhsm2",
    ),
    "pkcs12-password-incorrect": Sentence(
        vi="mật khẩu của “{path}” không đúng",
        en="the password of “{path}” is wrong",
        hint_vi="kiểm tra lại mật khẩu của tệp PKCS#12",
        hint_en="check the password of the PKCS#12 file",
    ),
    "pkcs12-unreadable": Sentence(
        vi="không đọc được tệp PKCS#12 “{path}”",
        en="the PKCS#12 file “{path}” cannot be read",
        hint_vi="tệp phải có đuôi .p12 hoặc .pfx, chứa khóa và chứng thư số",
        hint_en="it has to be a .p12 or .pfx file that holds a key and its certificate",
    ),
    "key-file-missing": Sentence(
        vi="không có tệp khóa “{path}”",
        en="there is no key file “{path}”",
        hint_vi="khóa trên token phải được chỉ rõ bằng URI pkcs11:…; “gsign token keys” in URI của từng khóa",
        hint_en="a key on a token is named by its pkcs11: URI; “gsign token keys” prints the URI of each",
    ),
    "pkcs12-incomplete": Sentence(
        vi="tệp PKCS#12 “{path}” thiếu khóa hoặc chứng thư số của khóa",
        en="the PKCS#12 file “{path}” lacks a key or the key's certificate",
        hint_vi="xuất lại tệp kèm cả khóa riêng và chứng thư số",
        hint_en="export it again with private key and certificate",
    ),
}

REASONS: dict[str, Sentence] = {
    "ca-certificate": Sentence(vi="chứng thư số của tổ chức chứng thực", en="a certification authority's certificate"),
    "certificate-unreadable": Sentence(vi="không đọc được chứng thư số", en="the certificate cannot be read"),
    "duplicate": Sentence(vi="trùng với chứng thư số đã liệt kê", en="the same certificate as one listed before"),
    "expired": Sentence(vi="chứng thư số đã hết hạn", en="the certificate has expired"),
    "extended-key-usage": Sentence(
        vi="chứng thư số chỉ dùng cho mục đích khác", en="the certificate is for other purposes only"
    ),
    "key-mismatch": Sentence(
        vi="khóa và chứng thư số không khớp nhau", en="key and certificate do not belong together"
    ),
    "key-too-short": Sentence(vi="khóa quá ngắn", en="the key is too short"),
    "key-unsupported": Sentence(vi="loại khóa không được hỗ trợ", en="the type of key is not supported"),
    "key-usage": Sentence(vi="chứng thư số không cho phép ký", en="the certificate does not allow signatures"),
    "no-certificate": Sentence(vi="khóa không có chứng thư số", en="there is no certificate for the key"),
    "no-private-key": Sentence(vi="không có khóa riêng", en="there is no private key"),
    "not-yet-valid": Sentence(vi="chứng thư số chưa có hiệu lực", en="the certificate is not valid yet"),
    "other-id": Sentence(vi="khác mã định danh được yêu cầu", en="another id than asked for"),
    "other-issuer": Sentence(vi="do nơi cấp khác", en="of an issuer that is not acceptable"),
    "other-label": Sentence(vi="khác tên được yêu cầu", en="another label than asked for"),
    "other-type": Sentence(vi="khác loại được yêu cầu", en="another type than asked for"),
    "signing-not-permitted": Sentence(vi="khóa không được phép ký", en="the key is not permitted to sign"),
    "superseded": Sentence(
        vi="đã được thay bằng chứng thư số mới hơn cho cùng khóa",
        en="replaced by a newer certificate for the same key",
    ),
}


def reason_in_words(reason: str, lang: str) -> str:
    """Say why a key was not taken, in `vi` or `en`."""
    entry = REASONS.get(reason)
    if entry is None:
        return reason
    return entry.vi if lang == "vi" else entry.en
