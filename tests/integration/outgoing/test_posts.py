"""One POST of an event, to a server over TLS: signed, to the checked address, in bounded time. T20, W6."""

import json
import socket
import ssl
import time
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook as Reference
from standardwebhooks.webhooks import WebhookVerificationError

from cli.secret_lists import new_secret
from shared.http.addresses import UrlRefusedError
from shared.http.endpoints import Endpoint
from shared.http.outgoing import NoAnswerError, Sending, Verdict, Webhook, deliver
from shared.runtime.clock import utc_now
from tests.receiver import HOST, Authority, Receiver, answering, receiving

EVENT = Webhook(
    id="ent_U0FMRSNTSDAwMSNULTEwMDEKU0FMRQ",
    type="points.earned",
    timestamp="2026-12-16T02:21:03Z",
    data={"id": "ent_U0FMRSNTSDAwMSNULTEwMDEKU0FMRQ", "points": 38, "label": "满百加赠"},
)
OLD, NEW = new_secret(), new_secret()


class Resolver:
    """Answers a name with one address after the other, and stays with the last one."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = list(addresses)
        self.asked: list[str] = []

    def __call__(self, host: str, _port: int) -> Sequence[str]:
        self.asked.append(host)
        return [self.addresses.pop(0) if len(self.addresses) > 1 else self.addresses[0]]


def sending(authority: Authority, resolver: Resolver | None = None, **others: Any) -> Sending:
    return Sending(
        clock=utc_now, resolve=resolver or Resolver("127.0.0.1"), trust=authority.trusted(), loopback=True, **others
    )


def an_endpoint(url: str, *secrets: str) -> Endpoint:
    return Endpoint(id="ep_1", url=url, events=frozenset({"*"}), secrets=secrets or (NEW,))


def test_an_event_arrives_as_json_with_its_id_and_no_more(receiver: Receiver, authority: Authority) -> None:
    verdict, status = deliver(EVENT, an_endpoint(receiver.url(path="/in?shop=1")), sending(authority))

    (request,) = receiver.requests
    assert (verdict, status, request.path) == (Verdict.DELIVERED, 200, "/in?shop=1")
    assert json.loads(request.body) == {"type": EVENT.type, "timestamp": EVENT.timestamp, "data": EVENT.data}
    assert request.headers["host"] == f"{HOST}:{receiver.server_port}"
    assert set(request.headers) == {
        "accept-encoding", "connection", "content-length", "content-type", "host", "user-agent", "webhook-id",
        "webhook-signature", "webhook-timestamp",
    }  # fmt: skip


class TestSignatures:
    def test_the_reference_library_verifies_what_is_sent(self, receiver: Receiver, authority: Authority) -> None:
        deliver(EVENT, an_endpoint(receiver.url()), sending(authority))

        (request,) = receiver.requests
        assert verified(NEW, request.headers, request.body) == {
            "type": EVENT.type,
            "timestamp": EVENT.timestamp,
            "data": EVENT.data,
        }
        assert request.headers["webhook-id"] == EVENT.id

    def test_w6_while_a_secret_is_rotated_either_verifies_and_afterwards_the_new_one_alone(
        self, receiver: Receiver, authority: Authority
    ) -> None:
        deliver(EVENT, an_endpoint(receiver.url(), NEW, OLD), sending(authority))
        deliver(EVENT, an_endpoint(receiver.url(), NEW), sending(authority))

        during, after = receiver.requests
        for secret, request in ((OLD, during), (NEW, during), (NEW, after)):
            assert verified(secret, request.headers, request.body)
        with pytest.raises(WebhookVerificationError):
            verified(OLD, after.headers, after.body)

    def test_a_changed_body_does_not_verify(self, receiver: Receiver, authority: Authority) -> None:
        deliver(EVENT, an_endpoint(receiver.url()), sending(authority))

        (request,) = receiver.requests
        with pytest.raises(WebhookVerificationError):
            verified(NEW, request.headers, request.body.replace(b"38", b"99"))


def verified(secret: str, headers: dict[str, str], body: bytes) -> Any:
    return Reference(secret).verify(body, headers)


class TestAnswers:
    @pytest.mark.parametrize(
        ("status", "verdict"),
        [
            (200, Verdict.DELIVERED),
            (204, Verdict.DELIVERED),
            (299, Verdict.DELIVERED),
            (300, Verdict.REFUSED),
            (400, Verdict.REFUSED),
            (401, Verdict.REFUSED),
            (404, Verdict.REFUSED),
            (410, Verdict.GONE),
            (429, Verdict.REFUSED),
            (500, Verdict.REFUSED),
        ],
    )
    def test_the_status_decides(self, receiver: Receiver, authority: Authority, status: int, verdict: Verdict) -> None:
        receiver.behave = answering(status, b"" if status == 204 else b"words")
        assert deliver(EVENT, an_endpoint(receiver.url()), sending(authority)) == (verdict, status)

    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    def test_t20_nobody_is_followed(
        self, receiver: Receiver, shown: ssl.SSLContext, authority: Authority, status: int
    ) -> None:
        with receiving(shown) as inside:
            receiver.behave = answering(status, Location=inside.url(path="/latest/meta-data/"))

            assert deliver(EVENT, an_endpoint(receiver.url()), sending(authority)) == (Verdict.REFUSED, status)

            assert inside.requests == []

    def test_t20_of_a_huge_answer_next_to_nothing_is_read(self, receiver: Receiver, authority: Authority) -> None:
        written: list[int] = []

        def pour(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(200)
            handler.send_header("content-length", str(10**10))
            handler.end_headers()
            while len(written) < 10**4:
                handler.wfile.write(b"x" * 2**16)
                written.append(2**16)

        receiver.behave = pour
        assert deliver(EVENT, an_endpoint(receiver.url()), sending(authority)) == (Verdict.DELIVERED, 200)
        assert sum(written) < 20 * 2**20  # what the machine's own buffers hold


class TestPlaces:
    def test_t20_a_name_that_answers_differently_the_second_time_has_no_second_time(
        self, receiver: Receiver, authority: Authority
    ) -> None:
        resolver = Resolver("127.0.0.1", "169.254.169.254")

        verdict, _ = deliver(EVENT, an_endpoint(receiver.url()), sending(authority, resolver))

        assert verdict is Verdict.DELIVERED
        assert resolver.asked == [HOST]  # nobody else could have asked: the name is not in any DNS
        with pytest.raises(UrlRefusedError):
            deliver(EVENT, an_endpoint(receiver.url()), sending(authority, resolver))
        assert len(receiver.requests) == 1

    def test_t20_without_a_laptops_leave_nothing_reaches_this_machine(
        self, receiver: Receiver, authority: Authority
    ) -> None:
        abroad = Sending(clock=utc_now, resolve=Resolver("127.0.0.1"), trust=authority.trusted())
        for url in (receiver.url(), f"https://{HOST}/hook", "https://127.0.0.1/hook", "https://2130706433/hook"):
            with pytest.raises(UrlRefusedError):
                deliver(EVENT, an_endpoint(url), abroad)
        assert receiver.requests == []

    def test_a_certificate_for_another_host_is_not_taken(self, authority: Authority) -> None:
        with receiving(authority.issued("other.example")) as other, pytest.raises(NoAnswerError) as failed:
            deliver(EVENT, an_endpoint(other.url()), sending(authority))
        assert isinstance(failed.value.__cause__, ssl.SSLCertVerificationError)
        assert other.requests == []

    def test_nor_is_one_of_an_authority_that_nobody_knows(self, receiver: Receiver) -> None:
        stranger = Sending(
            clock=utc_now, resolve=Resolver("127.0.0.1"), trust=ssl.create_default_context(), loopback=True
        )
        with pytest.raises(NoAnswerError) as failed:
            deliver(EVENT, an_endpoint(receiver.url()), stranger)
        assert isinstance(failed.value.__cause__, ssl.SSLCertVerificationError)

    def test_t20_no_proxy_is_used(
        self, receiver: Receiver, authority: Authority, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, "http://127.0.0.1:9/")
        assert deliver(EVENT, an_endpoint(receiver.url()), sending(authority))[0] is Verdict.DELIVERED


class TestTime:
    """With half a second for all of it, so that the tests do not take five."""

    @pytest.fixture
    def hasty(self, authority: Authority) -> Sending:
        return sending(authority, total_seconds=0.5)

    @pytest.fixture
    def silent(self) -> Iterator[str]:
        """Give the URL of somebody who takes connections and says nothing."""
        with socket.create_server(("127.0.0.1", 0)) as listening:
            yield f"https://{HOST}:{listening.getsockname()[1]}/hook"

    def test_who_does_not_answer_is_left_in_time(self, receiver: Receiver, hasty: Sending) -> None:
        receiver.behave = lambda _handler: time.sleep(1.5)
        assert seconds_until_no_answer(receiver.url(), hasty) < 1

    def test_a_byte_now_and_then_does_not_keep_the_connection(self, receiver: Receiver, hasty: Sending) -> None:
        def drip(handler: BaseHTTPRequestHandler) -> None:
            for byte in b"HTTP/1.1 200 OK\r\n" + b"x" * 100:
                handler.wfile.write(bytes([byte]))
                time.sleep(0.1)

        receiver.behave = drip
        assert seconds_until_no_answer(receiver.url(), hasty) < 1

    def test_an_answer_whose_body_never_ends_has_been_given(self, receiver: Receiver, hasty: Sending) -> None:
        def drip(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(202)
            handler.send_header("content-length", "1000")
            handler.end_headers()
            for _ in range(20):
                handler.wfile.write(b"x")
                time.sleep(0.1)

        receiver.behave = drip
        began = time.monotonic()
        assert deliver(EVENT, an_endpoint(receiver.url()), hasty) == (Verdict.DELIVERED, 202)
        assert time.monotonic() - began < 1

    def test_who_does_not_speak_tls_is_left_in_time(self, silent: str, hasty: Sending) -> None:
        assert seconds_until_no_answer(silent, hasty) < 2

    def test_who_does_not_listen_is_known_at_once(self, hasty: Sending) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            port = listening.getsockname()[1]
        assert seconds_until_no_answer(f"https://{HOST}:{port}/", hasty) < 1


def seconds_until_no_answer(url: str, hasty: Sending) -> float:
    began = time.monotonic()
    with pytest.raises(NoAnswerError):
        deliver(EVENT, an_endpoint(url), hasty)
    return time.monotonic() - began
