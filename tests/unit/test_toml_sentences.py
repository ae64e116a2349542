"""What is wrong with a file that is no TOML, said in Vietnamese: in the words of the tomllib that runs."""

from __future__ import annotations

import tomllib

import pytest

from gsign.sentences.system import say_system

_WRONG = {
    b"a = ": "giá trị không hợp lệ (cuối tệp)",
    b"[relay]\na = yes\n": "giá trị không hợp lệ (dòng 2, cột 5)",
    b"a = 1\na = 2\n": "khóa đã có giá trị từ trước (dòng 2, cột 6)",
    b"a = {b = 1}\n[a.c]\n": "bảng a.c khai báo hai lần (dòng 2, cột 5)",
    b"[a]\n[a]\n": "bảng a khai báo hai lần (dòng 2, cột 3)",
    b"[relay\n": "thiếu ] ở cuối tên bảng (dòng 1, cột 7)",
    b"[[relay\n": "thiếu ]] ở cuối tên bảng (dòng 1, cột 8)",
    b"listen\n": "thiếu dấu = sau tên khóa (dòng 1, cột 7)",
    b"a = 1 2\n": "sau giá trị phải xuống dòng (dòng 1, cột 7)",
    b"a = [1, 2\n": "danh sách thiếu ] ở cuối (cuối tệp)",
    b"a = {b = 1, b = 2}\n": "khóa b có hai lần (dòng 1, cột 18)",
    b"a = {b = 1 c = 2}\n": "bảng trong dòng thiếu } ở cuối (dòng 1, cột 12)",
    b'a = "x\n': r"có ký tự \n không được phép (dòng 1, cột 7)",
    b'a = "x': "chuỗi ký tự thiếu dấu ngoặc kép ở cuối (cuối tệp)",
    rb'a = "C:\Users"': "mã ký tự thập lục phân không hợp lệ (dòng 1, cột 10)",
    rb'a = "C:\Data"': r"dấu \ trong chuỗi ký tự phải viết là \\ (dòng 1, cột 10)",
    rb'a = "\ud800"': "ký tự thoát không phải là ký tự Unicode (dòng 1, cột 12)",
    b"= 1\n": "dòng không phải là khóa = giá trị, cũng không phải là [bảng] (dòng 1, cột 1)",
    b"a. = 1\n": "tên khóa bắt đầu bằng ký tự không được phép (dòng 1, cột 4)",
    b"a = 2026-02-30\n": "ngày giờ không hợp lệ (dòng 1, cột 5)",
    b'a = "\xff"\n': "octet 0xff ở vị trí 5 không phải là mã UTF-8",
}


@pytest.mark.parametrize("wrong", sorted(_WRONG))
def test_it_is_said_in_vietnamese(wrong: bytes) -> None:
    with pytest.raises(ValueError, match=r"position|\(at ") as raised:
        tomllib.loads(wrong.decode())
    assert say_system(str(raised.value)) == _WRONG[wrong]


def test_what_says_nothing_of_the_kind_stays() -> None:
    assert say_system("Invalid value") == "Invalid value"
