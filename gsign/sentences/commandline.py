"""Sentences of the command line itself: arguments, outcomes and the words of its tables."""

from __future__ import annotations

from typing import Final

from gsign.sentences import (
    Sentence,
    audit,
    inspection,
    judging,
    mail,
    mail_encryption,
    many,
    recording,
    relay,
    roles,
    trust_command,
)

__all__ = ["ERRORS", "TEXTS"]

_SEE_HELP: Final = {"hint_vi": "xem `{command} --help`", "hint_en": "see `{command} --help`"}

ERRORS: Final[dict[str, Sentence]] = {
    "usage": Sentence(vi="tham số không đúng: {why}", en="{why}", **_SEE_HELP),
    "usage-no-such-option": Sentence(vi="không có tùy chọn {name}", en="there is no option {name}", **_SEE_HELP),
    "usage-no-such-option-near": Sentence(
        vi="không có tùy chọn {name}",
        en="there is no option {name}",
        hint_vi="có phải bạn muốn viết {near}?",
        hint_en="did you mean {near}?",
    ),
    "usage-missing": Sentence(vi="thiếu {name}", en="{name} is missing", **_SEE_HELP),
    "usage-value-missing": Sentence(vi="thiếu giá trị của {name}", en="{name} needs a value", **_SEE_HELP),
    "usage-value-extra": Sentence(vi="tùy chọn {name} không nhận giá trị", en="{name} takes no value", **_SEE_HELP),
    "usage-extra": Sentence(vi="thừa tham số: {name}", en="nothing was expected here: {name}", **_SEE_HELP),
    "usage-bad-value": Sentence(
        vi="giá trị của {name} không đúng: {why}", en="the value of {name} is wrong: {why}", **_SEE_HELP
    ),
    "usage-no-such-command": Sentence(vi="không có lệnh {name}", en="there is no command {name}", **_SEE_HELP),
    "usage-no-such-command-near": Sentence(
        vi="không có lệnh {name}",
        en="there is no command {name}",
        hint_vi="có phải bạn muốn viết {near}?",
        hint_en="did you mean {near}?",
    ),
    "stdout-unwritable": Sentence(
        vi="không ghi được kết quả ra stdout: {why}", en="the result cannot be written to stdout: {why}"
    ),
    "packages-missing": Sentence(
        vi="lệnh này cần gói Python {module}, chưa được cài",
        en="this command needs the Python package {module}, which is not installed",
        hint_vi="cài các gói đi kèm: pip install 'gsign[{extra}]'",
        hint_en="install what belongs to it: pip install 'gsign[{extra}]'",
    ),
    "keys-none-seen": Sentence(
        vi="không thấy chứng thư số nào trong token",
        en="no certificate is seen on the token",
        hint_vi="khóa không kèm chứng thư số chỉ thấy được khi có --pin-file; ghi chứng thư số vào token để ký được",
        hint_en="keys without a certificate are only seen with --pin-file; put the certificate on the token to sign",
    ),
    "internal": Sentence(
        vi="lỗi bên trong chương trình ({kind}), mã tham chiếu {reference}",
        en="internal error ({kind}), reference {reference}",
        hint_vi="chạy lại với -v để xem chi tiết, và gửi chi tiết đó cho người phát triển",
        hint_en="run again with -v for the details, and report them",
    ),
    "output-and-folder": Sentence(
        vi="không dùng đồng thời -o và --out-dir",
        en="-o and --out-dir exclude each other",
        hint_vi="dùng -o cho một tệp, --out-dir cho nhiều tệp",
        hint_en="-o is for one file, --out-dir for many",
    ),
    "output-for-one": Sentence(
        vi="-o chỉ dùng cho một tệp đầu vào, nhưng có {count} tệp",
        en="-o is for one input, and there are {count}",
        hint_vi="dùng --out-dir THƯ-MỤC",
        hint_en="use --out-dir DIR",
    ),
    "stdin-not-taken": Sentence(
        vi="“-” không phải là tệp: văn bản PDF không được đọc từ đầu vào chuẩn",
        en="“-” is no file: PDF documents are not read from standard input",
        hint_vi="lưu văn bản thành tệp rồi nêu tên tệp; gsign mail thì đọc được thư từ “-”",
        hint_en="save the document and name its file; gsign mail does read messages from “-”",
    ),
    "stdout-not-taken": Sentence(
        vi="-o cần tên tệp: “-” không phải là tệp",
        en="-o names a file, and “-” is none",
        hint_vi="chọn tên tệp; gsign mail đọc thư từ “-” mà không có -o thì kết quả ra đầu ra chuẩn",
        hint_en="choose a name; gsign mail writes to standard output where it reads from “-” and -o is not given",
    ),
    "outputs-collide": Sentence(
        vi="hai tệp đầu vào sẽ ghi ra cùng một tệp {output}",
        en="two inputs have the same output {output}",
        hint_vi="ký các tệp trùng tên trong những lần chạy riêng, với --out-dir khác nhau",
        hint_en="sign files of one name in runs of their own, with different --out-dir",
    ),
    "password-file-unreadable": Sentence(
        vi="không đọc được tệp mật khẩu {file}: {cause}",
        en="the password file {file} cannot be read: {cause}",
        hint_vi="kiểm tra đường dẫn và quyền đọc; mật khẩu nằm ở dòng đầu tiên",
        hint_en="check the path and the right to read it; the password stands in its first line",
    ),
    "pin-not-given": Sentence(
        vi="cần mã PIN nhưng không có cửa sổ dòng lệnh để hỏi",
        en="a PIN is needed, and there is no terminal to ask at",
        hint_vi="dùng --pin-file TỆP hoặc biến môi trường GSIGN_PIN_FILE",
        hint_en="use --pin-file FILE or the environment variable GSIGN_PIN_FILE",
    ),
}

TEXTS: Final[dict[str, Sentence]] = {
    **audit.TEXTS,
    **judging.TEXTS,
    **mail.TEXTS,
    **mail_encryption.TEXTS,
    **many.TEXTS,
    **inspection.TEXTS,
    **recording.TEXTS,
    **relay.TEXTS,
    **trust_command.TEXTS,
    # What an option's value has to be
    "value-address": Sentence(
        vi="cần địa chỉ thư, ví dụ vanthu@hungyen.gov.vn", en="a mail address is needed, such as vanthu@hungyen.gov.vn"
    ),
    "value-choice": Sentence(vi="cần một trong: {values}", en="one of {values} is needed"),
    "value-place": Sentence(
        vi="cần TRANG,X,Y[,RỘNG,CAO], ví dụ 1,300,180", en="PAGE,X,Y[,W,H] is needed, such as 1,300,180"
    ),
    "value-positive": Sentence(
        vi="cần một số lớn hơn 0, nhiều nhất là {most}", en="a number above 0 is needed, {most} at most"
    ),
    "value-least": Sentence(vi="cần một số nguyên từ {least} trở lên", en="a whole number from {least} is needed"),
    "value-range": Sentence(
        vi="cần một số nguyên từ {least} đến {most}", en="a whole number from {least} to {most} is needed"
    ),
    "value-sha256": Sentence(
        vi="cần SHA-256 gồm 64 chữ số thập lục phân", en="a SHA-256 in 64 hexadecimal digits is needed"
    ),
    "value-time": Sentence(
        vi="cần thời điểm theo ISO 8601, ví dụ 2026-02-23T15:39:22+07:00",
        en="an ISO 8601 time is needed, such as 2026-02-23T15:39:22+07:00",
    ),
    "value-url": Sentence(
        vi="cần URL http hoặc https, ví dụ http://tsa.example.gov.vn",
        en="an http or https URL is needed, such as http://tsa.example.gov.vn",
    ),
    # What is going on
    "ask-pin": Sentence(vi="Mã PIN: ", en="PIN: "),
    "batch-ended": Sentence(
        vi="dừng lại: còn {left} trong số {total} tệp chưa làm", en="ended: {left} of {total} files were not attempted"
    ),
    "batch-left": Sentence(vi="chưa làm: {files}", en="not attempted: {files}"),
    "done-when-interrupted": Sentence(
        vi="{file} → {output}: đã xong đúng lúc dừng", en="{file} → {output}: done as the interrupt came"
    ),
    "config-ok": Sentence(vi="{file}: cấu hình hợp lệ", en="{file}: the configuration is in order"),
    "interrupted": Sentence(vi="đã dừng theo yêu cầu", en="interrupted"),
    "not-attempted": Sentence(vi="chưa làm vì đã dừng trước đó", en="not attempted: the batch had ended before"),
    "pin-file-open": Sentence(
        vi="mọi người dùng đều đọc được tệp mã PIN {file}; hãy chạy: chmod 600 {file}",
        en="everybody can read the PIN file {file}; run: chmod 600 {file}",
    ),
    "progress": Sentence(vi="Đang xử lý", en="Working"),
    "token-back": Sentence(vi="token đã được cắm lại, tiếp tục", en="the token is back; going on"),
    "token-gone": Sentence(
        vi="token đã bị rút ra; hãy cắm lại, chương trình chờ {seconds} giây",
        en="the token was pulled out; put it back, {seconds} seconds are left",
    ),
    # Outcomes of writing commands
    "signed": Sentence(
        vi="{file} → {output}: {name} đã ký, mức {level}{key}", en="{file} → {output}: signed by {name}, {level}{key}"
    ),
    "signed-after": Sentence(
        vi="{file} → {output}: {name} đã ký sau {follows}, mức {level}{key}",
        en="{file} → {output}: signed by {name} after {follows}, {level}{key}",
    ),
    "previewed": Sentence(
        vi="{file}: các vị trí hiển thị được đánh dấu trong {output}; chưa ký gì",
        en="{file}: the places are marked in {output}; nothing was signed",
    ),
    "augmented": Sentence(vi="{file} → {output}: đã nâng lên mức {level}", en="{file} → {output}: raised to {level}"),
    "token": Sentence(vi="Token", en="Token"),
    "on-token": Sentence(vi="", en=""),
    "on-file": Sentence(vi=" (khóa trong tệp, không phải token)", en=" (key in a file, not on a token)"),
    # Tokens and keys
    "holder": Sentence(vi="Chủ thể", en="Holder"),
    "key": Sentence(vi="Khóa", en="Key"),
    "key-fits": Sentence(vi="dùng được để ký", en="fit for signing"),
    "key-unseen": Sentence(
        vi="có thể dùng để ký; thêm --pin-file để biết chắc khóa có trong token",
        en="fit for signing as far as its certificate tells; --pin-file makes sure that the key is there",
    ),
    "keys-found": Sentence(
        vi="{fit} khóa dùng được trong số {total} ứng viên", en="{fit} of {total} candidates are fit for signing"
    ),
    "module": Sentence(vi="Thư viện", en="Module"),
    "pin-state": Sentence(vi="Mã PIN", en="PIN"),
    "pin-ok": Sentence(vi="bình thường", en="in order"),
    "pin-count-low": Sentence(vi="đã có lần nhập sai", en="a wrong one was entered before"),
    "pin-final-try": Sentence(vi="chỉ còn một lần thử trước khi bị khóa", en="one try is left before it locks"),
    "pin-locked": Sentence(vi="đã bị khóa", en="locked"),
    "token-maker": Sentence(vi="Nhà sản xuất", en="Maker"),
    "token-serial": Sentence(vi="Số sê-ri", en="Serial number"),
    "uri": Sentence(vi="URI", en="URI"),
    # Demo
    "demo-begins": Sentence(
        vi="đang tạo CA thử nghiệm, token phần mềm, một quyết định mẫu và thư từ giữa hai cơ quan",
        en="making a throwaway CA, a software token, a sample decision, and mail between two agencies",
    ),
    "demo-anchor": Sentence(vi="Chứng thư CA thử nghiệm", en="Certificate of the throwaway CA"),
    "demo-document": Sentence(vi="Văn bản", en="Document"),
    "demo-by-leader": Sentence(vi="Lãnh đạo đã ký", en="Signed by the leader"),
    "demo-signed": Sentence(vi="Cơ quan đã ban hành", en="Issued by the agency"),
    "demo-mail": Sentence(
        vi="Bốn thư gửi qua máy chuyển thư của hai cơ quan, và câu trả lời cho người gửi:",
        en="Four letters through the relays of two agencies, and what their senders were told:",
    ),
    "demo-letter-signed": Sentence(
        vi="Thư kèm quyết định đã ký: cơ quan ký thư, thư tới nơi",
        en="A letter with the signed decision: the agency signed it, and it arrived",
    ),
    "demo-letter-unsigned": Sentence(
        vi="Thư kèm quyết định chưa ký: bị từ chối", en="A letter with the decision unsigned: refused"
    ),
    "demo-letter-altered": Sentence(
        vi="Thư kèm quyết định đã bị sửa: bị từ chối", en="A letter with the decision altered: refused"
    ),
    "demo-letter-held": Sentence(
        vi="Thư từ bên ngoài: giữ lại, rồi được người có trách nhiệm cho qua",
        en="A letter from outside: held, then released by a person",
    ),
    "demo-report": Sentence(
        vi="Báo cáo tháng này của hai cơ quan, lập từ sổ; mở bằng trình duyệt:",
        en="This month's report of the two agencies, made from the ledger; open it in a browser:",
    ),
    "demo-look": Sentence(vi="Tự kiểm tra bằng:", en="See for yourself:"),
    **roles.TEXTS,
    # Verification
    "file-TOTAL_PASSED": Sentence(vi="{file}: HỢP LỆ", en="{file}: VALID"),
    "file-TOTAL_FAILED": Sentence(vi="{file}: KHÔNG HỢP LỆ", en="{file}: NOT VALID"),
    "file-INDETERMINATE": Sentence(vi="{file}: CHƯA XÁC ĐỊNH", en="{file}: INDETERMINATE"),
    "file-NO_SIGNATURE_FOUND": Sentence(vi="{file}: KHÔNG CÓ CHỮ KÝ", en="{file}: NO SIGNATURE"),
    "file-UNREADABLE": Sentence(vi="{file}: KHÔNG ĐỌC ĐƯỢC", en="{file}: UNREADABLE"),
    "signature": Sentence(vi="Chữ ký", en="Signature"),
    "document-timestamp": Sentence(vi="Dấu thời gian", en="Document timestamp"),
    "signature-TOTAL_PASSED": Sentence(vi="hợp lệ (TOTAL_PASSED{sub})", en="valid (TOTAL_PASSED{sub})"),
    "signature-TOTAL_FAILED": Sentence(vi="không hợp lệ (TOTAL_FAILED{sub})", en="not valid (TOTAL_FAILED{sub})"),
    "signature-INDETERMINATE": Sentence(
        vi="chưa xác định (INDETERMINATE{sub})", en="indeterminate (INDETERMINATE{sub})"
    ),
    "signer": Sentence(vi="Người ký", en="Signer"),
    "unit": Sentence(vi="Đơn vị", en="Unit"),
    "issuer": Sentence(vi="Nơi cấp chứng thư", en="Issuer"),
    "validity": Sentence(vi="Chứng thư có hiệu lực", en="Certificate valid"),
    "integrity": Sentence(vi="Tính toàn vẹn", en="Integrity"),
    "intact": Sentence(vi="nội dung được ký không bị thay đổi", en="what was signed is unchanged"),
    "not-intact": Sentence(vi="nội dung được ký đã bị thay đổi", en="what was signed has been changed"),
    "coverage": Sentence(vi="Phạm vi ký", en="Covers"),
    "coverage-whole-file": Sentence(vi="toàn bộ tệp", en="the whole file"),
    "coverage-revision": Sentence(
        vi="tệp ở thời điểm ký; sau đó có phần thêm", en="the file as it was; more was added later"
    ),
    "coverage-none": Sentence(vi="không xác định được", en="nothing that can be relied on"),
    "changes": Sentence(vi="Thay đổi sau khi ký", en="Changes after it"),
    "changes-none": Sentence(vi="không có", en="none"),
    "changes-permitted": Sentence(vi="chỉ có thay đổi được phép", en="permitted ones only"),
    "changes-forbidden": Sentence(vi="có thay đổi không được phép", en="forbidden ones"),
    "trust": Sentence(vi="Miền tin cậy", en="Trust domain"),
    "domain-vgca": Sentence(vi="chữ ký số chuyên dùng công vụ", en="public service (VGCA)"),
    "domain-national": Sentence(vi="chữ ký số công cộng", en="public CAs under the national root"),
    "domain-local": Sentence(vi="chứng thư gốc do người dùng thêm", en="an anchor added by the user"),
    "domain-none": Sentence(vi="không có", en="none"),
    "revocation": Sentence(vi="Trạng thái thu hồi", en="Revocation"),
    "revocation-good": Sentence(vi="không bị thu hồi", en="not revoked"),
    "revocation-revoked": Sentence(vi="đã bị thu hồi", en="revoked"),
    "revocation-unknown": Sentence(vi="chưa kiểm tra được", en="not known"),
    "proven-time": Sentence(vi="Thời gian ký (dấu thời gian)", en="Signed at (timestamp)"),
    "claimed-time": Sentence(vi="Thời gian ký (do người ký khai)", en="Signed at (as claimed by the signer)"),
    "level": Sentence(vi="Mức", en="Level"),
}
