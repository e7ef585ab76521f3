"""`docs/data-model.md` and the code hold each other, both ways."""

import ast
import json
import re
import textwrap
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from shared import keys, names
from shared.earning.grants import grant, take_back
from shared.earning.receipts import receipt_of
from shared.earning.sale import Facts
from shared.earning.sale_items import sale_digest
from shared.ledger.entries import EntryKind
from shared.ledger.items import entry_item
from shared.ledger.posting import begin
from shared.ledger.rules import Rules
from shared.program.zones import zone_named
from shared.runtime.settings import Tables
from tests.builders import NOW, STORE, ZONE, a_line, a_program, a_refund, a_sale, an_account, months

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = (ROOT / "docs" / "data-model.md").read_text(encoding="utf-8")

CALLS: Final = {
    "batch_get_item",
    "batch_write_item",
    "delete_item",
    "get_item",
    "get_paginator",
    "put_item",
    "query",
    "scan",
    "transact_write_items",
    "update_item",
}
RUNTIME: Final = "shared/runtime/transactions.py"
CLIENTS: Final = {"client", "dynamodb"}
NAMED_LAST: Final = re.compile(r"(?:^|\s)((?:AP-\d\d, )*AP-\d\d)\.$")
ERROR: Final = re.compile(r"`([A-Z]\w+Error)`")


class Function(NamedTuple):
    """A function of a module; `name` is `Class.method` for a method."""

    name: str
    node: ast.FunctionDef
    module: str

    @property
    def is_public(self) -> bool:
        return not any(part.startswith("_") for part in self.name.split("."))

    @property
    def patterns(self) -> set[str]:
        """The access patterns that the last line of the docstring names."""
        named = NAMED_LAST.search((ast.get_docstring(self.node) or "").rstrip())
        return set(named[1].split(", ")) if named else set()


@cache
def modules() -> Mapping[str, ast.Module]:
    paths = [path for folder in ("shared", "functions", "cli") for path in (ROOT / folder).rglob("*.py")]
    return {str(path.relative_to(ROOT)): ast.parse(path.read_text(encoding="utf-8")) for path in paths}


@cache
def functions() -> list[Function]:
    return [one for module, tree in modules().items() for one in functions_of(tree, module)]


def functions_of(tree: ast.Module, module: str) -> Iterator[Function]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield Function(node.name, node, module)
        elif isinstance(node, ast.ClassDef):
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef):
                    yield Function(f"{node.name}.{inner.name}", inner, module)


def last_name(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def reaches_dynamodb(function: Function) -> bool:
    """Say whether a function itself calls DynamoDB, or commits a transaction."""
    for node in ast.walk(function.node):
        if isinstance(node, ast.Attribute) and node.attr in CALLS and last_name(node.value) in CLIENTS:
            return True
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "commit":
            return True
    return False


def mentioned(function: Function) -> set[str]:
    """Give the names that a function calls, or hands on for others to call."""
    calls = {last_name(node.func) for node in ast.walk(function.node) if isinstance(node, ast.Call)}
    return calls | {node.id for node in ast.walk(function.node) if isinstance(node, ast.Name)}


@cache
def serving(module: str) -> set[str]:
    """Name the functions of a module that reach DynamoDB, by themselves or through others of the module."""
    here = [one for one in functions() if one.module == module]
    reached = {one.name for one in here if reaches_dynamodb(one)}
    while True:
        short = {name.rpartition(".")[2] for name in reached}
        more = {one.name for one in here if one.name not in reached and mentioned(one) & short}
        if not more:
            return reached
        reached |= more


def makes_writes(function: Function) -> bool:
    returns = function.node.returns
    return returns is not None and "ConditionalWrite" in ast.unparse(returns)


def rows(heading: str) -> list[list[str]]:
    """Read the rows of the tables under a heading, up to the next heading of its level; heads are left out."""
    section = f"\n{PAGE}".split(f"\n{heading}\n")[1].split(f"\n{heading.partition(' ')[0]} ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    rules = {at for at, row in enumerate(cells) if set("".join(row)) == {"-"}}
    return [row for at, row in enumerate(cells) if at not in rules and at + 1 not in rules]


def documented_patterns() -> dict[str, set[str]]:
    table = {row[0]: set(re.findall(r"`([\w.]+)`", row[3])) for row in rows("## Access patterns")}
    assert len(table) == len(rows("## Access patterns")), "an id stands twice"
    return table


# Access patterns


def test_every_access_pattern_is_served_by_the_functions_that_the_page_names() -> None:
    served: dict[str, set[str]] = {}
    for one in functions():
        for pattern in one.patterns:
            served.setdefault(pattern, set()).add(one.name)
    assert served == documented_patterns()


def test_whatever_reaches_dynamodb_is_reached_through_a_function_that_names_its_access_pattern() -> None:
    silent = [one for one in functions() if one.is_public and not one.patterns and one.name in serving(one.module)]
    assert [f"{one.module}: {one.name}" for one in silent if one.module != RUNTIME] == []


def test_nothing_outside_of_shared_calls_dynamodb() -> None:
    elsewhere = [one for one in functions() if not one.module.startswith("shared/")]
    assert [f"{one.module}: {one.name}" for one in elsewhere if reaches_dynamodb(one)] == []


def test_every_function_that_makes_a_write_names_its_access_pattern() -> None:
    makers = [one for one in functions() if one.is_public and makes_writes(one) and one.module != RUNTIME]
    assert [one.name for one in makers if not one.patterns] == []


def test_an_access_pattern_stands_at_the_end_of_a_docstring_and_nowhere_else() -> None:
    for module, tree in modules().items():
        told = sum(len(one.patterns) for one in functions() if one.module == module)
        assert len(re.findall(r"AP-\d\d", ast.unparse(tree))) == told, module


# Keys, tables, errors


def key_texts() -> set[str]:
    """Give the constant texts of keys: whole ones, and the prefixes of those that go on."""
    tree = modules()["shared/keys.py"]
    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    prefixes = [getattr(names, name) for name in dir(names) if name.endswith(("_PREFIX", "_PARTITION"))]
    return {text for text in (*texts, *prefixes) if re.fullmatch(r"[A-Z][A-Z_]{2,}#?", text)}


def documented_keys() -> set[str]:
    cells = [cell for part in ("### In `ledger`", "### In `members`") for row in rows(part) for cell in row[1:3]]
    return {text for cell in cells for text in re.findall(r"`([A-Z][A-Z_]{2,}#?)", cell)}


def test_every_key_stands_on_the_page_and_no_other() -> None:
    assert documented_keys() == key_texts()


def test_keys_look_as_the_page_draws_them() -> None:
    drawn = {(row[1].strip("`"), row[2].strip("`")) for row in rows("### In `ledger`")}
    assert tuple(keys.sale_return("store", "receipt", 1)) in drawn
    assert tuple(keys.program_version(1)) in drawn
    assert tuple(keys.stock("reward", 0)) in drawn
    assert tuple(keys.stock_low("reward", 1)) in drawn
    assert tuple(keys.sku_map_chunk("sha256", 0)) in drawn


def test_every_entry_kind_has_a_row() -> None:
    entities = " ".join(row[0] for row in rows("### In `ledger`"))
    assert {kind.value for kind in EntryKind} <= set(re.findall(r"`(\w+)`", entities))


def test_every_table_and_index_stands_on_the_page() -> None:
    table = {row[0].strip("`"): row[1] for row in rows("# Data model")[: len(Tables.__slots__)]}
    variables = {getattr(names, name) for name in dir(names) if name.endswith("_TABLE")}
    assert {f"JIFEN_{name.upper()}_TABLE" for name in table} == variables
    assert set(table) == set(Tables.__slots__)
    assert f"`{names.ACCOUNT_KEY}`" in table["accounts"]
    index = f"index `{names.ENTRIES_BY_MEMBER}` (`{names.MEMBER_ATTRIBUTE}`, `{names.POSTED_ATTRIBUTE}`)"
    assert f"`{names.PARTITION_KEY}`, `{names.SORT_KEY}`; {index}" == table["ledger"]
    assert " ".join(f"`{one}`" for one in names.ENTRY_SUMMARY_ATTRIBUTES) in PAGE


def test_every_error_on_the_page_exists() -> None:
    known = {node.name for tree in modules().values() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
    assert set(ERROR.findall(PAGE)) <= known


def test_every_write_is_by_a_function_that_exists() -> None:
    writers = {name for row in rows("## Writes") for name in re.findall(r"`([\w.]+)`", row[1])}
    assert writers <= {one.name for one in functions()}


def test_every_module_that_commits_to_the_ledger_has_a_row() -> None:
    writers = {name for row in rows("## Writes") for name in re.findall(r"`([\w.]+)`", row[1])}
    listed = {one.module for one in functions() if one.name in writers and one.module.startswith("shared/")}
    committing = {one.module for one in functions() if one.module.startswith("shared/") and commits(one)}
    assert committing <= listed


def commits(function: Function) -> bool:
    return any(
        isinstance(node, ast.Attribute) and node.attr in {"commit", "put"} and last_name(node.value) == "ledger"
        for node in ast.walk(function.node)
    )


# The printed example


def example() -> str:
    """Print the partition of a receipt as the code makes it."""
    program = a_program(pending_days=7, expire=months(12))
    sale = a_sale(lines=[a_line(6_000, "1"), a_line(6_000, "2")], receipt_id="0042", tenders={"wechat_pay": 12_000})
    posting = begin(an_account("mem_01JF", version=16), NOW, Rules(zone=zone_named(ZONE)))
    sold = grant(posting, sale, Facts(tier_id="gold", zone=ZONE), program, content=sale_digest(sale))
    item = entry_item(sold.entry)
    refund = a_refund(lines={"1": 6_000}, refund_id="R-7", receipt_id="0042", store_id=STORE, reason="破损")
    later = begin(sold.posting.account, NOW, Rules(zone=zone_named(ZONE)))
    returned = take_back(later, receipt_of(item), refund, lambda _number: program)
    return "\n\n".join(map(printed, (entry_item(returned.entry), item)))


def printed(item: Mapping[str, Any]) -> str:
    told = "  ".join(f"{name} {json_of(value)}" for name, value in item.items() if name not in {"pk", "sk"})
    lines = textwrap.wrap(told, width=118, initial_indent="  ", subsequent_indent="  ", break_long_words=False)
    return "\n".join([f"{item['pk']} / {item['sk']}", *lines])


def json_of(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=lambda _bytes: "…")


def test_the_printed_example_is_what_the_code_makes() -> None:
    assert example() in PAGE, f"print it anew:\n\n{example()}"
