"""A process that signs with python-pkcs11 alone: a line when it is ready, and one when it has made the next signatures.

It makes them for each line that it reads.
"""

from __future__ import annotations

import sys

from bench.peers import bare_key, bare_sign

__all__ = ["main"]


def main() -> None:
    module, count = sys.argv[1], int(sys.argv[2])
    with bare_key(module) as key:
        print(flush=True)
        for _ in sys.stdin:
            for _ in range(count):
                bare_sign(key)
            print(flush=True)


if __name__ == "__main__":
    main()
