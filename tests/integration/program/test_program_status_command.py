"""`jifen program status` on the engine: what is in force in each store, and what comes next."""

import json

from shared.program.store import write_chain
from shared.program.stores import Chain, Store
from tests.integration.program.rules_desk import CHANGED, FILE, Desk

ROLLOUT = "rollout: {pilot_stores: [SH001], all_stores_from: 2099-01-08 00:00}\n"
SHANGHAI, URUMQI = Store(id="SH001", name="上海店"), Store(id="XJ001", name="乌鲁木齐店", zone="Asia/Urumqi")


def rows(desk: Desk, lang: str = "zh") -> list[list[str]]:
    """Read the table, without the line below it that names the zone."""
    *table, caption = desk.status(lang).stdout.splitlines()
    assert "Asia/Shanghai" in caption
    return [line.split() for line in table]


def test_says_so_when_there_is_no_version_yet(desk: Desk) -> None:
    assert (desk.status().exit_code, desk.status().stdout) == (0, "还没有任何版本\n")
    assert desk.status("en").stdout == "no version yet\n"
    assert json.loads(desk.run("status", "--format", "json").stdout) == {"timezone": None, "stores": []}


def test_before_stores_are_published_all_of_them_are_alike(desk: Desk) -> None:
    desk.publish(FILE)

    assert rows(desk) == [
        ["门店", "现行版本", "生效自", "下次变更"],
        ["全部门店", "第", "1", "版", "2026-01-01", "00:00"],
    ]


def test_every_store_has_its_version_and_its_next_change_s3_23(desk: Desk) -> None:
    write_chain(Chain(stores=(SHANGHAI, URUMQI)), client=desk.ledger.client, table=desk.ledger.tables.ledger)
    desk.publish(FILE)
    desk.publish(CHANGED + ROLLOUT, "--effective", "2099-01-01 00:00")

    first = ["version", "1", "2026-01-01", "00:00", "2", "from"]
    assert rows(desk, "en")[1:] == [
        ["SH001", "上海店", *first, "2099-01-01", "00:00"],
        ["XJ001", "乌鲁木齐店", *first, "2099-01-08", "00:00"],
    ]
    told = json.loads(desk.run("status", "--format", "json").stdout)
    pilot, other = told["stores"]
    assert (told["timezone"], pilot["store_id"], pilot["live"]["version"]) == ("Asia/Shanghai", "SH001", 1)
    assert (pilot["next"]["version"], pilot["next"]["since"]) == (2, "2099-01-01T00:00:00+08:00")
    assert (other["next"]["sha256"], other["next"]["since"]) == (pilot["next"]["sha256"], "2099-01-08T00:00:00+08:00")


def test_a_deployment_that_is_gone_is_told_in_one_line(desk: Desk) -> None:
    desk.ledger.client.delete_table(TableName=desk.ledger.tables.ledger)

    result = desk.status()

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("AWS 没有完成请求：")
