"""A marketer's day on the deployed stacks: refused, piloted, looked at, simulated, told of, rolled back.

A version begins a minute after it is published. Sales may be dated that far ahead, so nothing here waits for it.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cli.connection import Connection
from tests.e2e.marketer import NOTICE, PILOT_STORES, Marketer
from tests.e2e.shop import Shop, an_action

INSTANT = timedelta(milliseconds=1)
PILOT, ELSEWHERE = PILOT_STORES[0], "SH003"
AT_A_PILOT_STORE = 50
"""What ¥100 of fresh goods earn there: 10 × 4, and 10 for a hundred; elsewhere a tenth of it is less."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pilot:
    """What was published, from when it holds in the pilot stores, and what was said to who came second."""

    file: str
    number: int
    effective: datetime
    overtaken: tuple[int, str]


@pytest.fixture(scope="module")
def marketer(connection: Connection, tmp_path_factory: pytest.TempPathFactory) -> Marketer:
    return Marketer(connection=connection, folder=tmp_path_factory.mktemp("rules"))


@pytest.fixture(scope="module")
def pilot(marketer: Marketer) -> Iterator[Pilot]:
    """Publish a pilot, while somebody else thinks about a version; take it back in the end, whatever happens."""
    file = marketer.campaign(days_before=0)
    before = marketer.told("history")["versions"][0]["version"]
    other = marketer.at_the_question("publish", marketer.campaign(days_before=7), "--days", "0")
    marketer.run("publish", file, "--effective", "now", "--days", "0", "--author", "lin", "--yes")
    _, said = other.communicate(f"{before + 1}\n", timeout=60)
    newest = marketer.told("history")["versions"][0]
    begins = datetime.fromisoformat(newest["effective"])
    yield Pilot(file=file, number=newest["version"], effective=begins, overtaken=(other.returncode, said))
    marketer.run("rollback", str(before), "--yes")


def earned(shop: Shop, *, store: str, at: datetime) -> int:
    """Sell fresh goods for ¥100 to somebody new; give the points."""
    event = shop.sale(shop.enrolled(), paid=10_000, at=at, store=store)
    event["data"]["lines"][0]["category"] = "生鲜"
    return int(shop.post(event).body["points"])


def test_s2_22_a_notice_that_is_too_short_is_refused_with_what_to_do(marketer: Marketer) -> None:
    refused = marketer.run("publish", marketer.campaign(days_before=7), "--effective", "now", "--yes", code=1)
    assert "规则变动要提前 7 天告知顾客，最早 " in refused.stderr
    assert "生效。改文件里的 effective" in refused.stderr


def test_who_publishes_second_is_refused(pilot: Pilot) -> None:
    code, said = pilot.overtaken
    assert (code, "有人先发布了一版" in said, "请看 jifen program status" in said) == (1, True, True), said


def test_status_and_history_tell_where_the_pilot_is(marketer: Marketer, pilot: Pilot) -> None:
    stores = {one["store_id"]: one for one in marketer.told("status")["stores"]}
    changes = {store: one["next"] or one["live"] for store, one in stores.items()}
    assert {one["version"] for one in changes.values()} == {pilot.number}
    assert datetime.fromisoformat(changes[PILOT]["since"]) == pilot.effective
    assert datetime.fromisoformat(changes[ELSEWHERE]["since"]) > pilot.effective + timedelta(days=15)
    newest = marketer.told("history")["versions"][0]
    assert (newest["author"], newest["pilot_stores"]) == ("lin", list(PILOT_STORES))


def test_s3_23_the_same_basket_earns_by_the_new_rules_in_a_pilot_store_alone(shop: Shop, pilot: Pilot) -> None:
    at = pilot.effective
    assert earned(shop, store=PILOT, at=at) == AT_A_PILOT_STORE
    before = earned(shop, store=PILOT, at=at - INSTANT)
    assert earned(shop, store=ELSEWHERE, at=at) == before < AT_A_PILOT_STORE


def test_an_event_of_the_chains_own_counts_as_its_rule_says_until_the_budget_is_spent(shop: Shop, pilot: Pilot) -> None:
    wang = shop.enrolled()
    tell: dict[str, Any] = {"store": PILOT, "at": pilot.effective}
    answers = (True, "true", True, True)
    told = [shop.post(an_action(wang, "custom:pilot_quiz", correct=one, **tell)).body for one in answers]
    points = [(one["result"], one.get("points", 0)) for one in told]
    assert points == [("applied", 30), ("ignored", 0), ("applied", 20), ("ignored", 0)]
    assert shop.available(wang) == 50


def test_the_marketer_sees_what_changes_and_what_it_would_have_cost(
    shop: Shop, marketer: Marketer, pilot: Pilot
) -> None:
    earned(shop, store=ELSEWHERE, at=datetime.now(UTC))
    assert "+ 试点会员日四倍：" in marketer.run("diff", "--live", pilot.file).stdout
    page = marketer.folder / "costs.html"
    words = ("simulate", pilot.file, "--replay", "30d", "--processes", "1")
    shown = marketer.run(*words, "--html", str(page)).stdout
    assert "试点会员日四倍" in shown, shown
    told = marketer.told(*words)
    assert told["points"] > told["points_before"] > 0
    assert "<svg" in page.read_text("utf-8")


def test_s2_22_customers_are_told_what_comes_and_which_campaigns_run(shop: Shop, pilot: Pilot) -> None:
    deadline = time.monotonic() + 50
    while (program := read(shop, f"/v1/program?store_id={ELSEWHERE}"))["version"] == pilot.number - 1:
        if program["next"] or time.monotonic() > deadline:
            break
        time.sleep(0.5)
    assert (program["next"]["version"], program["next"]["notice"]) == (pilot.number, NOTICE)
    for store, begins in ((PILOT, pilot.effective), (ELSEWHERE, datetime.fromisoformat(program["next"]["effective"]))):
        campaigns = read(shop, f"/v1/campaigns?store_id={store}")["items"]
        mine = [one for one in campaigns if one["rule_id"] == "pilot-day"]
        assert {one["version"] for one in mine} == {pilot.number}
        assert min(datetime.fromisoformat(one["begins"]) for one in mine) >= begins


def read(shop: Shop, path: str) -> Any:
    reply = shop.api.call("GET", path)
    assert reply.status == 200, reply
    return reply.body


def test_a_rollback_holds_within_a_minute_and_for_no_sale_before(
    shop: Shop, marketer: Marketer, pilot: Pilot, capsys: pytest.CaptureFixture[str]
) -> None:
    typed = datetime.now(UTC)
    marketer.run("rollback", str(pilot.number - 1), "--yes")
    took = (datetime.now(UTC) - typed).total_seconds()
    newest = marketer.told("history")["versions"][0]
    back = datetime.fromisoformat(newest["effective"])
    holds_after = (back - typed).total_seconds()
    with capsys.disabled():
        print(f"\nA rollback took {took:.1f} s and holds {holds_after:.0f} s after it was typed")  # noqa: T201 a figure
    assert (newest["content_of"], newest["pilot_stores"]) == (pilot.number - 1, [])
    assert max(took, holds_after - took) <= 60
    assert earned(shop, store=PILOT, at=back - INSTANT) == AT_A_PILOT_STORE
    assert earned(shop, store=PILOT, at=back) == earned(shop, store=ELSEWHERE, at=back) < AT_A_PILOT_STORE
