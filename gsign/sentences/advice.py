"""Sentences about configurations that contradict themselves, or that nobody would want."""

from __future__ import annotations

from typing import Final

from gsign.sentences import Sentence

__all__ = ["REASONS"]

REASONS: Final[dict[str, Sentence]] = {
    "config-secret-open": Sentence(
        vi="{key}: người dùng khác đọc được tệp {file}",
        en="{key}: others may read {file}",
        hint_vi="chạy: chmod 600 {file}",
        hint_en="run: chmod 600 {file}",
    ),
    "config-ledger-without-folder": Sentence(
        vi="{key}: chưa có thư mục {folder}, nên không ghi được sổ và không ký, không kiểm tra được gì",
        en="{key}: there is no folder {folder}, so that nothing is written down, and nothing signed or verified",
        hint_vi="tạo thư mục đó (systemd tự tạo khi có StateDirectory), hoặc sửa ledger.url",
        hint_en="make it (systemd does where there is a StateDirectory), or change ledger.url",
    ),
    "config-not-a-folder": Sentence(
        vi="{key}: {file} là tệp, không phải thư mục",
        en="{key}: {file} is a file, not a folder",
        hint_vi="ghi đường dẫn của một thư mục, hoặc chuyển tệp này đi nơi khác",
        hint_en="name a folder, or move the file away",
    ),
    "config-own-next-hop": Sentence(
        vi="{key}: máy chuyển thư gửi thư về chính nó",
        en="{key}: the relay would send mail to itself",
        hint_vi="đặt relay.next_hop là máy chủ thư phía sau",
        hint_en="set relay.next_hop to the mail server behind it",
    ),
    "config-metrics-at-relay": Sentence(
        vi="{key}: trùng với địa chỉ nhận thư relay.listen",
        en="{key}: this is where mail is taken (relay.listen)",
        hint_vi="chọn cổng khác cho số liệu",
        hint_en="choose another port for metrics",
    ),
    "config-proxy-from-nobody": Sentence(
        vi="{key}: không máy nào được gửi dòng PROXY nên mọi kết nối sẽ bị từ chối",
        en="{key}: nobody may send the PROXY header, so every connection is refused",
        hint_vi="ghi địa chỉ bộ cân bằng tải vào relay.trusted_peers",
        hint_en="name the load balancer in relay.trusted_peers",
    ),
    "config-trusts-everybody": Sentence(
        vi="{key}: {network} là gần như mọi máy, và ai trong đó cũng được nói thay người khác",
        en="{key}: {network} is nearly everybody, and all of them may speak for others",
        hint_vi="chỉ ghi địa chỉ các máy chủ thư của mình",
        hint_en="name your own mail servers only",
    ),
    "config-plain-listen": Sentence(
        vi="{key}: nhận thư tại {address} qua mạng mà không mã hóa đường truyền",
        en="{key}: mail comes to {address} over the network in the clear",
        hint_vi='đặt relay.tls = "required" cùng chứng thư và khóa, hoặc chỉ nhận tại 127.0.0.1',
        hint_en='set relay.tls = "required" with a certificate and key, or listen at 127.0.0.1',
    ),
    "config-plain-next-hop": Sentence(
        vi="{key}: thư đi tới {address} qua mạng mà không mã hóa đường truyền",
        en="{key}: mail goes to {address} over the network in the clear",
        hint_vi='đặt relay.next_hop_tls = "verify"',
        hint_en='set relay.next_hop_tls = "verify"',
    ),
    "config-next-hop-unknown": Sentence(
        vi="{key}: đường truyền được mã hóa, nhưng máy nào cũng tự nhận là máy chủ kế tiếp được",
        en="{key}: the way is encrypted, but anybody may pose as the next hop",
        hint_vi='đặt relay.next_hop_tls = "verify", hoặc ghi chứng thư vào relay.next_hop_sha256',
        hint_en='set relay.next_hop_tls = "verify", or name its certificate in relay.next_hop_sha256',
    ),
    "config-accounts-without-tls": Sentence(
        vi="{key}: chỉ đăng nhập được qua TLS, mà relay.tls là none, nên không ai gửi được thư",
        en="{key}: accounts log in over TLS only, and relay.tls is none, so that nobody can send",
        hint_vi='đặt relay.tls = "required"',
        hint_en='set relay.tls = "required"',
    ),
    "config-unused": Sentence(
        vi="{key}: không có tác dụng với giá trị hiện tại của {because}",
        en="{key}: is of no use with {because} as it is",
        hint_vi="sửa {because}, hoặc bỏ khóa này",
        hint_en="change {because}, or leave this out",
    ),
    "config-revocation-off": Sentence(
        vi="{key}: không kiểm tra thu hồi, nên chứng thư đã thu hồi vẫn được tin",
        en="{key}: nothing asks whether a certificate was revoked, so that revoked ones are believed",
        hint_vi='đặt trust.revocation = "prefer" hoặc "require"',
        hint_en='set trust.revocation = "prefer" or "require"',
    ),
    "config-name-twice": Sentence(
        vi="{key}: tên “{name}” đã dùng rồi",
        en="{key}: the name “{name}” is taken",
        hint_vi="đặt tên khác nhau để sổ ghi và thư báo phân biệt được",
        hint_en="use different names: the ledger and replies tell them apart by name",
    ),
    "config-domain-twice": Sentence(
        vi="{key}: tên miền {domain} đã thuộc cơ quan {other}",
        en="{key}: the domain {domain} is already that of {other}",
        hint_vi="mỗi tên miền chỉ thuộc một cơ quan; mục đứng trước được áp dụng",
        hint_en="a domain is one agency's; the first that has it counts",
    ),
    "config-mailbox-unlisted": Sentence(
        vi="{key}: cơ quan {name} ký thư nhưng chưa ghi đầy đủ hộp thư của chính mình",
        en="{key}: {name} signs mail, but its own mailbox is not written there in full",
        hint_vi="ghi hộp thư trong chứng thư của khóa, không dùng *; nếu thiếu, nơi nhận thấy smime=policy",
        hint_en="write the mailbox in its key's certificate, without *; or those who receive its mail see smime=policy",
    ),
    "config-dkim-not-aligned": Sentence(
        vi="{key}: {domain} không liên quan tới tên miền thư nào của cơ quan",
        en="{key}: {domain} is not above or below any of the agency's domains",
        hint_vi="chữ ký DKIM chỉ có giá trị với DMARC khi cùng tổ chức với tên miền ở trường From",
        hint_en="for DMARC a DKIM signature counts where it is of the same organisation as From",
    ),
    "config-hold-without-folder": Sentence(
        vi="{key}: quy tắc “{rule}” giữ thư nhưng không có mục [held], nên thư bị hoãn mãi",
        en="{key}: the rule “{rule}” holds messages, but there is no [held], so that they are put off for ever",
        hint_vi="thêm mục [held] với khóa folder",
        hint_en="add a section [held] with the key folder",
    ),
    "config-fits-nobody": Sentence(
        vi="{key}: danh sách trống, nên quy tắc “{rule}” không bao giờ được dùng",
        en="{key}: the list is empty, so that the rule “{rule}” never decides",
        hint_vi='ghi tên miền hoặc địa chỉ; "*" là tất cả',
        hint_en='write domains or addresses; "*" is everybody',
    ),
    "config-encrypts-to-nobody": Sentence(
        vi="{key}: quy tắc “{rule}” mã hóa thư nhưng không nơi nào có chứng thư người nhận",
        en="{key}: the rule “{rule}” encrypts mail, but certificates of recipients are nowhere",
        hint_vi="đặt recipients.certificates, hoặc encryption_certificate của các cơ quan",
        hint_en="set recipients.certificates, or the agencies' encryption_certificate",
    ),
    "config-signs-for-nobody": Sentence(
        vi="{key}: quy tắc “{rule}” ký thư, nhưng người gửi khớp {pattern} có thể không thuộc cơ quan nào",
        en="{key}: the rule “{rule}” signs mail, but senders that fit {pattern} may be of no agency",
        hint_vi="thư của họ sẽ bị hoãn; thu hẹp from, hoặc thêm mục [[agency]]",
        hint_en="their mail would be put off; narrow from, or add an [[agency]]",
    ),
    "config-sender-of-no-agency": Sentence(
        vi="{key}: quy tắc “{rule}” đòi người ký thuộc cơ quan gửi, nhưng {pattern} không thuộc cơ quan nào",
        en="{key}: the rule “{rule}” wants a signer of the sender's agency, but {pattern} is of none",
        hint_vi="thêm tên miền vào domains của một mục [[agency]]; nếu không, mọi thư này không đạt",
        hint_en="add the domain to domains of an [[agency]], or none of this mail satisfies the rule",
    ),
    "config-signs-without-key": Sentence(
        vi="{key}: quy tắc “{rule}” ký thư của {pattern}, nhưng cơ quan {name} không có khóa",
        en="{key}: the rule “{rule}” signs mail of {pattern}, but {name} has no key",
        hint_vi="thư này sẽ bị hoãn; đặt key trong mục [[agency]] của cơ quan",
        hint_en="that mail would be put off; set key in the agency's [[agency]]",
    ),
    "config-dkim-without-key": Sentence(
        vi="{key}: quy tắc “{rule}” ký DKIM thư của {pattern}, nhưng cơ quan {name} không có dkim_key",
        en="{key}: the rule “{rule}” signs mail of {pattern} by DKIM, but {name} has no dkim_key",
        hint_vi="thư sẽ đi mà không có chữ ký DKIM; đặt dkim_selector và dkim_key",
        hint_en="that mail would leave without; set dkim_selector and dkim_key",
    ),
    "config-rule-never-used": Sentence(
        vi="{key}: quy tắc “{rule}” không bao giờ được dùng, vì “{other}” đứng trước đã khớp hết",
        en="{key}: the rule “{rule}” never decides, since “{other}” before it fits all that it fits",
        hint_vi="chuyển nó lên trước, hoặc bỏ đi",
        hint_en="move it up, or leave it out",
    ),
}
