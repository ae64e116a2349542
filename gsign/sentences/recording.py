"""Sentences about what is written into the ledger, and about evidence taken from it."""

from __future__ import annotations

from typing import Final

from gsign.sentences import Sentence

__all__ = ["ERRORS", "REASONS", "TEXTS"]

ERRORS: Final[dict[str, Sentence]] = {
    "pseudonym-key-unusable": Sentence(
        vi="không dùng được khóa bí danh {file}: {cause}",
        en="the key for pseudonyms {file} cannot be used: {cause}",
        hint_vi="khóa này phải là tệp mà gsign đã tạo, chỉ chủ sở hữu đọc được (chmod 600); hãy khôi phục từ bản sao"
        " lưu, vì khóa mới sẽ không khớp với các mục đã ghi",
        hint_en="it must be the file that gsign has made, for its owner alone to read (chmod 600); restore it from the"
        " backup, since a new one does not fit the entries there are",
    ),
    "pseudonym-key-missing": Sentence(
        vi="sổ này không phải là tệp nên cần ghi rõ khóa bí danh nằm ở đâu (ledger.pseudonym_key)",
        en="this ledger is no file, so that it must be said where the key for pseudonyms is (ledger.pseudonym_key)",
        hint_vi="mọi máy ghi vào cùng một sổ phải dùng cùng một khóa",
        hint_en="all stations that write into one ledger need the same key",
    ),
    "evidence-nothing": Sentence(
        vi="sổ không có mục nào về {about}",
        en="the ledger has no entry about {about}",
        hint_vi="kiểm tra lại giá trị SHA-256 hoặc Message-ID",
        hint_en="check the SHA-256 or the Message-ID",
    ),
    "evidence-nothing-unsealed": Sentence(
        vi="sổ không có mục nào về {about}; còn {count} mục đã niêm phong chưa được xem",
        en="the ledger has no entry about {about}; {count} sealed entries were not looked at",
        hint_vi="thêm --segments và thư mục các tệp niêm phong",
        hint_en="add --segments and the folder of the segments",
    ),
    "evidence-segment-missing": Sentence(
        vi="không có tệp niêm phong {file} trong thư mục {folder}",
        en="the segment {file} is not in the folder {folder}",
        hint_vi="chép tất cả các tệp niêm phong mà sổ biết vào thư mục; gsign audit verify --segments nêu tất cả",
        hint_en="put all segments there that the ledger knows of; gsign audit verify --segments names them",
    ),
    "evidence-segment-changed": Sentence(
        vi="{file} không còn như khi niêm phong (mục {entry})",
        en="{file} is not as it was sealed (entry {entry})",
        hint_vi="dùng bản sao khác của tệp; gsign audit verify --segments chỉ ra chỗ bị sửa",
        hint_en="use another copy of it; gsign audit verify --segments says what was changed",
    ),
    "evidence-too-large": Sentence(
        vi="gói chứng cứ quá lớn: {size} MB, nhiều nhất là {most} MB",
        en="the evidence is too large: {size} MB, at most {most} MB",
        hint_vi="thêm --checkpoint lập ngay sau các mục này, để chuỗi băm ngắn hơn",
        hint_en="add a --checkpoint made soon after these entries: it makes the chains of hashes shorter",
    ),
    "evidence-check-alone": Sentence(
        vi="--check chỉ kiểm tra gói đã có, không dùng cùng {what}",
        en="--check verifies a bundle there is: it does not go together with {what}",
        hint_vi="bỏ {what} để kiểm tra gói, hoặc bỏ --check để lập gói mới",
        hint_en="leave out {what} to verify the bundle, or --check to make one",
    ),
    "evidence-about-missing": Sentence(
        vi="chưa nêu chứng cứ về văn bản hay thư nào",
        en="it is not said what the evidence is to be about",
        hint_vi="ghi SHA-256 hoặc Message-ID, hoặc nêu tệp bằng --document",
        hint_en="give a SHA-256 or a Message-ID, or the file with --document",
    ),
    "evidence-output-missing": Sentence(
        vi="chưa nêu tên tệp chứng cứ",
        en="it is not said which file the evidence goes to",
        hint_vi="thêm -o TỆP.zip",
        hint_en="add -o FILE.zip",
    ),
    "evidence-document-of-others": Sentence(
        vi="{file} không phải là văn bản mà các mục này ghi nhận",
        en="{file} is not the document that these entries are about",
        hint_vi="SHA-256 của tệp là {sha256}",
        hint_en="its SHA-256 is {sha256}",
    ),
    "evidence-ledger-broken": Sentence(
        vi="không thể chứng minh các mục này: sổ đã bị sửa đổi ({found})",
        en="these entries cannot be proved: the ledger was changed ({found})",
        hint_vi="chạy gsign audit verify để biết mục nào",
        hint_en="gsign audit verify says which entries",
    ),
    "evidence-not-one": Sentence(
        vi="{file} không phải là gói chứng cứ của gsign, hoặc đã hỏng hẳn",
        en="{file} is no evidence of gsign's, or is damaged beyond reading",
        hint_vi="gói chứng cứ do gsign audit evidence tạo ra",
        hint_en="it is made by gsign audit evidence",
    ),
}

REASONS: Final[dict[str, Sentence]] = {
    "evidence-archive-changed": Sentence(
        vi="tệp ZIP đã bị sửa đổi ở vị trí {detail}", en="the archive was changed at octet {detail}"
    ),
    "evidence-part-changed": Sentence(vi="phần {part} đã bị sửa đổi", en="the part {part} was changed"),
    "evidence-part-missing": Sentence(vi="thiếu phần {part}", en="the part {part} is missing"),
    "evidence-part-added": Sentence(vi="phần {part} đã được thêm vào sau", en="the part {part} was added afterwards"),
    "evidence-malformed": Sentence(vi="nội dung không đọc được ({detail})", en="its content is malformed ({detail})"),
    "evidence-entry-changed": Sentence(vi="mục {part} đã bị sửa đổi", en="the entry {part} was changed"),
    "evidence-entry-unproved": Sentence(
        vi="không có gì chứng minh mục {part} nằm trong sổ", en="nothing proves that the entry {part} is in the ledger"
    ),
    "evidence-entry-of-others": Sentence(
        vi="mục {part} không liên quan đến văn bản này", en="the entry {part} has nothing to do with this document"
    ),
    "evidence-report-of-others": Sentence(
        vi="{part} là báo cáo về một tệp khác, có SHA-256 {detail}",
        en="{part} is about another file, whose SHA-256 is {detail}",
    ),
    "evidence-head-differs": Sentence(
        vi="chuỗi {part} khác với chuỗi mà {detail} xác nhận", en="the chain {part} is another than {detail} confirms"
    ),
    "evidence-witness-missing": Sentence(
        vi="{detail} không xác nhận chuỗi {part}", en="{detail} does not confirm the chain {part}"
    ),
    "evidence-verdict-differs": Sentence(
        vi="kiểm tra lại {part} cho kết quả khác: {detail}", en="judged again, {part} is {detail}"
    ),
    "evidence-signature-broken": Sentence(
        vi="chữ ký trên gói chứng cứ không hợp lệ ({detail})",
        en="the signature over the evidence is not valid ({detail})",
    ),
    "evidence-signature-of-others": Sentence(
        vi="gói chứng cứ được {detail} ký, không phải người mà gói nêu",
        en="the evidence was signed by {detail}, who is not whom it names",
    ),
    "proof-malformed": Sentence(vi="chuỗi {part} không đọc được", en="the chain {part} is malformed"),
    "proof-cut": Sentence(vi="chuỗi {part} thiếu mắt xích", en="links of the chain {part} are missing"),
    "proof-of-another-entry": Sentence(
        vi="ở chỗ của mục {part} trong chuỗi là một mục khác", en="in the chain stands another entry in place of {part}"
    ),
    "proof-broken": Sentence(
        vi="chuỗi {part} không dẫn tới mã băm đã nêu",
        en="the chain {part} does not lead to the hash that it names",
    ),
}

TEXTS: Final[dict[str, Sentence]] = {
    "evidence-made": Sentence(
        vi="{file}: chứng cứ về {about}; {entries} mục, {parts} phần",
        en="{file}: evidence about {about}; {entries} entries, {parts} parts",
    ),
    "evidence-whole": Sentence(
        vi="{file}: nguyên vẹn; chứng cứ về {about}, lập lúc {made}",
        en="{file}: whole; evidence about {about}, made {made}",
    ),
    "evidence-broken": Sentence(
        vi="{file}: ĐÃ BỊ SỬA ĐỔI hoặc hỏng ({count} chỗ)", en="{file}: CHANGED or damaged ({count} places)"
    ),
    "evidence-entry": Sentence(vi="mục {entry}, {time}: {kind}", en="entry {entry}, {time}: {kind}"),
    "evidence-head": Sentence(
        vi="chuỗi {chain} dẫn tới mục {entry} có mã băm {hash}: đối chiếu với sổ, báo cáo hoặc điểm kiểm nào"
        " có ghi mã này",
        en="the chain {chain} leads to entry {entry} with the hash {hash}: compare it with the ledger, a report or a"
        " checkpoint that has it",
    ),
    "evidence-checkpoint": Sentence(
        vi="chuỗi {chain} dẫn tới mục {entry}, được {signer} xác nhận bằng chữ ký số ({indication}), thời điểm {time}",
        en="the chain {chain} leads to entry {entry}, which {signer} has signed for ({indication}), {time}",
    ),
    "evidence-beyond": Sentence(
        vi="chưa có điểm kiểm nào xác nhận {entries}: các mục này đứng sau mục được xác nhận",
        en="no checkpoint confirms {entries}: they stand behind the entry that was signed for",
    ),
    "evidence-document": Sentence(vi="văn bản {sha256}: {indication}", en="document {sha256}: {indication}"),
    "evidence-judged-again": Sentence(
        vi="{file}: kiểm tra lại từ gói chứng cứ, tính tại {at}, thu hồi: {revocation}: {indication}",
        en="{file}: judged again by the evidence, as at {at}, revocation {revocation}: {indication}",
    ),
    "evidence-signed": Sentence(
        vi="gói chứng cứ được {signer} ký ({indication}), thời điểm {time}",
        en="signed by {signer} ({indication}), {time}",
    ),
    "evidence-unsigned": Sentence(
        vi="gói chứng cứ không được ký: không rõ ai đã lập", en="not signed: nothing says who has made it"
    ),
    "evidence-unseen": Sentence(
        vi="{count} mục đã niêm phong không được xem; thêm --segments để xem cả các mục ấy",
        en="{count} sealed entries were not looked at; --segments looks into them as well",
    ),
    "evidence-unseen-then": Sentence(
        vi="khi lập gói đã không xem các tệp niêm phong: {files}", en="segments that were not looked into: {files}"
    ),
    "evidence-unproved-time": Sentence(vi="chưa được chứng minh", en="of which nothing proves when"),
}
