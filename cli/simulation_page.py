"""A simulation as one page for a manager: figures, points by day, by rule, the members most affected. No scripts."""

from collections.abc import Sequence
from html import escape
from typing import Final

from cli.program_texts import Say
from cli.simulation_report import Compared
from shared.program.messages import Language
from shared.program.store import Draft

WIDTH, HEIGHT, LEFT = 880, 220, 64
_STYLE: Final = """
body {
  font: 15px/1.6 system-ui, "PingFang SC", "Microsoft YaHei", sans-serif;
  max-width: 920px; margin: 2rem auto; padding: 0 1rem; color: #1c2733;
}
h1 { font-size: 1.5rem; margin-bottom: 0 }
h2 { font-size: 1.1rem; margin-top: 2rem }
p.sub { color: #5b6875; margin-top: .2rem }
.cards { display: flex; flex-wrap: wrap; gap: .8rem; margin: 1.2rem 0 }
.card { border: 1px solid #dde3ea; border-radius: 10px; padding: .7rem 1rem; min-width: 120px }
.card b { display: block; font-size: 1.25rem }
.card span { color: #5b6875; font-size: .85rem }
table { border-collapse: collapse; width: 100% }
th, td { padding: .35rem .6rem; border-bottom: 1px solid #e6ebf0; text-align: right }
th:first-child, td:first-child { text-align: left }
th { color: #5b6875; font-weight: 500 }
.bar { fill: #2f7d6b } .old { fill: #b9c4ce } .axis { stroke: #dde3ea }
.label { fill: #5b6875; font-size: 11px }
.more { color: #2f7d6b } .less { color: #b4493a }
.key i { display: inline-block; width: .8em; height: .8em; border-radius: 2px; margin: 0 .3em 0 1em }
"""


def page(found: Compared, draft: Draft, language: Language, say: Say) -> str:
    """Write the page; it needs nothing from anywhere."""
    program = draft.program
    cards = "".join(
        f'<div class="card"><b>{escape(value)}</b><span>{escape(name)}</span></div>'
        for name, value in found.totals(say, program.currency)
    )
    days = found.days()
    span = f"{days[0][0]} – {days[-1][0]}" if days else ""
    spent = "".join(
        f"<li>{escape(say('budget-out', rule=rule, at=f'{at:%Y-%m-%d %H:%M}Z'))}</li>"
        for rule, at in sorted(found.new.spent_by.items())
    )
    budgets = f"<h2>{escape(say('budgets'))}</h2><ul>{spent}</ul>" if spent else ""
    return (
        f'<!doctype html><html lang="{"zh-CN" if language == "zh" else "en"}"><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><title>{escape(program.name)}</title>'
        f"<style>{_STYLE}</style><h1>{escape(program.name)}</h1>"
        f'<p class="sub">{escape(say("page-sub"))} {escape(span)}</p><div class="cards">{cards}</div>'
        f"<h2>{escape(say('by-day'))}</h2>{_key(found, say)}{_chart(days, compare=found.old is not None)}"
        f"<h2>{escape(say('by-rule'))}</h2>{_table(found.rules(program, say), say)}"
        f"<h2>{escape(say('by-member'))}</h2>{_table(found.members(), say)}"
        f"{budgets}</html>\n"
    )


def _key(found: Compared, say: Say) -> str:
    old = f'<i style="background:#b9c4ce"></i>{escape(say("old"))}' if found.old else ""
    return f'<p class="key">{old}<i style="background:#2f7d6b"></i>{escape(say("new"))}</p>'


def _chart(days: Sequence[tuple[str, int, int]], *, compare: bool) -> str:
    """Draw points by day, or by so many days together that the bars stay wide enough to see."""
    if not days:
        return ""
    together = -(-len(days) // 60)
    groups = [days[at : at + together] for at in range(0, len(days), together)]
    bars = [(group[0][0], sum(one[1] for one in group), sum(one[2] for one in group)) for group in groups]
    top = max(1, *(max(old, new) for _, old, new in bars))
    step = (WIDTH - LEFT) / len(bars)
    width = step * (0.4 if compare else 0.8)
    parts = []
    for share in (0, 0.5, 1):
        y = HEIGHT - HEIGHT * share
        parts.append(f'<line class="axis" x1="{LEFT}" x2="{WIDTH}" y1="{y:.0f}" y2="{y:.0f}"/>')
        parts.append(f'<text class="label" x="{LEFT - 6}" y="{y + 4:.0f}" text-anchor="end">{top * share:,.0f}</text>')
    for at, (day, old, new) in enumerate(bars):
        x = LEFT + at * step
        for offset, value, name in ((0, old, "old"), (width if compare else 0, new, "bar")):
            if (compare or name == "bar") and value > 0:
                tall = HEIGHT * value / top
                parts.append(
                    f'<rect class="{name}" x="{x + offset:.1f}" y="{HEIGHT - tall:.1f}" width="{width:.1f}" '
                    f'height="{tall:.1f}"><title>{day}: {value:,}</title></rect>'
                )
        if at % max(1, len(bars) // 8) == 0:
            parts.append(f'<text class="label" x="{x:.1f}" y="{HEIGHT + 16}">{day}</text>')
    return f'<svg viewBox="0 -12 {WIDTH + 20} {HEIGHT + 34}" role="img">{"".join(parts)}</svg>'


def _table(rows: Sequence[tuple[str, float | None, float]], say: Say) -> str:
    head = "".join(f"<th>{escape(say(name))}</th>" for name in ("old", "new", "difference"))
    body = "".join(
        f"<tr><td>{escape(name)}</td><td>{'–' if old is None else f'{old:,.0f}'}</td><td>{new:,.0f}</td>"
        f'<td class="{"more" if new >= (old or 0) else "less"}">{new - (old or 0):+,.0f}</td></tr>'
        for name, old, new in rows
    )
    return f"<table><tr><th></th>{head}</tr>{body}</table>"
