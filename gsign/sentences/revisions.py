"""What is said about changes that came after a signature: what happened, and what to do."""

from __future__ import annotations

from gsign.sentences import Sentence

__all__ = ["REASONS", "RETURN_EN", "RETURN_VI"]

RETURN_VI = "không sử dụng văn bản này; đề nghị nơi gửi gửi lại bản gốc đã ký"
RETURN_EN = "do not use this document; ask the sender for the signed original"
_COMPARE_VI = "đối chiếu với bản gốc; nếu nội dung thay đổi là cần thiết, đề nghị ký lại"
_COMPARE_EN = "compare with the original; where the change is needed, ask for a new signature"
_LOOK_VI = "xem kỹ những chỗ được thêm sau khi ký; nếu nghi ngờ, đối chiếu với bản gốc"
_LOOK_EN = "look at what was added after signing; in doubt, compare with the original"

_FORBIDDEN: dict[str, Sentence] = {
    "page-changed": Sentence(
        vi="một trang bị sửa sau khi ký",
        en="a page was changed after signing",
        hint_vi=_COMPARE_VI,
        hint_en=_COMPARE_EN,
    ),
    "pages-changed": Sentence(
        vi="sau khi ký, có trang được thêm, bớt hoặc đổi thứ tự",
        en="pages were added, removed or reordered after signing",
        hint_vi=_COMPARE_VI,
        hint_en=_COMPARE_EN,
    ),
    "content-changed": Sentence(
        vi="nội dung hiển thị bị thay sau khi ký",
        en="what is shown was replaced after signing",
        hint_vi=_COMPARE_VI,
        hint_en=_COMPARE_EN,
    ),
    "font-changed": Sentence(
        vi="phông chữ bị thay sau khi ký: chữ hiển thị có thể khác chữ đã ký",
        en="a font was changed after signing: the text shown may not be the text that was signed",
        hint_vi=_COMPARE_VI,
        hint_en=_COMPARE_EN,
    ),
    "optional-content-changed": Sentence(
        vi="sau khi ký, có lớp nội dung được bật hoặc tắt",
        en="layers of content were switched on or off after signing",
        hint_vi=_COMPARE_VI,
        hint_en=_COMPARE_EN,
    ),
    "actions-changed": Sentence(
        vi="sau khi ký, có hành động tự động hoặc tệp đính kèm được thêm vào",
        en="automatic actions or attached files were added after signing",
        hint_vi=_COMPARE_VI,
        hint_en=_COMPARE_EN,
    ),
    "catalog-changed": Sentence(
        vi="thiết lập chung của văn bản bị sửa sau khi ký",
        en="settings of the whole document were changed after signing",
        hint_vi=_COMPARE_VI,
        hint_en=_COMPARE_EN,
    ),
    "permissions-changed": Sentence(
        vi="quyền chỉnh sửa của văn bản bị thay đổi sau khi ký",
        en="the document's permissions were changed after signing",
        hint_vi=_COMPARE_VI,
        hint_en=_COMPARE_EN,
    ),
    "metadata-changed": Sentence(
        vi="thông tin mô tả văn bản bị thay bằng thứ khác sau khi ký",
        en="the document's metadata were replaced by something else after signing",
        hint_vi=_COMPARE_VI,
        hint_en=_COMPARE_EN,
    ),
    "dss-changed": Sentence(
        vi="dữ liệu kiểm tra chữ ký kèm theo văn bản bị sửa hoặc xóa sau khi ký",
        en="the validation data of the document were changed or removed after signing",
        hint_vi=_COMPARE_VI,
        hint_en=_COMPARE_EN,
    ),
    "object-added": Sentence(
        vi="sau khi ký, văn bản được thêm thành phần không phục vụ việc ký",
        en="something that serves no signature was added after signing",
        hint_vi=_COMPARE_VI,
        hint_en=_COMPARE_EN,
    ),
    "object-changed": Sentence(
        vi="một thành phần của văn bản bị sửa sau khi ký",
        en="a part of the document was changed after signing",
        hint_vi=_COMPARE_VI,
        hint_en=_COMPARE_EN,
    ),
    "object-removed": Sentence(
        vi="một thành phần của văn bản bị xóa sau khi ký",
        en="a part of the document was removed after signing",
        hint_vi=_COMPARE_VI,
        hint_en=_COMPARE_EN,
    ),
    "dangling-reference-filled": Sentence(
        vi="văn bản khi ký có chỗ để trống, sau khi ký chỗ đó được điền nội dung",
        en="the signed document pointed to something that was only put there after signing",
        hint_vi=RETURN_VI,
        hint_en=RETURN_EN,
    ),
    "form-changed": Sentence(
        vi="biểu mẫu của văn bản bị sửa sau khi ký",
        en="the document's form was changed after signing",
        hint_vi=_COMPARE_VI,
        hint_en=_COMPARE_EN,
    ),
    "form-field-added": Sentence(
        vi="sau khi ký, biểu mẫu được thêm ô không phải ô chữ ký",
        en="a field that is no signature field was added after signing",
        hint_vi=_COMPARE_VI,
        hint_en=_COMPARE_EN,
    ),
    "form-field-changed": Sentence(
        vi="một ô của biểu mẫu bị sửa sau khi ký",
        en="a form field was changed after signing",
        hint_vi=_COMPARE_VI,
        hint_en=_COMPARE_EN,
    ),
    "form-field-removed": Sentence(
        vi="một ô của biểu mẫu bị xóa sau khi ký",
        en="a form field was removed after signing",
        hint_vi=_COMPARE_VI,
        hint_en=_COMPARE_EN,
    ),
    "form-filled": Sentence(
        vi="biểu mẫu được điền sau khi ký mà chữ ký không cho phép",
        en="a form was filled in after signing, which the signature does not allow",
        hint_vi=_COMPARE_VI,
        hint_en=_COMPARE_EN,
    ),
    "annotation-added": Sentence(
        vi="sau khi ký, có chú thích được thêm vào trang",
        en="an annotation was added to a page after signing",
        hint_vi=_COMPARE_VI,
        hint_en=_COMPARE_EN,
    ),
    "annotation-changed": Sentence(
        vi="một chú thích trên trang bị sửa sau khi ký",
        en="an annotation on a page was changed after signing",
        hint_vi=_COMPARE_VI,
        hint_en=_COMPARE_EN,
    ),
    "annotation-removed": Sentence(
        vi="một chú thích trên trang bị xóa sau khi ký",
        en="an annotation was removed from a page after signing",
        hint_vi=_COMPARE_VI,
        hint_en=_COMPARE_EN,
    ),
    "signature-changed": Sentence(
        vi="dữ liệu của một chữ ký đã có bị sửa sau khi ký",
        en="the data of a signature that was there were changed",
        hint_vi=RETURN_VI,
        hint_en=RETURN_EN,
    ),
    "later-signature-broken": Sentence(
        vi="một chữ ký được thêm về sau không hợp lệ, nên những gì thêm cùng với nó không được chấp nhận",
        en="a signature that was added later does not hold, so that what came with it is not accepted",
        hint_vi=RETURN_VI,
        hint_en=RETURN_EN,
    ),
    "certification-forbids": Sentence(
        vi="chữ ký xác nhận của văn bản cấm những thay đổi đã được thực hiện sau đó",
        en="the document was certified to forbid changes of the kind that followed",
        hint_vi=_COMPARE_VI,
        hint_en=_COMPARE_EN,
    ),
    "field-locked-changed": Sentence(
        vi="một ô đã bị khóa bởi chữ ký trước vẫn được điền hoặc ký sau đó",
        en="a field that an earlier signature had locked was filled or signed afterwards",
        hint_vi=_COMPARE_VI,
        hint_en=_COMPARE_EN,
    ),
    "appearance-without-signature": Sentence(
        vi="sau khi ký, có hình vẽ được thêm dưới dạng ô chữ ký nhưng không có chữ ký",
        en="something is drawn in the form of a signature field that holds no signature",
        hint_vi=RETURN_VI,
        hint_en=RETURN_EN,
    ),
    "appearance-unbounded": Sentence(
        vi="hình của một chữ ký hoặc ô thêm sau không có khung, có thể được vẽ tràn ra khắp trang",
        en="the picture of a later signature or field has no frame and may be drawn all over the page",
        hint_vi=RETURN_VI,
        hint_en=RETURN_EN,
    ),
    "appearance-covers-page": Sentence(
        vi="hình của chữ ký hoặc chú thích thêm sau che hơn nửa trang, hoặc hơn nửa số chữ của trang",
        en="the picture of a later signature or annotation covers more than half of a page, or of its text",
        hint_vi=_COMPARE_VI,
        hint_en=_COMPARE_EN,
    ),
}

_WARNINGS: dict[str, Sentence] = {
    "appearance-large": Sentence(
        vi="hình của một chữ ký thêm sau chiếm phần lớn trang",
        en="the picture of a later signature takes much of a page",
        hint_vi=_LOOK_VI,
        hint_en=_LOOK_EN,
    ),
    "appearance-covers-signature": Sentence(
        vi="hình của chữ ký thêm sau che gần hết hình của chữ ký này",
        en="the picture of a later signature covers nearly all of this one's",
        hint_vi=_LOOK_VI,
        hint_en=_LOOK_EN,
    ),
    "appearance-covers-text": Sentence(
        vi="hình của một chữ ký thêm sau nằm trên chữ của trang",
        en="the picture of a later signature stands over text of the page",
        hint_vi=_LOOK_VI,
        hint_en=_LOOK_EN,
    ),
    "appearance-not-compared": Sentence(
        vi="không đọc được chữ của trang để xem hình của chữ ký thêm sau có che chữ không",
        en="the text of a page could not be read, to see whether a later signature's picture stands over it",
        hint_vi=_LOOK_VI,
        hint_en=_LOOK_EN,
    ),
    "appearance-overlaps-signature": Sentence(
        vi="hình của một chữ ký thêm sau chồng lên hình của chữ ký này",
        en="the picture of a later signature overlaps this one's",
        hint_vi=_LOOK_VI,
        hint_en=_LOOK_EN,
    ),
    "form-filled-after": Sentence(
        vi="biểu mẫu được điền sau khi ký, trong phạm vi chữ ký cho phép",
        en="a form was filled in after signing, as the signature allows",
        hint_vi=_LOOK_VI,
        hint_en=_LOOK_EN,
    ),
    "annotated-after": Sentence(
        vi="chú thích được thêm hoặc sửa sau khi ký, trong phạm vi chữ ký cho phép",
        en="annotations were added or changed after signing, as the signature allows",
        hint_vi=_LOOK_VI,
        hint_en=_LOOK_EN,
    ),
}

_PERMITTED: dict[str, Sentence] = {
    "signature-added": Sentence(vi="một chữ ký được thêm", en="a signature was added"),
    "field-picture-replaced": Sentence(
        vi="hình có sẵn trong một ô chữ ký được thay bằng hình của chữ ký", en="what an empty field showed was replaced"
    ),
    "signature-field-added": Sentence(vi="một ô chữ ký được thêm", en="a signature field was added"),
    "document-timestamp-added": Sentence(
        vi="một dấu thời gian của văn bản được thêm", en="a document timestamp was added"
    ),
    "validation-data-added": Sentence(
        vi="dữ liệu kiểm tra chữ ký được thêm", en="data for verifying signatures later were added"
    ),
    "metadata-updated": Sentence(vi="thông tin mô tả văn bản được cập nhật", en="the metadata were updated"),
}

REASONS: dict[str, Sentence] = _FORBIDDEN | _WARNINGS | _PERMITTED
