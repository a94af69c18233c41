"""Credentials for the Admitted: reserve, ask, keep. One current join each, and nothing usable left behind by a failure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.services.acts import CLIENT, GUARDIAN, HOST, INTERPRETER, STAND_IN, Visit, outcome
from theranvio_telehealth.domain.entities import Caller
from theranvio_telehealth.domain.enums import ParticipantState as State
from theranvio_telehealth.providers.base import Gone, ProviderError, Rejected, Unavailable
from theranvio_telehealth.providers.external_link import ExternalLinkProvider
from theranvio_telehealth.providers.fake import FakeProvider
from theranvio_telehealth.providers.peer_to_peer import PeerToPeerProvider
from theranvio_telehealth.services import hosting, joining, sweep, teardown
from tools.harness.ports import NOON


class Crash(RuntimeError):
	"""The process dies at this very point."""


class TestWho:
	@pytest.mark.parametrize("state", ["invited", "waiting", "left"])
	def test_no_one_who_is_not_admitted(self, visit: Visit, state: str) -> None:
		if state != "invited":
			visit.enter()
		if state == "left":
			visit.leave()
		assert outcome(visit.join) == "not_admitted"
		assert visit.media.asked == []

	@pytest.mark.parametrize(("act", "refusal"), [(hosting.decline, "declined"), (hosting.remove, "removed")])
	def test_no_one_who_was_turned_away(self, visit: Visit, act: Any, refusal: str) -> None:
		visit.enter()
		visit.host(act)
		assert outcome(visit.join) == refusal
		assert visit.media.asked == []

	def test_the_admitted(self, visit: Visit) -> None:
		visit.let_in()
		answer = joining.join(visit.ports, Caller(CLIENT), visit.name)
		assert set(answer) == {"state", "attendee", "adapter", "credentials"}
		assert answer["adapter"] == "Fake"
		assert answer["state"]["me"]["attendee"]
		person = visit.participant()
		assert answer["credentials"] == {"pseudonym": person.pseudonym}
		assert visit.attendees() == {answer["attendee"]} == {person.attendee_id}

	def test_presence_begins(self, visit: Visit) -> None:
		visit.let_in()
		visit.later(seconds=7)
		visit.join()
		assert visit.participant().stay_started_on == NOON + timedelta(seconds=7)


class TestPseudonyms:
	def test_are_all_a_provider_learns_of_a_person(self) -> None:
		heard: list[Any] = []

		class Listening(FakeProvider):
			def add_attendee(self, *args: Any) -> Any:
				heard.extend(args)
				return super().add_attendee(*args)

			def open_meeting(self, request: Any) -> Any:
				heard.append(request)
				return super().open_meeting(request)

		visit = Visit(provider=Listening())
		visit.in_call()
		arguments = repr(heard)
		for secret in (CLIENT, HOST, "Dr. Host", "PAT-1", "PRAC-1", "APP-1", "Clinic", visit.name):
			assert secret not in arguments

	def test_are_fresh_for_every_join(self, visit: Visit) -> None:
		visit.let_in()
		seen = []
		for _ in range(3):
			visit.join()
			seen.append(visit.participant().pseudonym)
		assert len(set(seen)) == 3

	def test_are_forgotten_with_the_credentials(self, visit: Visit) -> None:
		visit.in_call()
		visit.host(hosting.send_back)
		assert visit.participant().pseudonym == ""


class TestTwoJoinsOfOne:
	def test_the_newest_wins(self, visit: Visit) -> None:
		visit.let_in()
		first, second = visit.join(), visit.join()
		assert outcome(lambda: visit.beat(first)) == "superseded"
		assert outcome(lambda: visit.signal(first)) == "superseded"
		assert outcome(lambda: visit.beat(second)) == "ok"
		assert visit.attendees() == {second}

	def test_a_superseded_tab_that_closes_ends_nothing(self, visit: Visit) -> None:
		visit.let_in()
		first, second = visit.join(), visit.join()
		visit.leave(first)
		assert outcome(lambda: visit.beat(second)) == "ok"

	def test_presence_runs_on(self, visit: Visit) -> None:
		visit.let_in()
		attendee = visit.join()
		visit.later(seconds=12)
		visit.beat(attendee)
		visit.later(seconds=8)
		visit.leave(visit.join())
		(entry,) = visit.entries()
		assert entry.seconds == 20

	def test_a_page_that_was_closed_for_a_moment_is_not_counted_for_it(self, visit: Visit) -> None:
		visit.let_in()
		visit.join()
		visit.later(seconds=29)
		visit.leave(visit.join())
		assert sum(entry.seconds for entry in visit.entries()) == 10

	def test_of_two_at_once_the_later_wins(self, visit: Visit) -> None:
		"""The second begins and ends while the first still waits for the provider."""
		visit.let_in()
		won: list[str] = []
		visit.media.meanwhile = [lambda: won.append(visit.join())]
		assert outcome(visit.join) == "superseded"
		assert visit.attendees() == set(won) == {visit.participant().attendee_id}
		assert visit.participant().revoked_attendees == ()

	@pytest.mark.parametrize("tries", [2, 5])
	def test_however_many(self, visit: Visit, tries: int) -> None:
		visit.let_in()
		results: list[str] = []

		def again(left: int) -> None:
			if left:
				visit.media.meanwhile = [lambda: again(left - 1)]
			results.append(outcome(visit.join))

		again(tries)
		assert results == ["ok"] + ["superseded"] * tries
		assert visit.attendees() == {visit.participant().attendee_id}


class TestOneMeeting:
	def test_first_joins_of_two_people_share_a_token(self, visit: Visit) -> None:
		"""The client's first join runs from end to end inside the host's."""
		visit.let_in()
		visit.media.meanwhile = [visit.join]
		visit.join(HOST)
		(meeting,) = visit.media.inner.meetings  # type: ignore[attr-defined]
		assert visit.room.meeting_id == meeting == f"fake-{visit.room.meeting_token}"
		assert len(visit.attendees()) == 2

	def test_the_meeting_is_a_cache(self, visit: Visit) -> None:
		visit.in_call()
		asked = visit.media.asked.copy()
		visit.join()
		assert visit.media.asked[len(asked) :] == ["remove_attendee", "add_attendee"]

	def test_a_meeting_that_is_gone_is_remade(self, visit: Visit) -> None:
		visit.let_in()
		visit.join()
		gone, token = visit.room.meeting_id, visit.room.meeting_token
		visit.media.inner.close_meeting(teardown.meeting_of(visit.room))
		attendee = visit.join()
		assert visit.room.meeting_token != token
		assert visit.room.meeting_id not in ("", gone)
		assert visit.attendees() == {attendee}

	def test_two_who_find_it_gone_meet_again(self, visit: Visit) -> None:
		visit.in_call()
		visit.media.inner.close_meeting(teardown.meeting_of(visit.room))
		visit.media.before = [visit.join]
		visit.join(HOST)
		assert list(visit.media.inner.meetings) == [visit.room.meeting_id]  # type: ignore[attr-defined]
		assert len(visit.attendees()) == 2

	def test_a_meeting_that_stays_gone_is_unavailable(self) -> None:
		class Vanishing(FakeProvider):
			def add_attendee(self, *args: Any) -> Any:
				raise Gone

		visit = Visit(provider=Vanishing())
		visit.let_in()
		assert outcome(visit.join) == "provider_unavailable"
		assert visit.participant().state is State.ADMITTED


class TestProviderDown:
	@pytest.mark.parametrize("error", [Unavailable, Rejected, ProviderError])
	def test_says_so_and_loses_nothing(self, visit: Visit, error: type[Exception]) -> None:
		visit.let_in()
		visit.media.fails = error
		assert outcome(visit.join) == "provider_unavailable"
		person = visit.participant()
		assert (person.state, person.attendee_id, person.stay_started_on) == (State.ADMITTED, "", None)
		visit.media.fails = None
		assert outcome(visit.join) == "ok"

	def test_is_recorded_by_an_opaque_name(self, visit: Visit) -> None:
		visit.let_in()
		visit.media.fails = Unavailable
		outcome(visit.join)
		((what, subject, error),) = visit.harness.log.failures
		assert (what, subject, type(error)) == ("join", visit.name, Unavailable)

	def test_does_not_prevent_ending_the_visit(self, visit: Visit) -> None:
		visit.in_call()
		visit.media.fails = Unavailable
		assert hosting.end(visit.ports, Caller(HOST), visit.name)["status"] == "Ended"

	def test_an_earlier_join_is_worthless_all_the_same(self, visit: Visit) -> None:
		_, attendee = visit.in_call()
		visit.media.fails = Unavailable
		assert outcome(visit.join) == "provider_unavailable"
		assert outcome(lambda: visit.beat(attendee)) == "superseded"
		assert visit.participant().revoked_attendees == (attendee,)


class TestCapacity:
	@pytest.fixture
	def pair(self) -> Visit:
		"""A peer-to-peer call of two."""
		visit = Visit(provider=PeerToPeerProvider())
		visit.in_call()
		visit.enter(GUARDIAN)
		visit.admit(GUARDIAN)
		return visit

	def test_a_third_person_is_refused_with_a_clear_reason(self, pair: Visit) -> None:
		before = pair.stored()
		assert outcome(lambda: pair.join(GUARDIAN)) == "room_full"
		assert pair.stored() == before

	def test_those_who_are_in_may_reload(self, pair: Visit) -> None:
		assert outcome(lambda: pair.join(CLIENT)) == "ok"
		assert outcome(lambda: pair.join(HOST)) == "ok"

	def test_a_place_that_is_left_is_free(self, pair: Visit) -> None:
		pair.leave(pair.participant(CLIENT).attendee_id)
		assert outcome(lambda: pair.join(GUARDIAN)) == "ok"

	def test_a_place_that_fell_silent_is_free(self, pair: Visit) -> None:
		pair.later(seconds=31)
		pair.beat(pair.participant(HOST).attendee_id, HOST)
		assert outcome(lambda: pair.join(GUARDIAN)) == "ok"

	@pytest.fixture
	def taken(self, pair: Visit) -> Visit:
		"""The host was silent for 32 s; two others are in the call now."""
		pair.later(seconds=32)
		pair.join(CLIENT)
		pair.join(GUARDIAN)
		return pair

	@pytest.mark.parametrize("swept", [False, True])
	def test_who_comes_back_from_silence_makes_no_third(self, taken: Visit, swept: bool) -> None:
		if swept:
			sweep.sweep(taken.ports)
		host = taken.participant(HOST).attendee_id
		before = taken.stored()
		assert outcome(lambda: taken.beat(host, HOST)) == "room_full"
		assert outcome(lambda: taken.signal(host, {"hello": True}, user=HOST)) == "room_full"
		assert outcome(lambda: taken.signal(host, user=HOST)) == "room_full"
		assert taken.stored() == before
		for user in (CLIENT, GUARDIAN):
			assert outcome(lambda user=user: taken.beat(taken.participant(user).attendee_id, user)) == "ok"

	def test_and_is_back_once_there_is_a_place(self, taken: Visit) -> None:
		taken.leave(taken.participant(GUARDIAN).attendee_id, GUARDIAN)
		assert outcome(lambda: taken.beat(taken.participant(HOST).attendee_id, HOST)) == "ok"

	def test_a_beat_in_the_last_seconds_is_decided_under_the_lock(
		self, pair: Visit, monkeypatch: pytest.MonkeyPatch
	) -> None:
		"""29 s silent when it comes, and more when it is written: meanwhile others have taken the places."""
		host, lock = pair.participant(HOST).attendee_id, pair.harness.store.lock

		def slow(room: str) -> Any:
			monkeypatch.undo()
			pair.later(seconds=2)
			pair.join(CLIENT)
			pair.join(GUARDIAN)
			return lock(room)

		pair.later(seconds=29)
		monkeypatch.setattr(pair.harness.store, "lock", slow)
		assert outcome(lambda: pair.beat(host, HOST)) == "room_full"

	def test_of_two_who_take_the_last_place_at_once_one_gets_it(self, pair: Visit) -> None:
		"""Each asks the provider before the other is in."""
		pair.leave(pair.participant(CLIENT).attendee_id)
		pair.enter(CLIENT)
		pair.admit(CLIENT)
		pair.media.meanwhile = [lambda: pair.join(CLIENT)]
		assert outcome(lambda: pair.join(GUARDIAN)) == "room_full"
		assert [bool(pair.participant(u).attendee_id) for u in (HOST, CLIENT, GUARDIAN)] == [
			True,
			True,
			False,
		]

	def test_others_hold_more(self, visit: Visit) -> None:
		assert len(visit.in_call(CLIENT, GUARDIAN, INTERPRETER)) == 4


class TestMeanwhile:
	"""What happens while the provider is being asked is found when the answer is stored."""

	CHANGES: dict[str, tuple[Callable[[Visit], object], str]] = {
		"sent back": (lambda v: v.host(hosting.send_back), "not_admitted"),
		"removed": (lambda v: v.host(hosting.remove), "removed"),
		"left in another tab": (lambda v: v.leave(), "not_admitted"),
		"ended": (lambda v: hosting.end(v.ports, Caller(HOST), v.name), "visit_over"),
		"cancelled": (lambda v: (v.rewrite(status="Cancelled"), v.sync_rooms()), "visit_over"),
		"moved": (lambda v: v.moved_away_and_back(), "not_admitted"),
		"moved away": (
			lambda v: (v.rewrite(starts_on=NOON + timedelta(days=1)), v.sync_rooms()),
			"too_early",
		),
		"closed": (lambda v: v.at(v.room.closes_on), "window_closed"),
		"expired": (lambda v: (v.at(v.room.closes_on), sweep.sweep(v.ports)), "visit_over"),
	}

	@pytest.mark.parametrize("change", CHANGES)
	def test_the_answer_is_worth_nothing(self, visit: Visit, change: str) -> None:
		visit.let_in()
		act, refusal = self.CHANGES[change]
		visit.media.meanwhile = [lambda: act(visit)]
		assert outcome(visit.join) == refusal
		assert visit.participant().attendee_id == ""
		assert visit.attendees() == set()

	@pytest.mark.parametrize("change", CHANGES)
	def test_and_is_destroyed_later_where_it_cannot_be_now(self, visit: Visit, change: str) -> None:
		visit.let_in()
		act, refusal = self.CHANGES[change]

		def go_down() -> None:
			act(visit)
			visit.media.fails = Unavailable

		visit.media.meanwhile = [go_down]
		assert outcome(visit.join) == refusal
		assert len(visit.attendees()) == (0 if visit.room.is_over and not visit.room.meeting_token else 1)
		visit.media.fails = None
		sweep.sweep(visit.ports)
		assert visit.attendees() == set()
		assert visit.participant().revoked_attendees == ()


class TestCrash:
	"""A process that dies between reserving and keeping leaves nothing that anybody could use."""

	def crash(self, visit: Visit) -> None:
		raise Crash

	def test_at_the_provider(self, visit: Visit) -> None:
		visit.let_in()
		visit.media.fails = Crash
		with pytest.raises(Crash):
			visit.join()
		self.nothing_usable(visit)

	def test_after_the_provider(self, visit: Visit) -> None:
		visit.let_in()
		visit.media.meanwhile = [lambda: self.crash(visit)]
		with pytest.raises(Crash):
			visit.join()
		self.nothing_usable(visit)

	def test_while_writing_it_down(self, visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
		visit.let_in()
		save = visit.harness.store.save_participant

		def dying(participant: Any) -> None:
			save(participant)
			if participant.attendee_id:
				raise Crash

		monkeypatch.setattr(visit.harness.store, "save_participant", dying)
		with pytest.raises(Crash):
			visit.join()
		monkeypatch.undo()
		self.nothing_usable(visit)

	def test_while_reserving(self, visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
		_, attendee = visit.in_call()
		before = visit.stored()

		def dying(participant: Any) -> None:
			raise Crash

		monkeypatch.setattr(visit.harness.store, "save_participant", dying)
		with pytest.raises(Crash):
			visit.join()
		monkeypatch.undo()
		assert visit.stored() == before
		assert outcome(lambda: visit.beat(attendee)) == "ok"

	def nothing_usable(self, visit: Visit) -> None:
		orphans = visit.attendees()
		assert visit.participant().attendee_id == ""
		assert visit.participant().stay_started_on is None
		for attendee in (*orphans, "", visit.participant().pseudonym):
			assert outcome(lambda attendee=attendee: visit.beat(attendee)) == "superseded"
			assert outcome(lambda attendee=attendee: visit.signal(attendee)) == "superseded"
		visit.media.fails = None
		again = visit.join()
		assert outcome(lambda: visit.beat(again)) == "ok"
		hosting.end(visit.ports, Caller(HOST), visit.name)
		assert visit.attendees() == set(), "what the dead process made goes with the meeting"


class TestElsewhere:
	def test_an_external_link_is_given_to_the_admitted_only(self) -> None:
		visit = Visit(provider=ExternalLinkProvider(), fallback_url="https://meet.test/x")
		visit.enter()
		assert outcome(visit.join) == "not_admitted"
		visit.let_in()
		answer = joining.join(visit.ports, Caller(CLIENT), visit.name)
		assert answer["credentials"] == {"url": "https://meet.test/x"}

	def test_without_a_link_it_is_unavailable(self) -> None:
		visit = Visit(provider=ExternalLinkProvider())
		visit.let_in()
		assert outcome(visit.join) == "provider_unavailable"

	def test_an_american_clinic_may_hold_visits_elsewhere(self) -> None:
		visit = Visit(provider=ExternalLinkProvider("https://zoom.test/x"), company_country="United States")
		visit.in_call()
		assert visit.participant().attendee_id


def test_a_stand_in_and_the_host_may_both_be_in(visit: Visit) -> None:
	visit.in_call()
	visit.enter(STAND_IN)
	assert outcome(lambda: visit.join(STAND_IN)) == "ok"
	assert len(visit.attendees()) == 3


def test_others_are_nudged(visit: Visit) -> None:
	visit.let_in()
	visit.join(HOST)
	visit.harness.nudge.take()
	visit.join()
	assert visit.harness.nudge.take() == {HOST}


def test_a_room_whose_provider_cannot_be_made_is_unavailable(visit: Visit) -> None:
	"""An adapter that this version does not bring, say: nothing but the video is missing."""
	visit.let_in()

	def refuse(account: Any) -> Any:
		raise Rejected

	ports = replace(visit.ports, media=refuse)
	assert outcome(lambda: joining.join(ports, Caller(CLIENT), visit.name)) == "provider_unavailable"
