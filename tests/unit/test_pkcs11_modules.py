"""Where the module is looked for, and what is said of files that are none."""

from __future__ import annotations

import shutil
import struct
from pathlib import Path

import pytest

from gsign import pkcs11
from gsign.errors import TokenError, UsageError
from gsign.token import modules
from gsign.token.uri import TokenUri
from tests.softhsm import PIN, Item
from tests.unit.test_pkcs11_signing import check


def refuse(**arguments):
    with pytest.raises(TokenError) as caught:
        pkcs11.open_signer(pin=PIN, **arguments)
    assert caught.value.exit_code == 5
    return caught.value


def test_a_module_that_does_not_exist_is_named(tmp_path):
    error = refuse(module=tmp_path / "none.so")
    assert error.code == "module-not-found"
    assert str(tmp_path / "none.so") in str(error)
    assert refuse(uri=f"pkcs11:?module-path={tmp_path}", module=None).code == "module-not-found"
    assert refuse(uri="pkcs11:?module-name=nobody", module=None).code == "module-not-found"


@pytest.mark.parametrize("content", [b"", b"\x7fELF", b"no library at all\n"])
def test_a_file_that_is_no_library_is_told(tmp_path, content):
    (tmp_path / "x.so").write_bytes(content)
    error = refuse(module=tmp_path / "x.so")
    assert error.code == "module-unloadable"
    assert "\n" not in str(error)


def test_what_is_no_library_is_told_in_vietnamese_too(tmp_path):
    (tmp_path / "x.so").write_bytes(b"no library at all\n")
    sentence = refuse(module=tmp_path / "x.so").sentence("vi")
    assert sentence.endswith("tệp không phải là thư viện chương trình (ELF)")


def test_a_library_that_is_no_pkcs11_module_is_told():
    error = refuse(module=_libc())
    assert (error.code, error.temporary) == ("module-unloadable", False)


def _libc():
    with open("/proc/self/maps") as maps:
        return next(line.split()[-1] for line in maps if "/libc" in line)


def test_a_driver_of_the_other_width_is_told(tmp_path):
    header = b"\x7fELF" + bytes([1 if struct.calcsize("P") == 8 else 2, 1, 1]) + bytes(64)
    (tmp_path / "x.so").write_bytes(header)
    error = refuse(module=tmp_path / "x.so")
    assert error.code == "module-wrong-architecture"
    assert "32" in error.advice("vi") + str(error)
    assert "64" in error.advice("vi") + str(error)


def test_a_module_that_does_not_start_is_told_and_may_be_asked_again(office, shim):
    office.token()
    shim.control(fail="C_Initialize:5")
    for _ in range(2):
        with pytest.raises(TokenError) as caught:
            pkcs11.list_tokens(shim.module)
        assert (caught.value.code, caught.value.facts["function"]) == ("token-failed", "C_Initialize")
    shim.control()
    assert len(pkcs11.list_tokens(shim.module)) == 1


def test_the_path_in_the_uri_comes_before_the_option(office, pki, tmp_path):
    leaf = pki.leaf()
    office.token(items=[Item(leaf.der, leaf.key)])
    uri = f"pkcs11:?module-path={office.module}"
    with pkcs11.open_signer(uri, pin=PIN, module=tmp_path / "none.so") as signer:
        assert signer.uri.endswith(f"?module-path={office.module}")
        again = signer.uri
    pkcs11.open_signer(again, pin=PIN).close()


def test_the_usual_places_are_searched_where_nothing_is_named(office, pki):
    leaf = pki.leaf()
    office.token("only here", items=[Item(leaf.der, leaf.key)])
    with pkcs11.open_signer("pkcs11:token=only%20here", pin=PIN) as signer:
        assert signer.certificate == leaf.der
    pkcs11.open_signer("pkcs11:token=only%20here?module-name=softhsm2", pin=PIN).close()


def test_p11_kits_proxy_is_a_module_like_others(office, pki):
    leaf = pki.leaf()
    office.token(items=[Item(leaf.der, leaf.key)])
    (proxy,) = Path("/usr/lib").glob("*-linux-gnu/p11-kit-proxy.so")
    with pkcs11.open_signer("pkcs11:token=VP", pin=PIN, module=proxy) as signer:
        algorithm = signer.algorithm()
        check(leaf, b"m", algorithm, signer.sign(b"m", algorithm))


def test_p11_kit_names_modules_too_and_its_own_are_passed_over(office, tmp_path, monkeypatch):
    folder = tmp_path / "modules"
    folder.mkdir()
    driver = tmp_path / "driver.so"
    shutil.copy(office.module, driver)
    (folder / "driver.module").write_text(f"# a comment\nmodule: {driver}\npriority: 1\n")
    (folder / "gone.module").write_text("module: /nowhere/gone.so\n")
    (folder / "trust.module").write_text("module: p11-kit-trust.so\n")
    (folder / "far.module").write_text(f"module: {driver}\nremote: |ssh far\n")
    monkeypatch.setattr(modules, "_P11_KIT_FOLDERS", (str(folder),))
    monkeypatch.setattr(modules, "_NAMES", ())
    assert modules.find_modules(TokenUri(), None) == [str(driver)]


def test_without_any_module_says_so(monkeypatch):
    monkeypatch.setattr(modules, "_P11_KIT_FOLDERS", ())
    monkeypatch.setattr(modules, "_NAMES", ())
    error = refuse()
    assert error.code == "no-module"
    assert "--module" in error.hint


def test_a_module_that_cannot_be_loaded_does_not_hide_the_others(office, pki, tmp_path, monkeypatch):
    leaf = pki.leaf()
    office.token(items=[Item(leaf.der, leaf.key)])
    (tmp_path / "broken.so").write_bytes(b"broken")
    found = [str(tmp_path / "broken.so"), office.module]
    monkeypatch.setattr(pkcs11, "find_modules", lambda uri, module: found)
    pkcs11.open_signer(pin=PIN).close()


def test_one_token_seen_by_two_modules_is_one(office, shim, pki, monkeypatch):
    leaf = pki.leaf()
    office.token(items=[Item(leaf.der, leaf.key)])
    monkeypatch.setattr(pkcs11, "find_modules", lambda uri, module: [shim.module, office.module])
    with pkcs11.open_signer(pin=PIN) as signer:
        signer.sign(b"m", signer.algorithm())
    assert shim.count("C_Sign") == 1


def test_a_malformed_uri_is_a_matter_of_usage():
    with pytest.raises(UsageError):
        pkcs11.open_signer("pkcs11:nothing=1")
