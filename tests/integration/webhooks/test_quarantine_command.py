"""`jifen ops quarantine`: what could not be used is listed, shown, corrected, posted again and put away. W14."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any, cast

import pytest
from botocore.session import get_session
from moto import mock_aws
from typer.testing import CliRunner, Result

from cli.connection import Connection
from cli.ops import app
from shared.runtime.clock import utc_now
from tests.integration.webhooks.conftest import BUCKET, Posting


class Desk:
    """The command, the bucket, and the API behind a server of its own."""

    def __init__(self, posting: Posting, s3: Any, url: str) -> None:
        self.posting, self.s3 = posting, s3
        self._connection = Connection(
            tables=cast("Any", SimpleNamespace()),
            subscriptions_secret="subscriptions",
            keys_secret="keys",
            api_url=url,
            quarantine_bucket=BUCKET,
        )
        vars(self._connection)["s3"] = s3  # where cached_property keeps the clients
        vars(self._connection)["secretsmanager"] = posting.vault

    def run(self, *arguments: str) -> Result:
        return CliRunner().invoke(app, ["quarantine", *arguments], obj=self._connection, env={"COLUMNS": "160"})

    def stored(self) -> list[str]:
        return [one["Key"] for one in self.s3.list_objects_v2(Bucket=BUCKET).get("Contents", ())]

    def only_id(self) -> str:
        (key,) = [key for key in self.stored() if key.startswith("waiting/")]
        return key.rpartition("/")[2]


@pytest.fixture
def desk(posting: Posting, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    posting.till.clock.now = utc_now()
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    server = HTTPServer(("127.0.0.1", 0), handing_to(posting))
    with mock_aws():
        s3 = get_session().create_client("s3", region_name="us-east-1")
        s3.create_bucket(Bucket=BUCKET)
        posting.objects = s3
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield Desk(posting, s3, f"http://127.0.0.1:{server.server_port}")
        finally:
            server.shutdown()
            server.server_close()


def handing_to(posting: Posting) -> type[BaseHTTPRequestHandler]:
    """Make a server of the function, as API Gateway would have it."""

    class Gateway(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = posting.post(body, subscription=self.path.rpartition("/")[2], headers=headers, in_base64=True)
            self.send_response(answer["statusCode"])
            self.end_headers()
            self.wfile.write(answer["body"].encode())

        def log_message(self, *_told: Any) -> None:
            pass

    return Gateway


def test_t18_a_field_that_a_till_named_like_markup_is_listed_as_it_is_called(desk: Desk) -> None:
    sale = desk.posting.sale(desk.posting.till.a_member())
    assert desk.posting.post({**sale, "data": {**sale["data"], "[red]:100:": 1}})["statusCode"] == 202

    assert "/data/[red]:100:" in desk.run("list").output
    assert '"[red]:100:": 1' in desk.run("show", desk.only_id()).output


def test_w14_a_broken_sale_is_listed_shown_corrected_and_earns_once(desk: Desk, tmp_path: Path) -> None:
    posting = desk.posting
    member = posting.till.a_member()
    sale = posting.sale(member, currency="XAU")
    assert posting.post(sale)["statusCode"] == 202
    kept_id = desk.only_id()

    listed = desk.run("list").output
    shown = desk.run("show", kept_id[:8]).output
    still = desk.run("replay", kept_id[:8])
    right = tmp_path / "right.json"
    right.write_text(json.dumps(posting.sale(member)), "utf-8")
    done = desk.run("replay", kept_id[:8], "--file", str(right))

    assert (kept_id[:12] in listed, "till-1" in listed, "/data/currency: unknown-currency" in listed) == (True,) * 3
    assert '"currency": "XAU"' in shown
    assert "subscription till-1" in shown
    assert (still.exit_code, "1 of 1 still wait" in still.stderr) == (1, True)
    assert (done.exit_code, '"applied"' in done.output) == (0, True)
    assert desk.run("list").output == "nothing waits\n"
    assert posting.till.points(member) == [10]
    (key,) = desk.stored()
    assert key.startswith("done/")
    evidence = desk.s3.get_object(Bucket=BUCKET, Key=key)
    assert (evidence["Body"].read(), evidence["Metadata"]["result"]) == (json.dumps(sale).encode(), "applied")
    assert '"currency": "XAU"' in desk.run("show", key).output


def test_w14_everything_is_posted_again_and_what_fails_stays(desk: Desk) -> None:
    posting = desk.posting
    member = posting.till.a_member()
    for number in range(2):
        posting.post(posting.sale(member, receipt_id=f"R-{number}", currency="JPY"))
    posting.post(b'{"\x1b[31m": "\xff"}', in_base64=True)
    old = posting.sale(member, receipt_id="R-9", occurred_at="2020-01-01T00:00:00Z", extra=1)
    posting.post(old)
    replayed = desk.run("replay", "--all")
    assert (replayed.exit_code, "4 of 4 still wait" in replayed.stderr) == (1, True)
    assert len(desk.stored()) == 4, "posted again on the same day, an event is the same object"
    broken = next(key for key in desk.stored() if b"\xff" in desk.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read())
    shown = desk.run("show", broken.rpartition("/")[2]).output
    assert (r"\x1b[31m" in shown, r"\xff" in shown, "\x1b" in shown) == (True, True, False)
    assert desk.run("dismiss", broken).output.startswith("dismissed ")
    posting.vault.subscriptions = posting.vault.subscriptions[1:]
    gone = desk.run("replay", "--all")
    assert "there is no subscription 'till-1'" in gone.output
    assert len([key for key in desk.stored() if key.startswith("waiting/")]) == 3


def test_w14_e15_what_is_too_late_by_now_goes_on_to_review(desk: Desk, tmp_path: Path) -> None:
    posting = desk.posting
    posting.post(posting.sale(posting.till.a_member(), currency="XAU"))
    late = tmp_path / "late.json"
    late.write_text(json.dumps(posting.sale(None, occurred_at="2020-01-01T00:00:00Z")), "utf-8")
    done = desk.run("replay", desk.only_id(), "--file", str(late))
    assert (done.exit_code, "outside-the-claim-window" in done.output) == (0, True)
    assert [key.split("/")[0] for key in desk.stored()] == ["done"]


MISTAKES = [
    (["replay"], "give an ID"),
    (["replay", "abc", "--all"], "give an ID"),
    (["show", "abc"], "nothing waits"),
    (["dismiss", "done/2026-01-01/till-1/abc"], "nothing waits"),
]


def test_what_is_not_there_or_not_meant_is_told(desk: Desk) -> None:
    for arguments, told in MISTAKES:
        answer = desk.run(*arguments)
        assert answer.exit_code != 0
        assert told in answer.output + answer.stderr + str(answer.exception)
