"""What members hand in: taken at their word, or decided by somebody else, once. S0-05, T7, C7."""

import itertools
from base64 import urlsafe_b64encode
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest

from functions.activities.completion_routes import routes
from shared.earning.acting import Action
from shared.earning.record_action import record_action
from shared.http.api import build_api
from shared.ledger.store import Ledger
from shared.members.store import Members
from shared.program.actions import ActionRule, Evidence
from shared.program.rules import FixedPoints, RuleLimit
from tests.activities import activities_of
from tests.builders import Till, a_ladder, a_program, container, per_yuan, publish
from tests.deeds import deeds_on, told
from tests.http_events import MEMBER_CLIENT, LambdaContext, PerThread, answered, http_event, staff_claims
from tests.integration.redemption.people import People
from tests.integration.redemption.world import World
from tests.observed import interrupted, observed

REPORT = ActionRule(
    id="report",
    name="使用报告",
    on="custom:report",
    give=FixedPoints(points=100),
    evidence=Evidence(min_chars=20),
    once_per_subject=True,
    confirmed_by="staff",
)
SURVEY = ActionRule(
    id="survey",
    name="问卷",
    on="survey",
    give=FixedPoints(points=20),
    limit=RuleLimit(per_member=1, every="day"),
    confirmed_by="member",
)
PRAISE = ActionRule(
    id="praise",
    name="好评",
    on="custom:praise",
    give=FixedPoints(points=5),
    once_per_subject=True,
    confirmed_by="member",
)
FOLLOW = ActionRule(id="follow", name="关注", on="follow", give=FixedPoints(points=10))
REVIEW = ActionRule(id="review", name="写评价", on="review", give=FixedPoints(points=50), confirmed_by="staff")
TEXT = "用了一个月，煮面很快，清洗也方便，锅盖的把手有点烫，要拿毛巾。"
STAFF = staff_claims("staff:approve")
_keys = itertools.count(1)


@dataclass
class Desk:
    """A member's app and the staff's back office."""

    till: Till
    people: People
    api: PerThread
    lin: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.lin = self.people.join("lin")

    def call(self, route: str, claims: dict[str, str], **details: Any) -> dict[str, Any]:
        return self.api.resolve(http_event(route, claims=claims, **details), LambdaContext())

    def hands_in(self, task: str = "report", *, key: str = "", **body: Any) -> dict[str, Any]:
        key = key or f"key-{next(_keys):08d}"
        route = f"POST /v1/me/tasks/{task}/completions"
        return self.call(route, self.lin, body=body, headers={"idempotency-key": key})

    def decides(self, what: str, identifier: str, claims: dict[str, str] = STAFF, **details: Any) -> dict[str, Any]:
        return self.call(f"POST /v1/admin/completions/{identifier}/{what}", claims, **details)

    def waiting(self) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = answered(self.call("GET /v1/admin/completions", STAFF))["items"]
        return items

    @property
    def points(self) -> int:
        return self.till.available(self.people.id_of(self.lin))


@pytest.fixture
def desk(bare_till: Till) -> Desk:
    ledger: Ledger = bare_till.ledger
    publish(ledger, a_program(per_yuan(), tiers=a_ladder(), actions=(REPORT, SURVEY, PRAISE, FOLLOW, REVIEW)))
    members = Members(client=ledger.client, tables=ledger.tables, key=b"k" * 32)
    built = activities_of(members, container(ledger, bare_till.clock))
    api = PerThread(lambda: build_api([routes], built=built, member_client_id=MEMBER_CLIENT))
    return Desk(bare_till, People(World(ledger), members), api)


class TestApproval:
    def test_s0_05_a_report_earns_a_hundred_once_approved_and_once_per_product(self, desk: Desk) -> None:
        handed = desk.hands_in(subject="pan-26", text=TEXT)
        assert (handed["statusCode"], answered(handed)["status"], desk.points) == (202, "waiting", 0)
        (one,) = desk.waiting()
        assert (one["task_id"], one["subject"], one["text"]) == ("report", "pan-26", TEXT)
        approved = desk.decides("approve", one["id"])
        assert (approved["statusCode"], answered(approved)["status"], desk.points) == (200, "approved", 100)
        assert desk.waiting() == []
        again = desk.hands_in(subject="pan-26", text=TEXT)
        assert (again["statusCode"], answered(again)["status"]) == (200, "approved")
        desk.hands_in(subject="pot-24", text=TEXT)
        desk.decides("approve", desk.waiting()[0]["id"])
        assert desk.points == 200
        assert desk.till.audit(desk.people.id_of(desk.lin)) == []

    def test_what_is_about_different_things_is_approved_one_by_one(self, desk: Desk) -> None:
        for subject in ("pan-26", "pot-24", "pan-26 1"):
            desk.hands_in("review", subject=subject)
        for one in desk.waiting():
            assert answered(desk.decides("approve", one["id"]))["status"] == "approved"
        assert (desk.points, desk.waiting()) == (150, [])
        for _ in range(2):
            desk.hands_in("review")
            desk.decides("approve", desk.waiting()[0]["id"])
            desk.till.clock.forward(seconds=1)
        assert (desk.points, desk.waiting()) == (250, [])
        assert desk.till.audit(desk.people.id_of(desk.lin)) == []

    def test_the_hundred_that_wait_longest_are_listed_whoever_joined_first(self, desk: Desk) -> None:
        mei, headers = desk.people.join("mei"), {"idempotency-key": "mei-was-first"}
        body = {"subject": "pan-26", "text": TEXT}
        desk.call("POST /v1/me/tasks/report/completions", mei, body=body, headers=headers)
        for number in range(100):
            desk.till.clock.forward(seconds=1)
            desk.hands_in(subject=f"pan-{number}", text=TEXT)
        waiting = desk.waiting()
        assert (len(waiting), waiting[0]["member_id"]) == (100, desk.people.id_of(mei))
        assert [one["submitted_at"] for one in waiting] == sorted(one["submitted_at"] for one in waiting)

    def test_the_entry_names_who_approved(self, desk: Desk) -> None:
        desk.hands_in(subject="pan-26", text=TEXT)
        desk.decides("approve", desk.waiting()[0]["id"], staff_claims("staff:approve", subject="zhou"))
        (entry,) = desk.till.entries(desk.people.id_of(desk.lin))
        assert (entry.details["by"], entry.label) == ("zhou", "使用报告")

    def test_c7_fifty_approvals_at_once_give_once(self, desk: Desk) -> None:
        desk.hands_in(subject="pan-26", text=TEXT)
        (one,) = desk.waiting()
        with ThreadPoolExecutor(10) as pool:
            answers = list(pool.map(lambda _: desk.decides("approve", one["id"]), range(50)))
        assert {answer["statusCode"] for answer in answers} == {200}
        assert desk.points == 100
        (deed,) = deeds_on(desk.till.clock().date(), desk.till.ledger)
        assert (deed.what, deed.about) == ("completion.approved", one["id"])

    @pytest.mark.parametrize("call", range(1, 8))
    def test_c6_who_approves_what_is_rejected_meanwhile_is_told_so_at_once(self, desk: Desk, call: int) -> None:
        desk.hands_in(subject="pan-26", text=TEXT)
        (one,) = desk.waiting()
        client = desk.till.ledger.client

        def rejects() -> None:
            with ThreadPoolExecutor(1) as another:
                another.submit(desk.decides, "reject", one["id"], body={"reason": "x"}).result()

        with observed(client) as traffic, interrupted(client, call=call, by=rejects):
            answer = desk.decides("approve", one["id"])
        rejected = desk.waiting() == [] and desk.points == 0
        assert (answer["statusCode"], desk.points) == ((409, 0) if rejected else (200, 100))
        assert len(traffic.calls) < 14

    def test_c7_fifty_submissions_at_once_are_one(self, desk: Desk) -> None:
        with ThreadPoolExecutor(10) as pool:
            answers = list(pool.map(lambda _: desk.hands_in(subject="pan-26", text=TEXT), range(50)))
        assert {answer["statusCode"] for answer in answers} == {202}
        assert len(desk.waiting()) == 1

    def test_what_is_rejected_says_why_and_may_be_handed_in_again(self, desk: Desk) -> None:
        desk.hands_in(subject="pan-26", text=TEXT)
        (one,) = desk.waiting()
        rejected = desk.decides("reject", one["id"], body={"reason": "请写使用感受"})
        assert answered(rejected)["status"] == "rejected"
        (mine,) = answered(desk.call("GET /v1/me/tasks/report/completions", desk.lin))["items"]
        assert (mine["status"], mine["reason"]) == ("rejected", "请写使用感受")
        refused = desk.decides("approve", one["id"])
        assert (refused["statusCode"], answered(refused)["code"]) == (409, "completion-decided")
        assert answered(desk.hands_in(subject="pan-26", text=TEXT * 2))["status"] == "waiting"
        desk.decides("approve", one["id"])
        late = desk.decides("reject", one["id"], body={"reason": "x"})
        assert (late["statusCode"], desk.points) == (409, 100)
        member = desk.people.id_of(desk.lin)
        deeds = deeds_on(desk.till.clock().date(), desk.till.ledger)
        assert sorted(told(deeds)) == [(f"completion.{what}", "staff-1", member) for what in ("approved", "rejected")]

    def test_t11_nobody_decides_for_themselves(self, desk: Desk) -> None:
        desk.hands_in(subject="pan-26", text=TEXT)
        (one,) = desk.waiting()
        for what, details in (("approve", {}), ("reject", {"body": {"reason": "x"}})):
            own = staff_claims("staff:approve", subject="lin")
            refused = desk.decides(what, one["id"], own, **details)
            assert (refused["statusCode"], answered(refused)["code"]) == (403, "self-approval")
        assert desk.points == 0

    def test_who_may_decide(self, desk: Desk) -> None:
        desk.hands_in(subject="pan-26", text=TEXT)
        (one,) = desk.waiting()
        for claims in (desk.lin, staff_claims("staff:read"), staff_claims("pos:write")):
            assert desk.decides("approve", one["id"], claims)["statusCode"] == 403
        assert desk.call("GET /v1/admin/completions", desk.lin)["statusCode"] == 403

    @pytest.mark.parametrize("identifier", ["cmp_", "cmp_AAAA", "x", "cmp_bWVtXzEKcmVwb3J0CnBhbg"])
    def test_what_nobody_handed_in_is_not_found(self, desk: Desk, identifier: str) -> None:
        assert desk.decides("approve", identifier)["statusCode"] == 404

    def test_t21_an_id_longer_than_any_is_looked_for_nowhere(self, desk: Desk) -> None:
        written = urlsafe_b64encode(f"mem_{'x' * 3_000}\nreport\npan".encode()).decode().rstrip("=")
        desk.hands_in(subject="pan-26", text=TEXT)
        with observed(desk.till.ledger.client) as traffic:
            assert desk.decides("reject", f"cmp_{written}", body={"reason": "x"})["statusCode"] == 404
            mine = desk.call(f"GET /v1/me/tasks/{'x' * 1_500}/completions", desk.lin)
        assert (mine["statusCode"], answered(mine)["items"]) == (200, [])
        assert "Query" not in traffic.calls

    def test_an_approval_weeks_later_still_counts(self, desk: Desk) -> None:
        desk.hands_in(subject="pan-26", text=TEXT)
        desk.till.clock.forward(days=60)
        desk.decides("approve", desk.waiting()[0]["id"])
        assert desk.points == 100


class TestWhatIsAsked:
    def test_what_is_lacking_is_told_and_nothing_is_kept(self, desk: Desk) -> None:
        answer = desk.hands_in(subject="pan-26", text="好")
        assert (answer["statusCode"], answered(answer)["code"]) == (409, "task-not-fulfilled")
        assert answered(answer)["lacking"] == [{"code": "evidence", "wanted": ["chars ≥ 20"]}]
        assert desk.waiting() == []

    def test_a_task_once_per_subject_needs_one(self, desk: Desk) -> None:
        answer = desk.hands_in(text=TEXT)
        assert (answer["statusCode"], answered(answer)["errors"][0]["pointer"]) == (422, "/subject")

    @pytest.mark.parametrize("task", ["follow", "nothing", "base"])
    def test_what_only_an_event_confirms_cannot_be_handed_in(self, desk: Desk, task: str) -> None:
        assert desk.hands_in(task)["statusCode"] == 404

    def test_t7_an_event_does_not_stand_in_for_an_approval(self, desk: Desk) -> None:
        member = desk.people.id_of(desk.lin)
        told = Action(
            member_id=member, action="custom:report", event_id="e-1", occurred_at=desk.till.clock(), facts={"chars": 99}
        )
        assert record_action(told, desk.till.earning, desk.till.patience()).reason == "no-rule"

    @pytest.mark.parametrize("photo", ["http://x.cn/1.jpg", "javascript:alert(1)", "https://"])
    def test_photos_are_https_addresses(self, desk: Desk, photo: str) -> None:
        assert desk.hands_in(subject="pan-26", text=TEXT, photos=[photo])["statusCode"] == 422


class TestTheMembersWord:
    def test_it_counts_at_once_within_its_limit(self, desk: Desk) -> None:
        first = desk.hands_in("survey", key="survey-key-1")
        assert (first["statusCode"], answered(first)["points"], desk.points) == (201, 20, 20)
        other = desk.hands_in("survey", key="survey-key-2")
        assert (other["statusCode"], answered(other)["lacking"][0]["code"], desk.points) == (409, "limit", 20)
        desk.till.clock.forward(days=1)
        assert desk.hands_in("survey", key="survey-key-3")["statusCode"] == 201
        assert desk.waiting() == []


class TestTheKey:
    """I6, I7, I11."""

    def test_i6_the_first_answer_stands_whatever_became_of_it(self, desk: Desk) -> None:
        first = [
            desk.hands_in("survey", key="survey-key"),
            desk.hands_in(key="report-key", subject="pan-26", text=TEXT),
        ]
        desk.decides("approve", desk.waiting()[0]["id"])
        desk.till.clock.forward(days=1)
        again = [
            desk.hands_in("survey", key="survey-key"),
            desk.hands_in(key="report-key", subject="pan-26", text=TEXT),
        ]
        assert [one["statusCode"] for one in first] == [201, 202]
        for one, repeated in zip(first, again, strict=True):
            assert repeated == {**one, "headers": {**one["headers"], "Idempotency-Replayed": "true"}}
        assert (desk.points, desk.waiting()) == (120, [])

    def test_i6_what_was_there_before_under_another_key_is_no_repetition(self, desk: Desk) -> None:
        desk.hands_in(key="report-key-1", subject="pan-26", text=TEXT)
        waits = desk.hands_in(key="report-key-2", subject="pan-26", text=TEXT * 2)
        desk.decides("approve", desk.waiting()[0]["id"])
        again = desk.hands_in(key="report-key-2", subject="pan-26", text=TEXT * 2)
        new = desk.hands_in(key="report-key-3", subject="pan-26", text=TEXT)
        assert [answered(one)["status"] for one in (waits, again, new)] == ["waiting", "waiting", "approved"]
        told = [one["headers"].get("Idempotency-Replayed") for one in (waits, again, new)]
        assert told == [None, "true", None]

    def test_i7_another_content_under_the_key_is_refused(self, desk: Desk) -> None:
        desk.hands_in(key="report-key", subject="pan-26", text=TEXT)
        desk.hands_in("survey", key="survey-key")
        for task, body in (("report", {"text": TEXT * 2}), ("report", {"subject": "pot-24"})):
            refused = desk.hands_in(task, key="report-key", **{"subject": "pan-26", "text": TEXT, **body})
            assert (refused["statusCode"], answered(refused)["code"]) == (422, "idempotency-key-reused")
        refused = desk.hands_in("survey", key="survey-key", text="x")
        assert (refused["statusCode"], answered(refused)["code"]) == (422, "idempotency-key-reused")
        assert (desk.points, len(desk.waiting())) == (20, 1)

    def test_i7_what_counts_once_per_subject_has_one_answer_per_key_too(self, desk: Desk) -> None:
        first, same = (desk.hands_in("praise", key=f"praise-key-{number}", subject="pan-26") for number in range(2))
        again = [desk.hands_in("praise", key=f"praise-key-{number}", subject="pan-26") for number in range(2)]
        other = desk.hands_in("praise", key="praise-key-0", subject="pot-24")
        assert (first["statusCode"], same["statusCode"], same["body"]) == (201, 200, first["body"])
        assert [(one["statusCode"], one["body"]) for one in again] == [(201, first["body"]), (200, first["body"])]
        assert (other["statusCode"], answered(other)["code"], desk.points) == (422, "idempotency-key-reused", 5)

    def test_i11_a_refusal_stands_and_a_new_key_succeeds(self, desk: Desk) -> None:
        desk.hands_in("survey", key="survey-key-1")
        refused = desk.hands_in("survey", key="survey-key-2")
        desk.till.clock.forward(days=1)
        again, new = desk.hands_in("survey", key="survey-key-2"), desk.hands_in("survey", key="survey-key-3")
        assert (refused["statusCode"], again["statusCode"], new["statusCode"]) == (409, 409, 201)
        assert (again["body"], again["headers"]["Idempotency-Replayed"]) == (refused["body"], "true")

    def test_c7_fifty_taps_with_one_key_are_one_and_answered_alike(self, desk: Desk) -> None:
        with ThreadPoolExecutor(10) as pool:
            answers = list(pool.map(lambda _: desk.hands_in("survey", key="survey-key"), range(50)))
        assert {(one["statusCode"], one["body"]) for one in answers} == {(201, answers[0]["body"])}
        assert (len([one for one in answers if "Idempotency-Replayed" in one["headers"]]), desk.points) == (49, 20)
