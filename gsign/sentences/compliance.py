"""Words of compliance reports: what went between agencies in a period, and how much of it was signed."""

from __future__ import annotations

from typing import Final

from gsign.sentences import Sentence

__all__ = ["ERRORS", "KINDS", "TEXTS"]

ERRORS: Final[dict[str, Sentence]] = {
    "period-unknown": Sentence(
        vi="không hiểu kỳ báo cáo {period}",
        en="the period {period} is not understood",
        hint_vi="viết 2026 (năm), 2026-H1 (6 tháng đầu năm), 2026-Q3 (quý III) hoặc 2026-09 (tháng 9)",
        hint_en="write 2026 (a year), 2026-H1 (its first half), 2026-Q3 (a quarter) or 2026-09 (a month)",
    ),
    "period-empty": Sentence(
        vi="sổ {ledger} không có thư, chữ ký hay lần kiểm tra nào trong kỳ {period}",
        en="the ledger {ledger} has no mail, signature or verification in the period {period}",
        hint_vi="kiểm tra kỳ báo cáo và ledger.url; gsign audit log cho biết sổ đang có những gì",
        hint_en="look at the period and at ledger.url; gsign audit log shows what the ledger has",
    ),
    "report-format-unknown": Sentence(
        vi="không rõ {file} cần dạng nào",
        en="which form {file} is to have is unclear",
        hint_vi="nêu --format, hoặc đặt tên kết thúc bằng .html, .pdf, .csv hoặc .json",
        hint_en="name a --format, or end its name in .html, .pdf, .csv or .json",
    ),
    "report-key-needs-pdf": Sentence(
        vi="chỉ ký được báo cáo dạng PDF ghi ra tệp",
        en="only a report written to a file as PDF can be signed",
        hint_vi="thêm --format pdf -o TỆP.pdf",
        hint_en="add --format pdf -o FILE.pdf",
    ),
    "report-pdf-needs-file": Sentence(
        vi="báo cáo PDF phải ghi ra tệp",
        en="a PDF has to be written to a file",
        hint_vi="thêm -o TỆP.pdf",
        hint_en="add -o FILE.pdf",
    ),
}

KINDS: Final[dict[str, Sentence]] = {
    "bao-cao": Sentence(vi="Báo cáo", en="Report"),
    "giay-moi": Sentence(vi="Giấy mời", en="Invitation"),
    "lich-cong-tac": Sentence(vi="Lịch công tác", en="Schedule"),
    "quyet-dinh": Sentence(vi="Quyết định", en="Decision"),
    "cong-van": Sentence(vi="Công văn", en="Official letter"),
    "to-trinh": Sentence(vi="Tờ trình", en="Proposal"),
    "ke-hoach": Sentence(vi="Kế hoạch", en="Plan"),
    "thong-bao": Sentence(vi="Thông báo", en="Notice"),
    "nghi-quyet": Sentence(vi="Nghị quyết", en="Resolution"),
    "chi-thi": Sentence(vi="Chỉ thị", en="Directive"),
    "quy-che": Sentence(vi="Quy chế", en="Statute"),
    "quy-dinh": Sentence(vi="Quy định", en="Regulation"),
    "thong-cao": Sentence(vi="Thông cáo", en="Communiqué"),
    "chuong-trinh": Sentence(vi="Chương trình", en="Programme"),
    "phuong-an": Sentence(vi="Phương án", en="Scheme"),
    "bien-ban": Sentence(vi="Biên bản", en="Minutes"),
    "cong-dien": Sentence(vi="Công điện", en="Telegram"),
    "ban-ghi-nho": Sentence(vi="Bản ghi nhớ", en="Memorandum"),
    "ban-thoa-thuan": Sentence(vi="Bản thỏa thuận", en="Agreement"),
    "giay-uy-quyen": Sentence(vi="Giấy ủy quyền", en="Power of attorney"),
    "giay-gioi-thieu": Sentence(vi="Giấy giới thiệu", en="Letter of introduction"),
    "giay-nghi-phep": Sentence(vi="Giấy nghỉ phép", en="Leave permit"),
    "phieu-gui": Sentence(vi="Phiếu gửi", en="Dispatch note"),
    "phieu-chuyen": Sentence(vi="Phiếu chuyển", en="Transfer note"),
    "phieu-bao": Sentence(vi="Phiếu báo", en="Notification slip"),
    "nghi-dinh": Sentence(vi="Nghị định", en="Decree"),
    "thong-tu": Sentence(vi="Thông tư", en="Circular"),
    "huong-dan": Sentence(vi="Hướng dẫn", en="Guidance"),
    "hop-dong": Sentence(vi="Hợp đồng", en="Contract"),
    "du-an": Sentence(vi="Dự án", en="Project"),
    "de-an": Sentence(vi="Đề án", en="Initiative"),
    "phu-luc": Sentence(vi="Phụ lục", en="Annex"),
    "": Sentence(vi="Chưa xác định được", en="Could not be told"),
}

TEXTS: Final[dict[str, Sentence]] = {
    # Heading
    "title": Sentence(
        vi="BÁO CÁO VĂN BẢN ĐIỆN TỬ KÝ SỐ TRAO ĐỔI QUA THƯ CÔNG VỤ",
        en="REPORT ON SIGNED DOCUMENTS EXCHANGED BY OFFICIAL MAIL",
    ),
    "period": Sentence(vi="{name} (từ {begin} đến hết {last})", en="{name} ({begin} to {last} inclusive)"),
    "year": Sentence(vi="Năm {year}", en="{year}"),
    "half-1": Sentence(vi="6 tháng đầu năm {year}", en="First half of {year}"),
    "half-2": Sentence(vi="6 tháng cuối năm {year}", en="Second half of {year}"),
    "quarter": Sentence(vi="Quý {roman} năm {year}", en="Quarter {number} of {year}"),
    "month": Sentence(vi="Tháng {month} năm {year}", en="{year}-{month:0>2}"),
    "unfinished": Sentence(
        vi="Kỳ báo cáo chưa kết thúc: số liệu tính đến {time}.", en="The period has not ended: figures up to {time}."
    ),
    "sealed": Sentence(
        vi="Mục cũ của chuỗi {chains} đã niêm phong mà sổ không còn giữ số liệu: nếu thuộc kỳ này hoặc kỳ trước thì "
        "không được tính.",
        en="Of old entries of {chains}, which were sealed, the ledger has kept no figures: those of this period and of "
        "the one before are not counted.",
    ),
    "made": Sentence(vi="Lập lúc {time}", en="Made {time}"),
    "program": Sentence(vi="gsign {version}", en="gsign {version}"),
    "page": Sentence(vi="Trang {page}/{pages}", en="Page {page} of {pages}"),
    # Figures at a glance
    "glance": Sentence(vi="Tổng quan", en="At a glance"),
    "sent": Sentence(vi="Văn bản đi", en="Documents sent"),
    "received": Sentence(vi="Văn bản đến", en="Documents received"),
    "internal": Sentence(vi="Văn bản nội bộ", en="Documents kept internal"),
    "card-documents": Sentence(vi="có chữ ký {signed} · hợp lệ {valid}", en="signed {signed} · valid {valid}"),
    "mail": Sentence(vi="Thư gửi đi", en="Messages sent"),
    "card-mail": Sentence(vi="có chữ ký {signed}", en="signed {signed}"),
    "stopped": Sentence(vi="Thư bị từ chối", en="Messages refused"),
    "card-stopped": Sentence(vi="giữ lại chờ xem xét: {held}", en="held for a person: {held}"),
    "people": Sentence(vi="Cán bộ dùng thư có ký số", en="Officials using signed mail"),
    "card-people": Sentence(vi="{share} của {registered} cán bộ đã đăng ký", en="{share} of {registered} registered"),
    "card-people-unknown": Sentence(vi="chưa khai báo số cán bộ", en="number of officials not configured"),
    # Against the period before
    "trend": Sentence(vi="So với kỳ trước", en="Against the period before"),
    "figure": Sentence(vi="Chỉ tiêu", en="Figure"),
    "now": Sentence(vi="Kỳ này", en="This period"),
    "before": Sentence(vi="Kỳ trước", en="Period before"),
    "change": Sentence(vi="Thay đổi", en="Change"),
    "trend-signed": Sentence(vi="{what}: tỷ lệ có chữ ký", en="{what}: share signed"),
    "trend-valid": Sentence(vi="{what}: tỷ lệ hợp lệ", en="{what}: share valid"),
    "trend-mail-signed": Sentence(vi="Thư gửi đi: tỷ lệ có chữ ký", en="Messages sent: share signed"),
    "trend-held": Sentence(vi="Thư bị giữ lại", en="Messages held"),
    "points": Sentence(vi="{number} điểm %", en="{number} points"),
    # Tables
    "by-agency": Sentence(vi="Theo cơ quan, đơn vị", en="By agency"),
    "by-kind": Sentence(vi="Theo loại văn bản", en="By kind of document"),
    "by-month": Sentence(vi="Theo tháng", en="By month"),
    "agency": Sentence(vi="Cơ quan, đơn vị", en="Agency"),
    "kind": Sentence(vi="Loại văn bản", en="Kind"),
    "month-column": Sentence(vi="Tháng", en="Month"),
    "sent-short": Sentence(vi="Đi", en="Sent"),
    "received-short": Sentence(vi="Đến", en="Received"),
    "internal-short": Sentence(vi="Nội bộ", en="Internal"),
    "signed": Sentence(vi="Có ký", en="Signed"),
    "valid": Sentence(vi="Hợp lệ", en="Valid"),
    "total": Sentence(vi="Tổng", en="Total"),
    "not-valid": Sentence(vi="Có ký, chưa hợp lệ", en="Signed, not valid"),
    "not-signed": Sentence(vi="Không có chữ ký", en="Not signed"),
    "chart": Sentence(
        vi="Biểu đồ: văn bản đi, đến và nội bộ, theo kết quả kiểm tra chữ ký",
        en="Chart: documents sent, received and internal, by what their signatures are worth",
    ),
    "untold": Sentence(
        vi="Chưa xác định được loại của {number} văn bản ({share}): tên tệp, trang đầu và tiêu đề thư không nêu rõ.",
        en="The kind of {number} documents ({share}) could not be told: neither name, first page nor subject says it.",
    ),
    "by-month-note": Sentence(
        vi="Mỗi văn bản được tính vào tháng đầu tiên nó đến nơi trong kỳ, nên tổng các tháng bằng tổng của kỳ.",
        en="A document counts in the month of the period in which it first got there, so that the months add up.",
    ),
    # Mail
    "mail-table": Sentence(vi="Thư điện tử", en="Mail"),
    "mail-sent": Sentence(vi="Gửi đi", en="Sent"),
    "mail-received": Sentence(vi="Nhận", en="Received"),
    "mail-signed": Sentence(vi="Có ký", en="Signed"),
    "refused": Sentence(vi="Từ chối", en="Refused"),
    "deferred": Sentence(vi="Tạm hoãn", en="Put off"),
    "held": Sentence(vi="Giữ lại", en="Held"),
    "released": Sentence(vi="Cho đi", en="Released"),
    "rejected": Sentence(vi="Trả lại", en="Rejected"),
    "elsewhere": Sentence(
        vi="Ngoài ra có {number} thư không thuộc cơ quan nào đã khai báo trong cấu hình.",
        en="Besides, {number} messages were between nobody that the configuration names.",
    ),
    # Signers
    "signers": Sentence(vi="Chữ ký hợp lệ: hệ thống chứng thực và mức", en="Valid signatures: trust domain and level"),
    "domain": Sentence(vi="Hệ thống chứng thực", en="Trust domain"),
    "domain-vgca": Sentence(vi="Công vụ (Ban Cơ yếu Chính phủ)", en="Public service (Government Cipher Committee)"),
    "domain-national": Sentence(vi="Công cộng", en="Public CAs"),
    "domain-local": Sentence(vi="Đơn vị tự thêm", en="Added locally"),
    "domain-other": Sentence(vi="Khác", en="Other"),
    "domain-several": Sentence(vi="Nhiều hệ thống", en="Several"),
    "domain-": Sentence(vi="Không rõ", en="Unknown"),
    "level": Sentence(vi="Mức", en="Level"),
    "level-": Sentence(vi="không rõ mức", en="level unknown"),
    "documents": Sentence(vi="Văn bản", en="Documents"),
    "signers-note": Sentence(
        vi="Văn bản có nhiều chữ ký được xếp theo mức thấp nhất trong các chữ ký hợp lệ. Tính cho văn bản đi.",
        en="Where a document bears several valid signatures, the lowest level counts. For documents sent.",
    ),
    # Refused and held
    "why-refused": Sentence(vi="Thư bị từ chối và lý do", en="Messages refused, and why"),
    "why-held": Sentence(vi="Thư bị giữ lại và lý do", en="Messages held, and why"),
    "reason": Sentence(vi="Lý do", en="Reason"),
    "messages": Sentence(vi="Số thư", en="Messages"),
    "why-note": Sentence(
        vi="Một thư có thể có nhiều lý do, nên tổng theo lý do có thể lớn hơn số thư ({number}).",
        en="A message may have several reasons: they may add up to more than the messages ({number}).",
    ),
    "none": Sentence(vi="Không có.", en="None."),
    "release": Sentence(
        vi="Cho đi {released}, trả lại {rejected}; còn chờ xem xét khi hết kỳ: {waiting}. "
        "Thời gian chờ của thư được cho đi: trung vị {median}, lâu nhất {longest}.",
        en="Released {released}, rejected {rejected}; still waiting at the end: {waiting}. "
        "Waited until released: median {median}, longest {longest}.",
    ),
    "release-none": Sentence(
        vi="Cho đi {released}, trả lại {rejected}; còn chờ xem xét khi hết kỳ: {waiting}.",
        en="Released {released}, rejected {rejected}; still waiting at the end: {waiting}.",
    ),
    "reason-next-hop-refused": Sentence(
        vi="máy chủ thư phía sau không nhận thư", en="the mail server behind the relay refused the message"
    ),
    "reason-mail-loop": Sentence(vi="thư đi vòng tròn", en="the message runs in circles"),
    "reason-mail-unclear": Sentence(
        vi="cấu trúc thư có thể được hiểu theo nhiều cách", en="readers of mail may take the message differently"
    ),
    "reason-mail-partial": Sentence(vi="thư chỉ là một phần của thư khác", en="the message is a part of another"),
    "reason-mail-not-7bit": Sentence(vi="thư không ở dạng 7 bit", en="the message is not in 7 bits"),
    "reason-mail-already-signed": Sentence(
        vi="thư đã mang chữ ký, không ký thêm được", en="the message bears a signature already"
    ),
    "reason-mail-is-encrypted": Sentence(vi="thư đã mã hóa, không ký được", en="the message is encrypted"),
    "reason-mail-encrypted-already": Sentence(vi="thư đã được mã hóa", en="the message is encrypted already"),
    "reason-signer-is-not-sender": Sentence(
        vi="khóa của cơ quan không dùng cho địa chỉ gửi", en="the agency's key is not for the sender's address"
    ),
    "reason-recipients-without-certificate": Sentence(
        vi="có người nhận chưa có chứng thư để mã hóa", en="some recipients have no certificate to encrypt to"
    ),
    # Officials
    "officials": Sentence(vi="Cán bộ sử dụng thư công vụ", en="Officials using official mail"),
    "registered": Sentence(vi="Đã đăng ký", en="Registered"),
    "using": Sentence(vi="Có gửi thư", en="Sent mail"),
    "using-signed": Sentence(vi="Có gửi thư ký số", en="Sent signed mail"),
    "share": Sentence(vi="Tỷ lệ", en="Share"),
    "officials-note": Sentence(
        vi="Số cán bộ đã đăng ký lấy từ officials của từng [[agency]] trong cấu hình. Thư ký số là thư có chữ ký hợp "
        "lệ của người gửi, thư được cơ quan ký khi gửi đi, hoặc thư mang văn bản có chữ ký hợp lệ.",
        en="Registered officials are those of officials in each [[agency]] of the configuration. Signed mail bears a "
        "valid signature of its sender's, was signed by the agency on its way, or brings a validly signed document.",
    ),
    # Services
    "services": Sentence(vi="Chữ ký đã tạo và lần kiểm tra tại đơn vị", en="Signatures made and verifications done"),
    "act": Sentence(vi="Việc", en="Act"),
    "key": Sentence(vi="Khóa", en="Key"),
    "verdict": Sentence(vi="Kết quả", en="Result"),
    "count": Sentence(vi="Số lần", en="Times"),
    "act-sign": Sentence(vi="Ký văn bản", en="Document signed"),
    "act-augment": Sentence(vi="Nâng mức chữ ký", en="Document augmented"),
    "act-sign-message": Sentence(vi="Ký thư", en="Message signed"),
    "act-encrypt-message": Sentence(vi="Mã hóa thư", en="Message encrypted"),
    "act-decrypt-message": Sentence(vi="Giải mã thư", en="Message decrypted"),
    "act-verify-document": Sentence(vi="Kiểm tra văn bản", en="Document verified"),
    "act-verify-message": Sentence(vi="Kiểm tra thư", en="Message verified"),
    "key-token": Sentence(vi="token", en="token"),
    "key-file": Sentence(vi="tệp (không phải token)", en="file (no token)"),
    "verdict-valid": Sentence(vi="hợp lệ", en="valid"),
    "verdict-open": Sentence(vi="chưa xác định", en="indeterminate"),
    "verdict-broken": Sentence(vi="không hợp lệ", en="not valid"),
    "verdict-unsigned": Sentence(vi="không có chữ ký", en="no signature"),
    "verdict-unreadable": Sentence(vi="không đọc được", en="unreadable"),
    # Definitions and source
    "definitions": Sentence(vi="Cách tính", en="What is counted"),
    "definition-message": Sentence(
        vi="Thư là một Message-ID của một người gửi: gửi lại sau khi máy chủ trả lời 451, hoặc đi qua hai máy chuyển "
        "thư cùng ghi một sổ, vẫn tính là một. Thư được tính vào kỳ mà nó đến nơi.",
        en="A message is one Message-ID of one sender: tried again after 451, or passed by two relays that share the "
        "ledger, it is still one. It counts in the period in which it got there.",
    ),
    "definition-document": Sentence(
        vi="Văn bản là một tệp PDF, nhận ra bằng SHA-256: mỗi cơ quan tính một lần khi gửi đi, một lần khi nhận và một "
        "lần nếu chỉ trao đổi nội bộ, dù tệp được gửi bao nhiêu lần trong kỳ.",
        en="A document is a PDF file, told by its SHA-256: each agency counts it once as sent, once as received and "
        "once as internal, however often it went in the period.",
    ),
    "definition-share": Sentence(
        vi="Có ký: mang ít nhất một chữ ký số của người hoặc cơ quan. Hợp lệ: mọi chữ ký đều hợp lệ khi thư đi qua. "
        "Tỷ lệ tính trên tổng số văn bản.",
        en="Signed: bears at least one signature of a person or agency. Valid: all its signatures were valid when the "
        "mail passed. Shares are of all documents.",
    ),
    "definition-time": Sentence(
        vi="Kỳ báo cáo tính theo giờ Việt Nam (+07:00), từ 00:00 ngày đầu đến hết 23:59:59 ngày cuối.",
        en="Periods are by Vietnam's time (+07:00), from midnight to midnight.",
    ),
    "source": Sentence(vi="Nguồn số liệu", en="Source"),
    "ledger": Sentence(vi="Sổ", en="Ledger"),
    "chain": Sentence(vi="Chuỗi", en="Chain"),
    "entries": Sentence(vi="Mục trong kỳ", en="Entries of the period"),
    "head": Sentence(vi="Mục cuối khi lập", en="Last entry when made"),
    "hash": Sentence(vi="Mã băm của mục cuối", en="Hash of the last entry"),
    "more-chains": Sentence(vi="và {number} chuỗi khác", en="and {number} more chains"),
    "heads": Sentence(
        vi="SHA-256 của danh sách mục cuối của cả {number} chuỗi: {digest}",
        en="SHA-256 of the list of last entries of all {number} chains: {digest}",
    ),
    "segment": Sentence(
        vi="Có mục của kỳ đã niêm phong trong tệp {file}, SHA-256 {sha256}",
        en="Entries of the period that are sealed: {file}, SHA-256 {sha256}",
    ),
    "verify": Sentence(
        vi="Kiểm tra sổ bằng lệnh gsign audit verify; lập lại báo cáo bằng lệnh gsign audit report --period {period}.",
        en="Verify the ledger: gsign audit verify. Make the report again: gsign audit report --period {period}.",
    ),
    # Durations
    "seconds": Sentence(vi="{number} giây", en="{number} s"),
    "minutes": Sentence(vi="{number} phút", en="{number} min"),
    "hours": Sentence(vi="{number} giờ", en="{number} h"),
    "days": Sentence(vi="{number} ngày", en="{number} days"),
    "signing": Sentence(vi="đã ký báo cáo: {file}", en="report signed: {file}"),
    "written": Sentence(vi="đã ghi báo cáo: {file}", en="report written: {file}"),
}
