"""A simulation as one page for a manager: what came of it, over time, of budgets, by rule and member. No scripts."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

from cli.program_texts import Say
from cli.simulation_chart import chart, together
from cli.simulation_report import Compared, Row
from cli.simulation_view import budget_cells, limits, number, signed
from shared.program.currency import format_minor
from shared.program.messages import Language

_STYLE: Final = """
:root { --ink: #1c2733; --soft: #5b6875; --line: #dde3ea; --new: #1f7a66; --old: #aab6c1; --less: #b03a2e }
* { box-sizing: border-box }
body {
  font: 16px/1.6 system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif;
  max-width: 960px; margin: 0 auto; padding: 1.5rem 1rem 3rem; color: var(--ink); background: #fff;
}
h1 { font-size: 1.5rem; line-height: 1.3; margin: 0 }
h2 { font-size: 1.15rem; margin: 2.2rem 0 .4rem }
p.sub, p.note, figcaption, summary { color: var(--soft); font-size: .875rem }
p.sub { margin: .2rem 0 0 }
p.told { font-size: 1.125rem; margin: 1rem 0 }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: .7rem; margin: 0 }
.cards div { border: 1px solid var(--line); border-radius: 10px; padding: .6rem .9rem }
.cards dt, small { color: var(--soft); font-size: .875rem }
.cards dd { margin: 0; font-size: 1.3rem; font-weight: 600; line-height: 1.4; font-variant-numeric: tabular-nums }
small { display: block; font-weight: 400 }
.warning { border-left: 4px solid #d99a00; background: #fff7e3; padding: .5rem .9rem; margin: .8rem 0 }
.scroll { overflow-x: auto }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) }
th, td { padding: .4rem .6rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap }
th:first-child { text-align: left; padding-left: 0; white-space: normal }
thead th { white-space: normal }
th:last-child, td:last-child { padding-right: 0 }
thead th { color: var(--soft); font-weight: 500; font-size: .875rem; vertical-align: bottom }
tbody th { font-weight: 400; min-width: 7rem; overflow-wrap: anywhere }
tfoot th, tfoot td { font-weight: 600; border-bottom: 0 }
.more { color: var(--new) } .less { color: var(--less) }
figure { margin: 0 }
.plot { display: grid; grid-template-columns: 4.2rem 1fr; gap: .5rem; margin-top: .4rem }
.ticks { position: relative; color: var(--soft); font-size: .75rem }
.ticks span { position: absolute; right: 0; transform: translateY(-50%) }
svg { display: block; overflow: visible }
svg text { fill: var(--soft); font-size: 12px }
.lines line { stroke: var(--line) }
rect.new, .key .new { fill: var(--new); background: var(--new) }
rect.old, .key .old { fill: var(--old); background: var(--old) }
.key i { display: inline-block; width: .8em; height: .8em; border-radius: 2px; margin: 0 .35em 0 1em }
details { margin-top: .6rem } summary { cursor: pointer }
@media (max-width: 600px) {
  body { font-size: 15px } .wide { display: none }
  .cards { grid-template-columns: 1fr 1fr }
  th, td { padding: .4rem .35rem; white-space: normal } tbody th { min-width: 6rem }
  .plot { grid-template-columns: 3.2rem 1fr }
}
@media print {
  body { max-width: none; padding: 0; font-size: 11pt }
  section, .cards div, tr { break-inside: avoid }
  details { display: none }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact }
}
"""


def page(found: Compared, language: Language, say: Say) -> str:
    """Write the page; it needs nothing from anywhere."""
    name = escape(found.new.candidate.program.name)
    days, members = found.days(), found.members()
    compare = found.old is not None
    by_member = say("by-member-changed" if compare else "by-member", count=len(members))
    warnings = "".join(f'<p class="warning">⚠ {escape(one)}</p>' for one in found.warnings(say))
    notes = "".join(f'<p class="note">{escape(one)}</p>' for one in found.notes(say))
    return (
        f'<!doctype html>\n<html lang="{"zh-CN" if language == "zh" else "en"}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><title>{name}</title>'
        f'<style>{_STYLE}</style></head>\n<body><header><h1>{name}</h1><p class="sub">{escape(_sub(found, say))}</p>'
        f'</header>\n<main><p class="told">{escape(found.headline(say))}</p>{warnings}\n{_cards(found, say)}'
        f"\n{_over_time(days, say, compare=compare) if days else ''}\n{_budgets(found, say)}"
        f"\n<section><h2>{escape(say('by-rule'))}</h2>"
        f"{_points(say('by-rule'), say('rule'), found.rules(say), say, compare=compare, in_all=True)}</section>"
        f"\n<section><h2>{escape(by_member)}</h2>"
        f"{_points(by_member, say('member'), members, say, compare=compare)}</section>"
        f"\n{notes}</main></body></html>\n"
    )


def _sub(found: Compared, say: Say) -> str:
    new = found.new.candidate.name
    compared = say("compared-with", new=new, old=found.old.candidate.name) if found.old else new
    days = found.days()
    return " · ".join([say("page-sub"), compared, *([f"{days[0].id} – {days[-1].id}"] if days else [])])


def _cards(found: Compared, say: Say) -> str:
    result, old = found.new.simulated.result, found.old
    more, less = found.more_and_less()
    sold = format_minor(result.spend_minor, found.currency, grouped=True)
    part = found.part_of_sales(found.new, say)
    cards = [
        (say("sales"), f"{result.sales:,}", f"{say('spend')} {sold} · {say('returns')} {result.returns:,}"),
        (
            say("members"),
            f"{len(result.by_member):,}",
            say("more-less", more=f"{more:,}", less=f"{less:,}") if old else "",
        ),
        (say("points"), f"{result.points:,}", f"{say('old')} {old.points:,}" if old else ""),
        (say("cost"), found.money(result.points), f"{part} · {say('old')} {found.money(old.points)}" if old else part),
    ]
    if old and found.change_percent is not None:
        more = result.points - old.points
        money = f"{'-' if more < 0 else '+'}{found.money(abs(more))}"
        cards.append((say("change"), f"{found.change_percent:+.1f}%", f"{signed(more)} · {money}"))
    written = (
        f"<div><dt>{escape(name)}</dt><dd>{escape(value)}{f'<small>{escape(note)}</small>' if note else ''}</dd></div>"
        for name, value, note in cards
    )
    return f'<dl class="cards">{"".join(written)}</dl>'


def _over_time(days: Sequence[Row], say: Say, *, compare: bool) -> str:
    unit, bars = together(days)
    old = f'<i class="old"></i>{escape(say("old"))}' if compare else ""
    key = f'<span class="key">{old}<i class="new"></i>{escape(say("new"))}</span>' if compare else ""
    rows = [Row(f"{bar.first}", f"{bar.first}", bar.old if compare else None, bar.new) for bar in bars]
    figures = _points(say(f"by-{unit}"), say("from-day"), rows, say, compare=compare)
    return (
        f"<section><h2>{escape(say(f'by-{unit}'))}</h2><figure><figcaption>{escape(say(f'per-{unit}'))}{key}</figcaption>"
        f"{chart(bars, unit, say, compare=compare)}</figure>"
        f"<details><summary>{escape(say('chart-figures'))}</summary>{figures}</details></section>"
    )


def _budgets(found: Compared, say: Say) -> str:
    rows = found.budgets()
    if not rows:
        return ""
    columns = [say(name) for name in ("rule", "given", "cut", "ran-out")]
    body = "".join(
        f'<tr><th scope="row">{escape(row.name)}<small>{escape(limits(row, say))}</small></th>'
        f"{_cells(budget_cells(row, say))}</tr>"
        for row in rows
    )
    return f"<section><h2>{escape(say('budgets'))}</h2>{_table(say('budgets'), columns, body)}</section>"


def _points(caption: str, of: str, rows: Sequence[Row], say: Say, *, compare: bool, in_all: bool = False) -> str:
    columns = [of, *(say(name) for name in (("old", "new", "difference") if compare else ("points",)))]
    body = "".join(_points_row(row, compare=compare) for row in rows)
    foot = ""
    if in_all:
        sums = Row("", say("in-all"), sum(row.old or 0 for row in rows), sum(row.new for row in rows))
        foot = f"<tfoot>{_points_row(sums, compare=compare)}</tfoot>"
    return _table(caption, columns, body, foot)


def _points_row(row: Row, *, compare: bool) -> str:
    if not compare:
        return f"<tr>{_header(row.name, 'row')}{_cells([number(row.new)])}</tr>"
    tone = "more" if round(row.difference) > 0 else "less" if round(row.difference) < 0 else ""
    difference = f'<td class="{tone}">{signed(row.difference)}</td>'
    return f"<tr>{_header(row.name, 'row')}{_cells([number(row.old or 0), number(row.new)])}{difference}</tr>"


def _table(caption: str, columns: Iterable[str], body: str, foot: str = "") -> str:
    head = "".join(_header(name, "col") for name in columns)
    return (
        f'<div class="scroll"><table><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody>{foot}</table></div>"
    )


def _header(name: str, scope: str) -> str:
    return f'<th scope="{scope}">{escape(name)}</th>'


def _cells(values: Iterable[str]) -> str:
    return "".join(f"<td>{escape(value)}</td>" for value in values)
