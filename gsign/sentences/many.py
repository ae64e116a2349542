"""Sentences about many documents carried by workers: the cluster, workers that are lost, results kept in a file."""

from __future__ import annotations

from typing import Final

from gsign.sentences import Sentence

__all__ = ["ERRORS", "TEXTS"]

_KEPT_VI: Final = "những gì đã xong vẫn được giữ trong tệp --results; chạy lại với cùng tệp đó để làm tiếp"
_KEPT_EN: Final = "what was done is kept in the file of --results: run again with the same file to go on"

ERRORS: Final[dict[str, Sentence]] = {
    "worker-lost": Sentence(
        vi="tiến trình đang xử lý {file} đã hai lần dừng đột ngột",
        en="the worker that had {file} died, and so did the next one",
        hint_vi="kiểm tra riêng tệp này trên một máy; xem nhật ký của máy xử lý",
        hint_en="try this file by itself on one machine, and look at the log of the worker",
    ),
    "worker-talks-nonsense": Sentence(
        vi="máy xử lý đã trả lời về {file} theo dạng không hiểu được",
        en="what a worker answered about {file} makes no sense",
        hint_vi="kiểm tra xem mọi máy có chạy cùng một phiên bản gsign không",
        hint_en="see whether all machines run the same version of gsign",
    ),
    "worker-without-gsign": Sentence(
        vi="một máy xử lý không có gsign",
        en="a worker has no gsign",
        hint_vi="cài cùng phiên bản gsign trên mọi máy của cụm",
        hint_en="install the same version of gsign on every machine of the cluster",
    ),
    "worker-of-other-version": Sentence(
        vi="máy xử lý {worker} chạy gsign {found}, không phải {wanted}",
        en="the worker {worker} runs gsign {found}, not {wanted}",
        hint_vi="cài cùng phiên bản gsign trên mọi máy của cụm",
        hint_en="install the same version of gsign on every machine of the cluster",
    ),
    "worker-believes-others": Sentence(
        vi="người dùng của máy xử lý {worker} tin cậy {count} chứng thư mà máy này không tin cậy",
        en="the user of the worker {worker} believes {count} certificates that this machine does not",
        hint_vi="bỏ chúng trên máy đó bằng `gsign trust remove`, hoặc thêm trên máy này: kết quả không được tùy máy",
        hint_en="remove them there by `gsign trust remove`, or add them here: no verdict may depend on the machine",
    ),
    "worker-without-pin": Sentence(
        vi="gsign.toml của máy xử lý {worker} không chỉ ra tệp chứa mã PIN",
        en="the gsign.toml of the worker {worker} names no file with the PIN",
        hint_vi="đặt token.uri, token.module và token.pin_file trong gsign.toml của máy đó; mã PIN không đi qua cụm",
        hint_en="set token.uri, token.module and token.pin_file in that machine's gsign.toml; no PIN travels",
    ),
    "worker-with-other-key": Sentence(
        vi="máy xử lý {worker} có khóa ký khác: {found}, không phải {wanted}",
        en="the worker {worker} has another key: {found}, not {wanted}",
        hint_vi="mọi máy phải dùng cùng một khóa: so sánh token.uri trong gsign.toml của các máy",
        hint_en="all workers must have the same key: compare token.uri in their gsign.toml",
    ),
    "executor-gone": Sentence(
        vi="nơi xử lý không nhận việc nữa: {cause}",
        en="the executor takes no more work: {cause}",
        hint_vi=_KEPT_VI,
        hint_en=_KEPT_EN,
    ),
    "cluster-unreachable": Sentence(
        vi="không kết nối được tới cụm {url}: {cause}",
        en="the cluster {url} cannot be reached: {cause}",
        hint_vi="kiểm tra xem bộ điều phối (scheduler) có chạy và dùng cùng kiểu kết nối (tls:// hay tcp://) không",
        hint_en="see whether the scheduler runs, and speaks the same way (tls:// or tcp://)",
    ),
    "cluster-gone": Sentence(
        vi="mất kết nối tới cụm ({cause})",
        en="the connection to the cluster is lost ({cause})",
        hint_vi=_KEPT_VI,
        hint_en=_KEPT_EN,
    ),
    "cluster-without-workers": Sentence(
        vi="cụm không còn máy xử lý nào trong {seconds} giây",
        en="the cluster has been without workers for {seconds} seconds",
        hint_vi="khởi động các máy xử lý; những gì đã xong vẫn được giữ trong tệp --results",
        hint_en="start workers; what was done is kept in the file of --results",
    ),
    "cluster-url": Sentence(
        vi="{url} không phải là địa chỉ của cụm",
        en="{url} is no address of a cluster",
        hint_vi="viết tls://máy:cổng; tcp://127.0.0.1:cổng chỉ dùng trên cùng một máy",
        hint_en="write tls://host:port; tcp://127.0.0.1:port is for one machine",
    ),
    "cluster-plain": Sentence(
        vi="{url} không được mã hóa: ai xen vào giữa cũng có thể chạy bất cứ lệnh gì trên mọi máy của cụm",
        en="{url} is not encrypted: whoever stands in between can run anything on every machine of the cluster",
        hint_vi="dùng tls:// với chứng thư trong mục [cluster]; cluster.allow_plain chỉ dành cho mạng khép kín",
        hint_en="use tls:// with certificates in [cluster]; cluster.allow_plain is for a closed network",
    ),
    "cluster-tls-incomplete": Sentence(
        vi="kết nối tls:// cần cluster.tls_ca, cluster.tls_certificate và cluster.tls_key",
        en="tls:// needs cluster.tls_ca, cluster.tls_certificate and cluster.tls_key",
        hint_vi="hai bên đều phải chứng minh mình là ai, nếu không ai cũng vào được cụm",
        hint_en="both sides must prove who they are, or anybody could join the cluster",
    ),
    "cluster-tls-unreadable": Sentence(
        vi="không đọc được {file} cho kết nối TLS của cụm: {cause}",
        en="{file} for the cluster's TLS cannot be read: {cause}",
        hint_vi="kiểm tra đường dẫn trong mục [cluster] và quyền đọc tệp",
        hint_en="check the path in [cluster], and the right to read the file",
    ),
    "option-not-with-cluster": Sentence(
        vi="--{option} không dùng được với --cluster",
        en="--{option} means nothing with --cluster",
        hint_vi="mỗi máy xử lý dùng khóa trong gsign.toml của chính nó; hồ sơ và xem trước thì ký trên một máy",
        hint_en="each worker has the key of its own gsign.toml; dossiers and previews are for one machine",
    ),
    "option-needs-cluster": Sentence(
        vi="--{option} chỉ có nghĩa khi ký bằng --cluster",
        en="--{option} means something only where --cluster signs",
        hint_vi="ký trên một máy thì cứ chạy lại: tệp đã ký không bị ký lần nữa nếu không có --force",
        hint_en="on one machine just run it again: what was signed is not signed again without --force",
    ),
    "input-elsewhere": Sentence(
        vi="máy xử lý {worker} không thấy đúng tệp {file} này",
        en="the worker {worker} does not see this very file {file}",
        hint_vi='dùng hệ thống tệp chung, cùng đường dẫn trên mọi máy; hoặc đặt cluster.files = "sent" để gửi tệp đi',
        hint_en='use a file system in common, at the same path everywhere; or cluster.files = "sent" to send files',
    ),
    "input-too-large-to-send": Sentence(
        vi="{file} có {size} byte, nhiều hơn mức được gửi đi là {most} byte",
        en="{file} has {size} bytes, more than the {most} that are sent",
        hint_vi="tăng cluster.most_sent_bytes, hoặc dùng hệ thống tệp chung",
        hint_en="raise cluster.most_sent_bytes, or use a file system in common",
    ),
    "results-of-others": Sentence(
        vi="{file} chứa kết quả của việc khác, hoặc theo điều kiện khác",
        en="{file} holds results of something else, or under other conditions",
        hint_vi="kết quả theo chứng thư tin cậy hay tùy chọn khác không dùng chung được: chọn tệp khác cho --results",
        hint_en="results under other anchors or options cannot be mixed: name another file for --results",
    ),
    "results-unusable": Sentence(
        vi="không dùng được tệp kết quả {file}: {cause}",
        en="the file of results {file} cannot be used: {cause}",
        hint_vi="chọn tệp khác cho --results",
        hint_en="name another file for --results",
    ),
}

TEXTS: Final[dict[str, Sentence]] = {
    "cluster-signer": Sentence(
        vi="các máy của cụm ký bằng chứng thư của {name} (số {serial})",
        en="the cluster signs with the certificate of {name} (serial {serial})",
    ),
}
