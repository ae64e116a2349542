"""From figures to what the page says about them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple

from gsign.audit.compliance import Account
from gsign.audit.facts import DOMAINS, LEVELS
from gsign.audit.figures import Figures
from gsign.audit.origins import Source
from gsign.compliance.page import Bar, Card, Chart, Page, Section, Table
from gsign.compliance.rows import GROUPS, Row, rows_by, total
from gsign.compliance.wording import Wording
from gsign.sentences import compliance

__all__ = ["compose"]

_CHARTED: Final = 14
"""Bars of one chart: beyond, nobody compares them."""
_LISTED: Final = 12
"""Chains of the ledger that are named one by one."""
_NOTHING: Final = "–"


def compose(account: Account, by: str, registered: Mapping[str, int], *, lang: str, version: str) -> Page:
    """Say what figures come to.

    Args:
        account: what was counted.
        by: `agency`, `kind` or `month`: which table comes first.
        registered: how many officials each agency has that is known.
        lang: `vi` or `en`.
        version: of gsign.
    """
    return _Composing(account, by, registered, Wording(lang), version).page()


class _Composing(NamedTuple):
    account: Account
    by: str
    registered: Mapping[str, int]
    words: Wording
    version: str

    def page(self) -> Page:
        words, figures, source = self.words, self.account.figures, self.account.source
        warnings = [words.say("unfinished", time=words.time(source.made))] if source.made < figures.period.end else []
        if source.uncounted:
            warnings.append(words.say("sealed", chains=", ".join(map(words.name, source.uncounted))))
        return Page(
            lang=words.lang,
            title=words.say("title"),
            period=words.period(figures.period),
            made=words.say("made", time=words.time(source.made)),
            program=words.say("program", version=self.version),
            warning=" ".join(warnings),
            cards=tuple(self._cards()),
            sections=tuple(self._sections()),
        )

    @property
    def _figures(self) -> Figures:
        return self.account.figures

    def _sections(self) -> Iterator[Section]:
        yield self._trend()
        tables = {"agency": self._by_agency, "kind": self._by_kind, "month": self._by_month}
        for group in sorted(GROUPS, key=lambda group: group != self.by):
            yield tables[group]()._replace(is_short=group == self.by)
        yield self._mail()
        yield self._signers()
        yield self._stopped("why-refused", self._figures.refused, self._figures.messages["refused"])
        yield self._held()
        yield self._officials()
        if self._figures.services:
            yield self._services()
        yield self._definitions()
        yield self._rests_on(self.account.source)

    # ------------------------------------------------------------ at a glance

    def _cards(self) -> Iterator[Card]:
        words, figures = self.words, self._figures
        for direction in ("sent", "received"):
            tally = figures.documents(direction)
            shares = {"signed": words.share(tally.signed, tally.total), "valid": words.share(tally.valid, tally.total)}
            yield Card(words.say(direction), words.number(tally.total), words.say("card-documents", **shares))
        mail = figures.delivered("sent")
        signed = words.share(mail.signed, mail.total)
        yield Card(words.say("mail"), words.number(mail.total), words.say("card-mail", signed=signed))
        held = words.number(figures.messages["held"])
        stopped = words.number(figures.messages["refused"])
        yield Card(words.say("stopped"), stopped, words.say("card-stopped", held=held))
        signers = sum(its.signers for its in figures.officials.values())
        known = total(figures, self.registered)["officials_registered"] or 0
        detail = words.say("card-people", share=words.share(signers, known), registered=words.number(known))
        yield Card(words.say("people"), words.number(signers), detail if known else words.say("card-people-unknown"))

    def _trend(self) -> Section:
        words, now, before = self.words, self._figures, self.account.previous
        rows: list[tuple[str, ...]] = []
        for direction in ("sent", "received"):
            ours, theirs = now.documents(direction), before.documents(direction)
            what = words.say(direction)
            rows.append(self._moved(what, ours.total, theirs.total))
            rows.append(
                self._shifted(
                    words.say("trend-signed", what=what), ours.signed, ours.total, theirs.signed, theirs.total
                )
            )
            rows.append(
                self._shifted(words.say("trend-valid", what=what), ours.valid, ours.total, theirs.valid, theirs.total)
            )
        mail, its = now.delivered("sent"), before.delivered("sent")
        rows.append(self._moved(words.say("mail"), mail.total, its.total))
        rows.append(self._shifted(words.say("trend-mail-signed"), mail.signed, mail.total, its.signed, its.total))
        rows.append(self._moved(words.say("stopped"), now.messages["refused"], before.messages["refused"]))
        rows.append(self._moved(words.say("trend-held"), now.messages["held"], before.messages["held"]))
        columns = (
            words.say("figure"),
            f"{words.say('now')} ({now.period})",
            f"{words.say('before')} ({before.period})",
            words.say("change"),
        )
        return Section(words.say("trend"), table=Table(columns, tuple(rows)), is_short=True)

    def _moved(self, what: str, now: int, before: int) -> tuple[str, ...]:
        words = self.words
        return what, words.number(now), words.number(before), words.change(now, before)

    def _shifted(self, what: str, part: int, whole: int, part_before: int, whole_before: int) -> tuple[str, ...]:
        words = self.words
        change = words.points((part, whole), (part_before, whole_before))
        return what, words.share(part, whole), words.share(part_before, whole_before), change

    # ------------------------------------------------------------ documents

    def _by_agency(self) -> Section:
        rows = rows_by(self._figures, "agency", self.registered)
        return self._documents("by-agency", "agency", [(self.words.name(row["agency"]), row) for row in rows])

    def _by_kind(self) -> Section:
        words = self.words
        rows = rows_by(self._figures, "kind", self.registered)
        names = {
            code: sentence.vi if words.lang == "vi" else sentence.en for code, sentence in compliance.KINDS.items()
        }
        untold = sum(row["sent"] + row["received"] + row["internal"] for row in rows if not row["kind"])
        all_ = sum(row["sent"] + row["received"] + row["internal"] for row in rows)
        note = words.say("untold", number=words.number(untold), share=words.share(untold, all_))
        return self._documents("by-kind", "kind", [(names[row["kind"]], row) for row in rows], note)

    def _by_month(self) -> Section:
        words = self.words
        rows = rows_by(self._figures, "month", self.registered)
        named = [(words.month(month), row) for month, row in zip(self._figures.period.months, rows, strict=True)]
        return self._documents("by-month", "month-column", named, words.say("by-month-note"))

    def _documents(self, title: str, first: str, named: list[tuple[str, Row]], *notes: str) -> Section:
        words = self.words
        columns = [words.say(first)]
        for direction in ("sent", "received", "internal"):
            columns += [words.say(f"{direction}-short"), words.say("signed"), words.say("valid")]
        everything = total(self._figures, self.registered)
        chart = self._chart(named)
        table = Table(
            tuple(columns),
            tuple((name, *self._document_cells(row)) for name, row in named),
            (words.say("total"), *self._document_cells(everything)),
        )
        return Section(words.say(title), chart, table, notes)

    def _document_cells(self, row: Row) -> Iterator[str]:
        words = self.words
        for direction in ("sent", "received", "internal"):
            whole = row[direction]
            yield words.number(whole)
            yield words.share(row[f"{direction}_signed"], whole)
            yield words.share(row[f"{direction}_valid"], whole)

    def _chart(self, named: list[tuple[str, Row]]) -> Chart | None:
        words = self.words
        busy = [(name, row) for name, row in named if row["sent"] or row["received"]]
        if len(busy) > _CHARTED:
            most = sorted(busy, key=lambda each: -(each[1]["sent"] + each[1]["received"]))[:_CHARTED]
            busy = [each for each in busy if each in most]
        if not busy:
            return None
        bars = tuple(self._bar(name, row, direction) for name, row in busy for direction in ("sent", "received"))
        legend = (words.say("valid"), words.say("not-valid"), words.say("not-signed"))
        return Chart(words.say("chart"), legend, bars)

    def _bar(self, name: str, row: Row, direction: str) -> Bar:
        words = self.words
        whole, signed, valid = row[direction], row[f"{direction}_signed"], row[f"{direction}_valid"]
        said = f"{words.number(whole)} ({words.share(valid, whole)})" if whole else words.number(0)
        label = name if direction == "sent" else ""
        return Bar(label, words.say(f"{direction}-short"), (valid, signed - valid, whole - signed), said)

    # ------------------------------------------------------------ mail

    def _mail(self) -> Section:
        words, figures = self.words, self._figures
        rows = rows_by(figures, "agency", self.registered)
        cells = [(words.name(row["agency"]), *self._mail_cells(row)) for row in rows]
        names = ("agency", "mail-sent", "mail-signed", "mail-received", "mail-signed", "refused", "deferred", "held")
        columns = tuple(words.say(name) for name in (*names, "released", "rejected"))
        totals = (words.say("total"), *self._mail_cells(total(figures, self.registered)))
        notes = (words.say("elsewhere", number=words.number(figures.elsewhere)),) if figures.elsewhere else ()
        return Section(words.say("mail-table"), table=Table(columns, tuple(cells), totals), notes=notes)

    def _mail_cells(self, row: Row) -> Iterator[str]:
        words = self.words
        for direction in ("sent", "received"):
            yield words.number(row[f"mail_{direction}"])
            yield words.share(row[f"mail_{direction}_signed"], row[f"mail_{direction}"])
        for fate in ("refused", "deferred", "held", "released", "rejected"):
            yield words.number(row[fate])

    def _signers(self) -> Section:
        words = self.words
        sent = {key[1:]: number for key, number in self._figures.strength.items() if key[0] == "sent"}
        whole = sum(sent.values())
        rows = tuple(
            (
                words.say(f"domain-{DOMAINS[domain]}"),
                LEVELS[level] or words.say("level-"),
                words.number(number),
                words.share(number, whole),
            )
            for (domain, level), number in sorted(sent.items())
        )
        columns = tuple(words.say(name) for name in ("domain", "level", "documents", "share"))
        table = Table(columns, rows, texts=2) if rows else None
        return Section(words.say("signers"), table=table, notes=(words.say("signers-note" if rows else "none"),))

    def _stopped(self, title: str, reasons: Iterable[tuple[str, int]], number: int) -> Section:
        words = self.words
        rows = tuple((words.reason(code), words.number(count)) for code, count in reasons)
        if not rows:
            return Section(words.say(title), notes=(words.say("none"),))
        table = Table((words.say("reason"), words.say("messages")), rows)
        return Section(words.say(title), table=table, notes=(words.say("why-note", number=words.number(number)),))

    def _held(self) -> Section:
        words, figures = self.words, self._figures
        section = self._stopped("why-held", figures.held, figures.messages["held"])
        facts: dict[str, Any] = {
            "released": words.number(figures.messages["released"]),
            "rejected": words.number(figures.messages["rejected"]),
            "waiting": words.number(figures.waiting),
        }
        if not figures.release.number:
            return section._replace(notes=(*section.notes, words.say("release-none", **facts)))
        facts["median"] = words.duration(figures.release.median)
        facts["longest"] = words.duration(figures.release.longest)
        return section._replace(notes=(*section.notes, words.say("release", **facts)))

    def _officials(self) -> Section:
        words = self.words
        rows = rows_by(self._figures, "agency", self.registered)
        cells = tuple((words.name(row["agency"]), *self._official_cells(row)) for row in rows)
        names = ("agency", "registered", "using", "share", "using-signed", "share")
        columns = tuple(words.say(name) for name in names)
        totals = (words.say("total"), *self._official_cells(total(self._figures, self.registered)))
        return Section(
            words.say("officials"), table=Table(columns, cells, totals), notes=(words.say("officials-note"),)
        )

    def _official_cells(self, row: Row) -> Iterator[str]:
        words, known = self.words, row["officials_registered"]
        yield words.number(known) if known is not None else _NOTHING
        for name in ("officials_using_mail", "officials_using_signed_mail"):
            yield words.number(row[name])
            yield words.share(row[name], known or 0)

    def _services(self) -> Section:
        words = self.words
        rows = tuple(
            (
                words.say(f"act-{act}") if f"act-{act}" in compliance.TEXTS else words.name(act),
                words.say(f"key-{key}") if key in ("token", "file") else _NOTHING,
                words.name(level) or _NOTHING,
                words.say(f"verdict-{verdict}") if verdict else _NOTHING,
                words.number(number),
            )
            for act, key, level, verdict, number in self._figures.services
        )
        columns = tuple(words.say(name) for name in ("act", "key", "level", "verdict", "count"))
        return Section(words.say("services"), table=Table(columns, rows, texts=4), is_short=True)

    # ------------------------------------------------------------ what it rests on

    def _definitions(self) -> Section:
        names = ("message", "document", "share", "time")
        return Section(
            self.words.say("definitions"), notes=tuple(self.words.say(f"definition-{name}") for name in names)
        )

    def _rests_on(self, source: Source) -> Section:
        words = self.words
        rows = tuple(
            (words.name(chain.writer), f"{chain.first}–{chain.last}", f"{chain.number}", chain.hash)
            for chain in source.chains[:_LISTED]
        )
        columns = tuple(words.say(name) for name in ("chain", "entries", "head", "hash"))
        more = len(source.chains) - len(rows)
        notes = [words.say("more-chains", number=more)] if more else []
        notes.append(words.say("heads", number=source.heads, digest=source.digest))
        notes += [words.say("segment", file=words.name(each.file), sha256=each.sha256) for each in source.segments]
        notes.append(words.say("verify", period=self._figures.period))
        ledger = f"{words.say('ledger')}: {words.name(source.ledger)}"
        return Section(words.say("source"), table=Table(columns, rows, texts=4), notes=(ledger, *notes))
