"""The API as a caller meets it: admission, reading, answers, problems. Ids A1, A3, A5, I10, S1, S7."""

import json
import re
from typing import Annotated, Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError
from pydantic import Field

from shared.errors import BusyError, InsufficientPointsError, JifenError, MemberNotFoundError
from shared.http.api import Api, build_api
from shared.http.call import Answer, Call
from shared.http.fields import AnswerModel, Name, RequestModel
from shared.http.json_body import LARGEST_JSON_BYTES
from shared.http.problems import status_of
from shared.http.routes import Routes
from shared.ledger.account import ImpossibleMovementError
from shared.runtime import telemetry
from tests.http_events import MEMBER_CLIENT, LambdaContext, answered, http_event, member_claims, staff_claims

PERSONAL = ("13812345678", "王小明", "wang@example.com")
INTERNAL = re.compile(
    r"Traceback|File \"|arn:aws|dynamodb|botocore|pydantic|Python|\.py\b|accounts|ledger-|secretsmanager", re.IGNORECASE
)


class Line(RequestModel):
    net: Annotated[int, Field(strict=True, ge=0)]


class Order(RequestModel):
    name: Name
    lines: tuple[Line, ...] = ()


class OrderView(AnswerModel):
    id: str
    name: str


routes = Routes[dict[str, Any]](tag="Test")


@routes.post("/v1/orders/<order_id>", scopes=("member", "pos:write"), status=201)
def make_order(built: dict[str, Any], call: Call, order_id: str, request: Order, limit: int = 20) -> OrderView:
    built["ran"] = built.get("ran", 0) + 1
    return OrderView(id=order_id, name=request.name)


@routes.post("/v1/points", scopes=("member",), idempotent=True)
def move_points(built: dict[str, Any], call: Call) -> Answer[OrderView]:
    return Answer(body=OrderView(id=call.derived_id("rdm"), name="x"), replayed=built.get("replayed", False))


@routes.get("/v1/catalogue", max_age_seconds=60)
def read_catalogue(built: dict[str, Any], call: Call) -> OrderView:
    return OrderView(id="1", name=built.get("name", "奖品"))


@routes.post("/v1/hooks/<subscription_id>", signed=True)
def receive(built: dict[str, Any], call: Call, subscription_id: str) -> OrderView:
    return OrderView(id=subscription_id, name=str(len(call.signed_body())))


@routes.get("/v1/failure", scopes=())
def fail(built: dict[str, Any], call: Call) -> OrderView:
    telemetry.note(member_id="mem_1")
    raise built["error"]


@pytest.fixture
def built() -> dict[str, Any]:
    return {}


@pytest.fixture
def api(built: dict[str, Any]) -> Api:
    return build_api([routes], built=built, member_client_id=MEMBER_CLIENT)


def post_order(api: Api, body: Any = None, **changes: Any) -> dict[str, Any]:
    event = http_event(
        "POST /v1/orders/{order_id}",
        path="/v1/orders/o-1",
        body={"name": "咖啡"} if body is None else body,
        **{"claims": member_claims(), **changes},
    )
    return api.resolve(event, LambdaContext())


class TestAnswers:
    def test_gives_the_model_with_the_routes_status_and_forbids_storing_it(self, api: Api) -> None:
        answer = post_order(api)
        assert answer["statusCode"] == 201
        assert answered(answer) == {"id": "o-1", "name": "咖啡"}
        assert answer["headers"]["Cache-Control"] == "no-store"
        assert answer["headers"]["Content-Type"] == "application/json"

    def test_reads_a_body_in_base64_like_a_plain_one(self, api: Api) -> None:
        assert post_order(api, in_base64=True) == post_order(api)

    def test_marks_a_replay(self, api: Api, built: dict[str, Any]) -> None:
        built["replayed"] = True
        event = http_event("POST /v1/points", claims=member_claims(), headers={"idempotency-key": "key-0001"})
        assert api.resolve(event, LambdaContext())["headers"]["Idempotency-Replayed"] == "true"

    def test_public_answers_may_be_cached_for_a_minute_and_are_revalidated(
        self, api: Api, built: dict[str, Any]
    ) -> None:
        first = api.resolve(http_event("GET /v1/catalogue"), LambdaContext())
        tag = first["headers"]["ETag"]
        assert first["headers"]["Cache-Control"] == "public, max-age=60"
        again = api.resolve(
            http_event("GET /v1/catalogue", headers={"if-none-match": f'W/"x", {tag}'}), LambdaContext()
        )
        assert (again["statusCode"], again["body"]) == (304, "")
        built["name"] = "新奖品"
        changed = api.resolve(http_event("GET /v1/catalogue", headers={"if-none-match": tag}), LambdaContext())
        assert changed["statusCode"] == 200


class TestAdmission:
    @pytest.mark.parametrize(
        ("claims", "status", "code"),
        [
            (None, 401, "token-missing"),
            ({}, 401, "token-missing"),
            ({"sub": "x"}, 401, "token-missing"),
            (staff_claims("staff:read"), 403, "scope-missing"),
            (staff_claims(), 403, "scope-missing"),
            (staff_claims("pos:write"), 201, None),
            (member_claims(), 201, None),
        ],
    )
    def test_s1_asks_for_a_token_and_one_of_the_scopes(
        self, api: Api, claims: dict[str, str] | None, status: int, code: str | None
    ) -> None:
        answer = post_order(api, claims=claims)
        assert (answer["statusCode"], answered(answer).get("code")) == (status, code)

    def test_s1_says_nothing_about_the_body_to_whom_it_does_not_admit(self, api: Api, built: dict[str, Any]) -> None:
        assert post_order(api, {"nonsense": 1}, claims=None)["statusCode"] == 401
        assert post_order(api, "{", claims=staff_claims("ops"))["statusCode"] == 403
        assert built == {}

    @pytest.mark.parametrize(
        "key", [None, "", "short", "x" * 129, "has blank", "käse-käse", "a\tbcdefgh", "a, bcdefgh"]
    )
    def test_i10_asks_for_an_idempotency_key(self, api: Api, key: str | None) -> None:
        headers = {} if key is None else {"idempotency-key": key}
        answer = api.resolve(http_event("POST /v1/points", claims=member_claims(), headers=headers), LambdaContext())
        assert (answer["statusCode"], answered(answer)["code"]) == (400, "idempotency-key-missing")


class TestReading:
    @pytest.mark.parametrize(
        ("body", "status", "code"),
        [
            ("{", 400, "malformed-json"),
            ('{"name": NaN}', 400, "malformed-json"),
            ("[" * 100_00, 400, "malformed-json"),
            ('{"name": ' + "[" * 40 + "]" * 40 + "}", 400, "malformed-json"),
            ('{"name": 1' + "0" * 5000 + "}", 400, "malformed-json"),
            (b'{"name": "\xff"}', 400, "not-utf8"),
            ('{"name": "\\ud800"}', 400, "not-utf8"),
            ("x" * (LARGEST_JSON_BYTES + 1), 413, "body-too-large"),
            ("x" * (10 * LARGEST_JSON_BYTES), 413, "body-too-large"),
            ("[]", 422, "validation-failed"),
            ('[{"name": "a"}]', 422, "validation-failed"),
            ("null", 422, "validation-failed"),
            ("", 422, "validation-failed"),
        ],
    )
    def test_a1_refuses_what_cannot_be_read(self, api: Api, body: str | bytes, status: int, code: str) -> None:
        answer = post_order(api, body, in_base64=True)
        assert (answer["statusCode"], answered(answer)["code"]) == (status, code)

    def test_a1_refuses_base64_that_is_none(self, api: Api) -> None:
        event = http_event("POST /v1/orders/{order_id}", path="/v1/orders/1", body="%%%", claims=member_claims())
        answer = api.resolve({**event, "isBase64Encoded": True}, LambdaContext())
        assert answered(answer)["code"] == "malformed-json"

    @pytest.mark.parametrize(
        "media_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; x"]
    )
    def test_a1_refuses_another_media_type(self, api: Api, media_type: str) -> None:
        answer = post_order(api, headers={"content-type": media_type})
        assert (answer["statusCode"], answered(answer)["code"]) == (415, "media-type")

    def test_takes_json_with_a_charset_and_without_a_type(self, api: Api) -> None:
        assert post_order(api, headers={"content-type": "Application/JSON; charset=utf-8"})["statusCode"] == 201
        assert post_order(api, headers={"content-type": ""})["statusCode"] == 201

    @pytest.mark.parametrize("field", ["balance", "tier", "role", "member_id"])
    def test_a5_refuses_fields_that_nobody_may_set(self, api: Api, field: str) -> None:
        problem = answered(post_order(api, {"name": "a", field: 1}))
        assert problem["errors"] == [{"pointer": f"/{field}", "code": "extra_forbidden", "detail": "未知字段"}]

    def test_points_at_every_wrong_field(self, api: Api) -> None:
        answer = post_order(api, {"name": "", "lines": [{"net": 1}, {"net": -1}, {}]}, query={"limit": "many"})
        pointers = [(error["pointer"], error["code"]) for error in answered(answer)["errors"]]
        assert pointers == [
            ("query:limit", "int_parsing"),
            ("/name", "string_too_short"),
            ("/lines/1/net", "greater_than_equal"),
            ("/lines/2/net", "missing"),
        ]

    def test_a1_a_signed_route_takes_a_megabyte_of_any_kind_and_no_more(self, api: Api) -> None:
        event = http_event("POST /v1/hooks/{subscription_id}", path="/v1/hooks/s", body="x" * 1024 * 1024)
        event["headers"]["content-type"] = "text/plain"
        assert answered(api.resolve(event, LambdaContext()))["name"] == "1048576"
        event["body"] += "x"
        assert api.resolve(event, LambdaContext())["statusCode"] == 413


class TestProblems:
    def test_a1_every_problem_has_the_same_members(self, api: Api) -> None:
        answer = api.resolve(http_event("GET /v1/nothing"), LambdaContext())
        assert answer["headers"]["Content-Type"] == "application/problem+json"
        assert answered(answer) == {
            "type": "urn:problem-type:jifen:not-found",
            "title": "没有找到",
            "status": 404,
            "detail": "没有这样的对象或路径，或者它不属于您。",
            "instance": "/v1/nothing",
            "code": "not-found",
            "request_id": "JKJaXmPLvHcESHA=",
        }

    def test_a1_a_known_path_with_another_method_names_the_methods(self, api: Api) -> None:
        answer = api.resolve(http_event("DELETE /v1/orders/o-1"), LambdaContext())
        assert (answer["statusCode"], answer["headers"]["Allow"]) == (405, "POST")
        assert answered(answer)["code"] == "method-not-allowed"

    def test_a1_an_id_of_signs_that_no_id_has_is_not_there(self, api: Api) -> None:
        answer = api.resolve(http_event("POST /v1/orders/o#1"), LambdaContext())
        assert (answer["statusCode"], answered(answer)["code"]) == (404, "not-found")

    def test_a1_knows_the_paths_of_other_functions(self) -> None:
        api = build_api([routes], built={}, member_client_id="", elsewhere=lambda: {"/v1/me/{id}": ["GET", "PATCH"]})
        answer = api.resolve(http_event("DELETE /v1/me/1"), LambdaContext())
        assert (answer["statusCode"], answer["headers"]["Allow"]) == (405, "GET, PATCH")

    def test_carries_the_fields_of_the_error(self, api: Api, built: dict[str, Any]) -> None:
        built["error"] = InsufficientPointsError(required=500, available=499, missing=1)
        event = http_event("GET /v1/failure", headers={"accept-language": "en-GB, zh;q=0.5"})
        answer = api.resolve(event, LambdaContext())
        problem = answered(answer)
        assert (problem["required"], problem["available"], problem["missing"]) == (500, 499, 1)
        assert problem["detail"] == "500 points are needed, 499 are available, 1 are missing."
        assert answer["headers"]["Content-Language"] == "en"

    def test_fields_cannot_take_the_place_of_members(self, api: Api, built: dict[str, Any]) -> None:
        built["error"] = MemberNotFoundError(status=200, code="x", request_id="y")
        problem = answered(api.resolve(http_event("GET /v1/failure"), LambdaContext()))
        assert (problem["status"], problem["code"], problem["request_id"]) == (
            404,
            "member-not-found",
            "JKJaXmPLvHcESHA=",
        )

    @pytest.mark.parametrize(
        "error",
        [
            BusyError(),
            ConnectTimeoutError(endpoint_url="https://dynamodb.us-east-1.amazonaws.com"),
            ClientError({"Error": {"Code": "ThrottlingException", "Message": "slow down"}}, "GetItem"),
            ClientError({"ResponseMetadata": {"HTTPStatusCode": 500}, "Error": {"Code": "X"}}, "GetItem"),
        ],
    )
    def test_what_may_succeed_later_is_503_with_retry_after(
        self, api: Api, built: dict[str, Any], error: Exception, capsys: pytest.CaptureFixture[str]
    ) -> None:
        built["error"] = error
        answer = api.resolve(http_event("GET /v1/failure"), LambdaContext())
        assert (answer["statusCode"], answer["headers"]["Retry-After"]) == (503, "1")
        assert json.loads(capsys.readouterr().err)["level"] == "WARNING"

    @pytest.mark.parametrize(
        "error",
        [
            ValueError(f"no such item for {PERSONAL} in arn:aws:dynamodb:us-east-1:1:table/accounts"),
            KeyError("phone"),
            RecursionError("maximum recursion depth exceeded"),
            ClientError({"Error": {"Code": "ValidationException", "Message": "dynamodb 13812345678"}}, "GetItem"),
        ],
    )
    def test_a3_what_nobody_foresaw_says_nothing_and_is_logged_once(
        self, api: Api, built: dict[str, Any], error: Exception, capsys: pytest.CaptureFixture[str]
    ) -> None:
        built["error"] = error
        answer = api.resolve(http_event("GET /v1/failure"), LambdaContext())
        problem = answered(answer)
        assert (answer["statusCode"], problem["code"]) == (500, "internal")
        assert not INTERNAL.search(answer["body"])
        (line,) = capsys.readouterr().err.splitlines()
        logged = json.loads(line)
        assert (logged["level"], logged["exception"], logged["member_id"]) == ("ERROR", type(error).__name__, "mem_1")
        assert not any(text in line for text in PERSONAL)

    def test_a_movement_that_would_break_an_account_is_refused_and_wakes_somebody(
        self, api: Api, built: dict[str, Any], capsys: pytest.CaptureFixture[str]
    ) -> None:
        built["error"] = ImpossibleMovementError("mem_1 at version 7")
        assert api.resolve(http_event("GET /v1/failure"), LambdaContext())["statusCode"] == 500
        assert json.loads(capsys.readouterr().err)["LedgerMismatch"] == 1

    def test_a3_no_problem_repeats_what_was_sent(self, api: Api) -> None:
        for body in ({"name": 13812345678}, {"name": "a" * 65 + PERSONAL[1]}, {"lines": PERSONAL[2]}):
            text = post_order(api, body)["body"]
            assert not any(sent in text for sent in PERSONAL)
            assert not INTERNAL.search(text)

    def test_a_broken_resolver_still_answers_with_a_problem(self, api: Api) -> None:
        answer = api.resolve({"headers": None}, LambdaContext())
        assert (answer["statusCode"], answered(answer)["code"]) == (500, "internal")

    def test_every_error_has_a_status_of_its_family(self) -> None:
        assert {status_of(error) for error in _all(JifenError) if error is not JifenError} <= {
            *(400, 401, 403, 404, 405, 409, 412, 413, 415, 422, 428, 429, 500, 503)
        }


class TestLog:
    def test_p19_a_successful_request_is_one_short_line_of_ids(
        self, api: Api, capsys: pytest.CaptureFixture[str]
    ) -> None:
        post_order(api, {"name": PERSONAL[1]}, claims=member_claims(phone="+8613812345678"))
        (line,) = capsys.readouterr().err.splitlines()
        assert len(line) <= 300
        logged = json.loads(line)
        assert (logged["route"], logged["status"]) == ("POST /v1/orders/{order_id}", 201)
        assert not any(text in line for text in PERSONAL)

    def test_what_one_request_noted_is_not_in_the_line_of_the_next(
        self, api: Api, built: dict[str, Any], capsys: pytest.CaptureFixture[str]
    ) -> None:
        built["error"] = BusyError()
        api.resolve(http_event("GET /v1/failure"), LambdaContext())
        api.resolve(http_event("GET /v1/catalogue"), LambdaContext())
        first, second = (json.loads(line) for line in capsys.readouterr().err.splitlines())
        assert "member_id" in first
        assert "member_id" not in second


def _all(error: type[JifenError]) -> list[type[JifenError]]:
    return [error, *(one for child in error.__subclasses__() for one in _all(child))]
