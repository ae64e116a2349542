"""Sentences about roles: who may sign what after whom, what each role needs, and what a document holds that is off."""

from __future__ import annotations

from typing import Final

from gsign.sentences import Sentence

__all__ = ["ERRORS", "REASONS", "TEXTS"]

ERRORS: Final[dict[str, Sentence]] = {
    # ------------------------------------------------------------ options
    "option-not-for-role": Sentence(
        vi="tùy chọn --{option} không có nghĩa với vai trò “{role}”",
        en="--{option} means nothing to the role “{role}”",
        hint_vi="bỏ tùy chọn này, hoặc chọn một trong các vai trò: {roles}",
        hint_en="leave it out, or choose one of the roles: {roles}",
    ),
    "copy-form-unknown": Sentence(
        vi="không có hình thức sao “{value}”",
        en="there is no form of copy “{value}”",
        hint_vi="có: {known}",
        hint_en="known: {known}",
    ),
    "date-malformed": Sentence(
        vi="ngày “{date}” không đúng",
        en="the date “{date}” is malformed",
        hint_vi="viết theo dạng NĂM-THÁNG-NGÀY, ví dụ 2026-02-23",
        hint_en="write YEAR-MONTH-DAY, such as 2026-02-23",
    ),
    "place-of-nothing": Sentence(
        vi="vai trò “{role}” không hiển thị phần nào tên là “{name}”",
        en="the role “{role}” shows nothing called “{name}”",
        hint_vi="có: {known}",
        hint_en="known: {known}",
    ),
    "number-needed": Sentence(
        vi="vai trò “{role}” cần số của văn bản",
        en="the role “{role}” needs a number",
        hint_vi="thêm --number (issue: 286; annex: 286/QĐ-UBND; incoming: số đến)",
        hint_en="add --number (issue: 286; annex: 286/QĐ-UBND; incoming: the number of arrival)",
    ),
    # ------------------------------------------------------------ order
    "role-needs-person": Sentence(
        vi="vai trò “{role}” dành cho cá nhân, nhưng chứng thư số của “{subject}” là của cơ quan, tổ chức",
        en="the role “{role}” is a person's, and the certificate of “{subject}” is an agency's",
        hint_vi="ký bằng khóa của người có thẩm quyền; khóa của cơ quan ký sau đó với --as issue",
        hint_en="sign with the competent person's key; the agency's signs afterwards, with --as issue",
    ),
    "already-issued": Sentence(
        vi="văn bản đã được cơ quan ban hành: không ký thêm với vai trò “{role}” được nữa",
        en="the agency has issued this document already: nobody signs it as “{role}” any more",
        hint_vi="ký bản chưa có chữ ký số của cơ quan, hoặc dùng --as copy để sao văn bản",
        hint_en="sign the version that the agency has not signed yet, or make a copy of it with --as copy",
    ),
    "competent-signature-missing": Sentence(
        vi="{file} chưa có chữ ký số hợp lệ của người có thẩm quyền (đã có: {found})",
        en="{file} bears no valid signature of a competent person (there is: {found})",
        hint_vi="khóa của cơ quan chỉ ký sau người có thẩm quyền: trình ký với --as leader trước; nếu chứng thư số của "
        "người ký chưa được tin cậy, thêm --trust; với phụ lục, chỉ ra văn bản chính bằng --of",
        hint_en="an agency's key signs after the competent person: have it signed with --as leader first; where the "
        "person's certificate is not trusted yet, add --trust; for an annex, name the main document with --of",
    ),
    "earlier-signature-failed": Sentence(
        vi="chữ ký số {field} trên văn bản không hợp lệ ({reasons})",
        en="the signature {field} that the document bears is not valid ({reasons})",
        hint_vi="không ký tiếp và không tiếp nhận: trả lại nơi gửi, nêu rõ lý do; xem chi tiết bằng gsign verify",
        hint_en="neither sign nor accept it: return it to the sender with the reason; gsign verify tells more",
    ),
    # ------------------------------------------------------------ strict, preview
    "refused-by-strict": Sentence(
        vi="không ký vì có điều cần xem xét và --strict được yêu cầu: {warnings}",
        en="not signed, since there is something to look at and --strict was asked for: {warnings}",
        hint_vi="xử lý các điểm này trong văn bản, hoặc ký không kèm --strict nếu đã xem xét và chấp nhận",
        hint_en="mend this in the document, or sign without --strict once a person has looked at it",
    ),
    "preview-for-one": Sentence(
        vi="--preview chỉ dùng cho một tệp, nhưng có {count} tệp",
        en="--preview is for one file, and there are {count}",
        hint_vi="xem trước từng tệp",
        hint_en="preview one file at a time",
    ),
    "nothing-to-preview": Sentence(
        vi="chữ ký này không hiển thị trên trang nào",
        en="this signature is shown on no page",
        hint_vi="thêm --at TRANG,X,Y hoặc chọn một vai trò bằng --as",
        hint_en="add --at PAGE,X,Y, or choose a role with --as",
    ),
    "number-for-one": Sentence(
        vi="một số chỉ dùng cho một văn bản, nhưng có {count} tệp",
        en="a number is for one document, and there are {count} files",
        hint_vi="ký từng văn bản với số của nó; phụ lục của cùng một văn bản thì dùng --annex",
        hint_en="sign each with its own number; annexes of one document are given with --annex",
    ),
    "annex-needs-issue": Sentence(
        vi="--annex chỉ dùng khi ban hành một văn bản chính bằng --as issue",
        en="--annex goes with one main document that is issued with --as issue",
        hint_vi="ký riêng phụ lục bằng --as annex --of VĂN-BẢN-CHÍNH.pdf",
        hint_en="sign an annex alone with --as annex --of MAIN.pdf",
    ),
}

TEXTS: Final[dict[str, Sentence]] = {
    # What a signature says that it stands for
    "role": Sentence(vi="Vai trò", en="Role"),
    "role-plain": Sentence(vi="không nêu", en="none in particular"),
    "role-initials": Sentence(vi="ký nháy", en="initials"),
    "role-leader": Sentence(vi="người có thẩm quyền ký", en="competent person"),
    "role-issue": Sentence(vi="cơ quan ban hành", en="issued by the agency"),
    "role-annex": Sentence(vi="phụ lục do cơ quan ký", en="annex, by the agency"),
    "role-copy": Sentence(vi="bản sao điện tử", en="electronic copy"),
    "role-incoming": Sentence(vi="văn bản đến", en="registered on arrival"),
}

REASONS: Final[dict[str, Sentence]] = {
    # ------------------------------------------------------------ order
    "agency-key-expected": Sentence(
        vi="vai trò này dành cho khóa của cơ quan, nhưng chứng thư số không cho biết là của cơ quan, tổ chức",
        en="this role is for an agency's key, and the certificate does not tell that it is one's",
        hint_vi="kiểm tra xem đã chọn đúng khóa của cơ quan chưa (gsign token keys)",
        hint_en="make sure that the agency's key was chosen (gsign token keys)",
    ),
    "agency-before-person": Sentence(
        vi="khóa của cơ quan ký văn bản chưa có chữ ký số hợp lệ của người có thẩm quyền",
        en="an agency's key signs a document that bears no valid signature of a competent person",
        hint_vi="trình người có thẩm quyền ký trước (--as leader), rồi ban hành bằng --as issue",
        hint_en="have the competent person sign first (--as leader), then issue it with --as issue",
    ),
    "person-status-unknown": Sentence(
        vi="chưa kiểm tra được chứng thư của người đã ký văn bản có bị thu hồi hay không",
        en="whether the certificate of the person who signed was revoked could not be checked",
        hint_vi="ký lại khi có mạng; dùng --revocation require nếu bắt buộc phải biết",
        hint_en="sign with a network connection; use --revocation require where it must be known",
    ),
    "person-of-another-organisation": Sentence(
        vi="chứng thư của người đã ký văn bản thuộc cơ quan, tổ chức khác với chứng thư của cơ quan",
        en="the certificate of the person who signed names another organisation than the agency's",
        hint_vi="kiểm tra người đã ký có thẩm quyền ký văn bản của cơ quan hay không",
        hint_en="make sure that this person may sign for the agency",
    ),
    "earlier-signature-uncertain": Sentence(
        vi="có chữ ký số trên văn bản chưa xác định được là hợp lệ",
        en="a signature that the document bears could not be judged",
        hint_vi="chạy gsign verify để biết lý do; thêm chứng thư gốc cần tin cậy bằng --trust",
        hint_en="gsign verify tells why; add the anchors to be trusted with --trust",
    ),
    "image-missing": Sentence(
        vi="không có hình ảnh chữ ký hoặc con dấu: thông tin người ký được hiển thị bằng chữ",
        en="there is no image of the signature or seal: who signs is shown in words",
        hint_vi="thêm --image PNG: Nghị định 30/2020/NĐ-CP yêu cầu hình ảnh chữ ký và con dấu",
        hint_en="add --image PNG: Decree 30/2020 asks for the images of signature and seal",
    ),
    # ------------------------------------------------------------ the document
    "document-script": Sentence(
        vi="văn bản chứa mã JavaScript, có thể làm thay đổi nội dung hiển thị",
        en="the document holds JavaScript, which may change what is shown",
        hint_vi="xuất lại văn bản sang PDF không có mã lệnh (in ra PDF)",
        hint_en="export it again without scripts, as by printing to PDF",
    ),
    "document-action": Sentence(
        vi="văn bản chứa hành động như mở chương trình, mở tệp khác, gửi biểu mẫu hoặc ẩn hiện nội dung",
        en="the document holds actions that start programs, open files, submit forms, or hide and show things",
        hint_vi="xuất lại văn bản sang PDF không có các hành động đó (in ra PDF)",
        hint_en="export it again without them, as by printing to PDF",
    ),
    "document-hidden-layer": Sentence(
        vi="văn bản có lớp nội dung bị ẩn hoặc chỉ hiện trong một số trường hợp",
        en="the document has layers that are hidden, or shown only at times",
        hint_vi="gộp các lớp khi xuất PDF, rồi xem lại toàn bộ nội dung trước khi ký",
        hint_en="flatten the layers while exporting, and read it again before signing",
    ),
    "usage-rights-lost": Sentence(
        vi="tài liệu mất các quyền sử dụng mở rộng trong Adobe Reader, như mọi tài liệu bị thay đổi",
        en="the document loses its extended rights in Adobe Reader, as with any change",
        hint_vi="không ảnh hưởng đến chữ ký; cần giữ các quyền đó thì hãy ký bằng chương trình đã cấp quyền",
        hint_en="the signature is not affected; to keep those rights, sign with the program that granted them",
    ),
    "document-hidden-field": Sentence(
        vi="văn bản có ô biểu mẫu bị ẩn",
        en="the document has form fields that are hidden",
        hint_vi="xóa các ô đó, hoặc in văn bản ra PDF mới trước khi ký",
        hint_en="remove them, or print the document to a new PDF before signing",
    ),
    "document-overlapping-fields": Sentence(
        vi="văn bản có các ô biểu mẫu chồng lên nhau",
        en="the document has form fields that lie over each other",
        hint_vi="sửa lại vị trí các ô, hoặc in văn bản ra PDF mới trước khi ký",
        hint_en="move them apart, or print the document to a new PDF before signing",
    ),
    "document-font-missing": Sentence(
        vi="văn bản dùng phông chữ không được nhúng: máy khác có thể hiển thị chữ khác đi",
        en="the document uses fonts that are not embedded: other machines may show other letters",
        hint_vi="xuất lại PDF với tùy chọn nhúng phông chữ (PDF/A)",
        hint_en="export it with its fonts embedded (PDF/A)",
    ),
    "document-external-content": Sentence(
        vi="văn bản lấy nội dung từ tệp bên ngoài, nội dung đó không được ký",
        en="the document takes content from other files, which the signature does not cover",
        hint_vi="đưa toàn bộ nội dung vào trong tệp rồi mới ký",
        hint_en="put everything into the file before signing",
    ),
    "document-attachment": Sentence(
        vi="văn bản có tệp đính kèm bên trong, được ký cùng mà không hiển thị trên trang nào",
        en="the document has files attached, which are signed with it and shown on no page",
        hint_vi="mở xem từng tệp đính kèm trước khi ký, hoặc tách ra thành phụ lục riêng",
        hint_en="look at each before signing, or make annexes of them",
    ),
    "document-xfa": Sentence(
        vi="văn bản có biểu mẫu XFA, hiển thị khác nhau tùy phần mềm",
        en="the document has an XFA form, which readers show differently",
        hint_vi="in văn bản ra PDF mới trước khi ký",
        hint_en="print it to a new PDF before signing",
    ),
    "document-covering-annotation": Sentence(
        vi="trên trang có chú thích hoặc hình đặt chồng lên nội dung",
        en="annotations are drawn over the pages and may hide what stands there",
        hint_vi="xóa hoặc gộp các chú thích vào trang, rồi xem lại nội dung trước khi ký",
        hint_en="remove or flatten them, and read the pages again before signing",
    ),
    "document-not-examined": Sentence(
        vi="văn bản quá lớn hoặc quá lạ để dò tìm mã lệnh và nội dung ẩn trước khi ký",
        en="the document is too large or too unusual to be searched for scripts and hidden content",
        hint_vi="in văn bản ra PDF mới trước khi ký nếu nguồn không đáng tin cậy",
        hint_en="print it to a new PDF before signing, unless it comes from somebody you trust",
    ),
}
