"""What is said about the signatures of messages: why one is not made, and what a verification came to."""

from __future__ import annotations

from typing import Final

from gsign.sentences import Sentence
from gsign.sentences.mail_reading import REASONS as READING

__all__ = ["ERRORS", "REASONS", "TEXTS"]

_DISTRUST_VI: Final = "không làm theo thư này; hỏi lại người gửi qua kênh khác và đề nghị gửi lại thư đã ký"
_DISTRUST_EN: Final = "do not act on this message; ask the sender by another channel, and for a signed message"
_RESIGN_VI: Final = "đề nghị người gửi ký lại thư bằng phần mềm thư đúng chuẩn S/MIME"
_RESIGN_EN: Final = "ask the sender to sign again with mail software that follows S/MIME"
_ONE_FROM_VI: Final = "sửa trường From của thư thành đúng một địa chỉ rồi ký lại"
_ONE_FROM_EN: Final = "make From hold the sender's address, once, and sign again"

ERRORS: Final[dict[str, Sentence]] = {
    "certificate-not-for-mail": Sentence(
        vi="chứng thư số của “{subject}” không được cấp để bảo vệ thư điện tử",
        en="the certificate of “{subject}” was not issued for protecting mail",
        hint_vi="chọn chứng thư số có mục đích bảo vệ thư (emailProtection) bằng --key",
        hint_en="choose a certificate for mail (emailProtection) with --key",
    ),
    "mail-already-signed": Sentence(
        vi="thư này đã được ký với địa chỉ {address}",
        en="the message is signed for {address} already",
        hint_vi="gửi thư như hiện có; không ký hai lần cùng một danh nghĩa",
        hint_en="send it as it is; nobody signs twice in one name",
    ),
    "mail-form-unknown": Sentence(
        vi="dạng chữ ký thư không biết: {value} (có: {known})",
        en="unknown form of a message's signature: {value} (known: {known})",
    ),
    "mail-is-encrypted": Sentence(
        vi="thư đã mã hóa: không ký lên nội dung không đọc được",
        en="the message is encrypted: nobody signs what cannot be read",
        hint_vi="ký thư trước, rồi mới mã hóa",
        hint_en="sign the message first, then encrypt it",
    ),
    "mail-begins-document": Sentence(
        vi="phần đầu thư chứa nguyên văn một tài liệu PDF: chữ ký của thư có thể bị dùng làm chữ ký của tài liệu đó",
        en="the message begins with a PDF document as plain text: its signature could be used as that document's",
        hint_vi="đính kèm tài liệu thành tệp, đừng chép nội dung tệp vào thư",
        hint_en="attach the document as a file, rather than copying the file's content into the message",
    ),
    "mail-not-7bit": Sentence(
        vi="phần {path} của thư không thể truyền nguyên vẹn qua mọi máy chủ thư và không được phép mã hóa lại",
        en="part {path} of the message would not pass every mail server unchanged, and must not be encoded anew",
        hint_vi="ký dạng trọn gói bằng --form opaque",
        hint_en="sign with everything inside the signature: --form opaque",
    ),
    "mail-partial": Sentence(
        vi="thư là một mảnh của thư khác (message/partial) nên không ký được",
        en="the message is a piece of another one (message/partial), which is not signed",
        hint_vi="ghép thành thư hoàn chỉnh rồi ký",
        hint_en="put the whole message together, and sign that",
    ),
    "mail-is-folder": Sentence(
        vi="{file} là thư mục, không phải thư",
        en="{file} is a folder, not a message",
        hint_vi="ghi rõ từng tệp .eml trong thư mục, ví dụ {file}/*.eml",
        hint_en="name the .eml files in it, such as {file}/*.eml",
    ),
    "mail-is-document": Sentence(
        vi="{file} là văn bản PDF, không phải thư",
        en="{file} is a PDF document, not a message",
        hint_vi="dùng gsign sign hoặc gsign verify cho văn bản; gsign mail dành cho thư (.eml)",
        hint_en="`gsign sign` and `gsign verify` are for documents; `gsign mail` is for messages (.eml)",
    ),
    "mail-is-none": Sentence(
        vi="{file} không phải là thư: không có trường nào như From, To, Subject, Date",
        en="{file} is no message: it has no field such as From, To, Subject or Date",
        hint_vi="lưu cả thư thành tệp .eml từ phần mềm thư, đừng chỉ lưu tệp đính kèm (smime.p7m, smime.p7s)",
        hint_en="save the whole message as .eml in the mail program, rather than an attachment (smime.p7m, smime.p7s)",
    ),
    "mail-too-costly": Sentence(
        vi="xử lý thư {file} vượt quá giới hạn về thời gian, bộ nhớ, hoặc làm hỏng tiến trình xử lý",
        en="{file} exceeded the limits on time or memory, or made the process that reads it fail",
        hint_vi="không dùng thư này; đề nghị người gửi gửi lại, hoặc gửi tệp lớn bằng cách khác",
        hint_en="do not use this message; have the sender send it again, or send large files in another way",
    ),
    "mail-too-large": Sentence(
        vi="thư {file} lớn hơn mức tối đa {most} MiB",
        en="{file} is larger than messages may be, {most} MiB",
        hint_vi="gửi tệp lớn bằng cách khác, ví dụ ký riêng từng văn bản PDF bằng gsign sign",
        hint_en="send large files in another way: `gsign sign` signs each PDF document by itself",
    ),
    "mail-unclear": Sentence(
        vi="cấu trúc thư có thể bị hiểu theo nhiều cách nên không ký, không mã hóa ({reasons})",
        en="readers would take the message's structure differently, so it is neither signed nor encrypted ({reasons})",
        hint_vi="soạn lại thư bằng phần mềm thư thông dụng; xem chi tiết bằng gsign mail inspect",
        hint_en="write it anew with a usual mail program; `gsign mail inspect` tells more",
    ),
    "signer-is-not-sender": Sentence(
        vi="thư ghi người gửi là {sender} nhưng chứng thư số thuộc về {named}",
        en="the message is from {sender}, but the certificate names {named}",
        hint_vi="ký bằng chứng thư số của người gửi; cơ quan ký thay người thuộc tên miền mình thì dùng --as-agency",
        hint_en="sign with the sender's certificate; an agency signs for its people's domain with --as-agency",
    ),
    "stdin-not-alone": Sentence(
        vi="đầu vào chuẩn (-) không dùng chung với tệp khác",
        en="standard input (-) does not go together with files",
        hint_vi="chạy riêng cho từng nguồn",
        hint_en="run once for each",
    ),
}

_SIGNATURE: Final[dict[str, Sentence]] = {
    "agency-unknown": Sentence(
        vi="chữ ký được ghi là của cơ quan ký thay người gửi, nhưng không rõ đó có phải cơ quan của người gửi không",
        en="the signature claims to be an agency's for its sender, but that agency is not known to be the sender's",
        hint_vi="xem tên trong chứng thư số; nếu đúng là cơ quan của người gửi thì khai báo cơ quan đó trong cấu hình",
        hint_en="look at the certificate's name; where it is the sender's agency, name it in the configuration",
    ),
    "content-missing": Sentence(
        vi="thư chỉ có chữ ký mà không có nội dung được ký",
        en="the message holds a signature without what was signed",
        hint_vi=_RESIGN_VI,
        hint_en=_RESIGN_EN,
    ),
    "from-missing": Sentence(
        vi="thư không có trường From nên không biết ai gửi",
        en="the message has no From, so that nobody is named as its sender",
        hint_vi=_ONE_FROM_VI,
        hint_en=_ONE_FROM_EN,
    ),
    "from-repeated": Sentence(
        vi="thư có nhiều trường From, mỗi phần mềm thư có thể hiện một người gửi khác nhau",
        en="the message has several From fields: mail programs show one sender or another",
        hint_vi=_DISTRUST_VI,
        hint_en=_DISTRUST_EN,
    ),
    "from-shows-another": Sentence(
        vi="tên hiển thị của người gửi lại là một địa chỉ thư khác với địa chỉ đã ký",
        en="the name shown for the sender is another mail address than the one that signed",
        hint_vi="chỉ tin địa chỉ trong chứng thư số; nếu cần thì hỏi lại người ký",
        hint_en="rely on the address in the certificate only, and ask the signer where it matters",
    ),
    "from-unclear": Sentence(
        vi="trường From không ghi rõ một địa chỉ mà mọi phần mềm thư đều hiểu như nhau",
        en="From holds no address that every mail program reads alike",
        hint_vi=_DISTRUST_VI,
        hint_en=_DISTRUST_EN,
    ),
    "no-signer": Sentence(
        vi="chữ ký của thư không có người ký nào",
        en="the message's signature holds no signer",
        hint_vi=_DISTRUST_VI,
        hint_en=_DISTRUST_EN,
    ),
    "not-an-encryption-key": Sentence(
        vi="khóa của chứng thư số không được cấp để mã hóa",
        en="the certificate's key was not issued for encryption",
        hint_vi="xin người nhận chứng thư số dùng để mã hóa thư",
        hint_en="ask the recipient for a certificate for encryption",
    ),
    "not-a-mail-certificate": Sentence(
        vi="chứng thư số không được cấp để bảo vệ thư điện tử",
        en="the certificate was not issued for protecting mail",
        hint_vi="đề nghị người gửi ký lại bằng chứng thư số có mục đích bảo vệ thư (emailProtection)",
        hint_en="ask the sender to sign again with a certificate for mail (emailProtection)",
    ),
    "not-two-parts": Sentence(
        vi="thư ký phải có đúng hai phần, nội dung và chữ ký; thư này có thêm hoặc thiếu phần",
        en="a signed message has exactly two parts, content and signature; this one has more or fewer",
        hint_vi=_DISTRUST_VI,
        hint_en=_DISTRUST_EN,
    ),
    "reply-to-not-signed": Sentence(
        vi="thư trả lời sẽ đi đến một địa chỉ khác (Reply-To) mà người ký không xác nhận",
        en="answers would go to another address (Reply-To), which the signer did not sign",
        hint_vi="không trả lời theo địa chỉ đó; trả lời đến địa chỉ trong chứng thư số",
        hint_en="do not answer there; write to the address in the certificate",
    ),
    "sender-not-signed": Sentence(
        vi="thư ghi có địa chỉ khác gửi hộ (Sender) mà người ký không xác nhận",
        en="the message says to be sent by another address (Sender), which the signer did not sign",
        hint_vi="chỉ tin địa chỉ trong chứng thư số; nếu cần thì hỏi lại người ký",
        hint_en="rely on the address in the certificate only, and ask the signer where it matters",
    ),
    "sender-changed": Sentence(
        vi="trường From đã bị đổi sau khi ký",
        en="From was changed after signing",
        hint_vi=_DISTRUST_VI,
        hint_en=_DISTRUST_EN,
    ),
    "signature-encoding-odd": Sentence(
        vi="phần chữ ký của thư chứa thêm dữ liệu lạ mà không ai ký",
        en="the signature's part of the message holds more than the signature, which nobody signed",
        hint_vi=_DISTRUST_VI,
        hint_en=_DISTRUST_EN,
    ),
    "content-elsewhere": Sentence(
        vi="một phần của thư nằm ngoài thư (message/external-body): chữ ký không nói gì về nội dung sẽ tải về",
        en="a part of the message lies elsewhere (message/external-body): what would be fetched is not signed",
        hint_vi="không tải phần đó; yêu cầu người gửi gửi lại với nội dung đính kèm trong thư",
        hint_en="do not fetch it; ask the sender to send it again with the content attached",
    ),
    "base-not-signed": Sentence(
        vi="thư có trường Content-Base hoặc Content-Location không được ký, làm đổi nơi các liên kết trong thư trỏ tới",
        en="an unsigned field, Content-Base or Content-Location, changes where links in the message lead",
        hint_vi="không mở liên kết trong thư; yêu cầu người gửi gửi lại",
        hint_en="open no link in the message; ask the sender to send it again",
    ),
    "signature-of-document": Sentence(
        vi="chữ ký này ký một tài liệu PDF, không phải thư; nó đã bị lấy ra để giả làm chữ ký thư",
        en="this is the signature of a PDF document, not of a message; it was put here to pass for one",
        hint_vi="không tin thư này; báo cho người có tên trong chữ ký",
        hint_en="do not trust this message; tell whom the signature names",
    ),
    "signature-part-wrong": Sentence(
        vi="phần thứ hai của thư ký không phải là chữ ký S/MIME",
        en="the second part of the signed message is no S/MIME signature",
        hint_vi=_RESIGN_VI,
        hint_en=_RESIGN_EN,
    ),
    "signature-misnamed": Sentence(
        vi="chữ ký của thư mang tên tệp loại khác: phần mềm không biết S/MIME sẽ hiện nó như tài liệu đính kèm",
        en="the signature bears the name of another kind of file: programs without S/MIME show it as a document",
        hint_vi="không mở tệp đó; " + _RESIGN_VI,
        hint_en="do not open that file; " + _RESIGN_EN,
    ),
    "signer-not-sender": Sentence(
        vi="chữ ký không phải của người gửi ghi ở From: chứng thư số không có địa chỉ đó",
        en="the signature is not that of the sender in From: the certificate does not name that address",
        hint_vi=_DISTRUST_VI,
        hint_en=_DISTRUST_EN,
    ),
    "too-many-signers": Sentence(
        vi="chữ ký của thư chứa quá nhiều người ký",
        en="the message's signature holds too many signers",
        hint_vi=_DISTRUST_VI,
        hint_en=_DISTRUST_EN,
    ),
}

_WARNINGS: Final[dict[str, Sentence]] = {
    "date-differs": Sentence(
        vi="ngày ghi trong thư cách xa thời gian ký do người ký khai",
        en="the message's date is far from the time at which the signer claims to have signed",
        hint_vi="nếu ngày tháng quan trọng, hỏi lại người gửi",
        hint_en="ask the sender where the date matters",
    ),
    "headers-changed": Sentence(
        vi="một số trường của thư (như tiêu đề, người nhận) khác với lúc ký",
        en="some fields of the message, such as subject or recipients, differ from what was signed",
        hint_vi="chỉ tin các trường đã ký; xem headers_changed trong kết quả --json",
        hint_en="rely on the signed fields only; `--json` names the others as headers_changed",
    ),
    "headers-not-protected": Sentence(
        vi="chữ ký chỉ bảo vệ nội dung; tiêu đề, ngày và người nhận không được ký",
        en="the signature protects the content only; subject, date and recipients are not signed",
    ),
    "content-encrypted": Sentence(
        vi="chữ ký nằm ngoài phần đã mã hóa: người ký chưa chắc đã biết nội dung bên trong",
        en="the signature is around something encrypted: its signer need not know what that says",
        hint_vi="giải mã bằng gsign mail decrypt; chỉ chữ ký bên trong mới cho biết ai viết nội dung",
        hint_en="decrypt it with `gsign mail decrypt`: only a signature inside says who wrote it",
    ),
    "mail-encrypted": Sentence(
        vi="thư đã mã hóa: chữ ký, nếu có, nằm bên trong",
        en="the message is encrypted: a signature, if there is one, is inside",
        hint_vi="giải mã bằng gsign mail decrypt rồi kiểm tra kết quả",
        hint_en="decrypt it with `gsign mail decrypt`, and verify the result",
    ),
    "micalg-unknown": Sentence(
        vi="thư ghi tên thuật toán băm lạ (micalg); chữ ký vẫn được kiểm tra theo thuật toán thật",
        en="the message names an odd digest (micalg); the signature was checked with the one that it uses",
    ),
    "micalg-wrong": Sentence(
        vi="thư ghi thuật toán băm (micalg) khác với chữ ký; chữ ký vẫn được kiểm tra theo thuật toán thật",
        en="the message names another digest (micalg) than the signature uses, which was checked with its own",
    ),
    "protocol-missing": Sentence(
        vi="thư không ghi loại chữ ký (protocol)",
        en="the message does not say which kind of signature it has (protocol)",
    ),
    "sent-by-another": Sentence(
        vi="thư do địa chỉ khác gửi hộ (trường Sender, đã được ký); chữ ký là của người ở From",
        en="another address sent the message (Sender, which is signed); the signature is that of From",
    ),
    "signature-not-at-root": Sentence(
        vi="chỉ một phần của thư có chữ ký; phần còn lại không được ký nên cả thư không được coi là đã ký",
        en="only a part of the message is signed; the rest is not, so that the message does not count as signed",
        hint_vi="chỉ tin phần đã ký; đề nghị người gửi ký cả thư",
        hint_en="rely on the signed part only; ask the sender to sign the whole message",
    ),
    "smime-type-wrong": Sentence(
        vi="thư ghi loại S/MIME khác với nội dung thật",
        en="the message says another kind of S/MIME than it holds",
    ),
}

REASONS: Final[dict[str, Sentence]] = {**_SIGNATURE, **_WARNINGS, **READING}

TEXTS: Final[dict[str, Sentence]] = {
    "by-agency": Sentence(vi="Cơ quan ký thay người gửi", en="Signed by the sender's agency"),
    "mail-documents": Sentence(vi="Văn bản trong thư", en="Documents in the message"),
    "mail-form-detached": Sentence(vi="nội dung đọc được, chữ ký đi kèm", en="readable content, detached signature"),
    "mail-form-opaque": Sentence(vi="trọn gói trong chữ ký", en="everything inside the signature"),
    "mail-headers": Sentence(vi="Các trường của thư", en="Fields of the message"),
    "mail-headers-changed": Sentence(vi="khác với lúc ký: {names}", en="differ from what was signed: {names}"),
    "mail-headers-none": Sentence(vi="không được ký", en="not signed"),
    "mail-headers-same": Sentence(vi="đúng như lúc ký", en="as they were signed"),
    "mail-sender": Sentence(vi="Người gửi (From)", en="Sender (From)"),
    "mail-signed": Sentence(
        vi="đã ký thư {file} → {output}: {name}, người gửi {sender} ({form}){key}",
        en="signed {file} → {output}: {name}, from {sender} ({form}){key}",
    ),
    "mail-signature": Sentence(vi="Chữ ký thư", en="Signature"),
    "mail-smime": Sentence(vi="Kết quả S/MIME (RFC 7281)", en="S/MIME result (RFC 7281)"),
}
