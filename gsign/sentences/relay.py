"""Sentences about the relay: the next hop, the ledger, messages that wait."""

from __future__ import annotations

from typing import Final

from gsign.sentences import Sentence

__all__ = ["ERRORS", "REASONS", "TEXTS"]

_LATER_VI: Final = "máy gửi sẽ tự gửi lại; kiểm tra máy chủ kế tiếp nếu lỗi kéo dài"
_LATER_EN: Final = "the sending server tries again by itself; look at the next hop if this goes on"

ERRORS: Final[dict[str, Sentence]] = {
    "next-hop-unreachable": Sentence(
        vi="không kết nối được tới máy chủ thư kế tiếp {address}: {cause}",
        en="the next hop {address} cannot be reached: {cause}",
        hint_vi=_LATER_VI,
        hint_en=_LATER_EN,
    ),
    "next-hop-lost": Sentence(
        vi="mất kết nối với máy chủ thư kế tiếp {address}: {cause}",
        en="the connection to the next hop {address} broke: {cause}",
        hint_vi=_LATER_VI,
        hint_en=_LATER_EN,
    ),
    "next-hop-refuses-service": Sentence(
        vi="máy chủ thư kế tiếp {address} từ chối phục vụ: {reply}",
        en="the next hop {address} refuses service: {reply}",
        hint_vi=_LATER_VI,
        hint_en=_LATER_EN,
    ),
    "next-hop-without-tls": Sentence(
        vi="máy chủ thư kế tiếp {address} không có STARTTLS",
        en="the next hop {address} offers no STARTTLS",
        hint_vi="bật TLS trên máy chủ đó, hoặc xem lại relay.next_hop_tls",
        hint_en="enable TLS there, or look at relay.next_hop_tls",
    ),
    "next-hop-busy": Sentence(
        vi="đã dùng hết số kết nối tới máy chủ thư kế tiếp {address}",
        en="all connections to the next hop {address} are in use",
        hint_vi=_LATER_VI,
        hint_en=_LATER_EN,
    ),
    "next-hop-lacks-extension": Sentence(
        vi="máy chủ thư kế tiếp {address} không còn hỗ trợ {missing} như đã thông báo trước đó",
        en="the next hop {address} no longer offers {missing}, which its clients have been told of",
        hint_vi=_LATER_VI,
        hint_en=_LATER_EN,
    ),
    "next-hop-changed-its-mind": Sentence(
        vi="máy chủ thư kế tiếp {address} nay từ chối một người nhận mà trước đó đã chấp nhận",
        en="the next hop {address} now refuses a recipient that it had accepted",
        hint_vi=_LATER_VI,
        hint_en=_LATER_EN,
    ),
    "ledger-newer": Sentence(
        vi="sổ do bản gsign mới hơn tạo (phiên bản {revision}, bản này biết đến {known})",
        en="the ledger was made by a later gsign (revision {revision}; this one knows {known})",
        hint_vi="cài bản gsign mới nhất trên máy này",
        hint_en="install the latest gsign on this machine",
    ),
    "ledger-unwritable": Sentence(
        vi="không ghi được vào sổ: {cause}",
        en="the ledger cannot be written: {cause}",
        hint_vi="kiểm tra ledger.url: thư mục có tồn tại, quyền ghi, dung lượng đĩa; chưa ghi được sổ thì không ký,"
        " không chuyển gì",
        hint_en="check ledger.url: its folder, the right to write, disk space; without it nothing is signed or sent on",
    ),
    "held-unwritable": Sentence(
        vi="không giữ được thư: {cause}",
        en="the message cannot be held: {cause}",
        hint_vi="kiểm tra dung lượng đĩa và quyền ghi của held.folder",
        hint_en="check disk space and the right to write to held.folder",
    ),
    "held-unreadable": Sentence(
        vi="không đọc được thư đang giữ {id}: {cause}",
        en="the held message {id} cannot be read: {cause}",
        hint_vi="kiểm tra quyền đọc của held.folder",
        hint_en="check the right to read held.folder",
    ),
    "held-unknown": Sentence(
        vi="không có thư nào đang giữ với mã {id}",
        en="no message {id} is held",
        hint_vi="`gsign held list` liệt kê các thư đang giữ; có thể người khác vừa xử lý thư này",
        hint_en="`gsign held list` shows those that are; somebody else may just have dealt with it",
    ),
    "held-damaged": Sentence(
        vi="phong bì của thư đang giữ {id} bị hỏng, nên không chuyển đi được",
        en="the envelope of the held message {id} is damaged, so that it cannot be sent on",
        hint_vi="khôi phục envelope.json trong {path} từ bản sao lưu; sổ ghi có người gửi và người nhận",
        hint_en="restore envelope.json in {path} from a backup; the ledger has sender and recipients",
    ),
    "held-altered": Sentence(
        vi="nội dung thư đang giữ {id} không còn như lúc nhận, nên không chuyển đi",
        en="the held message {id} is no longer as it was received, so that it is not sent on",
        hint_vi="khôi phục message.eml trong {path} từ bản sao lưu, hoặc từ chối thư bằng `gsign held reject`",
        hint_en="restore message.eml in {path} from a backup, or use `gsign held reject`",
    ),
    "held-in-use": Sentence(
        vi="thư {id} đang được người khác xử lý",
        en="somebody else deals with the message {id} now",
        hint_vi="đợi người đó xong, rồi xem lại bằng `gsign held list`",
        hint_en="wait for them, then look again with `gsign held list`",
    ),
    "held-recipient-refused": Sentence(
        vi="máy chủ kế tiếp không nhận {recipient}: {reply}",
        en="the next hop does not take {recipient}: {reply}",
        hint_vi="thư vẫn được giữ; xử lý lỗi rồi thử lại, hoặc từ chối thư bằng `gsign held reject`",
        hint_en="the message is still held; mend the fault and try again, or use `gsign held reject`",
    ),
    "held-not-taken": Sentence(
        vi="máy chủ kế tiếp không nhận thư: {reply}",
        en="the next hop does not take the message: {reply}",
        hint_vi="thư vẫn được giữ; xử lý lỗi rồi thử lại, hoặc từ chối thư bằng `gsign held reject`",
        hint_en="the message is still held; mend the fault and try again, or use `gsign held reject`",
    ),
    "section-missing": Sentence(
        vi="cấu hình thiếu mục [{section}]",
        en="the configuration has no section [{section}]",
        hint_vi="xem mẫu bằng `gsign config example`",
        hint_en="`gsign config example` shows one",
    ),
    "held-not-configured": Sentence(
        vi="cấu hình không có held.folder, nhưng quy tắc yêu cầu giữ thư",
        en="the configuration has no held.folder, though a rule holds messages",
        hint_vi="thêm mục [held] với khóa folder",
        hint_en="add a section [held] with the key folder",
    ),
    "listen-impossible": Sentence(
        vi="không mở được địa chỉ nhận thư {address}: {cause}",
        en="mail cannot be taken at {address}: {cause}",
        hint_vi="kiểm tra relay.listen; có thể chương trình khác đang dùng cổng này",
        hint_en="look at relay.listen; another program may have the port",
    ),
    "metrics-impossible": Sentence(
        vi="không mở được địa chỉ số liệu {address}: {cause}",
        en="the metrics cannot be offered at {address}: {cause}",
        hint_vi="kiểm tra relay.metrics_listen; có thể chương trình khác đang dùng cổng này; thư vẫn được chuyển",
        hint_en="look at relay.metrics_listen; another program may have the port; mail is passed on all the same",
    ),
    "relay-not-ready": Sentence(
        vi="máy chuyển thư không khởi động được: {cause}",
        en="the relay did not start: {cause}",
        hint_vi="cài phần mở rộng relay: pip install 'gsign[relay]'",
        hint_en="install the extra relay: pip install 'gsign[relay]'",
    ),
    "key-busy": Sentence(
        vi="khóa của cơ quan {agency} đang có quá nhiều thư chờ ký",
        en="too many messages wait for the key of {agency}",
        hint_vi=_LATER_VI,
        hint_en="the sending server tries again by itself; a token that signs faster, or a second one, helps",
    ),
    "out-of-budget": Sentence(
        vi="không kiểm tra xong thư trong thời gian cho phép (relay.budget_seconds)",
        en="the message was not judged within its time (relay.budget_seconds)",
        hint_vi="máy gửi sẽ tự gửi lại; máy này có thể đang quá tải",
        hint_en="the sending server tries again by itself; the machine may have too much to do",
    ),
    "key-too-slow": Sentence(
        vi="khóa của cơ quan {agency} (hoặc thư mục chứng thư) không làm xong trong thời gian cho phép",
        en="the key of {agency}, or a directory of certificates, took too long",
        hint_vi="máy gửi sẽ tự gửi lại; kiểm tra token ký nếu lỗi kéo dài",
        hint_en="the sending server tries again by itself; look at the token if this goes on",
    ),
    "accounts-unreadable": Sentence(
        vi="không đọc được tệp tài khoản {file}: {cause}",
        en="the accounts in {file} cannot be read: {cause}",
        hint_vi="mỗi dòng có dạng tên:$argon2id$…; dòng bắt đầu bằng # là ghi chú",
        hint_en="each line is name:$argon2id$…; lines that begin with # are comments",
    ),
    "accounts-line": Sentence(
        vi="tệp tài khoản {file}: dòng {line} không đúng dạng",
        en="the accounts in {file}: line {line} is not what it should be",
        hint_vi="mỗi dòng có dạng tên:$argon2id$…; dòng bắt đầu bằng # là ghi chú",
        hint_en="each line is name:$argon2id$…; lines that begin with # are comments",
    ),
    "tls-incomplete": Sentence(
        vi="relay.tls cần cả relay.tls_certificate và relay.tls_key",
        en="relay.tls needs relay.tls_certificate and relay.tls_key",
        hint_vi="đặt cả hai khóa, hoặc đặt relay.tls là none",
        hint_en="set both, or set relay.tls to none",
    ),
    "tls-unreadable": Sentence(
        vi="không dùng được chứng thư hoặc khóa TLS {file}: {cause}",
        en="the TLS certificate or key {file} cannot be used: {cause}",
        hint_vi="kiểm tra đường dẫn, quyền đọc và định dạng PEM; khóa phải đi với chứng thư",
        hint_en="check path, right to read, and that it is PEM; key and certificate must belong together",
    ),
    "dns-unreachable": Sentence(
        vi="tạm thời không tra được tên miền {name}: {cause}",
        en="{name} cannot be looked up for now: {cause}",
        hint_vi="kiểm tra máy chủ tên miền ở relay.resolver",
        hint_en="look at the name server in relay.resolver",
    ),
    "domain-key-incomplete": Sentence(
        vi="mục [{section}] cần đủ các khóa: {keys}",
        en="[{section}] needs all of: {keys}",
        hint_vi="đặt đủ các khóa đó, hoặc bỏ hết",
        hint_en="set them all, or none",
    ),
    "domain-key-unreadable": Sentence(
        vi="không đọc được khóa của tên miền {file}: {cause}",
        en="the domain's key {file} cannot be read: {cause}",
        hint_vi="cần khóa riêng dạng PEM, không đặt mật khẩu: RSA hoặc Ed25519",
        hint_en="a private key in PEM without a password is needed: RSA or Ed25519",
    ),
    "domain-key-exposed": Sentence(
        vi="người khác đọc được khóa của tên miền {file}",
        en="others may read the domain's key {file}",
        hint_vi="chmod 0600 cho tệp này; nếu có thể đã lộ, hãy tạo khóa mới và đổi bản ghi DNS",
        hint_en="set its mode to 0600; if it may have been read, make a new key and change the DNS record",
    ),
    "domain-key-weak": Sentence(
        vi="khóa của tên miền {file} chỉ có {bits} bit",
        en="the domain's key {file} has only {bits} bits",
        hint_vi="tạo khóa RSA từ 2048 bit hoặc khóa Ed25519",
        hint_en="make an RSA key of 2048 bits or more, or an Ed25519 key",
    ),
    "arc-without-resolver": Sentence(
        vi="relay.arc_key cần có relay.resolver",
        en="relay.arc_key needs relay.resolver",
        hint_vi="niêm phong ARC nói kết quả kiểm tra thư đến, nên phải tra được khóa của các máy trước",
        hint_en="a seal says what was found of those before, and their keys have to be looked up",
    ),
    "agency-key-missing": Sentence(
        vi="cơ quan {agency} không có khóa để ký thư",
        en="the agency {agency} has no key to sign mail with",
        hint_vi="đặt khóa key trong mục [[agency]] của cơ quan này",
        hint_en="set key in this agency's [[agency]]",
    ),
    "agency-unknown": Sentence(
        vi="không biết {address} thuộc cơ quan nào",
        en="the agency of {address} is not known",
        hint_vi="thêm tên miền vào domains của một mục [[agency]]",
        hint_en="add the domain to domains of an [[agency]]",
    ),
}

REASONS: Final[dict[str, Sentence]] = {
    "no-rule-matches": Sentence(
        vi="không có quy tắc nào cho người gửi và người nhận này",
        en="no rule covers this sender and recipient",
        hint_vi="hỏi người quản trị thư của cơ quan",
        hint_en="ask the agency's mail administrator",
    ),
    "content-ambiguous": Sentence(
        vi="thư có cấu trúc mà mỗi chương trình đọc một khác: {path} ({details})",
        en="the message has a structure that programs read differently: {path} ({details})",
        hint_vi="soạn lại thư bằng chương trình thư thông thường rồi gửi lại",
        hint_en="write the message again with an ordinary mail program",
    ),
    "content-unreadable": Sentence(
        vi="có phần không kiểm tra được: {path} ({details})",
        en="a part cannot be looked into: {path} ({details})",
        hint_vi="gửi tệp không đặt mật khẩu và không nén nhiều lớp",
        hint_en="send files without a password and not packed in many layers",
    ),
    "pdf-not-signed": Sentence(
        vi="văn bản chưa được ký số: {path}",
        en="the document is not signed: {path}",
        hint_vi="ký số văn bản bằng token được cấp rồi gửi lại",
        hint_en="sign it with the token issued to you and send it again",
    ),
    "pdf-broken": Sentence(
        vi="chữ ký số trên văn bản không hợp lệ hoặc văn bản đã bị sửa: {path} ({details})",
        en="the document's signature does not hold, or the document was altered: {path} ({details})",
        hint_vi="lấy lại bản gốc đã ký từ nơi phát hành; không lưu lại tệp sau khi ký",
        hint_en="take the signed original from who issued it; never save a file again after signing",
    ),
    "pdf-not-passed": Sentence(
        vi="chưa đủ căn cứ để tin chữ ký số trên văn bản: {path} ({details})",
        en="there is not enough to rely on the document's signature: {path} ({details})",
        hint_vi="dùng chứng thư do Ban Cơ yếu Chính phủ cấp, còn hiệu lực, và có dấu thời gian",
        hint_en="use a valid certificate of the government's authority, with a timestamp",
    ),
    "pdf-unreadable": Sentence(
        vi="không đọc được văn bản: {path} ({details})",
        en="the document cannot be read: {path} ({details})",
        hint_vi="gửi tệp PDF không đặt mật khẩu và không hỏng",
        hint_en="send a PDF file that is whole and has no password",
    ),
    "no-pdf": Sentence(
        vi="thư không có văn bản PDF nào đã ký số",
        en="the message carries no signed PDF document",
        hint_vi="đính kèm văn bản đã ký số",
        hint_en="attach the signed document",
    ),
    "sender-agency-unknown": Sentence(
        vi="không biết người gửi thuộc cơ quan nào",
        en="the sender's agency is not known",
        hint_vi="gửi từ hộp thư công vụ, hoặc nhờ người quản trị thêm tên miền",
        hint_en="send from the official mailbox, or have the domain added",
    ),
    "from-is-not-account": Sentence(
        vi="địa chỉ ở trường From không phải của tài khoản đã đăng nhập",
        en="the address in From is not that of the account",
        hint_vi="đặt From là địa chỉ của tài khoản, hoặc đăng nhập bằng tài khoản của địa chỉ đó",
        hint_en="set From to the account's address, or log in to the account of that address",
    ),
    "from-is-not-sender": Sentence(
        vi="địa chỉ ở trường From không thuộc cơ quan của người gửi",
        en="the address in From is not of the sender's agency",
        hint_vi="đặt From là hộp thư công vụ của mình",
        hint_en="set From to your own official mailbox",
    ),
    "pdf-signer-is-not-sender": Sentence(
        vi="văn bản không do cơ quan gửi ký: {path}",
        en="the document was not signed by the sending agency: {path}",
        hint_vi="ký văn bản bằng chứng thư của cơ quan gửi, hoặc gửi bản sao có chữ ký số của cơ quan",
        hint_en="sign it with a certificate of the sending agency, or send a copy that carries its signature",
    ),
    "message-not-signed": Sentence(
        vi="thư chưa được ký số (S/MIME)",
        en="the message is not signed (S/MIME)",
        hint_vi="bật ký số trong chương trình thư",
        hint_en="switch signing on in the mail program",
    ),
    "message-broken": Sentence(
        vi="chữ ký số của thư không hợp lệ ({details})",
        en="the message's signature does not hold ({details})",
        hint_vi="gửi lại thư; nếu vẫn bị từ chối, máy chủ trên đường đi đã sửa thư",
        hint_en="send it again; if it is refused again, a server on its way alters messages",
    ),
    "message-not-passed": Sentence(
        vi="chưa đủ căn cứ để tin chữ ký số của thư ({details})",
        en="there is not enough to rely on the message's signature ({details})",
        hint_vi="ký bằng chứng thư có địa chỉ đúng như trường From và còn hiệu lực",
        hint_en="sign with a valid certificate that carries the address in From",
    ),
    "message-not-judged": Sentence(
        vi="tạm thời chưa kiểm tra được chữ ký số của thư ({details})",
        en="the message's signature cannot be judged for now ({details})",
        hint_vi="máy gửi sẽ tự gửi lại",
        hint_en="the sending server tries again by itself",
    ),
}

TEXTS: Final[dict[str, Sentence]] = {
    "decision-pass": Sentence(vi="{file}: cho qua theo quy tắc “{rule}”", en="{file}: passes by the rule “{rule}”"),
    "decision-warn": Sentence(
        vi="{file}: cho qua theo quy tắc “{rule}”, kèm cảnh báo",
        en="{file}: passes by the rule “{rule}”, with a warning",
    ),
    "decision-hold": Sentence(
        vi="{file}: giữ lại chờ người xem xét theo quy tắc “{rule}”",
        en="{file}: is held for a person by the rule “{rule}”",
    ),
    "decision-reject": Sentence(
        vi="{file}: từ chối theo quy tắc “{rule}”", en="{file}: is refused by the rule “{rule}”"
    ),
    "decision-defer": Sentence(
        vi="{file}: tạm hoãn theo quy tắc “{rule}”", en="{file}: is put off by the rule “{rule}”"
    ),
    "decision-then": Sentence(vi="sẽ làm thêm: {then}", en="will also be done: {then}"),
    "no-rule": Sentence(vi="mặc định", en="default"),
    "held-none": Sentence(vi="không có thư nào đang giữ", en="no messages are held"),
    "held-released": Sentence(vi="{id}: đã chuyển đi ({reply})", en="{id}: sent on ({reply})"),
    "held-rejected": Sentence(vi="{id}: đã từ chối, đã báo cho {sender}", en="{id}: refused, {sender} has been told"),
    "held-rejected-silently": Sentence(
        vi="{id}: đã từ chối; không có người gửi nào cần báo", en="{id}: refused; there is no sender to tell"
    ),
    "held-rejected-untold": Sentence(
        vi="{id}: đã từ chối, nhưng không báo được cho người gửi: {reply}",
        en="{id}: refused, but its sender could not be told: {reply}",
    ),
    "held-sender": Sentence(vi="Người gửi", en="Sender"),
    "held-recipients": Sentence(vi="Người nhận", en="Recipients"),
    "held-subject": Sentence(vi="Tiêu đề", en="Subject"),
    "held-since": Sentence(vi="Giữ từ", en="Held since"),
    "held-rule": Sentence(vi="Quy tắc", en="Rule"),
    "held-reasons": Sentence(vi="Lý do", en="Reasons"),
    "held-file": Sentence(vi="Tệp", en="File"),
}
