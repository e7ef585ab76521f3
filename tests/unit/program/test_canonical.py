"""One byte form per program, whatever file it came from."""

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from shared.program.canonical import canonical_json, category_map_ref, from_canonical, sha256_of, to_canonical
from shared.program.items import (
    LARGEST_CHUNK_BYTES,
    CorruptContentError,
    category_map_items,
    category_map_of,
    version_item,
    version_of,
)
from shared.program.load import load_program
from shared.program.rules import Multiply
from shared.program.timeline import Schedule, VersionRef
from tests.builders import LONG_AGO, a_program

DEFAULT = Path(__file__).parents[3] / "config" / "program.yaml"


def test_a_program_survives_its_canonical_form() -> None:
    program = replace(load_program(DEFAULT).draft.program, version=12)
    assert from_canonical(json.loads(canonical_json(program)), version=12) == program


def test_the_hash_is_of_the_content_alone() -> None:
    program = load_program(DEFAULT).draft.program
    assert sha256_of(replace(program, version=3)) == sha256_of(replace(program, version=4))
    assert sha256_of(replace(program, name="别的")) != sha256_of(program)


def test_equal_decimals_have_equal_bytes() -> None:
    rule = a_program().earn[0]
    two = [a_program(replace(rule, give=Multiply(factor=Decimal(text)))) for text in ("2", "2.0", "2.00")]
    assert len({sha256_of(program) for program in two}) == 1


def test_the_bytes_are_sorted_compact_utf_8() -> None:
    content = canonical_json(a_program())
    assert content.decode() == json.dumps(
        to_canonical(a_program()), ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )
    assert "门店会员积分" in content.decode()


def test_comments_and_order_of_keys_do_not_matter(tmp_path: Path) -> None:
    text = DEFAULT.read_text("utf-8")
    shuffled = text.replace("program: 门店会员积分\n", "").replace(
        "schema: 1\n", "schema: 1  # 注释\nprogram: 门店会员积分\n"
    )
    (tmp_path / "sku_categories.csv").write_bytes((DEFAULT.parent / "sku_categories.csv").read_bytes())
    (tmp_path / "program.yaml").write_text(shuffled, "utf-8")
    other = load_program(tmp_path / "program.yaml").draft.program
    assert sha256_of(other) == sha256_of(load_program(DEFAULT).draft.program)


def test_a_version_survives_its_item_and_a_changed_one_is_noticed() -> None:
    program = a_program(version=7)
    ref = VersionRef(number=7, sha256=sha256_of(program), published_at=LONG_AGO, schedule=Schedule(effective=LONG_AGO))
    item = version_item(program, ref)
    assert version_of(item) == program
    with pytest.raises(CorruptContentError):
        version_of(item | {"sha": "0" * 64})


def test_a_large_map_is_cut_into_chunks_that_fit_an_item() -> None:
    # Hashes do not compress: some 40 000 rows fill several chunks.
    category_map = {category_map_ref({str(n): ""}).sha256: f"品类{n % 50}" for n in range(40_000)}
    sha256 = category_map_ref(category_map).sha256
    items = category_map_items(sha256, category_map)
    assert len(items) > 1
    assert max(len(item["body"]) for item in items) <= LARGEST_CHUNK_BYTES
    assert category_map_of(sha256, items) == category_map
