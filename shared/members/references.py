"""References: a phone, a card, an id of another system or a token's subject, each leading to one member.

A name leads to all who bear it: it is looked up in the same way, exactly and never by its beginning.

They are stored as keyed hashes, so that the table can be searched by them and tells nothing to who reads it: the key
is not in the table, and without it the eleven digits of a phone cannot be tried out. The kind goes into the hash, so
that a card with the digits of a phone is not that phone.

Normalisation, before hashing:
- phone: E.164, read as a number of the default region (CN) unless it begins with `+`;
- card: NFKC (full-width digits become digits), upper case, without blanks and hyphens;
- external id: NFC, without outer blanks; case counts;
- subject: as the token has it;
- referral code: upper case, without blanks and hyphens; O is 0, I and L are 1;
- name: NFKC, without case and blanks.
"""

import hashlib
import hmac
import re
import unicodedata
from typing import Final, Literal, NamedTuple

from shared.errors import InvalidFieldError
from shared.members.profile import Profile

Kind = Literal["phone", "card", "external_id", "subject", "referral_code", "name"]

DEFAULT_REGION: Final = "CN"
_E164: Final = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
_CARD: Final = re.compile(r"[0-9A-Z]{4,40}", re.ASCII)
_BETWEEN_DIGITS: Final = re.compile(r"[\s\-]+")
LONGEST_EXTERNAL_ID: Final = 128
_BASE32: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class Reference(NamedTuple):
    """A normalised value and what kind it is."""

    kind: Kind
    value: str


def reference_to(kind: Kind, text: str) -> Reference:
    """Normalise what was typed or scanned. Raises InvalidFieldError naming the field of that kind."""
    match kind:
        case "phone":
            return Reference(kind, normalized_phone(text))
        case "card":
            return Reference(kind, _normalized_card(text))
        case "external_id":
            return Reference(kind, _normalized_external_id(text))
        case "subject":
            return Reference(kind, text)
        case "referral_code":
            return Reference(kind, _normalized_code(text))
        case "name":
            return Reference(kind, "".join(unicodedata.normalize("NFKC", text).casefold().split()))


def references_in(profile: Profile) -> list[Reference]:
    """Give what leads to a member because of what their profile says: the phone where it is proven, and the name."""
    phone = [Reference("phone", profile.phone)] if profile.phone and profile.phone_proven else []
    return [*phone, reference_to("name", profile.name)] if profile.name else phone


def digest_of(reference: Reference, key: bytes) -> str:
    """Give the keyed hash under which a reference is found: 64 hexadecimal digits. `key` is of `references`."""
    return hmac.new(key, f"{reference.kind}\0{reference.value}".encode(), hashlib.sha256).hexdigest()


def normalized_phone(text: str) -> str:
    """Give a phone number in E.164. Raises InvalidFieldError where no such number can exist."""
    import phonenumbers  # noqa: PLC0415 100 ms that most requests need not spend

    try:
        number = phonenumbers.parse(unicodedata.normalize("NFKC", text)[:40], DEFAULT_REGION)
    except phonenumbers.NumberParseException:
        raise _invalid("phone", "phone_invalid") from None
    if not phonenumbers.is_valid_number(number):
        raise _invalid("phone", "phone_invalid")
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def proven_phone(claim: str | None) -> str | None:
    """Give the phone of a token where it is E.164, as OpenID Connect Core 5.1 has issuers write it; else None."""
    return claim if claim and _E164.fullmatch(claim) else None


def _normalized_card(text: str) -> str:
    card = _BETWEEN_DIGITS.sub("", unicodedata.normalize("NFKC", text)).upper()
    if not _CARD.fullmatch(card):
        raise _invalid("card", "string_pattern_mismatch")
    return card


def _normalized_external_id(text: str) -> str:
    external_id = unicodedata.normalize("NFC", text).strip()
    if not external_id or len(external_id) > LONGEST_EXTERNAL_ID or not external_id.isprintable():
        raise _invalid("external_id", "string_pattern_mismatch")
    return external_id


def referral_code(member_id: str, key: bytes) -> str:
    """Give a member's referral code, the same for ever: 80 bits in Crockford's Base32. `key` is of `codes`.

    Guessing one of a million codes takes 2^60 tries, so a wrong code needs no lockout.
    """
    bits = int.from_bytes(hmac.digest(key, f"referral\0{member_id}".encode(), hashlib.sha256)[:10])
    return "".join(_BASE32[bits >> shift & 31] for shift in range(75, -1, -5))


def _normalized_code(text: str) -> str:
    code = _BETWEEN_DIGITS.sub("", unicodedata.normalize("NFKC", text)).upper()
    return code.replace("O", "0").replace("I", "1").replace("L", "1")


def _invalid(field: str, code: str) -> InvalidFieldError:
    return InvalidFieldError(errors=[{"pointer": f"/{field}", "code": code}])
