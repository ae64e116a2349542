"""Sentences about the ledger: what a verification of it found, and why it cannot be read, exported or taken over."""

from __future__ import annotations

from typing import Final

from gsign.sentences import Sentence

__all__ = ["ERRORS", "REASONS", "TEXTS"]

_NEEDED_VI = "đối chiếu với bản sao lưu hoặc bản xuất gần nhất, và tìm hiểu ai đã có quyền ghi vào nơi chứa sổ"
_NEEDED_EN = "compare with the latest backup or export, and find out who was able to write where the ledger is"

ERRORS: Final[dict[str, Sentence]] = {
    "ledger-missing": Sentence(
        vi="không có sổ ở {ledger}",
        en="there is no ledger at {ledger}",
        hint_vi="kiểm tra ledger.url; sổ được tạo khi có mục đầu tiên",
        hint_en="look at ledger.url; a ledger is made with its first entry",
    ),
    "ledger-unreadable": Sentence(
        vi="không đọc được sổ {ledger}: {cause}",
        en="the ledger {ledger} cannot be read: {cause}",
        hint_vi="kiểm tra ledger.url, quyền đọc, và máy chủ PostgreSQL nếu có",
        hint_en="look at ledger.url, at the right to read, and at the PostgreSQL server if there is one",
    ),
    "ledger-not-configured": Sentence(
        vi="chưa biết sổ ở đâu",
        en="it is not known where the ledger is",
        hint_vi="ghi ledger.url trong gsign.toml, hoặc nêu tệp sổ trên dòng lệnh",
        hint_en="set ledger.url in gsign.toml, or name a file",
    ),
    "export-unreadable": Sentence(
        vi="không đọc được {file}: {cause}",
        en="{file} cannot be read: {cause}",
        hint_vi="kiểm tra đường dẫn và quyền đọc tệp",
        hint_en="check the path and the right to read the file",
    ),
    "export-not-one": Sentence(
        vi="{file} không phải là bản xuất của sổ",
        en="{file} is no export of a ledger",
        hint_vi="bản xuất do gsign audit export hoặc gsign audit seal tạo ra",
        hint_en="exports are made by gsign audit export and gsign audit seal",
    ),
    "export-cut": Sentence(
        vi="{file} bị cắt ngang: phần cuối không còn",
        en="{file} ends in the middle",
        hint_vi="xuất hoặc chép lại tệp",
        hint_en="export or copy it again",
    ),
    "import-broken": Sentence(
        vi="không nhập {file}: có {count} chỗ sai, chỗ đầu tiên: {first}",
        en="{file} is not taken over: {count} things are wrong, the first: {first}",
        hint_vi="gsign audit verify {file} nêu tất cả",
        hint_en="gsign audit verify {file} names them all",
    ),
    "import-conflict": Sentence(
        vi="không nhập {file}: sổ đã có mục {entry} với nội dung khác",
        en="{file} is not taken over: the ledger has another entry {entry}",
        hint_vi="hai sổ đã tách nhau từ trước mục này; nhập vào một sổ riêng",
        hint_en="the two have gone different ways before it; take it over into a ledger of its own",
    ),
    "import-gap": Sentence(
        vi="không nhập {file}: chuỗi {writer} bắt đầu sau mục cuối mà sổ có ({last})",
        en="{file} is not taken over: the chain {writer} begins behind the last entry that the ledger has ({last})",
        hint_vi="nhập các đoạn cũ hơn trước",
        hint_en="take over the older segments first",
    ),
    "chain-in-use": Sentence(
        vi="chuỗi {writer} đang có tiến trình ghi vào",
        en="somebody is writing the chain {writer}",
        hint_vi="dừng máy chuyển thư và các lệnh gsign đang chạy trên sổ này rồi thử lại",
        hint_en="stop the relay and whatever else of gsign runs with this ledger, and try again",
    ),
    "seal-nothing": Sentence(
        vi="không có mục nào trước {before} để niêm phong",
        en="there is no entry before {before} to be sealed",
        hint_vi="`gsign audit log` cho biết thời điểm của mục đầu tiên; nêu thời điểm muộn hơn ở --before",
        hint_en="`gsign audit log` tells when the first entry was made; name a later time with --before",
    ),
    "seal-in-future": Sentence(
        vi="không niêm phong tới {before}: thời điểm đó chưa đến",
        en="nothing is sealed up to {before}: that time is still to come",
        hint_vi="hãy nêu ngày đầu của thời kỳ cần giữ lại trong sổ",
        hint_en="name the first day of the time that is to stay in the ledger",
    ),
    "seal-broken-ledger": Sentence(
        vi="không niêm phong: sổ có {count} chỗ sai, chỗ đầu tiên: {first}",
        en="nothing is sealed: {count} things are wrong in the ledger, the first: {first}",
        hint_vi="gsign audit verify nêu tất cả",
        hint_en="gsign audit verify names them all",
    ),
    "digest-malformed": Sentence(
        vi="{digest} không phải là giá trị SHA-256",
        en="{digest} is no SHA-256",
        hint_vi="SHA-256 gồm 64 chữ số thập lục phân; lệnh sha256sum TỆP cho biết giá trị của một tệp",
        hint_en="a SHA-256 has 64 hexadecimal digits; sha256sum FILE says that of a file",
    ),
    "kind-unknown": Sentence(
        vi="không có loại mục {kind}",
        en="there is no kind of entry {kind}",
        hint_vi="các loại mục: {known}",
        hint_en="kinds of entries: {known}",
    ),
    "checkpoint-not-one": Sentence(
        vi="{file} không phải là điểm kiểm của sổ: {cause}",
        en="{file} is no checkpoint of a ledger: {cause}",
        hint_vi="điểm kiểm do gsign audit checkpoint tạo ra",
        hint_en="checkpoints are made by gsign audit checkpoint",
    ),
}

REASONS: Final[dict[str, Sentence]] = {
    "entry-changed": Sentence(
        vi="{entries}: nội dung đã bị sửa, không khớp với mã băm",
        en="{entries}: changed: it does not fit its hash",
        hint_vi=_NEEDED_VI,
        hint_en=_NEEDED_EN,
    ),
    "entry-moved": Sentence(
        vi="{entries}: đã bị đánh số lại ({detail}): có mục bị chèn vào, bị bỏ đi hoặc đổi chỗ",
        en="{entries}: numbered anew (was {detail}): something was inserted, removed or put elsewhere",
        hint_vi=_NEEDED_VI,
        hint_en=_NEEDED_EN,
    ),
    "entry-again": Sentence(
        vi="{entries}: số này đã có, hoặc đứng không đúng thứ tự",
        en="{entries}: this number was there before, or stands out of order",
    ),
    "entry-out-of-place": Sentence(
        vi="{entries}: đứng không đúng chỗ trong {detail}",
        en="{entries}: stands in the wrong place in {detail}",
    ),
    "entries-missing": Sentence(
        vi="{entries}: không còn trong sổ ({count} mục)",
        en="{entries}: missing ({count})",
        hint_vi=_NEEDED_VI,
        hint_en=_NEEDED_EN,
    ),
    "link-broken": Sentence(
        vi="{entries}: không được ghi sau mục số {detail} đang có trong sổ: một trong hai mục đã bị thay, hoặc có mục"
        " bị chèn vào hay bỏ đi",
        en="{entries}: not written after the entry {detail} that is there now: one of the two was replaced,"
        " or one was inserted or removed between them",
        hint_vi=_NEEDED_VI,
        hint_en=_NEEDED_EN,
    ),
    "entry-differs": Sentence(
        vi="{entries}: {witness} biết mục này với mã băm khác: chuỗi đã bị viết lại",
        en="{entries}: {witness} knows it by another hash: the chain was written anew",
        hint_vi=_NEEDED_VI,
        hint_en=_NEEDED_EN,
    ),
    "chain-cut": Sentence(
        vi="{entries}: phần cuối của chuỗi đã bị bỏ ({count} mục) {witness}",
        en="{entries}: the end of the chain was removed ({count} entries) {witness}",
        hint_vi=_NEEDED_VI,
        hint_en=_NEEDED_EN,
    ),
    "chain-missing": Sentence(
        vi="{writer}: cả chuỗi không còn; {witness} biết ít nhất {count} mục",
        en="{writer}: the whole chain is gone; {witness} knows of {count} entries at least",
        hint_vi=_NEEDED_VI,
        hint_en=_NEEDED_EN,
    ),
    "chain-unlisted": Sentence(
        vi="{writer}: chuỗi không có trong danh sách các chuỗi",
        en="{writer}: the list of chains does not name this chain",
    ),
    "chain-head-differs": Sentence(
        vi="{entries}: danh sách các chuỗi nói chuỗi kết thúc ở chỗ khác (mục {detail})",
        en="{entries}: the list of chains says that it ends elsewhere (entry {detail})",
    ),
    "chain-begins-elsewhere": Sentence(
        vi="{entries}: dòng đầu của tệp nói chuỗi bắt đầu ở chỗ khác (mục {detail})",
        en="{entries}: the first line of the file says that the chain begins elsewhere (entry {detail})",
    ),
    "chain-row-changed": Sentence(
        vi="{writer}: danh sách các chuỗi đã bị sửa ({detail})",
        en="{writer}: the list of chains was changed ({detail})",
        hint_vi=_NEEDED_VI,
        hint_en=_NEEDED_EN,
    ),
    "seal-broken": Sentence(
        vi="{entries}: đoạn niêm phong {detail} không nối tiếp mục đứng trước nó ({witness})",
        en="{entries}: the segment {detail} does not follow the entry before it ({witness})",
    ),
    "segment-changed": Sentence(
        vi="{detail}: tệp đã bị thay đổi sau khi niêm phong ({witness})",
        en="{detail}: the file was changed after it was sealed ({witness})",
    ),
    "segment-missing": Sentence(
        vi="{detail}: không có tệp này trong thư mục ({witness})",
        en="{detail}: the file is not in the folder ({witness})",
    ),
    "derived-differs": Sentence(
        vi="{entries}: các dòng thống kê trong bảng {detail} không khớp với mục",
        en="{entries}: the rows kept of it in the table {detail} are not those that follow from it",
        hint_vi="báo cáo từ sổ này không đáng tin; xuất sổ và nhập vào sổ mới thì các bảng được lập lại",
        hint_en="reports from this ledger cannot be believed; exported and imported anew, it has right tables again",
    ),
    "derived-extra": Sentence(
        vi="{entries}: bảng {detail} có dòng mà không có mục nào tương ứng",
        en="{entries}: the table {detail} has rows of an entry that is not there",
    ),
    "sealed-facts-differ": Sentence(
        vi="{entries}: số liệu giữ lại của các mục đã niêm phong không khớp với mã băm ghi khi niêm phong ({witness})",
        en="{entries}: what is kept of these sealed entries for reports is not what {witness} says it was",
        hint_vi="báo cáo từ sổ này không đáng tin; --segments chỉ ra từng mục",
        hint_en="reports from this ledger cannot be believed; --segments names the entries",
    ),
    "rows-odd": Sentence(
        vi="{detail}: có dòng mà gsign không thể đã ghi",
        en="{detail}: rows that gsign cannot have written",
    ),
    "ledger-rewired": Sentence(
        vi="cơ sở dữ liệu có thể trả lời khác với các bảng của sổ: {detail}",
        en="the database may answer otherwise than the ledger's tables say: {detail}",
        hint_vi=_NEEDED_VI,
        hint_en=_NEEDED_EN,
    ),
    "line-damaged": Sentence(vi="{detail}: dòng này không phải là một mục", en="{detail}: this line is no entry"),
}

TEXTS: Final[dict[str, Sentence]] = {
    "log-nothing": Sentence(vi="sổ không có mục nào như vậy", en="the ledger has no such entry"),
    "ledger-progress": Sentence(vi="{count} mục…", en="{count} entries…"),
    "ledger-whole": Sentence(
        vi="sổ nguyên vẹn: {entries} mục trong {chains} chuỗi, đối chiếu {claims} mốc, {wrong} chỗ sai",
        en="the ledger is whole: {entries} entries in {chains} chains, {claims} heads compared, {wrong} things wrong",
    ),
    "ledger-broken": Sentence(
        vi="sổ KHÔNG nguyên vẹn: {wrong} chỗ sai ({entries} mục trong {chains} chuỗi, đối chiếu {claims} mốc)",
        en="the ledger is NOT whole: {wrong} things wrong"
        " ({entries} entries in {chains} chains, {claims} heads compared)",
    ),
    "ledger-more": Sentence(vi="… và {count} chỗ khác", en="… and {count} more"),
    "ledger-sealed-unseen": Sentence(
        vi="{count} mục nằm trong các đoạn đã niêm phong, không được xem (--segments)",
        en="{count} entries are in sealed segments, which were not looked at (--segments)",
    ),
    "ledger-sealed-uncounted": Sentence(
        vi="{count} mục đã niêm phong không còn số liệu trong sổ này: báo cáo không tính các mục ấy",
        en="of {count} sealed entries this ledger keeps nothing that reports count: they leave these out",
    ),
    "ledger-exported": Sentence(vi="đã ghi {count} mục vào {file}", en="{count} entries written to {file}"),
    "ledger-imported": Sentence(
        vi="đã nhập {count} mục từ {file}; {known} mục đã có sẵn",
        en="{count} entries taken over from {file}; {known} were there already",
    ),
    "ledger-sealed": Sentence(
        vi="đã niêm phong {count} mục vào {file} (SHA-256 {sha256}), ghi ở mục {entry}",
        en="{count} entries sealed into {file} (SHA-256 {sha256}), as the entry {entry} says",
    ),
    "checkpoint-made": Sentence(
        vi="đã ký điểm kiểm vào {file}: {chains} chuỗi, {entries} mục, ghi ở mục {entry}",
        en="checkpoint signed into {file}: {chains} chains, {entries} entries, as the entry {entry} says",
    ),
    "checkpoint-read": Sentence(
        vi="điểm kiểm {file}: {signer} ký lúc {time}, {chains} chuỗi, {indication}",
        en="checkpoint {file}: signed by {signer} at {time}, {chains} chains, {indication}",
    ),
}
