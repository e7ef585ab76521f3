"""Signatures of the house format: W1 to W6 and W8."""

import ast
import base64
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from standardwebhooks.webhooks import Webhook

from shared.errors import SignatureInvalidError
from shared.http import webhook_signature
from shared.http.webhook_signature import sign, verify

# The vendor's published vector: standard-webhooks/standard-webhooks, libraries/python/tests/test_webhooks.py
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
DELIVERY = "msg_p5jXN8AQM9LWM0D4loKWxJek"
TIMESTAMP = 1614265330
BODY = b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
OTHER_SIGNATURE = "v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc="

NOW = datetime.fromtimestamp(TIMESTAMP, UTC)
OLD_SECRET = "whsec_" + base64.b64encode(b"o" * 24).decode()
SEED = 20261216

Headers = dict[str, str]


def seeded() -> random.Random:
    return random.Random(SEED)  # noqa: S311 test cases, not secrets


def signed(signature: str = SIGNATURE, timestamp: int | str = TIMESTAMP, delivery: str = DELIVERY) -> Headers:
    return {"webhook-id": delivery, "webhook-timestamp": str(timestamp), "webhook-signature": signature}


def is_accepted(
    headers: Headers, body: bytes = BODY, secrets: tuple[str, ...] = (SECRET,), now: datetime = NOW
) -> bool:
    try:
        verify(headers, body, secrets, now)
    except SignatureInvalidError:
        return False
    return True


class TestPublishedVectors:
    def test_w1_signs_as_published(self) -> None:
        assert sign(DELIVERY, TIMESTAMP, BODY, SECRET) == SIGNATURE

    @pytest.mark.parametrize(
        ("headers", "expected"),
        [
            (signed(), True),
            (
                signed(" ".join([OTHER_SIGNATURE, OTHER_SIGNATURE.replace("v1", "v2"), SIGNATURE, OTHER_SIGNATURE])),
                True,
            ),
            (signed(SIGNATURE[:-2] + "A="), False),
            (signed(OTHER_SIGNATURE), False),
            (signed(timestamp="hello"), False),
            ({name: value for name, value in signed().items() if name != "webhook-id"}, False),
            ({name: value for name, value in signed().items() if name != "webhook-timestamp"}, False),
            ({name: value for name, value in signed().items() if name != "webhook-signature"}, False),
        ],
    )
    def test_w1_accepts_and_rejects_as_published(self, headers: Headers, *, expected: bool) -> None:
        assert is_accepted(headers) is expected

    def test_w1_takes_the_secret_with_and_without_its_prefix(self) -> None:
        assert is_accepted(signed(), secrets=(SECRET.removeprefix("whsec_"),))

    def test_gives_the_id_of_the_delivery(self) -> None:
        assert verify(signed(), BODY, [SECRET], NOW) == DELIVERY


class TestMutations:
    def test_w2_no_changed_body_is_accepted(self) -> None:
        dice = seeded()
        for _ in range(1000):
            assert not is_accepted(signed(), body=_mutated_bytes(BODY, dice))

    @pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
    def test_w2_no_changed_header_is_accepted(self, name: str) -> None:
        dice = seeded()
        for _ in range(1000):
            headers = signed()
            mutated = _mutated_bytes(headers[name].encode(), dice).decode("latin-1")
            assert not is_accepted(headers | {name: mutated})


class TestMalformedHeaders:
    @pytest.mark.parametrize(
        "value",
        [
            "",
            " ",
            "x" * 65_536,
            "v1," + "A" * 65_536,
            "签名",
            "v1,签名",
            "\x00",
            SIGNATURE + "\x00",
            SIGNATURE + "\n",
            "v1",
            "v1,",
            ",",
            "v1,a,b",
            SIGNATURE + ",b",
            SIGNATURE + "  " + SIGNATURE,
            " " + SIGNATURE,
            SIGNATURE + " ",
            SIGNATURE + "," + SIGNATURE,
            SIGNATURE + ", " + SIGNATURE,
            SIGNATURE + " v1",
            SIGNATURE.replace("v1", "V1"),
            SIGNATURE.replace("v1,", "v1a,"),
            SIGNATURE.removesuffix("="),
            SIGNATURE + "=",
        ],
    )
    def test_w3_a_malformed_signature_is_refused_at_once(self, value: str) -> None:
        began = time.perf_counter()
        assert not is_accepted(signed(value))
        assert time.perf_counter() - began < 0.05

    @pytest.mark.parametrize(
        "value",
        ["", "hello", "1614265330.0", "1e9", "-1", "+1614265330", " 1614265330", "1614265330\n", "١٦١٤٢٦٥٣٣٠",
         "9" * 65_536, "1614265330,1614265330", "nan", "inf"],
    )  # fmt: skip
    def test_w3_a_malformed_timestamp_is_refused(self, value: str) -> None:
        assert not is_accepted(signed(timestamp=value))

    @pytest.mark.parametrize("value", ["", "a b", "a\x00", "标识", "i" * 65_536])
    def test_w3_a_malformed_id_is_refused(self, value: str) -> None:
        assert not is_accepted(signed(sign(value, TIMESTAMP, BODY, SECRET), delivery=value))

    @pytest.mark.parametrize("secret", ["", "whsec_", "whsec_A", "whsec_密", "密钥"])
    def test_w3_an_unusable_secret_accepts_nothing(self, secret: str) -> None:
        assert not is_accepted(signed(), secrets=(secret,))

    def test_w3_no_secret_accepts_nothing(self) -> None:
        assert not is_accepted(signed(), secrets=())


class TestTime:
    @pytest.mark.parametrize(("seconds", "expected"), [(-300, True), (-301, False), (300, True), (301, False)])
    def test_w5_allows_300_seconds_to_either_side(self, seconds: int, *, expected: bool) -> None:
        assert is_accepted(signed(), now=NOW + timedelta(seconds=seconds)) is expected


class TestRotation:
    def test_w6_both_secrets_are_taken_while_one_is_rotated(self) -> None:
        old, new = sign(DELIVERY, TIMESTAMP, BODY, OLD_SECRET), SIGNATURE
        both = (SECRET, OLD_SECRET)
        assert all(is_accepted(signed(value), secrets=both) for value in (old, new, f"{old} {new}"))

    def test_w6_a_retired_secret_is_not(self) -> None:
        old = sign(DELIVERY, TIMESTAMP, BODY, OLD_SECRET)
        assert not is_accepted(signed(old), secrets=(SECRET,))


class TestAgreement:
    """With the reference library: on well-formed headers in everything; what it alone would take, we refuse."""

    @pytest.mark.filterwarnings("ignore::DeprecationWarning")
    def test_w1_agrees_with_the_reference_library_in_1000_random_cases(self) -> None:
        dice = seeded()
        accepted = 0
        for _ in range(1000):
            body = bytes(dice.randrange(32, 127) for _ in range(dice.randrange(0, 60)))
            offset = dice.choice([0, 0, 1, -299, 299, -310, 310, -9_000])
            signer = dice.choice([SECRET, SECRET, SECRET, OLD_SECRET])
            delivery = f"msg_{dice.randrange(10**9)}"
            right = sign(delivery, TIMESTAMP + offset, body, signer)
            given = dice.choice(
                [right, f"{OTHER_SIGNATURE} {right}", f"v2,abcd {right}", OTHER_SIGNATURE, f"v1a,{right[3:]}"]
            )
            headers = signed(given, TIMESTAMP + offset, delivery)
            sent = dice.choice([body, body, body, body + b"x"])
            assert is_accepted(headers, sent) is _library_accepts(headers, sent)
            accepted += is_accepted(headers, sent)
        assert 100 < accepted < 900

    def test_w2_accepts_no_mutation_that_the_reference_library_refuses(self) -> None:
        dice = seeded()
        for _ in range(1000):
            name = dice.choice(sorted(signed()))
            headers = signed() | {name: _mutated_bytes(signed()[name].encode(), dice).decode("latin-1")}
            assert not is_accepted(headers) or _library_accepts(headers, BODY)


def test_w8_signatures_are_compared_in_constant_time_only() -> None:
    tree = ast.parse(Path(webhook_signature.__file__).read_text(encoding="utf-8"))
    compared = [
        operand
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare)
        and any(isinstance(operator, ast.Eq | ast.NotEq | ast.In) for operator in node.ops)
        for operand in (node.left, *node.comparators)
    ]
    # The only equality in the module picks a signature's version, which is no secret.
    assert {ast.unparse(operand) for operand in compared} == {"part[1]", "'v1'"}
    calls = [ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)]
    assert calls.count("hmac.compare_digest") == 1


def _library_accepts(headers: Headers, body: bytes) -> bool:
    with time_machine.travel(NOW, tick=False):
        try:
            Webhook(SECRET).verify(body, headers, json_parse=False)
        except Exception:  # noqa: BLE001 it raises errors of many kinds
            return False
        return True


def _mutated_bytes(original: bytes, dice: random.Random) -> bytes:
    """Change, drop or add one byte."""
    place = dice.randrange(len(original))
    changes: list[Callable[[], bytes]] = [
        lambda: original[:place] + bytes([original[place] ^ dice.randrange(1, 256)]) + original[place + 1 :],
        lambda: original[:place] + original[place + 1 :],
        lambda: original[:place] + bytes([dice.randrange(256)]) + original[place:],
    ]
    mutated = dice.choice(changes)()
    return mutated if mutated != original else original + b"x"
