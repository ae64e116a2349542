"""A Postfix of its own, in a temporary folder and on loopback: the system's is neither used nor changed.

It has to be started by root, as Postfix always has.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from tests.relay.running import until

__all__ = ["Postfix", "block"]

_DEPLOY = Path(__file__).parents[2] / "docs" / "en" / "deploy.md"
_MAIN = """
compatibility_level = 3.6
config_directory = {config}
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = {daemons}
mail_owner = postfix
setgid_group = postdrop
myhostname = {name}.example.gov.vn
mydestination =
local_recipient_maps =
alias_maps =
alias_database =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtp_host_lookup = native
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
maillog_file_permissions = 0644
minimal_backoff_time = 1s
maximal_backoff_time = 1s
queue_run_delay = 1s
in_flow_delay = 0s
transport_retry_time = 1s
smtpd_peername_lookup = no
"""
_MASTER = """
pickup    unix  n  -  n  60  1  pickup
cleanup   unix  n  -  n  -   0  cleanup
qmgr      unix  n  -  n  1   1  qmgr
rewrite   unix  -  -  n  -   -  trivial-rewrite
bounce    unix  -  -  n  -   0  bounce
defer     unix  -  -  n  -   0  bounce
trace     unix  -  -  n  -   0  bounce
verify    unix  -  -  n  -   1  verify
flush     unix  n  -  n  1000? 0 flush
proxymap  unix  -  -  n  -   -  proxymap
smtp      unix  -  -  n  -   -  smtp
relay     unix  -  -  n  -   -  smtp
error     unix  -  -  n  -   -  error
retry     unix  -  -  n  -   -  error
discard   unix  -  -  n  -   -  discard
local     unix  -  n  n  -   -  local
anvil     unix  -  -  n  -   1  anvil
scache    unix  -  -  n  -   1  scache
postlog   unix-dgram n - n - 1 postlogd
"""


class Postfix:
    """One instance.

    Args:
        name: its host name begins with it.
        services: further lines of master.cf.
        settings: further lines of main.cf.
        ports: what stands for each port that the lines name.
        next_hop: `host:port` of where it delivers what the lines send nowhere else.
    """

    def __init__(
        self, name: str, services: str, settings: str = "", *, ports: Mapping[str, int], next_hop: str = ""
    ) -> None:
        # Its processes give up root's rights: they could not get at folders of a test.
        self.folder = Path(tempfile.mkdtemp(prefix="gsign-postfix-", dir="/var/tmp"))
        self.folder.chmod(0o755)
        self.log = self.folder / "log"
        self._config = self.folder / "config"
        for path in (self._config, self.folder / "queue", self.folder / "data"):
            path.mkdir()
        shutil.chown(self.folder / "data", "postfix")
        main = _MAIN.format(folder=self.folder, config=self._config, name=name, daemons=_postconf("daemon_directory"))
        if next_hop:
            host, _, port = next_hop.rpartition(":")
            main += f"relayhost = [{host}]:{port}\n"
        (self._config / "main.cf").write_text(main + _with_ports(settings, ports))
        (self._config / "master.cf").write_text(_MASTER + _with_ports(services, ports))

    def __enter__(self) -> Self:
        self.run("start")
        return self

    def __exit__(self, *exc: object) -> None:
        self.run("stop")
        shutil.rmtree(self.folder)

    def run(self, command: str) -> None:
        """Run a command of `postfix`, such as `start`, `stop`, `flush`."""
        done = subprocess.run(
            ["/usr/sbin/postfix", "-c", str(self._config), command],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr + self.read_log()

    def read_log(self) -> str:
        """Return what it has written down."""
        return self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""

    def queued(self) -> int:
        """Return how many messages it has."""
        folders = ("incoming", "active", "deferred", "maildrop")
        return sum(path.is_file() for name in folders for path in (self.folder / "queue" / name).rglob("*"))

    def logs(self, text: str) -> None:
        """Wait until it has written something down."""
        until(lambda: text in self.read_log())


def block(name: str) -> str:
    """Return the block of the manual that a comment names: what is told there is what is run here."""
    text = _DEPLOY.read_text(encoding="utf-8")
    found = re.search(rf"<!-- {re.escape(name)} -->\n```[a-z]+\n(.*?)```\n", text, re.DOTALL)
    assert found is not None, name
    return found[1]


def _with_ports(text: str, ports: Mapping[str, int]) -> str:
    # The manual's own ports belong to a whole machine.
    return re.sub(r"127\.0\.0\.1(\]?):(25|10025|10026)\b", lambda m: f"127.0.0.1{m[1]}:{ports[m[2]]}", text)


def _postconf(name: str) -> str:
    told = subprocess.run(["/usr/sbin/postconf", "-d", "-h", name], capture_output=True, text=True, check=True)
    return told.stdout.strip()
