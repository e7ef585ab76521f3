"""A replay and a simulation of the same receipts: the same points for every member, or it is told who differs."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import pytest
from rich.console import Console
from typer.testing import CliRunner

from cli.__main__ import app
from cli.laptop.engine import engine_client
from cli.receipts import ReplayEvent, convert, read_rows
from cli.replay_setup import engine_with_program, enrol_customers
from cli.replay_simulated import equals_simulation
from cli.replay_workers import InProcess
from cli.secret_lists import new_secret
from shared.members.store import Members

PROGRAM: Final = Path(__file__).parents[3] / "config" / "program.yaml"
RECEIPTS: Final = 60


@pytest.fixture(scope="module")
def receipts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixty receipts of seven customers and of guests; of every fourth, a line comes back the next day."""
    chance = random.Random(7)  # noqa: S311 the same file every time
    rows = ["InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"]
    for number in range(RECEIPTS):
        customer, day = chance.choice(["", *map(str, range(17_850, 17_857))]), 1 + number % 27
        lines = [(f"{chance.randrange(20_000, 20_050)}", chance.randrange(1, 9)) for _ in range(3)]
        price = f"{chance.randrange(100, 99_999) / 100:.2f}"
        for code, quantity in lines:
            rows.append(
                f"{536_000 + number},{code},X,{quantity},2026-03-{day:02} 10:{number:02}:00,{price},{customer},X"
            )
        if number % 4 == 0:
            code, quantity = lines[0]
            back = f"C{540_000 + number},{code},X,-{quantity},2026-03-{day + 1:02} 11:{number:02}:00"
            rows.append(f"{back},{price},{customer},X")
    file = tmp_path_factory.mktemp("receipts") / "receipts.csv"
    file.write_text("\n".join(rows), "utf-8")
    return file


def test_a_replay_equals_its_simulation_and_says_so(receipts: Path) -> None:
    words = ["replay", str(receipts), "--in-process", "--simulated", "--program", str(PROGRAM), "--workers", "1"]
    told = CliRunner().invoke(app, words, catch_exceptions=False)
    assert (told.exit_code, "0 of 7 members differ" in told.output) == (0, True), told.output


@pytest.fixture
def replayed(receipts: Path) -> Iterator[tuple[list[ReplayEvent], Members]]:
    """Put the first receipts through the handlers."""
    events = convert(read_rows(receipts, ZoneInfo("Europe/London")), "CNY").events[:12]
    with engine_with_program(PROGRAM) as (endpoint, tables, key):
        client = engine_client(endpoint)
        enrol_customers(events, client, tables, key, Console(quiet=True))
        worker = InProcess(endpoint=endpoint, tables=tables, key=key, secret=new_secret())
        assert {answered.status for answered in worker.run(events)} == {200}
        yield events, Members(client=client, tables=tables, key=key)


def test_who_got_other_points_is_named(
    replayed: tuple[list[ReplayEvent], Members], capsys: pytest.CaptureFixture[str]
) -> None:
    events, members = replayed
    assert equals_simulation(events, PROGRAM, members, 1, Console())
    last = max(place for place, event in enumerate(events) if event.customer and event.type == "sale.completed")
    fewer = [event for place, event in enumerate(events) if place != last]
    assert not equals_simulation(fewer, PROGRAM, members, 1, Console())
    assert f"{members.find('external_id', events[last].customer)}: simulated" in capsys.readouterr().out


@pytest.mark.parametrize(("options", "told"), [(["--simulated"], "--in-process"), (["--sweeps"], "--in-process")])
def test_the_days_of_a_server_cannot_be_chosen(receipts: Path, options: list[str], told: str) -> None:
    refused = CliRunner().invoke(app, ["replay", str(receipts), *options])
    assert (refused.exit_code, told in refused.output) == (2, True)


def test_what_lapses_is_in_no_simulation(receipts: Path) -> None:
    refused = CliRunner().invoke(app, ["replay", str(receipts), "--in-process", "--simulated", "--sweeps"])
    assert (refused.exit_code, "choose one" in refused.output) == (2, True)
