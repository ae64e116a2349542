"""A message with a large attachment costs a few times its size in memory, whatever is done to it."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from gsign.protection.canonical import base64_lines
from tests.mailcorpus.kit import ENTITY, fields

ATTACHED = 10_000_000

_RUN = """
import json, os, sys
from pathlib import Path
import hashlib, cryptography.hazmat.primitives.asymmetric.rsa, cryptography.hazmat.primitives.asymmetric.padding
from gsign import pkcs12, smime


def peak():
    # Of this program alone: ru_maxrss remembers what its parent was before the exec.
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) << 10 for line in status if line.startswith("VmHWM"))


what, small, large, key, root = sys.argv[1:]
with pkcs12.open_signer(key, pin="mat-khau") as signer:
    def run(path):
        if what == "verify":
            return smime.verify(path, trust=root, revocation="off").smime
        if what.startswith("to-"):
            output = Path(path).with_name("signed.eml")
            smime.sign_to(path, output, signer, form=what[3:], trust=root, revocation="off", force=True)
            return os.path.getsize(output)
        return len(smime.sign(path, signer, form=what, trust=root, revocation="off"))

    run(small)
    before = peak()
    print(json.dumps({"result": run(large), "grown": peak() - before}))
"""


@pytest.fixture(scope="module")
def large():
    mark = b"\r\n--phan\r\n"
    head = b"Content-Type: multipart/mixed; boundary=phan\r\n" + mark + ENTITY + mark
    part = b"Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64_lines(
        os.urandom(ATTACHED)
    )
    return fields() + head + part + b"\r\n--phan--\r\n"


def cost(kit, folder, what, small, large):
    kit.signer(kit.person)
    (folder / "small.eml").write_bytes(small)
    (folder / "large.eml").write_bytes(large)
    key = kit.folder / f"{kit.person.serial:x}.p12"
    arguments = [what, folder / "small.eml", folder / "large.eml", key, kit.pki.root_file]
    done = subprocess.run(
        [sys.executable, "-c", _RUN, *map(str, arguments)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


# The message and what is made of it; into a file, the message alone.
@pytest.mark.parametrize("form, times", [("detached", 2.5), ("opaque", 4.5), ("to-detached", 1.5), ("to-opaque", 1.5)])
def test_signing_takes_a_few_times_the_size(kit, large, tmp_path, form, times):
    told = cost(kit, tmp_path, form, kit.message(), large)
    assert told["result"] > len(large)
    assert told["grown"] < times * len(large), told["grown"] / len(large)


# Opaque: also the CMS, and what it holds.
@pytest.mark.parametrize("form, times", [("detached", 1.5), ("opaque", 4)])
def test_verifying_takes_a_few_times_the_size(kit, large, tmp_path, form, times):
    told = cost(kit, tmp_path, "verify", kit.signed(), kit.signed(large, form=form))
    assert told["result"] == "pass"
    assert told["grown"] < times * len(large), told["grown"] / len(large)
