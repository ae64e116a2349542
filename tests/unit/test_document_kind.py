"""The kind of a document, from numbers, symbols, names of files and subjects as offices write them."""

from __future__ import annotations

import unicodedata

import pytest

from gsign.document_kind import KINDS, kind_of
from gsign.sentences.compliance import KINDS as NAMES

_TOLD = """
286/QĐ-UBND | quyet-dinh
Số: 286/QĐ-UBND | quyet-dinh
12/BC-SNV | bao-cao
45/GM-UBND | giay-moi
1234/UBND-KSTT | cong-van
05/BNV-VP | cong-van
30/2020/NĐ-CP | nghi-dinh
15/2025/TT-BTTTT | thong-tu
12-BC/TU | bao-cao
123-CV/TU | cong-van
07/TTr-STC | to-trinh
07/TTR-STC | to-trinh
88/KH-UBND | ke-hoach
9/TB-VP | thong-bao
02/CT-TTg | chi-thi
31/NQ-HĐND | nghi-quyet
17/HD-SNV | huong-dan
17/HĐ-SNV | hop-dong
286_QD-UBND.pdf | quyet-dinh
286-QĐ-UBND(26.01.2026)_signed.pdf | quyet-dinh
286-QD-UBND.signed.pdf | quyet-dinh
qd-286-ubnd.pdf | quyet-dinh
QD 286 UBND.pdf | quyet-dinh
QD-UBND-286.pdf | quyet-dinh
12_BC_SNV_signed.pdf | bao-cao
12_bc_snv.pdf | bao-cao
20260923_BC_SNV.pdf | bao-cao
bao-cao-thang-9.pdf | bao-cao
BaoCaoThang9.pdf | bao-cao
baocaothang9.pdf | bao-cao
BÁO CÁO TỔNG KẾT.pdf | bao-cao
BAO CAO TONG KET.PDF | bao-cao
Báo cáo kết quả thực hiện Kế hoạch 12/KH-UBND.pdf | bao-cao
Giấy mời họp giao ban tháng 10.pdf | giay-moi
giaymoi hop.pdf | giay-moi
GM hop ngay 12.pdf | giay-moi
Thư mời hội thảo | giay-moi
lich-cong-tac-tuan-39.pdf | lich-cong-tac
Lịch làm việc tuần 39 của Lãnh đạo UBND tỉnh | lich-cong-tac
LichCongTacTuan39.pdf | lich-cong-tac
LCT tuan 39.pdf | lich-cong-tac
CV 123 SNV.pdf | cong-van
1234_UBND-KSTT_signed.pdf | cong-van
123-SNV-VP.pdf | ?
V/v báo cáo tình hình chuyển đổi số | cong-van
Công văn số 123/SNV-VP về việc báo cáo | cong-van
cong van xin y kien.pdf | cong-van
Tờ trình phê duyệt dự toán.pdf | to-trinh
to_trinh_phe_duyet.pdf | to-trinh
TTr 07 STC.pdf | to-trinh
Kế hoạch chuyển đổi số năm 2026.pdf | ke-hoach
KH to chuc hoi nghi.pdf | ke-hoach
Thông báo nghỉ lễ Quốc khánh.pdf | thong-bao
TB nghi le.pdf | thong-bao
Thông báo lịch công tác tuần 39 | thong-bao
Re: Fwd: Báo cáo quý III | bao-cao
[SNV] Báo cáo tháng 9 | bao-cao
SNV_BaoCao_T9.pdf | bao-cao
UBND tỉnh - Báo cáo tháng 9.pdf | bao-cao
Sở Kế hoạch và Đầu tư - Giấy mời.pdf | giay-moi
So Ke hoach va Dau tu - Giay moi.pdf | giay-moi
Dự thảo Quyết định ban hành Quy chế.docx.pdf | quyet-dinh
Kính gửi báo cáo tháng 9 | bao-cao
Góp ý dự thảo kế hoạch.pdf | ?
Phụ lục 01 Kế hoạch.pdf | phu-luc
scan0001.pdf | ?
Document1.pdf | ?
van ban.pdf | ?
Ảnh chụp.pdf | ?
20260923.pdf | ?
IMG_1234.pdf | ?
thủ tục hành chính.pdf | ?
Danh sách cán bộ 2026.pdf | ?
QUYET DINH 286.pdf | quyet-dinh
Biên bản họp.pdf | bien-ban
hoa don 123.pdf | ?
quyết định bổ nhiệm.pdf | quyet-dinh
Trả lời về kế hoạch 2026.pdf | ?
tài liệu họp báo cáo.pdf | ?
GOP Y DU THAO KE HOACH.pdf | ?
1234 UBND KSTT - Báo cáo.pdf | cong-van
QĐ bổ nhiệm.pdf | quyet-dinh
quy che lam viec.pdf | quy-che
Lich tiep cong dan thang 10.pdf | lich-cong-tac
286/QÐ-UBND | quyet-dinh
15/2026/QĐ-UBND | quyet-dinh
số 05/KH-BCĐ ngày 12/01/2026 | ke-hoach
118/TB-VPCP | thong-bao
64/GM-VP.pdf | giay-moi
GM_64_VP_2026.pdf | giay-moi
2026.09.15 - Giay moi hop UBND tinh.pdf | giay-moi
Lịch công tác tuần 38 (từ 14 đến 20.9.2026).pdf | lich-cong-tac
lich_lam_viec_tuan_38.pdf | lich-cong-tac
Bao cao CCHC quy III-2026 (ky so).signed.pdf | bao-cao
BC_tuan_38.pdf | bao-cao
bc-so-12-snv.pdf | bao-cao
CV so 1234 STTTT.pdf | cong-van
1234/STTTT-CNTT | cong-van
Quyết định số 286/QĐ-UBND ban hành Kế hoạch chuyển đổi số | quyet-dinh
12/BC-SNV về tình hình thực hiện Quyết định 286/QĐ-UBND | bao-cao
FW: Tờ trình số 07/TTr-STC | to-trinh
Thông báo kết luận của Chủ tịch | thong-bao
thong bao so 9.pdf | thong-bao
Công điện khẩn số 01/CĐ-UBND | cong-dien
Nghị quyết 31/NQ-HĐND.pdf | nghi-quyet
image001.pdf | ?
Don xin nghi phep.pdf | ?
Hồ sơ 123.pdf | ?
kết quả.pdf | ?
Xin ý kiến về dự thảo Quyết định | ?
"""
_EXAMPLES = [tuple(part.strip() for part in line.rpartition(" | ")[::2]) for line in _TOLD.strip().splitlines()]


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("text, kind", _EXAMPLES)
def test_what_offices_write_is_told(text: str, kind: str, form: str) -> None:
    assert (kind_of(unicodedata.normalize(form, text)) or "?") == kind


def test_the_first_text_that_tells_counts() -> None:
    assert kind_of(None, "", "scan0001.pdf", "Báo cáo quý III", "Kế hoạch năm") == "bao-cao"
    assert kind_of("scan0001.pdf", None) is None
    assert kind_of() is None


@pytest.mark.parametrize("text", ["(" * 10_000, "1/" * 5000, "9" * 10_000 + "/QĐ-UBND", "Ạ" * 10_000, "\0\ud800"])
def test_what_strangers_write_takes_no_time(text: str) -> None:
    assert kind_of(text) is None


def test_every_kind_has_a_name_and_keeps_its_place() -> None:
    # Ledgers hold the places: a kind may be added at the end, and none moved.
    assert KINDS[:8] == (
        *("bao-cao", "giay-moi", "lich-cong-tac", "quyet-dinh"),
        *("cong-van", "to-trinh", "ke-hoach", "thong-bao"),
    )
    assert KINDS.index("phu-luc") == len(KINDS) - 1 == 31
    assert set(NAMES) == {*KINDS, ""}
