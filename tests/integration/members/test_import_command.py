"""`jifen members import`: the way in from an older system. S0-18."""

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from cli.connection import Connection
from cli.members import COLUMNS, FileRefusedError, import_rows, read_rows
from functions.members.dependencies import Dependencies
from shared.runtime.secrets import Keys
from shared.runtime.settings import Tables
from tests.integration.members.conftest import everything_in

NOW = datetime(2026, 12, 16, 2, 21, tzinfo=UTC)
HEADER = ",".join(COLUMNS)
AGREED = "privacy,1,2024-05-01T10:00:00+08:00"


@pytest.fixture
def connection(engine: Any, tables: Tables, built: Dependencies) -> Connection:
    """Give the engine, with a key that stands in for the secret's; `built` has put a program in force."""
    reached = SimpleNamespace(dynamodb=engine, tables=tables, keys=lambda: Keys(b"root"))
    return cast("Connection", reached)


def written(folder: Path, *rows: str, header: str = HEADER) -> Path:
    file = folder / "members.csv"
    file.write_text("\ufeff" + "\n".join([header, *rows]) + "\n", encoding="utf-8")
    return file


def test_imports_a_file_and_again_changes_nothing(
    tmp_path: Path, connection: Connection, engine: Any, tables: Tables
) -> None:
    rows = read_rows(written(tmp_path, f"1,VIP0001,13812345678,王小明,{AGREED}", f"2,VIP0002,,,{AGREED}"))
    first = import_rows(rows, connection, NOW)
    before = everything_in(engine, tables.members)
    again = import_rows(rows, connection, NOW)
    assert (dict(first.counts), dict(again.counts)) == ({"new": 2}, {"known": 2})
    assert everything_in(engine, tables.members) == before
    assert len(everything_in(engine, tables.accounts)) == 2


def test_goes_on_after_a_row_that_is_refused_and_names_its_line(tmp_path: Path, connection: Connection) -> None:
    file = written(
        tmp_path,
        f"1,,,,{AGREED}",
        "2,,,,privacy,,2024-05-01T10:00:00+08:00",
        f"3,,99,,{AGREED}",
        f",,,nobody,{AGREED}",
        "5,,,,privacy,1,2024-05-01T10:00:00",
        "6,,,,privacy,1,yesterday",
        f"7,,,,{AGREED}",
    )
    tally = import_rows(read_rows(file), connection, NOW)
    assert tally.counts["new"] == 2
    assert tally.failures == [
        (3, "consent-required"),
        (4, "validation-failed"),
        (5, "member-not-found"),
        (6, "consented-at-invalid"),
        (7, "consented-at-invalid"),
    ]


def test_s0_18_the_consent_keeps_the_instant_at_which_it_was_given(
    tmp_path: Path, connection: Connection, engine: Any, tables: Tables
) -> None:
    import_rows(read_rows(written(tmp_path, f"1,,,,{AGREED}")), connection, NOW)
    (profile,) = [item for item in everything_in(engine, tables.members) if item["sk"]["S"] == "PROFILE"]
    assert profile["c"]["L"][0]["L"][3] == {"S": "2024-05-01T02:00:00.000Z"}


def test_refuses_a_file_with_other_columns(tmp_path: Path) -> None:
    with pytest.raises(FileRefusedError, match="consented_at"):
        read_rows(written(tmp_path, "1,2", header="card,phone"))


def test_refuses_a_file_in_another_encoding(tmp_path: Path) -> None:
    file = tmp_path / "members.csv"
    file.write_bytes(f"{HEADER}\n1,,,王小明,{AGREED}\n".encode("gb18030"))
    with pytest.raises(FileRefusedError):
        read_rows(file)
