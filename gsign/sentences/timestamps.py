"""Why a timestamp proves no time: the codes that `gsign.trust.timestamp` gives, behind `timestamp-`."""

from __future__ import annotations

from typing import Final

from gsign.sentences import Sentence
from gsign.sentences.causes import CAUSES, Cause

__all__ = ["REASONS"]

_AGAIN_VI = "đề nghị người gửi ký lại có dấu thời gian của tổ chức tin cậy"
_AGAIN_EN = "ask the sender to sign again with a timestamp of a trusted authority"

# What is wrong with the token itself.
_TOKEN: Final = (
    "algorithm-unknown",
    "algorithms-differ",
    "attribute-repeated",
    "certificate-missing",
    "certificate-unreadable",
    "cms-malformed",
    "content-type-wrong",
    "imprint-wrong",
    "key-and-algorithm-differ",
    "message-digest-missing",
    "message-digest-wrong",
    "not-a-timestamp-certificate",
    "signature-wrong",
    "signed-attributes-missing",
    "signing-certificate-missing",
    "signing-certificate-wrong",
    "token-malformed",
    "unknown-critical-extension",
)

# What is wrong with the path of its authority.
_PATH: Final[dict[str, Cause]] = {
    "anchor-expired": Cause(
        "chứng thư số gốc đã hết hạn lúc cấp dấu thời gian", "the root authority had expired when it was made"
    ),
    "anchor-not-yet-valid": Cause(
        "chứng thư số gốc chưa có hiệu lực lúc cấp dấu thời gian",
        "the root authority was not yet valid when it was made",
    ),
    "authority-not-confirmed": Cause(
        "cơ quan gốc của nơi cấp đã biết nhưng chưa được xác nhận tin cậy",
        "its root authority is known and nobody confirmed it here",
    ),
    "certificate-algorithm-weak": Cause(
        "chứng thư số của nơi cấp được ký bằng thuật toán không còn an toàn lúc đó",
        "a certificate of its authority is signed with an algorithm that was no longer safe then",
    ),
    "certificate-expired": Cause(
        "chứng thư số của nơi cấp đã hết hạn lúc đó", "its authority's certificate had expired when it was made"
    ),
    "certificate-not-yet-valid": Cause(
        "chứng thư số của nơi cấp chưa có hiệu lực lúc đó",
        "its authority's certificate was not yet valid when it was made",
    ),
    "issuer-certificate-expired": Cause(
        "chứng thư số trung gian đã hết hạn lúc đó", "an intermediate certificate had expired when it was made"
    ),
    "issuer-certificate-not-yet-valid": Cause(
        "chứng thư số trung gian chưa có hiệu lực lúc đó",
        "an intermediate certificate was not yet valid when it was made",
    ),
    "issuer-may-not-sign-certificates": Cause(
        "một chứng thư số trên đường dẫn không được phép cấp chứng thư số khác",
        "a certificate on its path may not issue others",
    ),
    "issuer-not-a-ca": Cause(
        "chứng thư số của nơi cấp không do tổ chức chứng thực cấp",
        "its authority's certificate was issued by one that is no authority's",
    ),
    "key-too-weak": Cause("một khóa trên đường dẫn quá yếu", "a key on its path is too weak"),
    "name-not-permitted": Cause(
        "tên của nơi cấp nằm ngoài phạm vi được phép", "its authority's name is outside of what is permitted"
    ),
    "no-chain-to-anchor": Cause(
        "không tìm thấy đường dẫn từ nơi cấp đến một tổ chức chứng thực tin cậy",
        "no path leads from its authority to a trusted one",
    ),
    "path-too-long": Cause("đường dẫn chứng thực quá dài", "its path is longer than allowed"),
    "wrong-key-usage": Cause("khóa của nơi cấp không dùng để ký", "its authority's key is not for signing"),
}


def _sentences() -> dict[str, Sentence]:
    causes = {code: CAUSES[code] for code in _TOKEN} | _PATH
    return {
        f"timestamp-{code}": Sentence(
            vi=f"dấu thời gian không chứng minh được thời điểm ký: {cause.vi}",
            en=f"the timestamp proves no time: {cause.en}",
            hint_vi=_AGAIN_VI,
            hint_en=_AGAIN_EN,
        )
        for code, cause in causes.items()
    }


REASONS: Final[dict[str, Sentence]] = _sentences()
