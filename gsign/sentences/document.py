"""Sentences about documents: reading, writing, fields, places, options of a signature."""

from __future__ import annotations

from typing import Final

from gsign.sentences import Sentence

__all__ = ["ERRORS"]

ERRORS: Final[dict[str, Sentence]] = {
    # ------------------------------------------------------------ reading
    "input-unreadable": Sentence(
        vi="không đọc được tệp {file}: {cause}",
        en="{file} cannot be read: {cause}",
        hint_vi="kiểm tra đường dẫn và quyền đọc tệp",
        hint_en="check the path and the right to read the file",
    ),
    "input-is-folder": Sentence(
        vi="{file} là thư mục, không phải tệp",
        en="{file} is a folder, not a file",
        hint_vi="ghi rõ từng tệp trong thư mục; `gsign verify --recursive` kiểm tra mọi tệp .pdf trong đó",
        hint_en="name the files in it; `gsign verify --recursive` takes every .pdf file of a folder",
    ),
    "input-changed": Sentence(
        vi="tệp {file} bị thay đổi trong khi đang đọc",
        en="{file} was changed while it was being read",
        hint_vi="chờ chương trình khác ghi xong tệp rồi làm lại",
        hint_en="wait until the other program has finished writing it, and try again",
    ),
    "input-shrank": Sentence(
        vi="tệp {file} bị ngắn đi trong khi đang đọc",
        en="{file} became shorter while it was being read",
        hint_vi="chờ chương trình khác ghi xong tệp rồi làm lại",
        hint_en="wait until the other program has finished writing it, and try again",
    ),
    "input-empty": Sentence(
        vi="tệp {file} rỗng (0 byte)",
        en="{file} is empty (0 bytes)",
        hint_vi="xuất hoặc tải lại tài liệu",
        hint_en="export or download the document again",
    ),
    "input-not-pdf": Sentence(
        vi="{file} không phải là tệp PDF",
        en="{file} is not a PDF file",
        hint_vi="chuyển tài liệu sang PDF (trong Word: Lưu thành PDF) rồi làm lại; với thư (.eml), dùng gsign mail",
        hint_en="convert the document to PDF (in Word: Save as PDF) and try again; `gsign mail` is for messages (.eml)",
    ),
    "input-truncated": Sentence(
        vi="tệp PDF {file} bị cắt cụt: thiếu phần cuối",
        en="the PDF file {file} is truncated: its end is missing",
        hint_vi="tải hoặc chép lại tệp từ nguồn ban đầu",
        hint_en="download or copy it again from where it came",
    ),
    "input-damaged": Sentence(
        vi="cấu trúc tệp PDF {file} bị hỏng: {cause}",
        en="the structure of the PDF file {file} is damaged: {cause}",
        hint_vi="nếu chưa có chữ ký nào: mở ra và in hoặc lưu lại thành PDF mới (hoặc dùng qpdf), rồi ký tệp mới đó",
        hint_en="if it bears no signature yet: open it and save or print it as a new PDF (or use qpdf), and sign that",
    ),
    "input-not-judged": Sentence(
        vi="không kiểm tra được {file}: {why}",
        en="{file} cannot be judged: {why}",
        hint_vi="{advice}",
        hint_en="{advice}",
    ),
    "input-rewritten": Sentence(
        vi="tài liệu {file} đã được ký rồi bị ghi lại: chữ ký cũ còn sót lại nhưng không kiểm tra được nữa",
        en="{file} was signed and then rewritten: a signature remains in it that nothing leads to any more",
        hint_vi="không ký tệp này; yêu cầu nơi gửi gửi lại bản gốc, hoặc in ra PDF mới rồi ký",
        hint_en="do not sign it; ask the sender for the original, or print it to a new PDF and sign that",
    ),
    "input-ambiguous": Sentence(
        vi="các chương trình đọc tài liệu {file} theo những cách khác nhau: {reasons}",
        en="programs read {file} in different ways: {reasons}",
        hint_vi="không ký tệp này; in ra PDF mới, xem lại nội dung rồi ký tệp mới",
        hint_en="do not sign it; print it to a new PDF, look at that, and sign it",
    ),
    "input-too-large": Sentence(
        vi="tệp quá lớn: một chữ ký chỉ bao được dưới 10 tỷ byte",
        en="the file is too large: a signature covers less than 10,000,000,000 bytes",
        hint_vi="tách tài liệu thành các phần nhỏ hơn",
        hint_en="split the document",
    ),
    "password-needed": Sentence(
        vi="tệp {file} được mã hóa và cần mật khẩu để mở",
        en="{file} is encrypted and needs a password to open",
        hint_vi="ghi mật khẩu vào một tệp và thêm --password-file TỆP",
        hint_en="put the password into a file and add --password-file FILE",
    ),
    "password-wrong": Sentence(
        vi="mật khẩu không mở được tệp {file}",
        en="the password does not open {file}",
        hint_vi="kiểm tra lại mật khẩu của tài liệu (không phải mã PIN của token)",
        hint_en="check the document's password (not the token's PIN)",
    ),
    "encryption-unsupported": Sentence(
        vi="tệp {file} được mã hóa theo cách chưa được hỗ trợ",
        en="{file} is encrypted in a way that is not supported",
        hint_vi="dùng mã hóa bằng mật khẩu thông thường (RC4, AES-128, AES-256), hoặc ký trước khi mã hóa",
        hint_en="use ordinary password encryption (RC4, AES-128, AES-256), or sign before encrypting",
    ),
    "signature-unreadable": Sentence(
        vi="không đọc được một chữ ký có sẵn trong tài liệu",
        en="a signature that the document already bears cannot be read",
        hint_vi="chạy `gsign verify` để xem chữ ký nào hỏng",
        hint_en="run `gsign verify` to see which one is broken",
    ),
    "no-signature": Sentence(
        vi="tệp {file} không có chữ ký nào để nâng mức",
        en="{file} bears no signature that could be augmented",
        hint_vi="ký trước bằng `gsign sign`",
        hint_en="sign it first with `gsign sign`",
    ),
    # ------------------------------------------------------------ writing
    "output-is-input": Sentence(
        vi="tệp kết quả trùng với tệp đầu vào: {file}",
        en="output and input are the same file: {file}",
        hint_vi="chọn tên khác với -o; tệp gốc không bao giờ bị ghi đè",
        hint_en="choose another name with -o; the original is never overwritten",
    ),
    "output-exists": Sentence(
        vi="tệp {file} đã tồn tại",
        en="{file} exists already",
        hint_vi="chọn tên khác, hoặc thêm --force để ghi đè",
        hint_en="choose another name, or add --force to replace it",
    ),
    "output-unwritable": Sentence(
        vi="không ghi được tệp {file}: {cause}",
        en="{file} cannot be written: {cause}",
        hint_vi="kiểm tra thư mục có tồn tại, quyền ghi và dung lượng đĩa còn trống",
        hint_en="check that the folder exists, the right to write there, and the free space on the disk",
    ),
    # ------------------------------------------------------------ fields and permissions
    "field-not-signature": Sentence(
        vi="trường “{field}” không phải là trường chữ ký",
        en="the field “{field}” is not a signature field",
        hint_vi="chọn một trường chữ ký còn trống, hoặc bỏ --field để tạo trường mới",
        hint_en="name an empty signature field, or leave --field out to make a new one",
    ),
    "field-already-signed": Sentence(
        vi="trường “{field}” đã được ký",
        en="the field “{field}” is signed already",
        hint_vi="chọn trường khác, hoặc bỏ --field để thêm chữ ký trong trường mới",
        hint_en="name another field, or leave --field out to add a signature in a new one",
    ),
    "field-name-invalid": Sentence(
        vi="tên trường mới “{field}” không được chứa dấu chấm",
        en="the name of a new field cannot contain a full stop: “{field}”",
        hint_vi="đặt tên không có dấu chấm",
        hint_en="choose a name without one",
    ),
    "field-has-place": Sentence(
        vi="trường “{field}” có sẵn trong tài liệu và có vị trí riêng, không đặt lại được",
        en="the field “{field}” exists already and has a place of its own",
        hint_vi="bỏ vị trí (--at), hoặc bỏ --field để tạo trường mới ở vị trí đó",
        hint_en="leave the place (--at) out, or leave --field out to make a new field there",
    ),
    "field-seed-values": Sentence(
        vi="trường “{field}” đòi hỏi điều mà chữ ký này không có: {constraint}",
        en="the field “{field}” demands what this signature does not have: {constraint}",
        hint_vi="đổi tùy chọn cho đúng yêu cầu của trường, hoặc bỏ --field để dùng trường mới",
        hint_en="choose options that meet the field's demand, or leave --field out to use a new one",
    ),
    "certified-no-changes": Sentence(
        vi="chữ ký ở trường “{field}” không cho phép thay đổi hay ký thêm vào tài liệu",
        en="the signature in the field “{field}” forbids any change, also a further signature",
        hint_vi="đề nghị người ký đầu tiên ký lại và cho phép ký thêm",
        hint_en="ask the first signer to sign again and allow further signatures",
    ),
    "rights-withheld": Sentence(
        vi="người tạo {file} không cho phép ký tài liệu này bằng mật khẩu đang dùng",
        en="the author of {file} does not let those who have this password sign it",
        hint_vi="dùng mật khẩu chủ sở hữu (--password-file), hoặc xin người tạo một bản cho phép ký",
        hint_en="use the owner's password (--password-file), or ask the author for a copy that may be signed",
    ),
    "field-locked": Sentence(
        vi="trường “{field}” đã bị khóa bởi chữ ký ở trường “{by}”",
        en="the field “{field}” is locked by the signature in “{by}”",
        hint_vi="dùng trường chữ ký không bị khóa, hoặc đề nghị người đã khóa ký lại",
        hint_en="use a field that is not locked, or ask that signer to sign again",
    ),
    "certify-not-first": Sentence(
        vi="không thể chứng thực (certify): tài liệu đã có chữ ký ở trường “{field}”",
        en="cannot certify: the document is signed already, in the field “{field}”",
        hint_vi="chỉ chữ ký đầu tiên mới chứng thực được; bỏ --certify để ký phê duyệt",
        hint_en="only the first signature can certify; leave --certify out",
    ),
    "earlier-signature-broken": Sentence(
        vi="tài liệu có chữ ký không còn toàn vẹn ở trường “{field}”: {reasons}",
        en="the document bears a signature that does not hold, in the field “{field}”: {reasons}",
        hint_vi="không ký thêm lên tài liệu này; chạy `gsign verify` và yêu cầu nơi gửi gửi lại bản gốc",
        hint_en="do not sign it; run `gsign verify`, and ask the sender for the original",
    ),
    "earlier-signature-would-break": Sentence(
        vi="ký thêm lên tài liệu này sẽ làm chữ ký đã có ở trường “{field}” không còn được công nhận: {reasons}",
        en="signing this document once more would break the signature in the field “{field}”: {reasons}",
        hint_vi="tệp gốc được tạo theo cách mà các chương trình đọc khác nhau; in lại thành PDF mới rồi ký lại từ đầu",
        hint_en="programs read the original file in different ways; print it to a new PDF, and have all sign that",
    ),
    # ------------------------------------------------------------ places
    "page-not-there": Sentence(
        vi="không có trang {page}: tài liệu có {pages} trang",
        en="there is no page {page}: the document has {pages}",
        hint_vi="đánh số trang từ 1, hoặc từ -1 kể từ trang cuối",
        hint_en="count pages from 1, or from -1 at the end",
    ),
    "place-outside-page": Sentence(
        vi="vị trí chữ ký nằm ngoài trang (trang rộng {width}, cao {height} điểm)",
        en="the place lies outside the page (which is {width} by {height} points)",
        hint_vi="--at TRANG,X,Y[,RỘNG,CAO] tính bằng điểm từ góc dưới bên trái của trang như đang hiển thị",
        hint_en="--at PAGE,X,Y[,W,H] is in points from the lower-left corner of the page as shown",
    ),
    "place-malformed": Sentence(
        vi="vị trí “{at}” không đúng dạng",
        en="the place “{at}” is malformed",
        hint_vi="viết --at TRANG,X,Y hoặc --at TRANG,X,Y,RỘNG,CAO",
        hint_en="write --at PAGE,X,Y or --at PAGE,X,Y,W,H",
    ),
    "image-needs-place": Sentence(
        vi="có hình ảnh nhưng chưa có vị trí để hiển thị chữ ký",
        en="there is an image but no place to show it",
        hint_vi="thêm --at TRANG,X,Y[,RỘNG,CAO], hoặc --field với trường chữ ký có sẵn",
        hint_en="add --at PAGE,X,Y[,W,H], or --field with a visible signature field",
    ),
    "image-unreadable": Sentence(
        vi="không đọc được hình ảnh {file}: {cause}",
        en="the image {file} cannot be read: {cause}",
        hint_vi="kiểm tra đường dẫn và quyền đọc",
        hint_en="check the path and the right to read it",
    ),
    # ------------------------------------------------------------ options
    "role-unknown": Sentence(
        vi="không có vai trò “{value}”",
        en="there is no role “{value}”",
        hint_vi="có: {known}",
        hint_en="known: {known}",
    ),
    "level-unknown": Sentence(
        vi="không có mức “{value}”", en="there is no level “{value}”", hint_vi="có: {known}", hint_en="known: {known}"
    ),
    "scheme-unknown": Sentence(
        vi="không có lược đồ ký “{value}”",
        en="there is no scheme “{value}”",
        hint_vi="có: auto, {known}",
        hint_en="known: auto, {known}",
    ),
    "digest-unknown": Sentence(
        vi="không dùng được hàm băm “{value}”",
        en="the digest “{value}” is not available",
        hint_vi="có: {known}",
        hint_en="known: {known}",
    ),
    "subfilter-unknown": Sentence(
        vi="không có dạng chữ ký “{subfilter}”",
        en="there is no signature format “{subfilter}”",
        hint_vi="có: ETSI.CAdES.detached, adbe.pkcs7.detached",
        hint_en="known: ETSI.CAdES.detached, adbe.pkcs7.detached",
    ),
    "certify-unknown": Sentence(
        vi="quyền chứng thực “{certify}” không đúng",
        en="there are no certification permissions “{certify}”",
        hint_vi="1: không cho sửa; 2: cho điền biểu mẫu và ký; 3: cho cả ghi chú",
        hint_en="1: no changes; 2: filling forms and signing; 3: annotations too",
    ),
    "tsa-needed": Sentence(
        vi="mức {level} cần dấu thời gian nhưng chưa có địa chỉ máy chủ cấp dấu thời gian",
        en="the level {level} needs a timestamp, and no timestamp authority is named",
        hint_vi="thêm --tsa ĐỊA-CHỈ, hoặc urls trong mục [timestamp] của gsign.toml",
        hint_en="add --tsa URL, or urls under [timestamp] in gsign.toml",
    ),
    "level-needs-pades": Sentence(
        vi="mức {level} chỉ có với chữ ký PAdES, không có với adbe.pkcs7.detached",
        en="the level {level} exists for PAdES signatures only, not for adbe.pkcs7.detached",
        hint_vi="bỏ tùy chọn dạng chữ ký, hoặc dùng mức B-B hoặc B-T",
        hint_en="leave the format at its default, or use B-B or B-T",
    ),
    "not-passed": Sentence(
        vi="{file}: {indication}{because}",
        en="{file}: {indication}{because}",
        hint_vi="xem từng chữ ký trong kết quả",
        hint_en="look at each signature of the result",
    ),
}
