"""gsign.toml: what it takes, what it refuses, and the example that it prints of itself."""

import re
import tomllib
from pathlib import Path

import pytest

from gsign import config
from gsign.errors import ConfigurationError
from gsign.sentences.configuration import ERRORS, KEYS


def write(folder: Path, text: str) -> Path:
    file = folder / "gsign.toml"
    file.write_text(text, encoding="utf-8")
    return file


def refusal(folder: Path, text: str) -> ConfigurationError:
    with pytest.raises(ConfigurationError) as caught:
        config.load(write(folder, text))
    return caught.value


def test_relative_paths_are_relative_to_the_file_wherever_the_program_runs(tmp_path, monkeypatch):
    file = write(tmp_path, '[token]\nmodule = "lib/p11.so"\npin_file = "/run/pin"\n[trust]\nanchors = ["ca.pem"]\n')
    monkeypatch.chdir("/")
    loaded = config.load(file)
    assert loaded.token.module == tmp_path / "lib/p11.so"
    assert loaded.token.pin_file == Path("/run/pin")
    assert loaded.trust.anchors == (tmp_path / "ca.pem",)


def test_a_key_place_is_a_uri_or_a_file(tmp_path):
    assert config.load(write(tmp_path, '[token]\nuri = "pkcs11:token=VP"')).token.uri == "pkcs11:token=VP"
    assert config.load(write(tmp_path, '[token]\nuri = "van-thu.p12"')).token.uri == str(tmp_path / "van-thu.p12")


def test_defaults_where_a_section_says_nothing(tmp_path):
    loaded = config.load(write(tmp_path, ""))
    assert (loaded.token.uri, loaded.token.wait_seconds) == (None, 120)
    assert loaded.trust.revocation == "prefer"
    assert loaded.relay is None
    assert loaded.policy is None


@pytest.mark.parametrize(
    "text, key, nearest",
    [
        ("[tokn]\n", "tokn", "token"),
        ('[token]\nmodul = "x"', "token.modul", "module"),
        ('[policy]\ndefault = "reject"\n[[policy.rule]]\nname = "a"\nform = ["*"]', "policy.rule[1].form", "from"),
        ('[[agency]]\nname = "a"\ndomains = ["a.vn"]\nidentifer = ["MST:1"]', "agency[1].identifer", "identifiers"),
    ],
)
def test_an_unknown_key_names_the_nearest_known_one(tmp_path, text, key, nearest):
    error = refusal(tmp_path, text)
    assert error.code == "config-unknown-key"
    assert (error.facts["key"], error.facts["nearest"]) == (key, nearest)


def test_a_configuration_does_not_change(tmp_path):
    loaded = config.load(write(tmp_path, ""))
    with pytest.raises(AttributeError):
        loaded.token.uri = "pkcs11:"


def test_an_unknown_key_far_from_all_lists_them(tmp_path):
    error = refusal(tmp_path, "[token]\nxyzzy = 1")
    assert error.code == "config-unknown-key-far"
    assert error.facts["known"] == "module, pin_file, uri, wait_seconds"


@pytest.mark.parametrize(
    "text, key",
    [
        ("[policy]\n", "policy.default"),
        ("[ledger]\n", "ledger.url"),
        ('[policy]\ndefault = "reject"\n[[policy.rule]]\nname = "a"\nto = ["*"]\nrequire = []', "policy.rule[1].from"),
    ],
)
def test_a_compulsory_key_that_is_missing(tmp_path, text, key):
    error = refusal(tmp_path, text)
    assert (error.code, error.facts["key"]) == ("config-missing-key", key)


@pytest.mark.parametrize(
    "text, key",
    [
        ("token = 1", "token"),
        ("agency = 1", "agency"),
        ("[token]\nuri = 1", "token.uri"),
        ('[token]\nuri = ""', "token.uri"),
        ("[token]\nwait_seconds = true", "token.wait_seconds"),
        ("[token]\nwait_seconds = 0", "token.wait_seconds"),
        ('[trust]\nanchors = "ca.pem"', "trust.anchors"),
        ("[trust]\nanchors = [1]", "trust.anchors[1]"),
        ('[trust]\nrevocation = "never"', "trust.revocation"),
        ('[timestamp]\nurls = ["http://a", "ftp://b"]', "timestamp.urls[2]"),
        ('[relay]\nlisten = "10025"\nnext_hop = "a:1"\nhostname = "a"', "relay.listen"),
        ('[relay]\nlisten = "a:70000"\nnext_hop = "a:1"\nhostname = "a"', "relay.listen"),
        ('[relay]\nlisten="a:1"\nnext_hop="a:1"\nhostname="a"\ntrusted_peers=["10.0.0.1/8"]', "relay.trusted_peers[1]"),
        ('[ledger]\nurl = "mysql://a"', "ledger.url"),
        ('[[agency]]\nname = "a"\ndomains = ["*.a.vn", "a*.vn"]', "agency[1].domains[2]"),
        ('[[agency]]\nname = "a"\ndomains = ["a.vn"]\ndkim_domain = "a vn"', "agency[1].dkim_domain"),
        ('[[agency]]\nname = "a"\ndomains = ["a.vn"]\ndkim_selector = "a;b"', "agency[1].dkim_selector"),
        ('[policy]\ndefault = "allow"', "policy.default"),
        (
            '[policy]\ndefault="reject"\n[[policy.rule]]\nname="a"\nfrom=["*"]\nto=["*"]\nrequire=["signed"]',
            "policy.rule[1].require[1]",
        ),
    ],
)
def test_a_wrong_value_names_its_key_and_is_not_repeated(tmp_path, text, key):
    error = refusal(tmp_path, text)
    assert (error.code, error.facts["key"]) == ("config-wrong-value", key)
    assert set(error.facts) == {"file", "key", "expected"}


@pytest.mark.parametrize("pattern", ["*", "gov.vn", "*.gov.vn", "a.b+c@Gov.VN"])
def test_patterns_are_compared_without_regard_to_case(tmp_path, pattern):
    loaded = config.load(write(tmp_path, f'[[agency]]\nname = "a"\ndomains = ["{pattern}"]'))
    assert loaded.agency[0].domains == (pattern.lower(),)


def test_what_is_no_toml_says_where(tmp_path):
    error = refusal(tmp_path, "[token]\nuri = pkcs11:")
    assert error.code == "config-not-toml"
    assert "line 2" in error.sentence()


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(ConfigurationError) as caught:
        config.load(tmp_path / "none.toml")
    assert caught.value.code == "config-unreadable"


def test_the_working_directory_comes_before_the_users_folder(tmp_path, monkeypatch):
    user, here = tmp_path / "user", tmp_path / "here"
    (user / "gsign").mkdir(parents=True)
    here.mkdir()
    monkeypatch.setenv("XDG_CONFIG_HOME", str(user))
    monkeypatch.chdir(here)
    users = write(user / "gsign", '[token]\nuri = "pkcs11:token=user"')
    assert config.find() == users
    own = write(here, '[token]\nuri = "pkcs11:token=here"')
    assert config.find() == own
    assert config.load().token.uri == "pkcs11:token=here"


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_the_example_loads_and_has_every_key(tmp_path, lang):
    text = config.example(lang)
    loaded = config.load(write(tmp_path, text))
    for name in loaded.declared:
        assert getattr(loaded, name), f"{name} is not in the example"
    assert loaded.policy.rule
    written = set(re.findall(r"^(?:# )?(\w+) = ", text, re.MULTILINE))
    assert written == {key.rpartition(".")[2] for key in KEYS}
    assert tomllib.loads(text)["policy"]["default"] == "reject"


def test_the_example_passes_the_check_where_none_of_its_files_exist(tmp_path):
    loaded = config.load(write(tmp_path, config.example("vi")))
    assert list(config.named_files(loaded)) == []


def test_the_example_speaks_both_languages():
    assert "# chứng thư gốc tin cậy" in config.example("vi")
    assert "# trust anchors" in config.example("en")


def test_every_error_has_a_sentence():
    used = set()
    for module in ("config.py", "config_kinds.py", "cli/configuration.py"):
        source = (Path(config.__file__).parent / module).read_text(encoding="utf-8")
        used |= set(re.findall(r'ConfigurationError\(\s*"([a-z-]+)"', source))
    assert used == set(ERRORS)
