"""A replay over HTTP: when its receipts happened, what it counts, and what it tells where nothing answers."""

import pickle
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from cli.receipts import ReplayEvent
from cli.replay_report import Tally
from cli.replay_workers import Answered, OverHttp, UnreachableError, shifted

FIRST = datetime(2010, 12, 1, 8, 26, tzinfo=UTC)
LAST = datetime(2010, 12, 3, 17, 0, tzinfo=UTC)
SECRET = "whsec_" + "QUJD" * 8


def an_event(at: datetime, receipt: str = "536365") -> ReplayEvent:
    data = {"store_id": "UK", "receipt_id": receipt, "occurred_at": at.isoformat()}
    return ReplayEvent(customer="17850", invoice=receipt, type="sale.completed", at=at, data=data)


def an_answer(status: int, result: str, points: int = 0) -> Answered:
    return Answered(status=status, result=result, reason="", points=points, elapsed_ms=1.0)


class TestWhen:
    def test_receipts_are_moved_by_whole_weeks_and_none_into_the_future(self) -> None:
        moved = shifted([an_event(FIRST), an_event(LAST)], datetime(2026, 11, 24, 4, 0, tzinfo=UTC))
        assert [one.at.isoformat() for one in moved] == ["2026-11-18T08:26:00+00:00", "2026-11-20T17:00:00+00:00"]
        assert [one.data["occurred_at"] for one in moved] == [one.at.isoformat() for one in moved]

    def test_within_a_week_a_receipt_stays_the_same_and_never_conflicts(self) -> None:
        tuesday, thursday = datetime(2026, 11, 24, tzinfo=UTC), datetime(2026, 11, 26, tzinfo=UTC)
        assert shifted([an_event(LAST)], tuesday) == shifted([an_event(LAST)], thursday)

    def test_in_another_week_it_is_another_receipt(self) -> None:
        weeks = [shifted([an_event(LAST)], datetime(2026, 11, day, tzinfo=UTC)) for day in (20, 21)]
        assert [one.data["receipt_id"] for (one,) in weeks] == ["536365-832w", "536365-833w"]


class TestCounting:
    def test_a_repetition_moves_no_points(self) -> None:
        tally = Tally()
        for result in ("applied", "duplicate"):
            tally.add("sale.completed", an_answer(200, result, points=53))
        assert dict(tally.points) == {
            ("sale.completed", "applied", ""): 53,
            ("sale.completed", "duplicate", ""): 0,
        }

    @pytest.mark.parametrize(("status", "failed"), [(200, 0), (202, 0), (409, 0), (401, 1), (404, 1), (503, 1)])
    def test_what_is_not_let_in_or_fails_is_a_failure_and_a_conflict_is_none(self, status: int, failed: int) -> None:
        tally = Tally()
        tally.add("sale.completed", an_answer(status, "x"))
        assert tally.failed == failed


class _BusyAtFirst(BaseHTTPRequestHandler):
    posts = 0

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        type(self).posts += 1
        busy = type(self).posts == 1
        body = b"<html>busy</html>" if busy else b'{"result": "applied", "points": 5}'
        self.send_response(503 if busy else 200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 as the library names it
        """Say nothing."""


@pytest.fixture
def busy_at_first() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), _BusyAtFirst)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_who_is_busy_is_asked_again(busy_at_first: str) -> None:
    (answer,) = OverHttp(url=busy_at_first, subscription_id="till", secret=SECRET).run([an_event(LAST)])
    assert (answer.status, answer.result, answer.points) == (200, "applied", 5)


def test_an_unreachable_url_is_told_in_a_line_that_crosses_processes() -> None:
    error = pickle.loads(pickle.dumps(UnreachableError("http://127.0.0.1:9", "refused")))  # noqa: S301 our own bytes
    assert str(error) == "nothing answers at http://127.0.0.1:9: refused"
