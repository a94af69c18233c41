"""The append-only ledger: each stay counts once, whatever entries were written before it was known."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from theranvio_telehealth.domain.entities import Price, Span, UsageEntry
from theranvio_telehealth.domain.enums import EntryKind, StaySource
from theranvio_telehealth.domain.ledger import corrected
from tools.harness.factories import booked, make_allowance
from tools.harness.ports import NOON

PRICE = Price(Decimal("0.0017"), "USD")


def span(start: float, end: float) -> Span:
	return Span(NOON + timedelta(seconds=start), NOON + timedelta(seconds=end))


def book(entries: list[UsageEntry], *known: Span, provider: str = "Video") -> list[UsageEntry]:
	"""The ledger after it was brought to what is known."""
	more = corrected("room", "p", provider, entries, known, [make_allowance()], PRICE, StaySource.HEARTBEAT)
	return [*entries, *more]


def test_a_stay_is_an_entry() -> None:
	assert book([], span(0, 61)) == [
		UsageEntry(
			room="room",
			participant="p",
			allowance="ALLOW-1",
			provider="Video",
			started_on=NOON,
			ended_on=NOON + timedelta(seconds=61),
			seconds=61,
			billed_tenths=11,
			cost=Decimal("0.00187"),
			price_per_minute=PRICE.per_minute,
			currency="USD",
			source=StaySource.HEARTBEAT,
			idempotency_key=f"p:{round(NOON.timestamp() * 1000)}:0",
		)
	]


def test_without_an_allowance_no_one_pays() -> None:
	(entry,) = corrected("room", "p", "Video", [], [span(0, 9)], [], PRICE, StaySource.HEARTBEAT)
	assert entry.allowance == ""


def test_practitioner_and_company_both_pay() -> None:
	both = [make_allowance(name="OWN", practitioner="PRAC-1"), make_allowance()]
	(entry,) = corrected("room", "p", "Video", [], [span(0, 9)], both, PRICE, StaySource.HEARTBEAT)
	assert (entry.allowance, entry.company_allowance) == ("OWN", "ALLOW-1")
	assert entry.allowances == ("OWN", "ALLOW-1")


def test_a_correction_names_what_it_takes_back_and_why() -> None:
	entries = book([], span(0, 10))
	(correction, _) = corrected(
		"room", "p", "Video", entries, [span(0, 25)], [make_allowance()], PRICE, StaySource.PROVIDER_EVENT
	)
	assert correction.kind is EntryKind.CORRECTION
	assert (correction.corrects, correction.reason) == (entries[0].name, "Provider Event")
	assert correction.cost == -entries[0].cost != 0


def test_a_correction_stays_at_the_price_of_its_stay() -> None:
	dearer = Price(Decimal("0.5"), "EUR")
	ledger = book([], span(0, 60))
	more = corrected(
		"room", "p", "Video", ledger, [span(0, 90), span(120, 180)], [], dearer, StaySource.HEARTBEAT
	)
	assert [(e.seconds, e.cost, e.currency) for e in more] == [
		(-60, Decimal("-0.0017"), "USD"),
		(90, Decimal("0.00255"), "USD"),
		(60, Decimal("0.5"), "EUR"),
	]


def test_a_cost_that_is_not_its_prices_is_taken_back() -> None:
	(entry,) = book([], span(0, 60))
	edited = replace(entry, cost=Decimal(7))
	assert [e.cost for e in book([edited], span(0, 60))] == [Decimal(7), Decimal(-7), entry.cost]


def test_what_is_booked_already_is_not_booked_again() -> None:
	once = book([], span(0, 10), span(20, 30))
	assert book(once, span(20, 30), span(0, 10)) == once


def test_a_stay_that_proves_longer_is_withdrawn_and_booked_anew() -> None:
	ledger = book(book([], span(0, 10)), span(0, 25))
	assert [(e.seconds, e.billed_tenths) for e in ledger] == [(10, 2), (-10, -2), (25, 5)]
	assert booked(ledger) == (span(0, 25),)


def test_what_was_withdrawn_can_be_booked_again() -> None:
	ledger = book(book(book([], span(0, 10)), span(0, 25)), span(0, 10))
	assert booked(ledger) == (span(0, 10),)
	assert len({e.idempotency_key for e in ledger}) == len(ledger) == 5


def test_a_stay_too_short_to_have_a_second_leaves_nothing() -> None:
	assert book([], span(0, 0.4)) == []


def test_what_another_provider_saw_stands_by_itself() -> None:
	ledger = book(book([], span(0, 10)), span(5, 15), provider="Other")
	assert [(e.provider, e.seconds) for e in ledger] == [("Video", 10), ("Other", 10)]
	assert len({e.idempotency_key for e in ledger}) == 2


def test_a_withdrawal_goes_back_to_the_allowance_that_paid() -> None:
	first = book([], span(0, 10))
	withdrawn, again = corrected(
		"room",
		"p",
		"Video",
		first,
		[span(0, 9)],
		[make_allowance(name="NEXT")],
		PRICE,
		StaySource.PROVIDER_EVENT,
	)
	assert (withdrawn.allowance, withdrawn.source) == ("ALLOW-1", StaySource.HEARTBEAT)
	assert (again.allowance, again.source) == ("NEXT", StaySource.PROVIDER_EVENT)


known = st.sets(st.builds(lambda a, b: span(a, a + b), st.integers(0, 30), st.integers(1, 30)), max_size=5)


@given(st.lists(known, max_size=5))
def test_however_often_it_changes_its_mind_the_last_word_stands(words: list[set[Span]]) -> None:
	ledger: list[UsageEntry] = []
	for word in words:
		ledger = book(ledger, *word)
		assert set(booked(ledger)) == word
		assert sum(e.seconds for e in ledger) == sum(s.seconds for s in word)
		assert len({e.idempotency_key for e in ledger}) == len(ledger)
