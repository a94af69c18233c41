"""The store's contract for allowances and what is booked to them. Part of `store_contract.py`."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from tests.services.store_contract_due import booked, joined
from theranvio_telehealth.domain.enums import EntryKind, OnExhaustion, ParticipantState
from theranvio_telehealth.domain.ledger import time_given
from tools.harness.factories import make_entry
from tools.harness.ports import NOON


class UsageContract:
	def test_the_practitioners_allowance_goes_before_the_companys(self, store: Any, seed: Any) -> None:
		room = booked(store, seed)
		assert store.allowances(room) == []
		of_all = seed.allowance(
			company=room.company, on_exhaustion=OnExhaustion.BLOCK, warning_percents=(70, 90)
		)
		assert store.allowances(room) == [of_all]
		own = seed.allowance(name="ALLOW-2", company=room.company, practitioner=room.practitioner)
		assert store.allowances(room) == [own, of_all]
		assert store.allowances(replace(room, practitioner="somebody else")) == [of_all]
		assert store.allowances(replace(room, company="another company")) == []

	@pytest.mark.parametrize(("day", "pays"), [(2, False), (3, True), (5, True), (6, False)])
	def test_an_allowance_pays_from_its_first_day_to_its_last(
		self, store: Any, seed: Any, day: int, pays: bool
	) -> None:
		room = booked(store, seed)
		seed.allowance(company=room.company, period_start=date(2027, 3, 3), period_end=date(2027, 3, 5))
		at_noon = datetime(2027, 3, day, 17, tzinfo=timezone.utc)
		assert bool(store.allowances(replace(room, starts_on=at_noon))) is pays

	def test_book_is_idempotent(self, store: Any, seed: Any) -> None:
		room = booked(store, seed)
		person = joined(store, room)
		paid = seed.allowance(company=room.company, used_seconds=100)
		entry = make_entry(room, participant=person.name, allowance=paid.name)
		assert store.book(entry)
		assert not store.book(entry)
		assert not store.book(replace(entry, seconds=9999))
		assert store.allowances(room) == [replace(paid, used_seconds=161)]

	def test_book_without_an_allowance(self, store: Any, seed: Any) -> None:
		room = booked(store, seed)
		person = joined(store, room)
		assert store.book(make_entry(room, participant=person.name))
		assert not store.book(make_entry(room, participant=person.name))

	def test_booking_at_the_same_time_counts_every_second_once(self, store: Any, seed: Any) -> None:
		room = booked(store, seed)
		person = joined(store, room)
		paid = seed.allowance(company=room.company)
		entries = [
			make_entry(
				room, participant=person.name, allowance=paid.name, seconds=n + 1, idempotency_key=f"k{n}"
			)
			for n in range(4)
		]
		results = seed.together(*[lambda its: [its.book(e) for e in entries]] * 3)
		assert all(isinstance(r, list) for r in results), results
		assert [sum(r[n] for r in results) for n in range(4)] == [1, 1, 1, 1]
		assert store.allowances(room)[0].used_seconds == 1 + 2 + 3 + 4

	def test_practitioner_and_company_are_both_charged(self, store: Any, seed: Any) -> None:
		room = booked(store, seed)
		company = seed.allowance(company=room.company)
		own = seed.allowance(name="ALLOW-2", company=room.company, practitioner=room.practitioner)
		costs = {"cost": Decimal("0.00187"), "currency": company.currency}
		both = {"allowance": own.name, "company_allowance": company.name}
		person = joined(store, room)
		entry = make_entry(room, participant=person.name, kind=EntryKind.STAY, **both, **costs)
		assert store.book(entry)
		taken_back = replace(
			entry,
			kind=EntryKind.CORRECTION,
			seconds=-1,
			idempotency_key="k1",
			corrects=entry.name,
			reason="x",
		)
		assert store.book(replace(taken_back, cost=-entry.cost))
		for allowance in store.allowances(room):
			assert (allowance.used_seconds, allowance.cost) == (60, 0)
		assert store.entries(room.name) == [entry, replace(taken_back, cost=-entry.cost)]

	def test_a_cost_in_another_currency_is_not_added_up(self, store: Any, seed: Any) -> None:
		room = booked(store, seed)
		paid = seed.allowance(company=room.company)
		entry = make_entry(room, participant=joined(store, room).name, allowance=paid.name)
		assert store.book(replace(entry, cost=Decimal("5"), currency="XTS"))
		assert store.allowances(room) == [replace(paid, used_seconds=61)]

	def test_time_given_is_included_and_not_used(self, store: Any, seed: Any) -> None:
		room = booked(store, seed)
		paid = seed.allowance(company=room.company)
		given = time_given(paid.name, EntryKind.TOP_UP, 600, "top-up:1", NOON, "More visits", seed.user)
		assert store.book(given)
		assert not store.book(given)
		(after,) = store.allowances(room)
		assert after == replace(paid, added_seconds=600)
		assert after.left_seconds == paid.left_seconds + 600

	def test_hold_adds_and_releases(self, store: Any, seed: Any) -> None:
		room = booked(store, seed)
		company = seed.allowance(company=room.company)
		own = seed.allowance(name="ALLOW-2", company=room.company, practitioner=room.practitioner)
		store.hold(90, (own.name, company.name))
		store.hold(-30, (own.name,))
		assert [a.held_seconds for a in store.allowances(room)] == [60, 90]

	def test_holding_at_the_same_time_counts_every_second(self, store: Any, seed: Any) -> None:
		room = booked(store, seed)
		paid = seed.allowance(company=room.company)
		seed.together(*[lambda its, n=n: its.hold(n, (paid.name,)) for n in (1, 2, 4, 8)])
		assert store.allowances(room)[0].held_seconds == 15

	def test_mark_warned(self, store: Any, seed: Any) -> None:
		room = booked(store, seed)
		paid = seed.allowance(company=room.company)
		store.mark_warned(paid.name, 80)
		assert store.allowances(room) == [replace(paid, warned_percent=80)]

	def test_without_a_plan_there_are_no_recipients(self, store: Any, seed: Any) -> None:
		booked(store, seed)
		assert list(store.recipients(seed.allowance())) == []

	def test_rooms_with_expired_holds(self, store: Any, seed: Any) -> None:
		room = booked(store, seed)
		held = {"stay_started_on": None, "stay_seen_on": None, "held_seconds": 60, "hold_expires_on": NOON}
		joined(store, room, name="one", **held)
		other = booked(store, seed, name="other", appointment_key="other")
		joined(store, other, name="two", **(held | {"hold_expires_on": NOON - timedelta(minutes=1)}))
		third = booked(store, seed, name="third", appointment_key="third")
		joined(store, third, name="three", **(held | {"held_seconds": 0}))
		joined(
			store, third, name="four", **(held | {"hold_expires_on": None}), state=ParticipantState.ADMITTED
		)
		assert list(store.rooms_with_expired_holds(NOON, 10)) == ["other", room.name]
		assert list(store.rooms_with_expired_holds(NOON, 1)) == ["other"]
		assert list(store.rooms_with_expired_holds(NOON - timedelta(minutes=2), 10)) == []
