"""What members try for points that are not theirs, over HTTP on the deployed stacks. T7, T9, L12, C7."""

import secrets
from concurrent.futures import ThreadPoolExecutor

from cli.laptop.tokens import mint_member_token
from tests.e2e.shop import CONSENTS, Customer, Shop
from tests.e2e.test_referrals import a_phone, points


def joins(shop: Shop, token: str, code: str) -> int:
    """Enrol, or try to, with a code; give the status."""
    body = {"consents": CONSENTS, "referral_code": code}
    return shop.api.call("POST", "/v1/me", body, token=token).status


def code_of(shop: Shop, customer: Customer) -> str:
    return str(shop.see(customer, "/v1/me/referral")["code"])


def test_t7_a_code_counts_once_for_a_friend_and_never_for_oneself(shop: Shop) -> None:
    own, phone = a_phone(), a_phone()
    lin = shop.enrolled(phone=own)
    code = code_of(shop, lin)
    mei = shop.enrolled(phone=phone, code=code)
    assert joins(shop, mei.token, code) == 200, "she is a member: nothing more"
    assert joins(shop, shop.somebody(phone).token, code) == 409, "another login with her phone"
    assert joins(shop, lin.token, code) == 200, "one's own code"
    assert joins(shop, shop.somebody(own).token, code) == 409, "one's own code with another login"
    assert (points(shop, lin), points(shop, mei)) == ((150, 0), (150, 0))
    assert shop.see(lin, "/v1/me/referral")["friends"] == 1


def test_l12_of_a_chain_of_friends_each_pays_whoever_invited_alone(shop: Shop) -> None:
    lin = shop.enrolled(phone=a_phone())
    mei = shop.enrolled(phone=a_phone(), code=code_of(shop, lin))
    hua = shop.enrolled(phone=a_phone(), code=code_of(shop, mei))
    assert joins(shop, lin.token, code_of(shop, hua)) == 200, "the first of them cannot be the friend of the last"
    assert [points(shop, one) for one in (lin, mei, hua)] == [(150, 0), (250, 0), (150, 0)]


def test_c7_two_devices_that_check_in_at_once_are_one_check_in(shop: Shop) -> None:
    subject = f"e2e-{secrets.token_hex(6)}"
    devices = [mint_member_token(shop.connection.local, subject) for _ in range(2)]
    assert shop.api.call("POST", "/v1/me", {"consents": CONSENTS}, token=devices[0]).status == 201
    with ThreadPoolExecutor(4) as pool:
        taps = list(pool.map(lambda at: shop.api.call("POST", "/v1/me/check-ins", token=devices[at % 2]), range(6)))
    assert sorted(one.status for one in taps) == [200, 200, 200, 200, 200, 201], taps
    assert len({one.body["entry_id"] for one in taps}) == 1
    assert shop.available(Customer(token=devices[1])) == 5
