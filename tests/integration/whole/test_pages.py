"""Every list that comes in pages: its cursor serves whom and what it was given for, and pages miss nothing. A4."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

import pytest

from tests.builders import NOW
from tests.http_events import LambdaContext, answered
from tests.whole.described import DOCUMENT
from tests.whole.operations import FREEZE, UNFREEZE, sweep
from tests.whole.requests import Asked, Request, by_member, by_staff
from tests.whole.stage import Stage, State
from tests.whole.story import AGREED, LIN, redeems, sale

PAGED: Final = {
    f"{method.upper()} {path}"
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
    if any(one["name"] == "cursor" for one in operation.get("parameters", ()))
}
NAME: Final = "林一"
ROUNDS: Final = 25
GRILLS: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A list: how it is asked for, by whom else it may be asked for, and what else narrows it."""

    ask: Asked
    by_another: Asked
    narrowed: Mapping[str, str]

    @property
    def key(self) -> str:
        return self.ask.route.key


def of_member(what: str, **narrowed: str) -> Listed:
    route = f"GET /v1/me/{what}"
    return Listed(ask=by_member("lin", route), by_another=by_member("mei", route), narrowed=narrowed)


def of_staff(
    scope: str, route: str, body: Any = None, *, query: Mapping[str, str] | None = None, narrowed: Mapping[str, str]
) -> Listed:
    def asked_by(who: str) -> Asked:
        path = {"id": LIN} if "{id}" in route else {}
        return replace(by_staff(scope, route, body, who=who, **path), query=dict(query or {}))

    return Listed(ask=asked_by("zhou"), by_another=asked_by("qian"), narrowed=narrowed)


def of_lin(what: str, **narrowed: str) -> Listed:
    return of_staff("staff:read", f"GET /v1/admin/members/{{id}}/{what}", narrowed=narrowed)


LISTS: Final = (
    of_member("entries", kind="earned"),
    of_member("redemptions"),
    of_member("messages"),
    of_staff("staff:read", "POST /v1/admin/members/search", {"name": NAME}, narrowed={}),
    of_lin("entries", kind="earned"),
    of_lin("redemptions"),
    of_lin("sales"),
    of_staff("staff:read", "GET /v1/admin/redemptions", narrowed={"status": "requested"}),
    of_staff("ops", "GET /v1/admin/audit-log", query={"day": f"{NOW:%Y-%m-%d}"}, narrowed={"member_id": LIN}),
)
every_list = pytest.mark.parametrize("listed", LISTS, ids=lambda one: one.key)


def at(number: int) -> datetime:
    return NOW + timedelta(seconds=10 * number)


def something_happens(number: int) -> Iterator[Request]:
    """Let each list have something new: a sale, a redemption that waits, an account frozen and opened, a namesake."""
    yield sale(f"P-{number}", LIN, 90_000, at=at(number))
    if number < GRILLS:
        yield replace(redeems("lin", "grill", key=f"redeem-grill-{number}"), at=at(number))
    for route, reason in ((FREEZE, "lost-device"), (UNFREEZE, "cleared")):
        yield replace(by_staff("staff:approve", route, {"reason": reason}, id=LIN), at=at(number))
    yield by_member(f"lin-{number}", "POST /v1/me", AGREED | {"name": NAME}, at=at(number))


@pytest.fixture(scope="module")
def full(stage: Stage, so_far: State) -> State:
    """Give what there is once each list has several pages."""
    stage.rewind(so_far)
    channels = {"channels": {"points_expiring": ["app", "sms"]}}
    stage.play([by_member("lin", "PUT /v1/me/message-settings", channels)])
    for number in range(4):
        stage.play(something_happens(number))
    stage.play(sweep("reminders", NOW + timedelta(days=days)) for days in (0, 18, 24))
    return stage.state()


def page(
    asked: Asked,
    stage: Stage,
    *,
    limit: int = 1,
    cursor: str | None = None,
    later: timedelta = timedelta(0),
    narrowed: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    after = {"cursor": cursor} if cursor else {}
    query = {**asked.query, "limit": str(limit), **after, **(narrowed or {})}
    wanted = replace(asked, query=query, at=asked.at + later)
    return stage.container(wanted, 1)(wanted.event(stage.find), LambdaContext())


def items_of(answer: dict[str, Any]) -> list[dict[str, Any]]:
    assert answer["statusCode"] == 200, answer
    items: list[dict[str, Any]] = answered(answer)["items"]
    return items


def cursor_of(answer: dict[str, Any]) -> str | None:
    cursor: str | None = answered(answer)["next_cursor"]
    return cursor


def test_every_paged_list_has_a_row() -> None:
    assert {one.key for one in LISTS} == PAGED


@every_list
def test_a4_a_cursor_serves_whom_and_what_it_was_given_for(stage: Stage, full: State, listed: Listed) -> None:
    stage.rewind(full)
    cursor = cursor_of(page(listed.ask, stage))
    assert cursor
    middle = len(cursor) // 2
    tampered = f"{cursor[:middle]}{'A' if cursor[middle] != 'A' else 'B'}{cursor[middle + 1 :]}"
    others = [other for other in LISTS if other is not listed]
    refused = [
        page(listed.ask, stage, cursor=tampered),
        page(listed.ask, stage, cursor=cursor[:-1]),
        page(listed.by_another, stage, cursor=cursor),
        page(listed.ask, stage, cursor=cursor, later=timedelta(hours=25)),
        *(page(other.ask, stage, cursor=cursor) for other in others),
        *([page(listed.ask, stage, cursor=cursor, narrowed=listed.narrowed)] if listed.narrowed else []),
    ]
    for answer in refused:
        assert (answer["statusCode"], answered(answer)["code"]) == (400, "bad-cursor")
    assert len(items_of(page(listed.ask, stage, cursor=cursor, later=timedelta(hours=23)))) == 1


def test_a4_pages_have_no_gap_and_no_duplicate_while_a_hundred_things_happen(stage: Stage, full: State) -> None:
    stage.rewind(full)
    before = {one.key: items_of(page(one.ask, stage, limit=100)) for one in LISTS}
    read: dict[str, list[dict[str, Any]]] = {one.key: [] for one in LISTS}
    cursors: dict[str, str | None] = dict.fromkeys(read, "")
    happened = 0
    for number in range(4, 4 + ROUNDS):
        for one in LISTS:
            cursor = cursors[one.key]
            if cursor is not None:
                answer = page(one.ask, stage, cursor=cursor)
                read[one.key] += items_of(answer)
                cursors[one.key] = cursor_of(answer)
        more = list(something_happens(number))
        stage.play(more)
        happened += len(more)
    assert happened >= 100
    for key, items in before.items():
        assert len(items) > 2, key
        named = [one for one in read[key] if one in items]
        assert named == items, key
        new = [one for one in read[key] if one not in items]
        assert new == [] or key == "POST /v1/admin/members/search", key  # by id: who enrols may come behind
