"""What `gsign trust` says."""

from __future__ import annotations

from typing import Final

from gsign.sentences import Sentence

__all__ = ["ERRORS", "TEXTS"]

ERRORS: Final[dict[str, Sentence]] = {
    "trust-sha256-differs": Sentence(
        vi="không có chứng thư số nào ở đó có SHA-256 {wanted}; có: {found}",
        en="no certificate there has the SHA-256 {wanted}; found: {found}",
        hint_vi="không tin chứng thư số này trước khi đối chiếu lại SHA-256 với nơi cấp qua kênh khác",
        hint_en="do not trust it before you have compared the SHA-256 with its authority by another way",
    ),
    "trust-unconfirmed": Sentence(
        vi="chứng thư số “{subject}” chưa được xác nhận; SHA-256: {sha256}",
        en="nobody confirmed the certificate of “{subject}”; its SHA-256: {sha256}",
        hint_vi="đối chiếu SHA-256 với công bố của nơi cấp, rồi chạy lại với --sha256 {sha256}",
        hint_en="compare the SHA-256 with what its authority published, then run again with --sha256 {sha256}",
    ),
    "trust-not-confirmed": Sentence(
        vi="các ký tự vừa nhập không khớp với SHA-256 của “{subject}”; không thêm gì",
        en="what was typed is not the SHA-256 of “{subject}”; nothing was added",
        hint_vi="đối chiếu với công bố của nơi cấp; nếu khác nhau thì chứng thư số này là giả",
        hint_en="compare with what its authority published; where it differs, the certificate is an impostor's",
    ),
}

TEXTS: Final[dict[str, Sentence]] = {
    "ask-sha256": Sentence(
        vi="Nhập {count} ký tự đầu của SHA-256 do nơi cấp công bố: ",
        en="Type the first {count} characters of the SHA-256 that the authority published: ",
    ),
    "subject": Sentence(vi="Chủ thể", en="Subject"),
    "sha256": Sentence(vi="SHA-256", en="SHA-256"),
    "authority-use": Sentence(vi="Vai trò", en="Use"),
    "authority-source": Sentence(vi="Nguồn", en="From"),
    "use-anchor": Sentence(vi="chứng thư gốc tin cậy", en="trust anchor"),
    "use-intermediate": Sentence(vi="chứng thư trung gian", en="intermediate"),
    "use-intermediate-idle": Sentence(
        vi="chứng thư trung gian, chưa dùng được vì nơi cấp nó chưa được tin cậy",
        en="intermediate, without effect: the authority above it is not trusted",
    ),
    "use-known": Sentence(
        vi="đã biết nhưng chưa tin cậy; thêm bằng `gsign trust add` sau khi đối chiếu SHA-256",
        en="known, not trusted; `gsign trust add` after comparing its SHA-256",
    ),
    "source-pinned": Sentence(vi="ghi sẵn trong gsign", en="pinned in gsign"),
    "source-configuration": Sentence(vi="tệp cấu hình", en="configuration"),
    "source-user": Sentence(vi="người dùng thêm", en="added by the user"),
    "source-fetched": Sentence(vi="tải về khi kiểm tra", en="fetched while verifying"),
    "trust-added": Sentence(
        vi="đã thêm “{name}” vào danh sách tin cậy ({domain}), SHA-256 {sha256}",
        en="“{name}” is trusted now ({domain}), SHA-256 {sha256}",
    ),
    "trust-confirmed": Sentence(
        vi="“{name}” đã có trong danh sách tin cậy ({domain}), SHA-256 {sha256}",
        en="“{name}” was trusted already ({domain}), SHA-256 {sha256}",
    ),
    "trust-pinned": Sentence(
        vi="“{name}” đúng là chứng thư số ghi sẵn trong gsign ({domain}), đã lưu; SHA-256 {sha256}",
        en="“{name}” is the very certificate pinned in gsign ({domain}), and is kept; SHA-256 {sha256}",
    ),
    "trust-removed": Sentence(
        vi="không còn tin cậy “{name}”, SHA-256 {sha256}", en="“{name}” is trusted no more, SHA-256 {sha256}"
    ),
    "trust-left-out": Sentence(
        vi="bỏ qua {count} chứng thư số khác vì --sha256 không nêu", en="left out {count} that --sha256 does not name"
    ),
    "trust-namesake": Sentence(
        vi="“{subject}” trùng tên với {id} ghi sẵn trong gsign nhưng là chứng thư số khác; rất có thể là giả mạo",
        en="“{subject}” has the name of {id}, which is pinned in gsign, and is another certificate: likely an impostor",
    ),
    "refresh-certificate-new": Sentence(
        vi="{authority}: đã tải chứng thư số, đúng SHA-256", en="{authority}: certificate fetched, SHA-256 is right"
    ),
    "refresh-certificate-unchanged": Sentence(
        vi="{authority}: chứng thư số đã có sẵn", en="{authority}: certificate is at hand"
    ),
    "refresh-crl-new": Sentence(
        vi="{authority}: đã lưu danh sách thu hồi mới, có giá trị đến {until}",
        en="{authority}: new revocation list, good until {until}",
    ),
    "refresh-crl-unchanged": Sentence(
        vi="{authority}: danh sách thu hồi không đổi, có giá trị đến {until}",
        en="{authority}: revocation list unchanged, good until {until}",
    ),
    "refresh-not-fetched": Sentence(
        vi="{authority}: không tải được {url}: {cause}; hãy thử lại sau",
        en="{authority}: {url} could not be fetched: {cause}; try again later",
    ),
    "refresh-unusable": Sentence(
        vi="{authority}: dữ liệu ở {url} không phải danh sách thu hồi của cơ quan này: {cause}; hãy thử lại sau",
        en="{authority}: what {url} holds is no revocation list of this authority: {cause}; try again later",
    ),
    "refresh-not-the-pinned-one": Sentence(
        vi="{authority}: chứng thư số ở {url} có SHA-256 khác với SHA-256 ghi sẵn trong gsign (có: {cause}); "
        "không dùng, hãy hỏi nơi cấp",
        en="{authority}: the certificate at {url} has another SHA-256 than the one pinned in gsign (found: {cause}); "
        "it is not used, ask the authority",
    ),
    "refresh-not-kept": Sentence(
        vi="{authority}: không ghi được vào {cause}; hãy kiểm tra quyền ghi",
        en="{authority}: cannot write to {cause}; check the right to write there",
    ),
}
