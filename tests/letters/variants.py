"""Decisions with one thing different each: how names, numbers and dates are written, and what gets in the way."""

from __future__ import annotations

from tests.letters.kinds import DATED, FILLED, TIGHT, decision
from tests.letters.model import LEADER, LETTERS, Refused, letter

# ---------------------------------------------------------------- names

for key, name in {
    "h": "H' Liêm Niê",
    "y": "Y Thanh Hà Niê Kđăm",
    "d": "Đặng Đình Đĩnh",
    "one-word": "Nhượng",
    "tone-before-vowel": "Vũ Yến",
    "tone-before-vowel-too": "Võ An",
    "english": "Nguyễn Anthony Quang",
    "long": "Tôn Nữ Công Huyền Thị Bích Phượng",
}.items():
    letter(f"name-{key}", printed=name, signer=name)(decision)
letter("name-in-capitals", printed=LEADER.upper())(decision)
letter("name-in-capitals-in-certificate", signer=LEADER.upper())(decision)
letter("name-decomposed", form="NFD")(decision)
letter("name-without-marks-in-certificate", signer="Nguyen Van Hung")(decision)
letter("name-other-tone-place", printed="Hoàng Thuý Hoà", signer="Hoàng Thúy Hòa")(decision)
letter("name-with-number-in-certificate", signer=f"{LEADER} (CCCD 001085001234)")(decision)
letter("name-with-post-in-certificate", signer=f"{LEADER} - Chủ tịch")(decision)
letter("name-with-title-in-certificate", signer=f"TS. {LEADER}")(decision)
letter("name-spaced-title", titles=["CHỦ TỊCH"], letter_space=4.0)(decision)
letter("name-hard-spaces", printed=LEADER.replace(" ", "\u00a0"))(decision)
letter("name-double-spaces", printed=LEADER.replace(" ", "  "))(decision)
letter("name-double-spaces-after-title", printed=f"TS. {LEADER.replace(' ', '  ')}")(decision)
letter("name-spaced-with-title", printed=f"PGS.TS. {LEADER}", letter_space=2.0)(decision)
letter("name-with-full-stop", printed=f"{LEADER}.")(decision)
letter(
    "name-in-text-and-recipients",
    more=(f"Giao ông {LEADER}, Chủ tịch Ủy ban nhân dân tỉnh, chịu trách nhiệm tổ chức thi hành.", LEADER),
    to=("- Như Điều 3;", f"- Ông {LEADER};", f"- {LEADER};", LEADER, "- Lưu: VT."),
)(decision)
letter("post-in-small-letters", titles=["Chủ tịch"], style="regular")(decision)
letter("post-acting", titles=["Q. CHỦ TỊCH"])(decision)
letter("post-three-lines", titles=["TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"])(decision)
letter("post-with-note", titles=["CHỦ TỊCH"], note="(Ký tên, đóng dấu)")(decision)
letter("post-narrower-than-its-note", titles=["CHỦ TỊCH"], note="(Ký tên, ghi rõ họ tên, đóng dấu)", printed="Nhượng",
       signer="Nhượng")(decision)  # fmt: skip
letter("post-unheard-of", titles=["CHƯỞNG MÔN NHÂN"])(decision)
letter("blank-small", blank=60)(decision)
letter("blank-large", blank=160)(decision)
letter("block-in-the-middle", axis=330)(decision)
letter("letter-by-letter", way="letters")(decision)
letter("letter-by-letter-decomposed", way="letters", form="NFD")(decision)
letter("bold-by-drawing-twice", way="twice")(decision)
letter("many-pages", extra_pages=5)(decision)

# ---------------------------------------------------------------- numbers

for key, (before, filler, after) in {
    "dots": ("Số: ", "………", "/QĐ-UBND"),
    "full-stops": ("Số:", "...........", "/QĐ-UBND"),
    "underscores": ("Số: ", "______", "/QĐ-UBND"),
    "space-before-colon": ("Số :", "          ", "/QĐ-UBND"),
    "party": ("Số :", "          ", "-QĐ/TU"),
    "year": ("Số: ", "       ", "/2026/QĐ-UBND"),
    "no-stroke": ("Số:", "           ", "BC-SNV"),
    "hard-spaces": ("Số:", "\u00a0" * 12, "/QĐ-UBND"),
    "capitals": ("SỐ:", "            ", "/QĐ-UBND"),
}.items():
    letter(f"number-{key}", number=(before, filler, after))(decision)
letter("number-in-runs", runs=True)(decision)


def changed(name: str, **due: object) -> None:
    """Change what is due of a letter."""
    make = LETTERS[name]
    LETTERS[name] = lambda: make()._replace(**due)  # type: ignore[arg-type]


letter("number-filled-in", number=("Số: ", "286", "/QĐ-UBND"))(decision)
changed("number-filled-in", number=FILLED)
letter("number-without-blank", number=("Số:", "", "/QĐ-UBND"))(decision)
changed("number-without-blank", number=TIGHT)

# ---------------------------------------------------------------- dates

for key, pieces in {
    "dots": ("Hưng Yên, ngày ", "……", " tháng ", "……", " năm 2026"),
    "full-stops": ("Hưng Yên, ngày", "......", "tháng", "......", "năm 2026"),
    "capital": ("TP. Hưng Yên, Ngày ", "......", " tháng ", "......", " năm 2026"),
    "year-blank": ("Hưng Yên, ngày ", ".....", " tháng ", ".....", " năm ", "........."),
    "no-place": ("Ngày ", "......", " tháng ", "......", " năm 2026"),
}.items():
    letter(f"date-{key}", date=pieces)(decision)
letter("date-filled-in", date=("Hưng Yên, ngày ", "05", " tháng ", "3", " năm 2026"))(decision)
changed("date-filled-in", day=DATED, month=DATED)
letter("date-half-filled-in", date=("Hưng Yên, ngày ", "      ", " tháng ", "3", " năm 2026"))(decision)
changed("date-half-filled-in", day=DATED, month=DATED)
letter("date-without-blanks", date=("Hưng Yên, ngày", " ", "tháng", " ", "năm 2026"))(decision)
changed("date-without-blanks", day=TIGHT, month=TIGHT)

# ---------------------------------------------------------------- what is not certain

NOWHERE = Refused("place-not-found", "name-not-in-text")
letter("somebody-else", printed="Nguyễn Văn Hưng")(decision)
changed("somebody-else", leader=NOWHERE)
letter("longer-name", printed="Đặng Nguyễn Văn Hùng")(decision)
changed("longer-name", leader=NOWHERE)
_NO_POST = "Mọi thắc mắc xin liên hệ ông có tên dưới đây để được giải đáp đầy đủ;"
letter("longer-name-double-spaces", printed="Đặng  Nguyễn  Văn  Hùng")(decision)
changed("longer-name-double-spaces", leader=NOWHERE)
letter("longer-name-spaced", printed="Đặng Nguyễn Văn Hùng", letter_space=4.0)(decision)
changed("longer-name-spaced", leader=NOWHERE)
letter("longer-name-with-title", printed="TS. Đặng  Nguyễn  Văn  Hùng")(decision)
changed("longer-name-with-title", leader=NOWHERE)
letter("name-under-nothing", titles=[_NO_POST], size=8)(decision)
changed("name-under-nothing", leader=Refused("place-not-found", "name-under-no-post-title"))
letter("no-blank-for-the-signature", blank=36)(decision)
changed("no-blank-for-the-signature", leader=TIGHT)
letter("signed-by-words", titles=["CHỦ TỊCH"], note="(Đã ký)")(decision)
changed("signed-by-words", leader=Refused("place-taken", "taken-by-text"))
