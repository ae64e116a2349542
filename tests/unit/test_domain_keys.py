"""Keys of domains as the configuration names them: nobody else reads them, and none is weak."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from gsign.config import Configuration, load
from gsign.errors import ConfigurationError
from gsign.mail.dkim.keys import published
from gsign.office.domain_keys import DomainKeys, vouching_of
from tests.domain_keys import domain_key, written

AGENCY = """
[[agency]]
name = "B"
domains = ["b.vn"]
dkim_selector = "sel"
dkim_key = "dkim.pem"
"""
RELAY = """
[relay]
listen = "127.0.0.1:1"
next_hop = "127.0.0.1:2"
hostname = "relay.vn"
"""


def configured(folder: Path, text: str) -> Configuration:
    path = folder / "gsign.toml"
    path.write_text(text, encoding="utf-8")
    return load(path)


def refusal(configuration: Configuration) -> ConfigurationError:
    with pytest.raises(ConfigurationError) as caught:
        vouching_of(configuration)
    return caught.value


@pytest.mark.parametrize("kind, algorithm", [("rsa", "rsa-sha256"), ("ed25519", "ed25519-sha256")])
def test_a_key_signs_for_the_domain_in_from(tmp_path: Path, kind: str, algorithm: str) -> None:
    written(tmp_path / "dkim.pem", domain_key(kind))
    configuration = configured(tmp_path, AGENCY)
    key = DomainKeys(configuration.agency).key_of(configuration.agency[0], "Tỉnh.b.vn")
    assert key is not None
    assert (key.domain, key.selector, key.algorithm) == ("xn--tnh-dlz.b.vn", "sel", algorithm)
    assert repr(key) == "DomainKey(sel._domainkey.xn--tnh-dlz.b.vn)"


def test_another_agency_has_none(tmp_path: Path) -> None:
    written(tmp_path / "dkim.pem", domain_key())
    configuration = configured(tmp_path, AGENCY + '[[agency]]\nname = "E"\ndomains = ["e.vn"]\n')
    assert DomainKeys(configuration.agency).key_of(configuration.agency[1], "e.vn") is None


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    written(tmp_path / "dkim.pem", domain_key(), mode)
    assert refusal(configured(tmp_path, AGENCY)).code == "domain-key-exposed"


def test_what_systemd_holds_for_the_service_is_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path / "dkim.pem", domain_key(), 0o440)
    configuration = configured(tmp_path, AGENCY)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    vouching_of(configuration)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path.parent))
    assert refusal(configuration).code == "domain-key-exposed"


def test_a_short_key_is_refused(tmp_path: Path) -> None:
    written(tmp_path / "dkim.pem", domain_key(bits=1024))
    error = refusal(configured(tmp_path, AGENCY))
    assert (error.code, error.facts["bits"]) == ("domain-key-weak", 1024)


def _pem(key: Any, password: bytes = b"") -> bytes:
    encryption = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda: b"", id="empty"),
        pytest.param(lambda: b"-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n", id="damaged"),
        pytest.param(lambda: _pem(domain_key(), b"secret"), id="password"),
        pytest.param(lambda: _pem(ec.generate_private_key(ec.SECP256R1())), id="another kind"),
    ],
)
def test_what_is_no_key_is_told_and_not_quoted(tmp_path: Path, make: Any) -> None:
    path = tmp_path / "dkim.pem"
    path.write_bytes(make())
    path.chmod(0o600)
    error = refusal(configured(tmp_path, AGENCY))
    assert error.code == "domain-key-unreadable"
    assert "secret" not in str(error)
    assert error.__cause__ is None


def test_a_key_that_is_not_there(tmp_path: Path) -> None:
    assert refusal(configured(tmp_path, AGENCY)).code == "domain-key-unreadable"


@pytest.mark.parametrize("line", ['dkim_selector = "sel"\n', 'dkim_key = "dkim.pem"\n'])
def test_half_of_what_is_needed(tmp_path: Path, line: str) -> None:
    written(tmp_path / "dkim.pem", domain_key())
    assert refusal(configured(tmp_path, AGENCY.replace(line, ""))).code == "domain-key-incomplete"


def test_a_sealer_needs_all_and_somebody_to_ask(tmp_path: Path) -> None:
    written(tmp_path / "arc.pem", domain_key())
    lines = ['arc_domain = "relay.vn"\n', 'arc_selector = "arc"\n', 'arc_key = "arc.pem"\n']
    for missing in lines:
        text = RELAY + "".join(line for line in lines if line != missing)
        assert refusal(configured(tmp_path, text)).code == "domain-key-incomplete"
    assert refusal(configured(tmp_path, RELAY + "".join(lines))).code == "arc-without-resolver"
    vouching_of(configured(tmp_path, RELAY + "".join(lines) + 'resolver = "127.0.0.1:53"\n'))


@pytest.mark.parametrize("address", ["ns.example.vn:53", "127.0.0.1", "127.0.0.1:99999"])
def test_a_name_server_is_named_by_its_address(tmp_path: Path, address: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        configured(tmp_path, RELAY + f'resolver = "{address}"\n')
    assert caught.value.code == "config-wrong-value"


@pytest.mark.parametrize("kind, options", [("rsa", ["-pkeyopt", "rsa_keygen_bits:2048"]), ("ed25519", [])])
def test_keys_made_as_the_manual_says_sign_and_are_published_so(tmp_path: Path, kind: str, options: list[str]) -> None:
    manual = (Path(__file__).parents[2] / "docs" / "en" / "deploy.md").read_text(encoding="utf-8")
    make, protect, publish = re.findall(r"^(?:openssl|chmod) .*keys/dkim.pem.*$", manual, re.MULTILINE)[:3]
    assert "-algorithm RSA -pkeyopt rsa_keygen_bits:2048" in make
    told = ["openssl", "genpkey", "-algorithm", kind.upper(), *options, "-out", "dkim.pem"]
    subprocess.run(told, cwd=tmp_path, check=True, capture_output=True)
    subprocess.run(protect.replace("keys/", "").split(), cwd=tmp_path, check=True)
    shown = publish.replace("keys/", "")
    if kind == "ed25519":
        shown = shown.replace("| base64", "| tail -c 32 | base64")
    public = subprocess.run(shown, shell=True, cwd=tmp_path, check=True, capture_output=True, text=True).stdout
    key = DomainKeys(configured(tmp_path, AGENCY).agency).key_of(load(tmp_path / "gsign.toml").agency[0], "b.vn")
    assert key is not None
    assert published(f"v=DKIM1; k={kind}; p={public}".encode(), key.algorithm).verifies(key.sign(b"x"), b"x")
