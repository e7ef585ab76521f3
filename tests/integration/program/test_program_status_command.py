"""`jifen program status` on the engine: what is in force in each store, and what comes next."""

from shared.program.store import write_stores
from shared.program.stores import Store
from tests.integration.program.rules_desk import CHANGED, FILE, Desk

ROLLOUT = "rollout: {pilot_stores: [SH001], all_stores_from: 2099-01-08 00:00}\n"
SHANGHAI, URUMQI = Store(id="SH001", name="上海店"), Store(id="XJ001", name="乌鲁木齐店", zone="Asia/Urumqi")


def rows(desk: Desk, lang: str = "zh") -> list[list[str]]:
    """Read the table; versions without their hash."""
    hashes = {ref.sha256[:8] for ref in desk.timeline.refs}
    return [[word for word in line.split() if word not in hashes] for line in desk.status(lang).stdout.splitlines()]


def test_says_so_when_there_is_no_version_yet(desk: Desk) -> None:
    assert (desk.status().exit_code, desk.status().stdout) == (0, "还没有任何版本\n")
    assert desk.status("en").stdout == "no version yet\n"


def test_before_stores_are_published_all_of_them_are_alike(desk: Desk) -> None:
    desk.publish(FILE)

    assert rows(desk) == [
        ["门店", "现行版本", "生效自", "下次变更"],
        ["全部门店", "第", "1", "版", "2026-01-01", "00:00:00", "Asia/Shanghai"],
    ]


def test_every_store_has_its_version_and_its_next_change_s3_23(desk: Desk) -> None:
    write_stores([SHANGHAI, URUMQI], client=desk.ledger.client, table=desk.ledger.tables.ledger)
    desk.publish(FILE)
    desk.publish(CHANGED + ROLLOUT, "--effective", "2099-01-01 00:00")

    first = ["version", "1", "2026-01-01", "00:00:00", "Asia/Shanghai", "version", "2", "from"]
    assert rows(desk, "en")[1:] == [
        ["SH001", "上海店", *first, "2099-01-01", "00:00:00", "Asia/Shanghai"],
        ["XJ001", "乌鲁木齐店", *first, "2099-01-08", "00:00:00", "Asia/Shanghai"],
    ]


def test_a_deployment_that_is_gone_is_told_in_one_line(desk: Desk) -> None:
    desk.ledger.client.delete_table(TableName=desk.ledger.tables.ledger)

    result = desk.status()

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("AWS 没有完成请求：")
