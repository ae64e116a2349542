"""A process that signs with python-pkcs11 alone: for each line it reads, so many signatures, then a line back."""

from __future__ import annotations

import sys

from bench.peers import bare_key, bare_sign

__all__ = ["main"]


def main() -> None:
    module, count = sys.argv[1], int(sys.argv[2])
    with bare_key(module) as key:
        for _ in sys.stdin:
            for _ in range(count):
                bare_sign(key)
            print(flush=True)


if __name__ == "__main__":
    main()
