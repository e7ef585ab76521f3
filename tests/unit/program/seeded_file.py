"""A program file without a mistake, and what tests of mistakes do with it.

In a mistake, « marks the place that must be reported and is taken out before the file is written.
"""

from pathlib import Path

from shared.program.findings import Finding
from shared.program.validate import validate

FILE = """\
schema: 1
program: 会员积分
timezone: Asia/Shanghai
currency: CNY
effective: 2026-12-08 00:00
points:
  available_after_days: 7
  expire: {mode: months_after_earning, months: 12}
eligible: {exclude_categories: [烟草]}
tiers:
  measure: points_earned
  levels:
    - {id: normal, name: 普通, reach: 0}
    - {id: silver, name: 银卡, reach: 2000, keep: 1500, multiply: 1.2}
    - {id: gold, name: 金卡, reach: 10000, keep: 8000, multiply: 1.5}
earn:
  - id: base
    name: 消费
    on: purchase
    give: {points: 1, per_amount: 10}
  - id: bonus
    name: 满赠
    on: purchase
    when: {min_amount: 100, tiers: [gold], days: [wed], hours: "08:00-22:00"}
    give: {points: 10}
  - id: steps
    name: 分段
    on: purchase
    when: {dates: 2027-06-12..2027-06-18, days_of_month: [15]}
    give:
      steps: [{from_amount: 0, multiply: 1}, {from_amount: 500, multiply: 1.2}]
redeem:
  catalog:
    - {id: mug, name: 马克杯, type: product, points: 300, cash: 10.00, stock: 30, limit: {per_member: 1, every: day}}
safety: {per_order_max_points: 5000}
"""


def findings_of(text: str, folder: Path, language: str = "zh") -> list[Finding]:
    path = folder / "program.yaml"
    path.write_text(text, "utf-8")
    return list(validate(path, "en" if language == "en" else "zh").findings)


def seeded(right: str, wrong: str) -> tuple[str, int, int]:
    """Put a mistake into the file; give the text and the line and column of its mark."""
    assert FILE.count(right) == 1
    marked = FILE.replace(right, wrong)
    before = marked[: marked.index("«")]
    return marked.replace("«", ""), before.count("\n") + 1, len(before) - before.rfind("\n")
