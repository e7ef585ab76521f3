"""Whatever is sent, an answer comes back, and it is one of ours. A1, A3."""

import json
import re
from typing import Any, Final

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.http.texts import PROBLEMS
from tests.contract.conftest import Invoke
from tests.http_events import http_event, member_claims, staff_claims

MEMBERS_OF_A_PROBLEM = {"type", "title", "status", "detail", "instance", "code", "request_id"}
INTERNAL = re.compile(r"Traceback|arn:aws|dynamodb|botocore|pydantic|\.py\b|accounts-|members-|ledger-", re.IGNORECASE)
EXAMPLES: Final = 2500

texts = st.text(max_size=40) | st.sampled_from(
    ["13812345678", "privacy", "1", "王小明", "1990-05-17", "\ud800", "\x00"]
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
fields = st.sampled_from(
    ["name", "phone", "birthday", "store_id", "consents", "card", "external_id", "policy", "version", "balance"]
)
consents = st.lists(
    st.fixed_dictionaries({"policy": texts}, optional={"version": texts, "given": st.booleans()}), max_size=3
)
bodies = (
    st.dictionaries(fields, values | texts | consents, max_size=5)
    | values
    | st.just({"consents": [{"policy": "privacy", "version": "1"}]})
)
raw_bodies = bodies.map(lambda body: json.dumps(body, allow_nan=True).encode()) | st.binary(max_size=200)
claims = (
    st.none()
    | st.sampled_from([member_claims(), member_claims(phone="+8613812345678")])
    | st.just(staff_claims("pos:write", "staff:read"))
    | st.dictionaries(st.sampled_from(["sub", "iss", "scope", "aud", "stores"]), texts)
)
paths = st.sampled_from(
    ["/v1/me", "/v1/members/lookup", "/v1/program", "/v1/rewards", "/v1/health", "/v1/x"]
) | st.text(max_size=20).map("/".__add__)
methods = st.sampled_from(["GET", "POST", "PATCH", "PUT", "DELETE", "HEAD", "OPTIONS"])
headers = st.dictionaries(
    st.sampled_from(["content-type", "accept-language", "if-none-match", "idempotency-key", "cookie"]),
    texts | st.sampled_from(["application/json", "en", "*", "text/plain"]),
)


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_a1_every_answer_is_a_success_or_a_problem(invoke: Invoke, data: Any) -> None:
    route = f"{data.draw(methods)} {data.draw(paths)}"
    event = http_event(
        route,
        body=data.draw(st.none() | raw_bodies),
        claims=data.draw(claims),
        headers=data.draw(headers),
        query=data.draw(st.dictionaries(st.sampled_from(["store_id", "limit"]), st.text(max_size=9), max_size=2)),
        in_base64=True,
    )
    answer = invoke(event)
    assert answer["statusCode"] != 500, answer["body"]
    if answer["statusCode"] >= 400:
        assert answer["headers"]["Content-Type"] == "application/problem+json"
        problem = json.loads(answer["body"])
        assert problem.keys() >= MEMBERS_OF_A_PROBLEM
        assert problem["code"] in PROBLEMS
        assert problem["status"] == answer["statusCode"]
        assert not INTERNAL.search(answer["body"].replace(json.dumps(event["rawPath"])[1:-1], ""))
