"""What `--help` says, in Vietnamese, looked up from the English that stands beside each option and command."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["VIETNAMESE"]

_GENERAL: Final = {
    "Options": "Tùy chọn",
    "Commands": "Lệnh",
    "required": "bắt buộc",
    "Language (default: the locale's).": "Ngôn ngữ (mặc định: theo hệ thống).",
    "Print one JSON object per line.": "In mỗi dòng một đối tượng JSON.",
    "Print errors only.": "Chỉ in lỗi.",
    "Say more about an internal error.": "Nói rõ hơn về lỗi nội bộ.",
    "Configuration (default: gsign.toml).": "Tệp cấu hình (mặc định: gsign.toml).",
    "Print the version.": "In phiên bản.",
    "Show this message and exit.": "Hiện hướng dẫn này rồi thoát.",
}

_COMMANDS: Final = {
    "Sign and verify PDF documents with keys on PKCS#11 tokens.": "Ký và kiểm tra văn bản PDF bằng khóa trên token PKCS#11.",
    "Sign PDF documents with a key on a token.": "Ký văn bản PDF bằng khóa trên token.",
    "Verify the signatures in PDF documents.": "Kiểm tra chữ ký trong văn bản PDF.",
    "Raise signed documents to B-T, B-LT or B-LTA.": "Nâng văn bản đã ký lên mức B-T, B-LT hoặc B-LTA.",
    "Tokens present, and the signing keys on them.": "Các token đang cắm và khóa ký trên đó.",
    "Sign, verify, encrypt, decrypt and inspect messages.": "Ký, kiểm tra, mã hóa, giải mã và xem xét thư.",
    "Authorities that signatures must lead to.": "Các tổ chức chứng thực mà chữ ký phải dẫn tới.",
    "What the relay would do with a message, and why.": "Máy chuyển thư sẽ làm gì với một thư, và vì sao.",
    "Messages that wait for a person.": "Thư chờ người xem xét.",
    "Take mail, and pass on what the policy lets pass.": "Nhận thư và chuyển tiếp những gì chính sách cho qua.",
    "Check the configuration, or print an example of one.": "Kiểm tra cấu hình, hoặc in một cấu hình mẫu.",
    "Sign and verify an official document with a software token.": "Ký và kiểm tra thử một văn bản bằng token phần mềm.",
    "List the signing keys as pkcs11: URIs, and why any other key is no candidate.": (
        "Liệt kê khóa ký dưới dạng URI pkcs11:, và vì sao khóa khác không dùng được."
    ),
    "Certificates are listed without a PIN; a PIN file makes sure that their private keys are there.": (
        "Chứng thư được liệt kê mà không cần PIN; có tệp PIN thì biết chắc khóa bí mật cũng có trên token."
    ),
    "List the tokens that are present.": "Liệt kê các token đang cắm.",
    "Authorities that signatures must lead to: list, add, update, remove.": (
        "Các tổ chức chứng thực mà chữ ký phải dẫn tới: liệt kê, thêm, cập nhật, bỏ."
    ),
    "List anchors, intermediates, and authorities that are known and not trusted.": (
        "Liệt kê chứng thư gốc, chứng thư trung gian, và những tổ chức được biết nhưng không được tin."
    ),
    "Trust a certificate whose SHA-256 you have compared with what its authority published.": (
        "Tin một chứng thư mà bạn đã đối chiếu SHA-256 với giá trị do tổ chức chứng thực công bố."
    ),
    "Fetch the pinned authorities' certificates, and the revocation lists of all that are trusted.": (
        "Tải chứng thư của các tổ chức ghi sẵn, và danh sách thu hồi của mọi tổ chức được tin."
    ),
    "Stop trusting a certificate that was added: by the beginning of its SHA-256, or by its name.": (
        "Không tin cậy một chứng thư đã thêm nữa: nêu phần đầu của SHA-256 hoặc tên."
    ),
    "Sign, verify, encrypt, decrypt and inspect messages (S/MIME).": "Ký, kiểm tra, mã hóa, giải mã và xem xét thư (S/MIME).",
    "Sign messages with a key on a token.": "Ký thư bằng khóa trên token.",
    "FILE is a message (.eml); `-` is standard input, and then the signed message goes to standard output unless -o names a file.": (
        "FILE là một thư (.eml); `-` là đầu vào chuẩn, khi đó thư đã ký ra đầu ra chuẩn trừ khi -o nêu tệp."
    ),
    "Verify the signatures of messages.": "Kiểm tra chữ ký của thư.",
    "Verify the signatures of messages, and of the documents in them.": "Kiểm tra chữ ký của thư và của các văn bản trong thư.",
    "FILE is a message (.eml); `-` is standard input. The exit code is that of the worst signature: the message's own, or that of a document in it. A document that nobody signed changes nothing.": (
        "FILE là một thư (.eml); `-` là đầu vào chuẩn. Mã thoát là của chữ ký xấu nhất: chữ ký của thư, hoặc của một văn bản "
        "trong thư. Văn bản chưa ai ký không làm thay đổi gì."
    ),
    "Encrypt messages to their recipients.": "Mã hóa thư cho người nhận.",
    "FILE is a message (.eml); `-` is standard input, and then the encrypted message goes to standard output unless -o names a file. A message that is signed already is encrypted as it is.": (
        "FILE là một thư (.eml); `-` là đầu vào chuẩn, khi đó thư đã mã hóa ra đầu ra chuẩn trừ khi -o nêu tệp. Thư đã ký được "
        "mã hóa nguyên như vậy."
    ),
    "Decrypt messages with a key on a token.": "Giải mã thư bằng khóa trên token.",
    "Decrypt messages with a key on a token, and verify the signatures inside.": (
        "Giải mã thư bằng khóa trên token và kiểm tra chữ ký bên trong."
    ),
    "FILE is a message (.eml); `-` is standard input, and then the decrypted message goes to standard output unless -o names a file. Exit code 4 where nothing protects the content from having been changed on its way, or the sender inside is another than outside; otherwise that of the signature inside.": (
        "FILE là một thư (.eml); `-` là đầu vào chuẩn, khi đó thư đã giải mã ra đầu ra chuẩn trừ khi -o nêu tệp. Mã thoát 4 khi "
        "không có gì bảo đảm nội dung không bị sửa trên đường đi, hoặc người gửi bên trong khác bên ngoài; còn lại là mã của "
        "chữ ký bên trong."
    ),
    "Show the parts of a message and every document in it.": "Hiện các phần của một thư và mọi văn bản trong đó.",
    "Show the parts of messages, every document in them, and what may be read in several ways.": (
        "Hiện các phần của thư, mọi văn bản trong đó, và những chỗ có thể đọc theo nhiều cách."
    ),
    "FILE is a message (.eml); `-` is standard input. The exit code is that of the worst document; 6 where something cannot be looked into or may be read in several ways, 3 where there is no document.": (
        "FILE là một thư (.eml); `-` là đầu vào chuẩn. Mã thoát là của văn bản xấu nhất; 6 khi có phần không xem được hoặc đọc "
        "được theo nhiều cách, 3 khi không có văn bản nào."
    ),
    "Say which rule matches a message and why it would pass, be held or be refused; nothing is sent or written.": (
        "Cho biết quy tắc nào áp dụng cho một thư và vì sao thư được chuyển, bị giữ hay bị từ chối; không gửi, không ghi gì."
    ),
    "The exit code is 0 where it would pass, 1 refused, 2 held, 7 put off.": (
        "Mã thoát là 0 nếu thư được cho qua, 1 nếu bị từ chối, 2 nếu bị giữ lại, 7 nếu bị hoãn."
    ),
    "Take mail, judge its documents, and pass on what the policy lets pass.": (
        "Nhận thư, kiểm tra văn bản trong thư, và chuyển tiếp những gì chính sách cho qua."
    ),
    "Runs until it is told to stop by SIGTERM; SIGHUP reads the configuration again.": (
        "Chạy cho tới khi nhận SIGTERM; SIGHUP thì đọc lại cấu hình."
    ),
    "List what waits, the oldest first.": "Liệt kê thư đang chờ, cũ nhất trước.",
    "Refuse one, and tell its sender why.": "Từ chối một thư, và báo lý do cho người gửi.",
    "Send one on to its recipients, and do with it what its rule does with messages that pass.": (
        "Gửi một thư tới người nhận, và làm với thư đó những gì quy tắc làm với thư được chuyển."
    ),
    "Show one: who sent it to whom, by which rule it is held, and where it is.": (
        "Hiện một thư: ai gửi cho ai, bị giữ theo quy tắc nào, và đang nằm ở đâu."
    ),
    "Read gsign.toml, and look whether what it names is there and what it says goes together.": (
        "Đọc gsign.toml, xem những gì nêu trong đó có hay không và các khóa có khớp nhau không."
    ),
    "Print gsign.toml with every key there is, each with a comment.": "In gsign.toml với mọi khóa cấu hình, mỗi khóa một chú thích.",
    "Sign and verify an official document with a software token made for it.": (
        "Ký và kiểm tra thử một văn bản bằng token phần mềm tạo riêng cho việc đó."
    ),
}

_SIGNING: Final = {
    "pkcs11: URI (RFC 7512), or a PKCS#12 file.": "URI pkcs11: (RFC 7512), hoặc tệp PKCS#12.",
    "PKCS#11 module, where the URI names none.": "Thư viện PKCS#11, khi URI không nêu.",
    "PKCS#11 module (default: those that are found).": "Thư viện PKCS#11 (mặc định: những thư viện tìm thấy).",
    "File with the PIN (else GSIGN_PIN_FILE, or a prompt).": "Tệp chứa PIN (không thì GSIGN_PIN_FILE, hoặc hỏi).",
    "File with the PIN (else GSIGN_PIN_FILE); shows private keys too.": (
        "Tệp chứa PIN (không thì GSIGN_PIN_FILE); hiện cả khóa bí mật."
    ),
    "Only what fits this pkcs11: URI (RFC 7512).": "Chỉ những gì khớp URI pkcs11: này (RFC 7512).",
    "Log in even where one more wrong PIN locks the token.": "Đăng nhập cả khi sai PIN một lần nữa là khóa token.",
    "What the signature stands for.": "Vai trò của chữ ký.",
    "Number (issue, incoming), or number and symbol (annex, copy).": "Số (issue, incoming), hoặc số và ký hiệu (annex, copy).",
    "Date of the document (issue) or of arrival (incoming).": "Ngày của văn bản (issue) hoặc ngày đến (incoming).",
    "Form of a copy.": "Hình thức sao.",
    "The signed document that an annex belongs to.": "Văn bản đã ký mà phụ lục kèm theo.",
    "Annex to sign after an issued document.": "Phụ lục cần ký sau văn bản được phát hành.",
    "PAdES level (EN 319 142-1).": "Mức PAdES (EN 319 142-1).",
    "PAdES level to reach.": "Mức PAdES cần đạt.",
    "Timestamp authority; repeat for fall-backs.": "Máy chủ dấu thời gian; nêu nhiều lần để dự phòng.",
    "Output file, for one input.": "Tệp kết quả, khi có một tệp vào.",
    "Folder for the outputs, which keep their names.": "Thư mục cho các tệp kết quả, giữ nguyên tên.",
    "Overwrite outputs that exist.": "Ghi đè tệp kết quả đã có.",
    "Files at a time.": "Số tệp làm cùng lúc.",
    "Signature field: an existing one, or the name of a new one.": "Trường chữ ký: trường có sẵn, hoặc tên trường mới.",
    "Where it shows; pages from 1 (-1: last), points.": "Vị trí hiển thị; trang từ 1 (-1: trang cuối), đơn vị point.",
    "Image of signature, initials or seal.": "Hình chữ ký, chữ ký nháy hoặc con dấu.",
    "Draw the pages with the places marked; sign nothing.": "Vẽ các trang có đánh dấu vị trí; không ký.",
    "Refuse what gives reason for a warning.": "Từ chối những gì đáng cảnh báo.",
    "Why the document is signed.": "Lý do ký.",
    "Where the document is signed.": "Nơi ký.",
    "Certify; what may still come: DocMDP P.": "Chứng nhận; những gì còn được thêm: DocMDP P.",
    "RSA scheme.": "Lược đồ RSA.",
    "Digest (default: the key's and its token's best).": "Hàm băm (mặc định: tốt nhất mà khóa và token có).",
    "Form of the signature.": "Dạng chữ ký.",
    "Anchors beside the pinned ones.": "Chứng thư gốc thêm vào những chứng thư ghi sẵn.",
    "How status is looked at.": "Kiểm tra thu hồi: bắt buộc (require), nếu được (prefer), không (off).",
    "Fetch nothing.": "Không tải gì từ mạng.",
    "File with an encrypted document's password.": "Tệp chứa mật khẩu của văn bản mã hóa.",
    "Where the documents are left.": "Nơi để các văn bản.",
}

_VERIFYING: Final = {
    "Judge at this time where none is proven (ISO 8601).": "Xét tại thời điểm này khi không có thời điểm nào được chứng minh (ISO 8601).",
    "Judge the signature inside at this time where none is proven (ISO 8601).": (
        "Xét chữ ký bên trong tại thời điểm này khi không có thời điểm nào được chứng minh (ISO 8601)."
    ),
    "Verify every .pdf file in the folders named, however deep.": "Kiểm tra mọi tệp .pdf trong các thư mục nêu ra, ở mọi cấp.",
    "Draw all pages as they were signed and compare them with what is there.": (
        "Vẽ mọi trang như lúc ký và so với hiện tại."
    ),
    "Write a report to be filed.": "Ghi báo cáo để lưu hồ sơ.",
    "Overwrite a report that exists.": "Ghi đè báo cáo đã có.",
    "Have a dask cluster do it: tls://HOST:PORT of its scheduler.": (
        "Giao việc cho cụm dask: tls://MÁY:CỔNG của bộ điều phối."
    ),
    "Keep results; go on where a run was stopped.": "Giữ kết quả; làm tiếp từ chỗ lần chạy trước bị dừng.",
    "With --cluster: keep results; go on where a run was stopped.": (
        "Cùng --cluster: giữ kết quả; làm tiếp từ chỗ lần chạy trước bị dừng."
    ),
    "Files at a time (default: one for each core).": "Số tệp làm cùng lúc (mặc định: mỗi nhân một tệp).",
    "Longest time for one file (default: 60).": "Thời gian dài nhất cho một tệp (mặc định: 60).",
    "SHA-256 of a certificate to be trusted; may be repeated.": "SHA-256 của chứng thư cần tin; nêu được nhiều lần.",
    "Ask nothing: what no pin and no --sha256 vouches for is refused.": (
        "Không hỏi gì: từ chối những gì không có trong danh sách ghim và không có --sha256."
    ),
}

_MAIL: Final = {
    "Readable beside its signature, or everything inside it (default: as the recipients' agencies take it).": (
        "Đọc được bên cạnh chữ ký, hoặc nằm cả bên trong chữ ký (mặc định: theo cơ quan của người nhận)."
    ),
    "Sign for a sender in the agency's domain (RFC 3183).": "Ký thay cho người gửi thuộc tên miền của cơ quan (RFC 3183).",
    "Recipient: an address, a certificate, or a folder of them (default: To and Cc).": (
        "Người nhận: địa chỉ, chứng thư, hoặc thư mục chứng thư (mặc định: To và Cc)."
    ),
    "Where certificates of addresses are: files, earlier signed mail, directories.": (
        "Nơi có chứng thư của các địa chỉ: tệp, thư đã ký trước đây, danh bạ."
    ),
    "Cipher (auto: GCM, unless a recipient's program told that it cannot).": (
        "Thuật toán mã hóa (auto: GCM, trừ khi phần mềm của người nhận cho biết không dùng được)."
    ),
    "Sign first, with --key, else the key of the sender's agency.": "Ký trước, bằng --key, nếu không thì bằng khóa của"
    " cơ quan người gửi.",
    "Sender of the envelope; <> for none.": "Người gửi trên phong bì; <> khi không có.",
    "Recipient; may be repeated.": "Người nhận; nêu được nhiều lần.",
    "What the sender is told beside the reasons.": "Điều nói thêm với người gửi ngoài các lý do.",
}

_AUDIT: Final = {
    "The ledger: who signed, what was judged and decided, provably.": (
        "Sổ: ai đã ký, điều gì đã được kiểm tra và quyết định, có thể chứng minh."
    ),
    "Entries of the ledger, by time, agency, digest, signer, rule or result.": (
        "Các mục trong sổ, theo thời gian, cơ quan, mã băm, người ký, quy tắc hoặc kết quả."
    ),
    "Whether any entry was changed, removed, inserted or put elsewhere.": (
        "Kiểm tra xem có mục nào bị sửa, bị bỏ, bị chèn vào hoặc đổi chỗ không."
    ),
    "Sign where the chains end now, to be kept where nobody who writes the ledger can.": (
        "Ký xác nhận điểm cuối hiện tại của các chuỗi, để cất ở nơi mà người ghi sổ không sửa được."
    ),
    "Bundle what a dispute about a document or message needs, or verify such a bundle.": (
        "Gói chứng cứ cần khi tranh chấp về một văn bản hoặc thư, hoặc kiểm tra gói chứng cứ đã có."
    ),
    "Bundle what the ledger has about a document or a message, with its proof, or verify such a bundle.": (
        "Gói những gì sổ ghi về một văn bản hoặc thư kèm bằng chứng, hoặc kiểm tra gói chứng cứ đã có."
    ),
    (
        "The bundle holds the entries and the hashes that lead from them to a checkpoint or to the end of their chain; "
        "with --document, what the document is worth, and the certificates, OCSP responses, revocation lists and "
        "timestamps that say so. The document itself is not in it. With --key the bundle is signed."
    ): (
        "Gói chứng cứ gồm các mục trong sổ và các mã băm dẫn từ đó tới một điểm kiểm hoặc tới cuối chuỗi; có --document"
        " thì thêm báo cáo kiểm tra cùng chứng thư số, trả lời OCSP, danh sách thu hồi và dấu thời gian làm căn cứ."
        " Bản thân văn bản không nằm trong gói. Có --key thì gói được ký."
    ),
    "The document or message: judged anew, or again with --check.": (
        "Văn bản hoặc thư: được kiểm tra lại, cả khi dùng --check."
    ),
    "Checkpoint that goes with it.": "Điểm kiểm đi kèm.",
    "Folder of the sealed segments, to be looked into as well.": "Thư mục các đoạn đã niêm phong, để xem cùng.",
    "File of the evidence.": "Tệp chứng cứ.",
    "What went between agencies in a period, and how much of it was signed.": (
        "Trong kỳ các cơ quan đã trao đổi những gì, và bao nhiêu trong đó được ký số."
    ),
    "Report on a period: documents and mail between agencies, how much of it was signed, what was refused and why.": (
        "Báo cáo một kỳ: văn bản và thư giữa các cơ quan, bao nhiêu được ký số, những gì bị từ chối và vì sao."
    ),
    "Output file.": "Tệp kết quả.",
    "With --key a report as PDF is signed.": "Có --key thì báo cáo dạng PDF được ký số.",
    "2026, 2026-H1, 2026-Q3 or 2026-09, in Vietnam's time.": "2026, 2026-H1, 2026-Q3 hoặc 2026-09, theo giờ Việt Nam.",
    "What rows are (default: agency).": "Mỗi dòng là gì (mặc định: agency, cơ quan).",
    "Form of the report (default: a table, or what -o is named after).": (
        "Dạng báo cáo (mặc định: bảng, hoặc theo tên tệp của -o)."
    ),
    "Verify evidence, without the ledger.": "Kiểm tra gói chứng cứ mà không cần sổ.",
    "Write the ledger as lines of JSON.": "Xuất sổ thành các dòng JSON.",
    "Take over what an export or a segment has.": "Nhập các mục từ một bản xuất hoặc một đoạn đã niêm phong.",
    "Take old entries out into a file, and keep the chain provable.": (
        "Chuyển các mục cũ ra một tệp mà chuỗi vẫn chứng minh được."
    ),
    "Verify the ledger, or FILE: an export, a segment, a copy of a ledger.": (
        "Kiểm tra sổ, hoặc FILE: một bản xuất, một đoạn niêm phong, một bản sao của sổ."
    ),
    "Exit code 1 where anything was changed, removed, inserted or put elsewhere; each is named.": (
        "Mã thoát 1 nếu có gì bị sửa, bị bỏ, bị chèn vào hoặc đổi chỗ; từng chỗ được nêu rõ."
    ),
    "The ledger (default: ledger.url of gsign.toml).": "Sổ (mặc định: ledger.url trong gsign.toml).",
    "Folder of the sealed segments, to be verified as well.": "Thư mục các đoạn đã niêm phong, để kiểm tra cùng.",
    "Checkpoint that was kept elsewhere; may be repeated.": "Điểm kiểm đã cất ở nơi khác; có thể nêu nhiều lần.",
    "Show entries of the ledger, the oldest first.": "Hiện các mục trong sổ, cũ nhất trước.",
    "Not before this time (ISO 8601).": "Từ thời điểm này (ISO 8601).",
    "Before this time (ISO 8601).": "Trước thời điểm này (ISO 8601).",
    "Agency that has a part in it: its name, or a domain.": "Cơ quan có liên quan: tên, hoặc tên miền.",
    "Document or message of this SHA-256.": "Văn bản hoặc thư có SHA-256 này.",
    "Message of this Message-ID.": "Thư có Message-ID này.",
    "Signer: part of a name, an address or a serial number.": (
        "Người ký: một phần của tên, địa chỉ thư hoặc số sê-ri."
    ),
    "Address of a sender, recipient or signer.": "Địa chỉ của người gửi, người nhận hoặc người ký.",
    "Files that were signed, and of which nothing tells that they appeared.": (
        "Các tệp đã ký mà không có gì xác nhận là đã được ghi ra."
    ),
    "Rule of the policy that decided.": "Quy tắc của chính sách đã quyết định.",
    "What came of it: pass, warn, hold, reject, defer; TOTAL_PASSED, …": (
        "Kết quả: pass (cho qua), warn (cảnh báo), hold (giữ lại), reject (từ chối), defer (tạm hoãn); TOTAL_PASSED, …"
    ),
    "Kind of entry, such as decided or signed; may be repeated.": (
        "Loại mục, ví dụ decided hoặc signed; có thể nêu nhiều lần."
    ),
    "Only the last N.": "Chỉ N mục cuối.",
    "Go on with what is written from now on, until interrupted.": "Hiện tiếp những gì được ghi từ bây giờ, đến khi bị ngắt.",
    "Output file; gzipped if named .gz.": "Tệp đầu ra; được nén gzip nếu tên có đuôi .gz.",
    "Write the ledger as lines of JSON, which `verify` and `import` read.": (
        "Xuất sổ thành các dòng JSON mà `verify` và `import` đọc được."
    ),
    "Take over the entries of an export or a segment that the ledger does not have.": (
        "Nhập những mục của một bản xuất hoặc một đoạn mà sổ chưa có."
    ),
    "The file is verified first; nothing is written where anything in it is wrong, or where the two differ.": (
        "Tệp được kiểm tra trước; không ghi gì nếu trong tệp có chỗ sai, hoặc nếu tệp và sổ khác nhau."
    ),
    "Take old entries out of the ledger into a file of their own.": "Chuyển các mục cũ từ sổ ra một tệp riêng.",
    "The ledger keeps their numbers and hashes and the file's digest: with the file and without it, what is left can be proved.": (
        "Sổ giữ số và mã băm của chúng cùng mã băm của tệp: có tệp hay không, phần còn lại vẫn chứng minh được."
    ),
    "Entries before this time are taken out (ISO 8601).": "Các mục trước thời điểm này được chuyển ra (ISO 8601).",
    "Output file (CMS, .p7m).": "Tệp đầu ra (CMS, .p7m).",
    "Sign where the chains end now.": "Ký xác nhận điểm cuối hiện tại của các chuỗi.",
    "Kept where nobody who can write the ledger can reach it, the file shows with `verify --checkpoint` whether the ledger was written anew since.": (
        "Cất tệp ở nơi mà người ghi được sổ không với tới: `verify --checkpoint` sẽ cho biết sổ có bị viết lại từ đó"
        " đến nay không."
    ),
    "Folder of the segments.": "Thư mục chứa các đoạn niêm phong.",
}

VIETNAMESE: Final[Mapping[str, str]] = {**_GENERAL, **_COMMANDS, **_AUDIT, **_SIGNING, **_VERIFYING, **_MAIL}
"""English, with every blank one space → Vietnamese."""
