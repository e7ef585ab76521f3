"""An entry's public id leads back to its key, and nothing else does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import EntryNotFoundError
from shared.keys import Key
from shared.ledger.entry_ids import entry_id, key_of_entry

PARTS = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=64)


@given(pk=PARTS, sk=PARTS)
def test_an_id_leads_back_to_its_key(pk: str, sk: str) -> None:
    assert key_of_entry(entry_id(Key(pk, sk))) == Key(pk, sk)


def test_an_id_is_what_it_has_always_been() -> None:
    assert entry_id(Key("SALE#SH001#T-1001", "SALE")) == "ent_U0FMRSNTSDAwMSNULTEwMDEKU0FMRQ"


@given(st.text(max_size=80))
def test_any_other_text_leads_nowhere_or_is_the_id_of_what_it_leads_to(text: str) -> None:
    try:
        key = key_of_entry(text)
    except EntryNotFoundError:
        return
    assert entry_id(key) == text


KNOWN = "ent_U0FMRSNTSDAwMSNULTEwMDEKU0FMRQ"


@pytest.mark.parametrize(
    "tampered",
    [
        "",
        "ent_",
        KNOWN.removeprefix("ent_"),
        KNOWN + "=",
        KNOWN + "==",
        KNOWN[:-1],
        KNOWN[:10] + "!" + KNOWN[10:],
        KNOWN[:10] + " " + KNOWN[10:],
        KNOWN[:10] + "\n" + KNOWN[10:],
        "ENT_" + KNOWN.removeprefix("ent_"),
        "ent_U0FMRQ",  # one part
        "ent_CkE",  # no partition key
        "ent_QQo",  # no sort key
        "ent_QQpCCkM",  # three parts
        "ent_gICA",  # no UTF-8
        "ent_积分",
    ],
)
def test_a_tampered_id_leads_nowhere(tampered: str) -> None:
    with pytest.raises(EntryNotFoundError):
        key_of_entry(tampered)
