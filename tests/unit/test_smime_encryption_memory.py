"""A large attachment costs a few times its size in memory, whatever is done to it, and comes back as it was."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pki import PERSON

ATTACHMENT = 10 << 20
_TIMES = 4

_WORK = """
import json, os, sys
from pathlib import Path
import cryptography.hazmat.primitives.ciphers
from gsign import pkcs12, smime


def peak():
    # Of this program alone: ru_maxrss remembers what its parent was before the exec.
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) << 10 for line in status if line.startswith("VmHWM"))


what, source, target, key, certificate, root, cipher = sys.argv[1:]
decrypter, signer = pkcs12.open_decrypter(key, pin="x"), pkcs12.open_signer(key, pin="x")
checks = {"trust": root, "revocation": "off"}
before = peak()
if what == "encrypt":
    smime.encrypt_to(source, Path(target), [certificate], signer=signer, cipher=cipher, **checks)
else:
    smime.decrypt_to(source, Path(target), decrypter, **checks).require()
print(json.dumps({"growth": peak() - before, "size": os.path.getsize(source)}))
"""


@pytest.fixture(scope="module")
def files(session_pki, tmp_path_factory):
    """A message with a large attachment, a key, and its certificate."""
    folder: Path = tmp_path_factory.mktemp("large")
    leaf = session_pki.leaf(variant="no-pointers")
    leaf.p12(folder / "k.p12", "x")
    (folder / "c.pem").write_bytes(leaf.pem + session_pki.intermediate.identity.pem)
    digits = base64.encodebytes(os.urandom(ATTACHMENT)).replace(b"\n", b"\r\n")
    head = f"From: {PERSON.email}\r\nTo: {PERSON.email}\r\nSubject: x\r\nMIME-Version: 1.0\r\n".encode()
    structure = b"Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    (folder / "m.eml").write_bytes(head + structure + digits)
    return folder


def growth(files, root, what, source, target, cipher):
    names = [str(files / name) for name in (source, target, "k.p12", "c.pem")]
    command = [sys.executable, "-c", _WORK, what, *names, str(root), cipher]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("cipher", ["aes-256-gcm", "aes-256-cbc"])
def test_memory_grows_with_a_message_by_a_few_times_its_size(session_pki, files, cipher):
    for what, source, target in (("encrypt", "m.eml", f"{cipher}.eml"), ("decrypt", f"{cipher}.eml", f"{cipher}.out")):
        told = growth(files, session_pki.root_file, what, source, target, cipher)
        assert told["growth"] < _TIMES * told["size"], (what, told)
    assert (files / "m.eml").read_bytes().partition(b"\r\n\r\n")[2] in (files / f"{cipher}.out").read_bytes()
