"""`jifen rewards publish` on the engine: shows what changes, asks, and does it once."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli.connection import Connection
from cli.rewards import app
from shared.ledger.store import Ledger
from shared.redemption.change_rewards import Shelf, StockChange, change_stock
from tests.deeds import deeds_on, told
from tests.integration.redemption.world import World, a_reward

FILE = """\
schema: 1
program: 门店会员积分
timezone: Asia/Shanghai
currency: CNY
effective: 2026-12-08 00:00
points:
  name: 积分
  expire: {mode: never}
eligible: {amount: paid}
earn:
  - id: base
    name: 每消费10元积1分
    on: purchase
    give: {points: 1, per_amount: 10}
redeem:
  catalog:
"""
TABLEWARE = (
    "    - {id: tableware, name: 精致餐具, type: product, points: 500, stock: %d, low_stock: 20, category: 家居}\n"
)
MUG = "    - {id: mug, name: 马克杯, type: product, points: 300, cash: 10.00, stock: 30, category: 周边}\n"


class Command:
    def __init__(self, engine_url: str, ledger: Ledger, folder: Path) -> None:
        self.world = World(ledger)
        self._file = folder / "program.yaml"
        self._connection = Connection(
            tables=ledger.tables,
            subscriptions_secret="",
            keys_secret="",
            api_url="",
            endpoint_url=engine_url,
            region="us-east-1",
        )

    def publish(
        self, *rewards: str, typed: str | None = None, yes: bool = True, lang: str = "zh", undo: bool = False
    ) -> Result:
        self._file.write_text(FILE + "".join(rewards), "utf-8")
        arguments = ["publish", str(self._file), "--author", "lin", "--lang", lang, *(["--yes"] if yes else [])]
        arguments += ["--undo-staff"] if undo else []
        return CliRunner().invoke(app, arguments, obj=self._connection, input=typed)


@pytest.fixture
def command(engine_url: str, ledger: Ledger, tmp_path: Path) -> Command:
    return Command(engine_url, ledger, tmp_path)


def test_publishes_rewards_and_stock_and_says_so(command: Command) -> None:
    result = command.publish(TABLEWARE % 200, MUG)

    assert result.exit_code == 0, result.output
    assert "tableware 精致餐具" in result.output
    assert "+200" in result.output
    assert "首次发布，立即生效" in result.output
    assert "修订 1" in result.output
    assert command.world.left(a_reward(stock=200)) == 200


def test_t25_the_trail_says_who_published(command: Command) -> None:
    before = datetime.now(UTC) - timedelta(seconds=1)  # the engine answers whole seconds
    command.publish(TABLEWARE % 200)
    (deed,) = (
        deed for day in {before.date(), datetime.now(UTC).date()} for deed in deeds_on(day, command.world.ledger)
    )
    assert told([deed]) == [("rewards.published", "lin", "")]
    assert deed.about == "1"
    assert before <= deed.at


def test_the_same_file_again_changes_nothing(command: Command) -> None:
    command.publish(TABLEWARE % 200)
    before = command.world.items()

    result = command.publish(TABLEWARE % 200)

    assert (result.exit_code, result.output.strip()) == (0, "没有变化，不需要发布")
    assert command.world.items() == before


def test_shows_each_difference_before_it_asks(command: Command) -> None:
    command.publish(TABLEWARE % 200)

    result = command.publish(TABLEWARE % 250, MUG, yes=False, typed="n\n", lang="en")

    assert result.exit_code == 1
    assert "changed stock" in result.output
    assert "+50" in result.output
    assert "new" in result.output
    assert "nothing was published" in result.output
    assert command.world.left(a_reward(stock=200)) == 200


def test_a_reward_left_out_is_delisted_and_keeps_its_stock(command: Command) -> None:
    command.publish(TABLEWARE % 200, MUG)

    result = command.publish(MUG)

    assert "下架" in result.output
    assert command.world.left(a_reward(stock=200)) == 200


def test_refuses_to_take_back_what_is_gone(command: Command) -> None:
    command.publish(TABLEWARE % 8)
    command.world.now = datetime.now(UTC)
    command.world.redeem(command.world.member(5000), quantity=5)

    result = command.publish(TABLEWARE % 4)

    assert result.exit_code == 1
    assert "要收回 4 件，只剩 3 件" in result.output
    assert command.world.audit() == []


def test_a_file_with_errors_is_not_published(command: Command) -> None:
    result = command.publish("    - {id: tableware, name: 精致餐具, type: product, pionts: 500}\n")

    assert result.exit_code == 1
    assert "points" in result.output
    assert command.world.items() == []


def test_cat_5_what_the_staff_changed_is_named_and_not_undone_unasked(command: Command) -> None:
    command.publish(TABLEWARE % 200, MUG)
    redeeming, world = command.world.redeeming, command.world
    shelf = Shelf(catalogues=redeeming.catalogues, stock=redeeming.stock, currency="CNY", by="li")
    change = StockChange(change_id="stk_1", digest="d", reward_id="mug", delta=10, reason="delivery")
    change_stock(change, shelf, world.patience)

    refused = command.publish(TABLEWARE % 200, MUG, lang="en")
    undone = command.publish(TABLEWARE % 200, MUG, undo=True)

    assert refused.exit_code == 1
    assert "the staff changed `mug`" in refused.output
    assert "(stock): this file undoes it" in refused.output
    assert (undone.exit_code, redeeming.catalogues.read().catalogue.latest["mug"].stock) == (0, 30)


def test_cat_5_a_file_that_agrees_is_published(command: Command) -> None:
    command.publish(TABLEWARE % 200, MUG)
    redeeming, world = command.world.redeeming, command.world
    shelf = Shelf(catalogues=redeeming.catalogues, stock=redeeming.stock, currency="CNY", by="li")
    change = StockChange(change_id="stk_1", digest="d", reward_id="mug", delta=10, reason="delivery")
    change_stock(change, shelf, world.patience)

    agreed = command.publish(TABLEWARE % 200, MUG.replace("stock: 30", "stock: 40"))

    assert (agreed.exit_code, redeeming.catalogues.read().catalogue.staff) == (0, {})
