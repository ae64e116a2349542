"""Sentences about gsign.toml: what is off in it, and what each key means."""

from __future__ import annotations

from typing import Final

from gsign.sentences import Sentence

__all__ = ["ERRORS", "KEYS"]

ERRORS: Final[dict[str, Sentence]] = {
    "config-unreadable": Sentence(
        vi="không đọc được tệp cấu hình {file}: {why}",
        en="the configuration file {file} cannot be read: {why}",
        hint_vi="kiểm tra đường dẫn và quyền đọc; `gsign config example` in ra một tệp mẫu",
        hint_en="check the path and the right to read it; `gsign config example` prints an example",
    ),
    "config-not-toml": Sentence(
        vi="{file} không phải là TOML hợp lệ: {why}",
        en="{file} is no valid TOML: {why}",
        hint_vi="chuỗi ký tự phải đặt trong dấu ngoặc kép; tệp phải lưu ở mã UTF-8",
        hint_en="strings stand in double quotes; the file is saved as UTF-8",
    ),
    "config-unknown-key": Sentence(
        vi="{file}: không có khóa nào tên là {key}",
        en="{file}: there is no key {key}",
        hint_vi="có phải bạn muốn viết {nearest}?",
        hint_en="did you mean {nearest}?",
    ),
    "config-unknown-key-far": Sentence(
        vi="{file}: không có khóa nào tên là {key}",
        en="{file}: there is no key {key}",
        hint_vi="các khóa có thể dùng ở đây: {known}",
        hint_en="the keys known here: {known}",
    ),
    "config-missing-key": Sentence(
        vi="{file}: thiếu khóa bắt buộc {key}",
        en="{file}: the compulsory key {key} is missing",
        hint_vi="xem ý nghĩa của khóa bằng `gsign config example`",
        hint_en="`gsign config example` shows what it means",
    ),
    "config-wrong-value": Sentence(
        vi="{file}: giá trị của {key} không đúng; cần: {expected}",
        en="{file}: the value of {key} is wrong; expected: {expected}",
        hint_vi="xem các giá trị mẫu bằng `gsign config example`",
        hint_en="`gsign config example` shows values",
    ),
    "config-file-missing": Sentence(
        vi="{file}: {key} trỏ tới {path}, nhưng không đọc được tệp này",
        en="{file}: {key} names {path}, which cannot be read",
        hint_vi="đường dẫn tương đối được tính từ thư mục chứa tệp cấu hình",
        hint_en="relative paths start from the folder of the configuration file",
    ),
    "config-not-found": Sentence(
        vi="không tìm thấy tệp cấu hình gsign.toml",
        en="no configuration file gsign.toml was found",
        hint_vi="tạo tệp bằng `gsign config example > gsign.toml`, hoặc chỉ ra tệp bằng --config",
        hint_en="make one with `gsign config example > gsign.toml`, or name one with --config",
    ),
}

KEYS: Final[dict[str, Sentence]] = {
    "token.uri": Sentence(
        vi="khóa ký: URI pkcs11: (RFC 7512) hoặc tệp .p12",
        en="the signing key: a pkcs11: URI (RFC 7512) or a .p12 file",
    ),
    "token.module": Sentence(
        vi="thư viện PKCS#11, khi URI không có module-path",
        en="PKCS#11 module, where the URI has no module-path",
    ),
    "token.pin_file": Sentence(
        vi="tệp chứa mã PIN; chỉ chủ sở hữu được đọc",
        en="file with the PIN, readable by its owner alone",
    ),
    "token.wait_seconds": Sentence(
        vi="thời gian chờ cắm lại token khi đang ký nhiều tệp",
        en="how long a batch waits for a token that was pulled out",
    ),
    "trust.anchors": Sentence(
        vi="chứng thư gốc tin cậy, ngoài các chứng thư gốc của Nhà nước đã có sẵn",
        en="trust anchors beside the pinned government ones",
    ),
    "trust.revocation": Sentence(
        vi="kiểm tra thu hồi: require (bắt buộc) | prefer (nếu được) | off (không)",
        en="require | prefer | off",
    ),
    "trust.archive": Sentence(
        vi="thư mục lưu danh sách thu hồi (CRL) theo ngày, để kiểm tra văn bản cũ khi không có mạng",
        en="folder that keeps revocation lists by their date, to judge old documents without the network",
    ),
    "trust.allow_private_addresses": Sentence(
        vi="cho phép tải chứng thư số trung gian từ địa chỉ trong mạng nội bộ do văn bản của người khác nêu ra",
        en="whether a stranger's document may make gsign fetch issuers from addresses inside this network",
    ),
    "timestamp.urls": Sentence(
        vi="máy chủ cấp dấu thời gian, thử lần lượt theo thứ tự",
        en="timestamp authorities, tried in this order",
    ),
    "relay.listen": Sentence(vi="địa chỉ nhận thư", en="where mail is taken"),
    "relay.next_hop": Sentence(vi="máy chủ thư kế tiếp", en="where mail is passed on to"),
    "relay.hostname": Sentence(vi="tên máy chủ trong lời chào và tiêu đề thư", en="name in greetings and headers"),
    "relay.budget_seconds": Sentence(
        vi="thời gian tối đa cho một thư trước khi trả lời 451",
        en="everything one message may take before it gets 451",
    ),
    "relay.max_message_bytes": Sentence(vi="kích thước thư tối đa", en="largest message taken"),
    "relay.trusted_peers": Sentence(
        vi="máy được phép dùng XFORWARD hoặc PROXY",
        en="who may use XFORWARD or PROXY",
    ),
    "relay.processes": Sentence(
        vi="số tiến trình nhận thư trên cùng một cổng; mặc định bằng nửa số lõi, máy hai hay ba lõi thì hai",
        en="processes that take mail on the same port; default: half the cores, and two where there are two or three",
    ),
    "relay.protocol": Sentence(vi="giao thức nhận thư", en="protocol in which mail is taken"),
    "relay.next_hop_protocol": Sentence(vi="giao thức của máy chủ kế tiếp", en="protocol of the next hop"),
    "relay.next_hop_tls": Sentence(
        vi="TLS tới máy chủ kế tiếp: none (không), encrypt (bắt buộc mã hóa), verify (kiểm tra cả chứng thư)",
        en="TLS to the next hop: none, encrypt (compulsory), verify (its certificate as well)",
    ),
    "relay.next_hop_ca": Sentence(
        vi="chứng thư gốc của máy chủ kế tiếp, thay cho danh sách của hệ thống",
        en="anchors for the next hop's certificate, instead of the system's",
    ),
    "relay.next_hop_sha256": Sentence(
        vi="chỉ nhận các chứng thư này của máy chủ kế tiếp (SHA-256), với verify thì thêm vào việc kiểm tra",
        en="only these certificates of the next hop are taken (SHA-256), with verify beside what it verifies",
    ),
    "relay.tls": Sentence(
        vi="TLS khi nhận thư: none, starttls (tùy máy gửi), required (bắt buộc STARTTLS), implicit (TLS ngay từ đầu)",
        en="TLS for clients: none, starttls (as they like), required (STARTTLS or no mail), implicit (from the start)",
    ),
    "relay.tls_certificate": Sentence(vi="chứng thư TLS của máy này", en="our TLS certificate"),
    "relay.tls_key": Sentence(vi="khóa riêng của chứng thư TLS", en="private key of the TLS certificate"),
    "relay.tls_client_ca": Sentence(
        vi="chứng thư gốc của máy gửi; có khóa này thì máy gửi phải xuất trình chứng thư",
        en="anchors for clients' certificates; where it is set, clients must show one",
    ),
    "relay.accounts": Sentence(
        vi="tệp tài khoản gửi thư: mỗi dòng một tên:mã băm argon2",
        en="accounts that may submit mail: lines of name:argon2-hash",
    ),
    "relay.proxy_protocol": Sentence(
        vi="chờ tiêu đề PROXY của HAProxy từ các máy trong trusted_peers",
        en="expect HAProxy's PROXY header from trusted_peers",
    ),
    "relay.max_connections": Sentence(vi="số kết nối tối đa cùng lúc", en="connections at once"),
    "relay.max_connections_per_peer": Sentence(
        vi="số kết nối tối đa cùng lúc của một địa chỉ", en="connections at once from one address"
    ),
    "relay.max_messages_per_minute": Sentence(
        vi="số thư tối đa mỗi phút của một địa chỉ", en="messages a minute from one address"
    ),
    "relay.max_recipients": Sentence(vi="số người nhận tối đa của một thư", en="recipients of one message"),
    "relay.max_message_seconds": Sentence(
        vi="thời gian tối đa để nhận nội dung một thư, dù máy gửi gửi đều từng ít một (giây)",
        en="how long a message may take to come in, however steadily it trickles (s)",
    ),
    "relay.max_session_seconds": Sentence(
        vi="thời gian tối đa của một phiên mà không có thư nào được gửi xong (giây)",
        en="how long a conversation may go on without a message (s)",
    ),
    "relay.spool": Sentence(
        vi="thư mục tạm cho thư lớn; mặc định là thư mục tạm của hệ thống",
        en="where large messages are kept while they are dealt with; default: the system's folder",
    ),
    "relay.metrics_listen": Sentence(vi="địa chỉ công bố số liệu đo", en="where metrics are served"),
    "relay.resolver": Sentence(
        vi="máy chủ tên miền để kiểm tra DKIM và ARC của thư đến; không đặt thì không kiểm tra",
        en="name server by which DKIM and ARC of what comes are verified; without it nobody looks",
    ),
    "relay.arc_domain": Sentence(
        vi="tên miền niêm phong ARC mọi thư chuyển qua", en="domain by which all mail passed on is ARC-sealed"
    ),
    "relay.arc_selector": Sentence(
        vi="selector của khóa công khai trong DNS: <selector>._domainkey.<arc_domain>",
        en="selector of the public key in DNS: <selector>._domainkey.<arc_domain>",
    ),
    "relay.arc_key": Sentence(
        vi="khóa riêng (PEM, quyền 0600): RSA từ 2048 bit hoặc Ed25519",
        en="private key (PEM, mode 0600): RSA of 2048 bits or more, or Ed25519",
    ),
    "ledger.url": Sentence(
        vi="sổ ghi: sqlite:///tệp hoặc postgresql://…",
        en="the ledger: sqlite:///file or postgresql://…",
    ),
    "ledger.station": Sentence(
        vi="tên máy này trong sổ; bỏ trống: tên máy tính. Nơi tên máy thay đổi (container) thì nên ghi rõ",
        en="this machine's name in the ledger; default: its host name. To be set where that changes (containers)",
    ),
    "ledger.checkpoint_key": Sentence(
        vi="khóa ký điểm kiểm của sổ (gsign audit checkpoint); bỏ trống: token.uri",
        en="the key that signs checkpoints of the ledger (gsign audit checkpoint); default: token.uri",
    ),
    "ledger.pseudonyms": Sentence(
        vi="true: thay tên người và phần trước @ của địa chỉ thư bằng bí danh; tên miền giữ nguyên",
        en="true: names of persons and what stands before the @ of addresses are replaced; domains stay",
    ),
    "ledger.pseudonym_key": Sentence(
        vi="tệp khóa bí danh, được tạo khi chưa có; bỏ trống: nằm cạnh tệp sổ (sổ PostgreSQL thì phải ghi rõ)",
        en="key of the pseudonyms, made where it is missing; default: beside the file (PostgreSQL: must be given)",
    ),
    "held.folder": Sentence(vi="thư mục chứa thư chờ người xử lý", en="folder of messages that wait for a person"),
    "agency.name": Sentence(vi="tên cơ quan", en="the agency's name"),
    "agency.domains": Sentence(vi="tên miền thư của cơ quan", en="its mail domains"),
    "agency.certificate_emails": Sentence(
        vi="địa chỉ trong chứng thư được coi là của cơ quan; hộp thư ghi đầy đủ được ký thay cả cơ quan",
        en="addresses in certificates that count as this agency's; a mailbox in full may sign for all of it",
    ),
    "agency.identifiers": Sentence(
        vi="mã số trong chứng thư được coi là của cơ quan",
        en="identifiers in certificates that count as this agency's",
    ),
    "agency.key": Sentence(vi="khóa ký thư đi của cơ quan (S/MIME)", en="signs this agency's outgoing mail (S/MIME)"),
    "agency.encryption_certificate": Sentence(
        vi="chứng thư để mã hóa thư gửi tới cơ quan",
        en="certificate to which mail for it is encrypted",
    ),
    "agency.mail_form": Sentence(
        vi="dạng chữ ký của thư gửi tới cơ quan: detached (ai cũng đọc được) hoặc opaque (máy chủ thư không sửa được)",
        en="form of signatures on mail to it: detached (anybody can read it) or opaque (no mail server can change it)",
    ),
    "agency.dkim_selector": Sentence(
        vi="selector của khóa DKIM trong DNS: <selector>._domainkey.<dkim_domain>",
        en="selector of the DKIM key in DNS: <selector>._domainkey.<dkim_domain>",
    ),
    "agency.dkim_domain": Sentence(
        vi="tên miền của chữ ký DKIM; mặc định là tên miền ở trường From",
        en="domain of the DKIM signature; default: the domain in From",
    ),
    "agency.dkim_key": Sentence(
        vi="khóa riêng DKIM (PEM, quyền 0600): RSA từ 2048 bit hoặc Ed25519; ký sau mọi thay đổi",
        en="private DKIM key (PEM, mode 0600): RSA of 2048 bits or more, or Ed25519; signs after all changes",
    ),
    "agency.officials": Sentence(
        vi="số cán bộ có hộp thư công vụ, để báo cáo tỷ lệ sử dụng",
        en="officials with an official mailbox, so that reports can say how many use it",
    ),
    "recipients.certificates": Sentence(
        vi="nơi tìm chứng thư số của người nhận thư mã hóa: tệp, thư mục (cả thư .eml đã ký), thư mục LDAP",
        en="where recipients' certificates are: files, folders (with earlier signed .eml too), LDAP directories",
    ),
    "cluster.files": Sentence(
        vi='tài liệu tới các máy của cụm: "shared" (cùng đường dẫn trên hệ thống tệp chung) hoặc "sent" (được gửi đi)',
        en='how documents come to workers: "shared" (same path, file system in common) or "sent"',
    ),
    "cluster.most_sent_bytes": Sentence(vi="kích thước lớn nhất của tệp được gửi đi", en="largest file that is sent"),
    "cluster.tls_ca": Sentence(
        vi="chứng thư của nơi cấp chứng thư cho cụm, và chỉ cho cụm", en="CA of the cluster, and of nothing else"
    ),
    "cluster.tls_certificate": Sentence(
        vi="chứng thư của máy này trong cụm", en="this machine's certificate in the cluster"
    ),
    "cluster.tls_key": Sentence(vi="khóa của chứng thư đó", en="its key"),
    "cluster.allow_plain": Sentence(
        vi="cho phép tcp:// tới máy khác: chỉ trong mạng khép kín",
        en="allow tcp:// to other machines: closed networks only",
    ),
    "policy.default": Sentence(
        vi="bắt buộc: xử lý khi không quy tắc nào khớp: accept | reject | hold | warn",
        en="compulsory: what happens where no rule matches: accept | reject | hold | warn",
    ),
    "policy.rule.name": Sentence(vi="quy tắc khớp đầu tiên được áp dụng", en="the first rule that matches decides"),
    "policy.rule.from": Sentence(
        vi='người gửi (phong bì): "*", tên miền, "*.tên-miền" hoặc địa chỉ',
        en='envelope sender: "*", a domain, "*.domain" or an address',
    ),
    "policy.rule.to": Sentence(vi="người nhận (phong bì)", en="envelope recipients"),
    "policy.rule.require": Sentence(
        vi="every-pdf-signed, a-signed-pdf, pdf-signer-is-sender, message-signed, everything-readable",
        en="every-pdf-signed, a-signed-pdf, pdf-signer-is-sender, message-signed, everything-readable",
    ),
    "policy.rule.otherwise": Sentence(vi="khi không đạt: reject | hold | warn", en="reject | hold | warn"),
    "policy.rule.then": Sentence(
        vi="khi đạt: sign-message, encrypt-message, dkim-sign", en="sign-message, encrypt-message, dkim-sign"
    ),
}
