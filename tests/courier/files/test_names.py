"""The type that a file's name tells: by which words, and what keeps one from telling it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.reference import TYPES

from cardstatus.courier.files.names import identify, read_name
from cardstatus.errors import SourceError
from cardstatus.model.records import EventType

PICKUP, EXCEPTIONS = EventType.PICKUP, EventType.DELIVERY_EXCEPTIONS
DELIVERED, RETURNED = EventType.DELIVERED, EventType.RETURNED


def types_claiming(name: str) -> list[EventType]:
    return list(read_name(name).types)


ONE_TYPE = {
    "Sample Card Status Info - Pickup.csv": PICKUP,
    "Sample Card Status Info - Delivery exceptions.csv": EXCEPTIONS,
    "Sample Card Status Info - Delivered.csv": DELIVERED,
    "Sample Card Status Info - Returned.csv": RETURNED,
    "pickup.csv": PICKUP,
    "pickup": PICKUP,
    "PICKUP.CSV": PICKUP,
    "Pick up.csv": PICKUP,
    "pick-up.csv": PICKUP,
    "PickUp.csv": PICKUP,
    "picked up.csv": PICKUP,
    "picked_up_2024-03-12.csv": PICKUP,
    "PickedUp.csv": PICKUP,
    "pickedup.csv": PICKUP,
    "pickups.csv": PICKUP,
    "Pickup - late scans.csv.gz": PICKUP,
    "Pickup.CSV.GZ": PICKUP,
    "collected.csv": PICKUP,
    "Collection 12.03.csv": PICKUP,
    "20240312pickup01.csv": PICKUP,
    "exceptions.CSV": EXCEPTIONS,
    "DeliveryExceptions.csv": EXCEPTIONS,
    "DELIVERYEXCEPTIONS.csv": EXCEPTIONS,
    "delivery_exception.csv": EXCEPTIONS,
    "Deliveries - exceptions.csv": EXCEPTIONS,
    "Sample_Card_Status_Info_-_Delivery exceptions.csv": EXCEPTIONS,
    "Exceptions - failed deliveries.csv": EXCEPTIONS,
    "exceptions not delivered.csv": EXCEPTIONS,
    "DELIVERED.CSV": DELIVERED,
    "delivered_latin1.csv": DELIVERED,
    "delivery.csv": DELIVERED,
    "Delivery status.csv": DELIVERED,
    "delivery nr 12.csv": DELIVERED,
    "delivered notes.csv": DELIVERED,
    "information on delivered cards.csv": DELIVERED,
    "deliveries.csv": DELIVERED,
    "Delivery 12.csv": DELIVERED,
    "returned.csv": RETURNED,
    "return.csv": RETURNED,
    "Returns.csv": RETURNED,
    "RTO.csv": RETURNED,
    "rto_2024.csv": RETURNED,
    "CardReturn.csv": RETURNED,
}


@pytest.mark.parametrize(("name", "expected"), ONE_TYPE.items())
def test_name_tells_the_type(name: str, expected: EventType) -> None:
    assert types_claiming(name) == [expected]
    assert identify(read_name(name), None) is expected


SEVERAL_TYPES = {
    "Returned deliveries.csv": [DELIVERED, RETURNED],
    "Delivered exceptions.csv": [EXCEPTIONS, DELIVERED],
    "pickup and return.csv": [PICKUP, RETURNED],
    "collected returns.csv": [PICKUP, RETURNED],
    "pickup_delivered_returned.csv": [PICKUP, DELIVERED, RETURNED],
}


@pytest.mark.parametrize(("name", "expected"), SEVERAL_TYPES.items())
def test_name_that_several_types_claim_is_refused(name: str, expected: list[EventType]) -> None:
    assert types_claiming(name) == expected
    with pytest.raises(SourceError, match=f"claimed by {len(expected)} types"):
        identify(read_name(name), None)


NO_TYPE = [
    "cards.csv",
    "2024-03-12.csv",
    "Sample Card Status Info.csv",
    "cartoons.csv",
    "dropped.csv",
    "",
    ".csv",
    "تسليم.csv",
    # What did not happen, or not yet.
    "undelivered.csv",
    "Not delivered.csv",
    "non-delivery.csv",
    "NonDelivered.csv",
    "no pickup.csv",
    "failed deliveries.csv",
    "FailedPickups.csv",
    "delivery attempts.csv",
    "out for delivery.csv",
    "to be returned.csv",
    "pending delivery.csv",
    "expected returns.csv",
    "planned_pickups.csv",
    "scheduled pickup.csv",
    "ready for collection.csv",
    "awaiting pickup.csv",
    "uncollected.csv",
    "unreturned.csv",
    "unpicked pickups.csv",
    "refused deliveries.csv",
    "rejected deliveries.csv",
    "cancelled pickups.csv",
]


@pytest.mark.parametrize("name", NO_TYPE)
def test_name_that_tells_no_type_is_refused(name: str) -> None:
    assert types_claiming(name) == []
    with pytest.raises(SourceError, match="tells no type"):
        identify(read_name(name), None)


def test_error_names_the_types_that_claim_a_name() -> None:
    with pytest.raises(SourceError, match=r"2 types, delivered and returned; .* --type"):
        identify(read_name("Returned deliveries.csv"), None)


def test_error_lists_the_types_to_choose_from() -> None:
    with pytest.raises(SourceError, match=rf"\({', '.join(TYPES)}\)"):
        identify(read_name("cards.csv"), None)


@pytest.mark.parametrize("name", ["Returned deliveries.csv", "cards.csv"])
def test_type_option_decides_where_the_name_does_not(name: str) -> None:
    assert identify(read_name(name), DELIVERED) is DELIVERED


def test_name_that_tells_one_type_holds_against_the_option() -> None:
    assert identify(read_name("pickup.csv"), RETURNED) is PICKUP


# Words that say nothing, and words in doubt


STILL_TELL = {
    "Delivery_2024-03-12.csv": DELIVERED,
    "Sample_Card_Status_Info_-_Pickup_rEnBRfM.csv": PICKUP,
    "Returned_Sample_card.csv": RETURNED,
    "Delivery exceptions 12 Nov (2).csv": EXCEPTIONS,
    "Aramex delivered Nov.csv": DELIVERED,
    "delivery no 12.csv": DELIVERED,
    "deliverydata_20240312T101500Z.csv": DELIVERED,
    "pickups 3f9a1c07.csv": PICKUP,
    "Delivered to customer.csv": DELIVERED,
    "Returned to sender.csv": RETURNED,
    "returned back.csv": RETURNED,
    "return to origin.csv": RETURNED,
    "Delivered by Aramex.csv": DELIVERED,
    "delivered for November.csv": DELIVERED,
    "Customer deliveries.csv": DELIVERED,
    "returned - customer.csv": RETURNED,
    "late scans - picked up.csv": PICKUP,
    "exceptions cancelled.csv": EXCEPTIONS,
    "\uff24\uff45\uff4c\uff49\uff56\uff45\uff52\uff45\uff44.csv": DELIVERED,
}


@pytest.mark.parametrize(("name", "expected"), STILL_TELL.items())
def test_words_that_say_nothing_leave_the_type_as_it_is(name: str, expected: EventType) -> None:
    reading = read_name(name)
    assert (reading.types, reading.doubts, reading.note) == ((expected,), (), None)


IN_DOUBT = {
    # A type is named only, and a word beside it may mean anything.
    "delivery_expectations.csv": ["expectations"],
    "Delivery manifest.csv": ["manifest"],
    "Delivery route zones.csv": ["route", "zones"],
    "Pickup missed.csv": ["missed"],
    "Pickup requests.csv": ["requests"],
    "Return requests.csv": ["requests"],
    "return labels.csv": ["labels"],
    "delivery notes.csv": ["notes"],
    "returns fraud.csv": ["fraud"],
    "pickup d\u00fcsseldorf.csv": ["d\u00fcsseldorf"],
    # What happened is turned into its opposite, its future, or the act of another.
    "For delivery.csv": ["for"],
    "cards for November delivery.csv": ["for"],
    "NOTDELIVERED.csv": ["not"],
    "notdelivered.csv": ["not"],
    "Isn't delivered.csv": ["isn"],
    "Delivered back to sender.csv": ["back", "to"],
    "delivered to depot.csv": ["to"],
    "returned to customer.csv": ["to"],
    "Collected by customer.csv": ["by"],
    "picked up by the customer.csv": ["by"],
    "falsely delivered.csv": ["falsely"],
    "delivered - disputed.csv": ["disputed"],
    "DeliveryFailed_aB3dE5x.csv": ["failed"],
    "delivered not undeliverable.csv": ["not", "undeliverable"],
    "no exceptions.csv": ["no"],
    # What is told of exceptions is that there are none, or none yet.
    "exceptions - none.csv": ["none"],
    "Exceptions Never.csv": ["never"],
    "zero_exceptions.csv": ["zero"],
    "Exceptions w-o.csv": ["without"],
    "expected exceptions.csv": ["expected"],
    "Exception forecast 2024.csv": ["forecast"],
    "ExceptionsVoided.csv": ["voided"],
    "reversed exceptions.csv": ["reversed"],
    # Who collects a card has it; what a customer returns was delivered.
    "Customer collected.csv": ["customer"],
    "Pickup - user.csv": ["user"],
    "picked-up clients.csv": ["clients"],
    "customer returns.csv": ["customer"],
    # What is late may not have happened yet.
    "late deliveries.csv": ["late"],
    "draft pickups.csv": ["draft"],
    # Prefixes that deny, and what has not come to its end.
    "unclaimed delivered.csv": ["unclaimed"],
    "delivered_unverified.csv": ["unverified"],
    "mis-delivered.csv": ["mis"],
    "semi delivered.csv": ["semi"],
    "delivered w_o pod.csv": ["without"],
    "picked up - in progress.csv": ["progress"],
    "returned_on-hold.csv": ["hold"],
    "delivered backlog.csv": ["backlog"],
    "delivered gaps.csv": ["gaps"],
    "delivered targets.csv": ["targets"],
    "reattempt delivered.csv": ["reattempt"],
    "returned ineligible.csv": ["ineligible"],
    # Other languages' words for no.
    "nicht delivered.csv": ["nicht"],
    "n\u00e3o delivered.csv": ["n\u00e3o"],
    "\u063a\u064a\u0631 delivered.csv": ["\u063a\u064a\u0631"],
}


@pytest.mark.parametrize(("name", "words"), IN_DOUBT.items())
def test_word_that_may_turn_the_type_is_named(name: str, words: list[str]) -> None:
    assert types_claiming(name) == []
    with pytest.raises(SourceError) as caught:
        identify(read_name(name), None)
    named = ", ".join(map(repr, words))
    assert str(caught.value) == (
        f"the name tells no type for sure, because of {named}; rename the file or give --type "
        f"({', '.join(TYPES)})"
    )
    assert identify(read_name(name), RETURNED) is RETURNED


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Zajil delivered Nov.csv", "'zajil'"),
        ("United delivered.csv", "'united'"),
        ("Card holders delivered.csv", "'holders'"),
        ("Exceptions - customer not available.csv", "'available'"),
        ("delivered notes for May.csv", "'notes'"),
        ("Returned zebra yak.csv", "'zebra', 'yak'"),
        ("returned_bq_cw_dv_ex_fz_gu_hh.csv", "'bq', 'cw', 'dv', 'ex', 'fz' and 2 more"),
    ],
)
def test_unknown_word_beside_what_happened_is_told(name: str, words: str) -> None:
    reading = read_name(name)
    (kind,) = reading.types
    assert reading.note == f"taken as {kind.word} by its name, of which {words} is not understood"


def test_name_of_many_letters_takes_no_time() -> None:
    assert types_claiming("card" * 50_000 + ".csv") == []
    assert types_claiming("x" * 100_000 + " delivered.csv") == [DELIVERED]


WORDS = st.sampled_from(
    ["delivery", "pickup", "return", "manifest", "not", "cards", "Nov", "12", "for", "late", "zz"]
)


@given(st.lists(WORDS, max_size=6), st.sampled_from([" ", "_", " - "]))
def test_name_that_only_names_a_type_tells_it_without_a_doubt_only(
    words: list[str], between: str
) -> None:
    types = {"delivery": DELIVERED, "pickup": PICKUP, "return": RETURNED}
    named = {types[word] for word in words if word in types}
    reading = read_name(between.join(words))
    if len(named) == 1 and not {*words} & {"manifest", "not", "for", "late", "zz"}:
        assert {*reading.types} == named
    elif len(named) < 2:
        assert reading.types == ()


@given(st.text(max_size=40))
def test_any_name_is_one_type_or_refused(name: str) -> None:
    claims = types_claiming(name)
    if len(claims) == 1:
        assert identify(read_name(name), RETURNED) is claims[0]
    else:
        assert identify(read_name(name), RETURNED) is RETURNED
