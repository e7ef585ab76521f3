"""The committed files, what they compile to, and the texts of the command."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

from shared.earning.calculate import calculate
from shared.earning.sale import Facts, categorise
from shared.program.catalog import CatalogLimit
from shared.program.currency import format_minor, from_minor, to_minor
from shared.program.items import chain_item, chain_of
from shared.program.load import InvalidFileError, load_chain, load_program
from shared.program.messages import TEXTS
from shared.program.schema import json_schema
from shared.program.stores import AdjustmentLimits, Chain, Store
from shared.program.validate import validate
from shared.runtime.attributes import decode, encode
from tests.builders import ZONE, a_line, a_sale, shanghai

ROOT = Path(__file__).parents[3]
CONFIG = ROOT / "config"
DEFAULT = CONFIG / "program.yaml"


def test_the_default_program_has_no_findings_at_all() -> None:
    assert validate(DEFAULT).findings == ()


def test_the_default_program_is_what_it_says() -> None:
    compiled = load_program(DEFAULT)
    program = compiled.draft.program
    assert compiled.draft.schedule.effective == datetime(2024, 12, 31, 16, tzinfo=UTC)
    assert program.points.available_after_days == 0
    assert program.tiers is not None
    assert [(level.id, level.reach, level.keep, level.multiply) for level in program.tiers.levels] == [
        ("normal", 0, None, Decimal("1.0")),
        ("silver", 2_000, 1_500, Decimal("1.2")),
        ("gold", 10_000, 8_000, Decimal("1.5")),
        ("diamond", 30_000, 24_000, Decimal("2.0")),
    ]
    assert program.eligible.category_map is not None
    assert program.eligible.category_map.rows == len(compiled.draft.category_map) == 26


@pytest.mark.parametrize(
    ("tier", "at", "expected"),
    [("normal", "2026-12-15 10:00", 22), ("normal", "2026-12-16 10:00", 34), ("gold", "2026-12-16 10:00", 46)],
)
def test_a_basket_under_the_default_program(tier: str, at: str, expected: int) -> None:
    draft = load_program(DEFAULT).draft
    sale = categorise(a_sale(lines=(a_line(12_000),), occurred_at=shanghai(at)), draft.category_map)
    assert calculate(sale, Facts(tier_id=tier, zone=ZONE), draft.program).points == expected


def test_the_catalogue_of_the_default_program() -> None:
    rewards = {reward.id: reward for reward in load_program(DEFAULT).catalog}
    assert rewards["tableware"].points == 500
    assert (rewards["tableware"].stock, rewards["tableware"].low_stock) == (200, 20)
    assert rewards["cushion"].points == 1_000
    assert (rewards["mug"].points, rewards["mug"].cash_minor) == (300, 1_000)
    assert (rewards["eggs"].points, rewards["eggs"].cash_minor) == (100, 100)
    assert rewards["fruit-box"].tiers == {"gold", "diamond"}
    assert rewards["fruit-box"].limit == CatalogLimit(per_member=1, every="month")
    assert [one.id for one in rewards.values() if one.review] == ["espresso"]


def test_the_committed_json_schema_is_current() -> None:
    assert json.loads((CONFIG / "program.schema.json").read_text("utf-8")) == json_schema()


def fields() -> Iterator[tuple[str, dict[str, Any]]]:
    """Give every field of the file with what editors are told of it."""
    schema = json_schema()
    for part, content in (("program", schema), *schema["$defs"].items()):
        yield from ((f"{part}.{name}", field) for name, field in content.get("properties", {}).items())


def options_of(field: Any) -> set[str]:
    """Give what an editor offers as values, wherever in the schema of a field it stands."""
    if isinstance(field, list):
        return {option for one in field for option in options_of(one)}
    if not isinstance(field, dict):
        return set()
    referred = json_schema()["$defs"][field["$ref"].rpartition("/")[2]] if "$ref" in field else {}
    options = {str(option) for option in [*field.get("enum", []), *referred.get("enum", [])]}
    return options.union(*(options_of(field[part]) for part in ("anyOf", "items") if part in field))


def test_editors_say_of_every_field_what_it_means_and_of_every_option() -> None:
    told = dict(fields())
    assert len(told) > 100
    silent = [name for name, field in told.items() if not re.search("[\u4e00-\u9fff]", field.get("description", ""))]
    assert silent == []
    unexplained = [
        (name, option)
        for name, field in told.items()
        for option in options_of(field)
        if option not in field["description"]
    ]
    assert unexplained == []


def test_the_default_program_names_its_schema() -> None:
    assert DEFAULT.read_text("utf-8").startswith("# yaml-language-server: $schema=./program.schema.json\n")


def test_the_stores_of_the_demo_chain() -> None:
    stores = load_chain(CONFIG / "stores.yaml").stores
    assert stores[0] == Store(id="SH001", name="上海人民广场店", city="上海")
    assert {store.id: store.zone for store in stores}["XJ001"] == "Asia/Urumqi"


def test_a_store_file_is_checked_as_a_program_is(tmp_path: Path) -> None:
    path = tmp_path / "stores.yaml"
    path.write_text("stores:\n  - {id: A#1, name: 甲}\n  - {id: B, nmae: 乙, name: 乙}\n", "utf-8")
    with pytest.raises(InvalidFileError) as refused:
        load_chain(path)
    assert [(one.line, one.column, one.code) for one in refused.value.findings] == [
        (2, 10, "bad-store-id"),
        (3, 13, "unknown-field"),
    ]
    path.write_text("stores:\n  - {id: A, name: 甲}\n  - {id: A, name: 乙}\n", "utf-8")
    with pytest.raises(InvalidFileError) as refused:
        load_chain(path)
    assert [(one.line, one.column, one.code) for one in refused.value.findings] == [(3, 10, "duplicate-store")]


def test_the_chain_limits_adjustments_and_a_store_may_have_a_limit_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "stores.yaml"
    stores = "stores:\n  - {id: A, name: 甲, adjustment_limit: 0}\n  - {id: B, name: 乙}\n"
    path.write_text(stores + "adjustments: {limit: 200}\n", "utf-8")
    chain = load_chain(path)
    assert chain.adjustments == AdjustmentLimits(limit=200, per_author_per_day=5_000)
    assert [chain.adjustment_limit(store) for store in chain.stores] == [0, 200]
    assert chain_of(decode(encode(chain_item(chain)))) == chain
    path.write_text(stores, "utf-8")
    assert load_chain(path).adjustments == AdjustmentLimits(limit=1_000, per_author_per_day=5_000)
    path.write_text(stores + "adjustments: {limit: -1, per_author_per_day: 0}\n", "utf-8")
    with pytest.raises(InvalidFileError) as refused:
        load_chain(path)
    assert [(one.line, one.code) for one in refused.value.findings] == [(4, "too-small"), (4, "too-small")]


def test_a_chain_that_was_published_before_there_were_limits_has_the_usual_ones() -> None:
    item = chain_item(Chain(stores=(Store(id="A", name="甲"),)))
    del item["adjustments"]
    assert chain_of(item).adjustments == AdjustmentLimits()


def test_both_languages_have_every_message_with_the_same_fields() -> None:
    assert TEXTS["zh"].keys() == TEXTS["en"].keys()
    for code, pair in TEXTS["zh"].items():
        assert _fields("".join(pair)) == _fields("".join(TEXTS["en"][code])), code


def test_every_code_that_is_raised_has_a_message_and_the_reverse() -> None:
    modules = (ROOT / "shared" / "program").glob("*.py")
    sources = "".join(path.read_text("utf-8") for path in modules if path.name != "messages.py")
    codes = {code.removesuffix("?") for code in TEXTS["zh"]}
    assert {code for code in codes if f'"{code}"' not in sources} == set()
    raised = set(re.findall(r'(?:error|warning|_error|Problem|CustomError)\(\s*"([a-z-]+)"', sources))
    assert raised - codes == set()


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize(
    ("amount", "currency", "minor", "shown"),
    [("12.50", "CNY", 1_250, "¥12.50"), ("12", "JPY", 12, "¥12"), ("1.234", "KWD", 1_234, "KWD 1.234")],
)
def test_money_is_whole_minor_units(amount: str, currency: str, minor: int, shown: str) -> None:
    assert to_minor(Decimal(amount), currency) == minor
    assert from_minor(minor, currency) == Decimal(amount)
    assert format_minor(minor, currency) == shown


def test_parts_of_a_minor_unit_are_refused() -> None:
    with pytest.raises(ValueError, match="no whole number of minor units"):
        to_minor(Decimal("0.5"), "JPY")
