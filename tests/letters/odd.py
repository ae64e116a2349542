"""Letters that mislead: lists that look like blocks, several documents in one file, neighbours too near."""

from __future__ import annotations

from tests.letters import parts
from tests.letters.kinds import decision, minutes
from tests.letters.model import LEADER, LETTERS, At, Letter, Refused, finished, letter
from tests.letters.paper import merged
from tests.letters.parts import BLOCK_AXIS, LEFT, RIGHT, Signing
from tests.letters.sheet import Sheet, width_of

SEVERAL = Refused("place-uncertain", "several-signature-blocks")
TAKEN_BY_TEXT = Refused("place-taken", "taken-by-text")


def _begun(words: str, about: str, base: float = 600) -> Sheet:
    sheet = Sheet()
    parts.heading(sheet)
    parts.title(sheet, words, about)
    parts.recipients(sheet, base)
    return sheet


@letter("annex-with-list-to-sign")
def list_to_sign() -> Letter:
    """An annex where people sign in the rows of a table."""
    sheet = _begun("QUYẾT ĐỊNH", "Về việc cấp phát thiết bị")
    signing = parts.signing(sheet, 600, ["CHỦ TỊCH"], LEADER)
    sheet.next_page()
    for x, head in ((LEFT + 20, "TT"), (LEFT + 150, "HỌ TÊN"), (LEFT + 300, "CHỨC VỤ"), (LEFT + 400, "KÝ NHẬN")):
        sheet.write(head, x, 750, style="bold", align="centre")
    for row, (name, post) in enumerate(((LEADER, "Chủ tịch"), ("Trần Thị Lan", "Phó Chủ tịch"))):
        base = 700 - 50 * row
        sheet.write(str(row + 1), LEFT + 20, base, align="centre")
        sheet.write(name, LEFT + 150, base, align="centre")
        sheet.write(post, LEFT + 300, base, align="centre")
        sheet.line(LEFT, base - 15, RIGHT, base - 15)
    return finished(sheet, leader=signing)


@letter("annex-with-names-under-posts")
def names_under_posts() -> Letter:
    """An annex that lists members, each under a post, an empty line between."""
    sheet = _begun("QUYẾT ĐỊNH", "Về việc thành lập Hội đồng")
    signing = parts.signing(sheet, 600, ["CHỦ TỊCH"], LEADER)
    sheet.next_page()
    for row, line in enumerate(("CHỦ TỊCH HỘI ĐỒNG", LEADER, "ỦY VIÊN", "Trần Thị Lan", "THƯ KÝ", "Phạm Thị Mai")):
        sheet.write(line, sheet.width / 2, 760 - 34 * row, align="centre")
    return finished(sheet, leader=signing)


@letter("two-documents-of-one-signer")
def two_documents() -> Letter:
    """Two decisions in one file."""
    return Letter(merged(decision().data, decision().data), leader=Refused("place-uncertain", "several-documents"))


@letter("two-documents-of-two-signers")
def two_signers() -> Letter:
    """A proposal of somebody else in front of the decision."""
    other = decision(printed="Trần Thị Lan", extra_pages=1)
    own = decision()
    assert isinstance(own.leader, At)
    return Letter(merged(other.data, own.data), leader=own.leader._replace(page=4))


@letter("decision-before-forms-of-other-documents")
def forms_behind() -> Letter:
    """Forms to be used later stand behind the decision: they begin as documents do, without the signer's name."""
    own = decision()
    assert isinstance(own.leader, At)
    return Letter(merged(own.data, decision(printed="[Họ và tên]").data), leader=own.leader)


def _marked(mark: str, colour: float) -> tuple[Sheet, Signing]:
    sheet = _begun("THÔNG BÁO", "Kết luận")
    signing = parts.signing(sheet, 600, ["CHỦ TỊCH"], LEADER)
    sheet.write(mark, BLOCK_AXIS, signing.middle - 4, size=10, align="centre", colour=colour)
    return sheet, signing


@letter("hidden-mark-in-the-blank")
def hidden_mark() -> Letter:
    """White letters tell another program where to sign."""
    sheet, signing = _marked("<<KY_SO>>", 1.0)
    return finished(sheet, leader=signing)


@letter("printed-mark-in-the-blank")
def printed_mark() -> Letter:
    """The same, for everybody to see."""
    sheet, _ = _marked("[chữ ký số]", 0.0)
    return finished(sheet, leader=TAKEN_BY_TEXT)


@letter("recipients-near-the-name")
def near() -> Letter:
    """The last line of the recipients ends just before the name, on the same line."""
    sheet = Sheet()
    parts.heading(sheet)
    parts.title(sheet, "THÔNG BÁO", "Kết luận")
    signing = parts.signing(sheet, 600, ["CHỦ TỊCH"], LEADER)
    sheet.write("- Lưu: VT, TH, KTN, KGVX, NC.", signing.name.left - 9, signing.name.base, align="right")
    return finished(sheet, leader=signing)


@letter("names-side-by-side", who="Trần Thị Lan")
@letter("names-side-by-side-longer", who="Nguyễn Văn Hùng Anh")
@letter("names-side-by-side-shorter", who=LEADER)
def side_by_side(who: str) -> Letter:
    """Three people whose names nearly touch; one name begins as another does."""
    sheet = Sheet()
    parts.heading(sheet)
    parts.title(sheet, "BIÊN BẢN", "Nghiệm thu")
    blocks, left = {}, 90.0
    for name, post in (("Nguyễn Văn Hùng Anh", "TRƯỞNG BAN"), (LEADER, "PHÓ TRƯỞNG BAN"), ("Trần Thị Lan", "THƯ KÝ")):
        width = max(width_of(name, "bold", 12), width_of(post, "bold", 12))
        blocks[name] = parts.signing(sheet, 600, [post], name, axis=left + width / 2, size=12)
        left += width + 9
    return finished(sheet, leader=blocks[who])._replace(signer=who)


@letter("blocks-one-below-the-other", lower=False)
@letter("blocks-one-below-the-other-lower", lower=True)
def stacked(*, lower: bool) -> Letter:
    """Two blocks in one column."""
    sheet = _begun("BIÊN BẢN", "Bàn giao")
    first = parts.signing(sheet, 600, ["GIÁM ĐỐC"], LEADER)
    second = parts.signing(sheet, 450, ["KẾ TOÁN TRƯỞNG"], "Trần Thị Lan")
    return finished(sheet, leader=second if lower else first)._replace(signer="Trần Thị Lan" if lower else LEADER)


@letter("block-set-left")
def set_left() -> Letter:
    """Post and name begin at the same edge."""
    sheet = _begun("THÔNG BÁO", "Kết luận")
    post = sheet.write("PHÓ GIÁM ĐỐC", 360, 600, style="bold", size=14)
    name = sheet.write(LEADER, 360, 510, style="bold", size=14)
    axis = (360 + max(post.right, name.right)) / 2
    return finished(sheet, leader=Signing(1, axis, 600, name))


@letter("block-at-the-left")
def at_the_left() -> Letter:
    """Recipients at the right, the block at the left."""
    sheet = Sheet()
    parts.heading(sheet)
    parts.title(sheet, "ĐƠN ĐỀ NGHỊ", "Cấp chứng thư số")
    signing = parts.signing(sheet, 600, ["XÁC NHẬN CỦA CƠ QUAN", "THỦ TRƯỞNG"], LEADER, axis=190)
    right = parts.signing(sheet, 600, ["NGƯỜI ĐỀ NGHỊ"], "Phạm Thị Mai", axis=430)
    assert right.name.base > signing.name.base
    return finished(sheet, leader=signing)


@letter("who-signed-told-at-the-top")
def told_at_the_top() -> Letter:
    """A program has written on top who signed."""
    sheet = _begun("THÔNG BÁO", "Kết luận")
    sheet.write(f"Người ký: {LEADER}", 40, 825, size=8)
    sheet.write("Thời gian ký: 02.03.2026 10:00:00 +07:00", 40, 816, size=8)
    return finished(sheet, leader=parts.signing(sheet, 600, ["CHỦ TỊCH"], LEADER))


@letter("landscape")
def landscape() -> Letter:
    """A wide page with a table."""
    sheet = Sheet(size=(841.89, 595.28))
    sheet.write("SỞ Y TẾ", 200, 545, style="bold", align="centre")
    sheet.write("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 600, 545, style="bold", size=12, align="centre")
    left = sheet.write("Số:", 150, 515)
    right = sheet.write("/BC-SYT", 220, 515)
    for row in range(6):
        sheet.line(60, 450 - 20 * row, 780, 450 - 20 * row)
    blank = parts.Blank(1, (left.right + right.left) / 2, 515, right.left - left.right)
    return finished(sheet, leader=parts.signing(sheet, 300, ["GIÁM ĐỐC"], LEADER, axis=620), number=blank)


@letter("dark-watermark")
def dark_watermark() -> Letter:
    """Large letters across the blank."""
    sheet = _begun("THÔNG BÁO", "Kết luận")
    signing = parts.signing(sheet, 600, ["CHỦ TỊCH"], LEADER)
    sheet.canvas.saveState()
    sheet.canvas.translate(BLOCK_AXIS - 60, signing.middle - 50)
    sheet.canvas.rotate(45)
    sheet.write("DỰ THẢO", 0, 0, size=40, colour=0.3)
    sheet.canvas.restoreState()
    return finished(sheet, leader=Refused("place-taken", "taken-by-drawing"))


@letter("turned-without-saying-so")
def lying() -> Letter:
    """Text that lies on its side on an upright page."""
    sheet = Sheet()
    sheet.canvas.translate(595, 0)
    sheet.canvas.rotate(90)
    sheet.write("CHỦ TỊCH", 500, 300, style="bold", align="centre")
    sheet.write(LEADER, 500, 210, style="bold", align="centre")
    return finished(sheet, leader=Refused("place-not-found", "name-not-in-text"))


@letter("post-and-name-on-two-pages")
def parted() -> Letter:
    """The blank is where one page ends and the other begins."""
    sheet = _begun("THÔNG BÁO", "Kết luận")
    sheet.write("CHỦ TỊCH", BLOCK_AXIS, 70, style="bold", size=14, align="centre")
    sheet.next_page()
    sheet.write(LEADER, BLOCK_AXIS, 740, style="bold", size=14, align="centre")
    return finished(sheet, leader=Refused("place-not-found", "name-under-no-post-title"))


@letter("second-number-further-down")
def second_number() -> Letter:
    """A form within the letter has blanks for a number and a date of its own."""
    sheet = Sheet()
    parts.heading(sheet)
    number = parts.number(sheet, "Số:", "            ", "/TB-UBND")
    dates = parts.date(sheet)
    parts.title(sheet, "THÔNG BÁO", "Mẫu giấy giới thiệu")
    sheet.write("Số: ........../GGT", LEFT, 300)
    sheet.write("Hưng Yên, ngày ..... tháng ..... năm 2026", 330, 300, style="italic")
    return finished(sheet, number=number, day=dates[0], month=dates[1])


@letter("two-blank-numbers")
def two_numbers() -> Letter:
    """Two lines on top could be meant."""
    sheet = Sheet()
    parts.heading(sheet)
    parts.number(sheet, "Số:", "            ", "/TB-UBND")
    parts.number(sheet, "Số:", "            ", "/TTr-SNV", base=720)
    return finished(sheet, number=Refused("place-uncertain", "several-number-lines"))


@letter("last-line-before-an-annex")
def before_annex() -> Letter:
    """The text ends before the recipients; an annex behind it ends in the same way."""
    sheet = Sheet()
    parts.heading(sheet)
    parts.title(sheet, "KẾ HOẠCH", "Chuyển đổi số")
    last = parts.body(sheet, 618)
    parts.recipients(sheet, last.base - 40)
    signing = parts.signing(sheet, last.base - 40, ["CHỦ TỊCH"], LEADER)
    sheet.next_page()
    sheet.write("PHỤ LỤC", sheet.width / 2, 760, style="bold", align="centre")
    sheet.write("Các đơn vị báo cáo trước ngày 30 tháng 6./.", LEFT, 720)
    return finished(sheet, leader=signing, last=last)


@letter("two-last-lines")
def two_last_lines() -> Letter:
    """Nobody can tell which line is the last one."""
    sheet = Sheet()
    for base in (700, 500):
        sheet.write("Trân trọng kính mời./.", LEFT, base)
    return finished(sheet, last=Refused("place-uncertain", "several-last-lines"))


LETTERS["same-name-in-both-columns"] = lambda: minutes(names=(LEADER, LEADER))._replace(leader=SEVERAL, day=None)
