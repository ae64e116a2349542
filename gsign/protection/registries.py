"""Domains below which everybody may have one: nobody speaks for all of them."""

from __future__ import annotations

from typing import Final

__all__ = ["is_registry"]

# Second labels that registries of countries keep for kinds of holders. Vietnam's are among them: ac, ai, biz, com, edu,
# gov, health, id, info, int, io, name, net, org, pro.
_KINDS: Final = frozenset(
    (
        *(
            "ac",
            "ai",
            "biz",
            "co",
            "com",
            "ed",
            "edu",
            "ernet",
            "firm",
            "gc",
            "gen",
            "go",
            "gob",
            "gouv",
            "gov",
            "govt",
        ),
        *("gub", "health", "id", "idf", "in", "ind", "info", "int", "io", "k12", "lg", "ltd", "me", "mi", "mil", "mod"),
        *("name", "ne", "net", "nhs", "nic", "nom", "or", "org", "plc", "police", "pp", "pri", "pro", "re", "res"),
        *("sch", "school", "web"),
    )
)
# Provinces, those that were merged since too: VNNIC gives out names below theirs.
_PROVINCES: Final = frozenset(
    (
        *("angiang", "bacgiang", "backan", "baclieu", "bacninh", "baria-vungtau", "bentre", "binhdinh", "binhduong"),
        *("binhphuoc", "binhthuan", "camau", "cantho", "caobang", "daklak", "daknong", "danang", "dienbien", "dongnai"),
        *("dongthap", "gialai", "hagiang", "haiduong", "haiphong", "hanam", "hanoi", "hatinh", "haugiang", "hoabinh"),
        *("hungyen", "khanhhoa", "kiengiang", "kontum", "laichau", "lamdong", "langson", "laocai", "longan", "namdinh"),
        *("nghean", "ninhbinh", "ninhthuan", "phutho", "phuyen", "quangbinh", "quangnam", "quangngai", "quangninh"),
        *("quangtri", "soctrang", "sonla", "tayninh", "thaibinh", "thainguyen", "thanhhoa", "thanhphohochiminh"),
        *("thuathienhue", "tiengiang", "travinh", "tuyenquang", "vinhlong", "vinhphuc", "yenbai"),
    )
)
_COUNTRY: Final = 2


def is_registry(domain: str) -> bool:
    """Whether a domain is one that names are given out below: a top-level domain, `gov.vn`, `hanoi.vn`, `co.uk`.

    Args:
        domain: as the DNS has it, in any case, with or without a last dot.
    """
    *below, second, top = ["", "", *domain.rstrip(".").lower().split(".")]
    if not all((second, top)):
        return True
    if any(below) or (len(top) != _COUNTRY and not top.startswith("xn--")):
        return False
    return second in _KINDS or (top == "vn" and second in _PROVINCES)
