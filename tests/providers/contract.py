"""What every media provider must do. Mixed into a class whose fixtures give `provider`, and `junk` to configure it with.

A provider that speaks to a service is given a real one to speak to, or an emulator of it; never a mock of itself."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from theranvio_telehealth.domain.enums import Role
from theranvio_telehealth.domain.errors import Malformed
from theranvio_telehealth.providers.base import (
	Capabilities,
	Credentials,
	Finding,
	MediaProvider,
	Meeting,
	MeetingRequest,
)
from tools.harness.ports import NOON

PSEUDONYM = "5e" * 16
TOKEN = "70" * 16


def make_request(provider: MediaProvider, **overrides: Any) -> MeetingRequest:
	people = min(provider.capabilities.max_people, 4)
	request = MeetingRequest(TOKEN, "ca-central-1", people, "https://meet.example.org/x")
	return replace(request, **overrides)


class ProviderContract:
	"""`config` is a good configuration's fields, secrets included."""

	config: dict[str, Any] = {}
	#: Fields that its form must refuse; empty where any will do.
	bad_form: dict[str, Any] = {}

	@pytest.fixture
	def provider(self) -> MediaProvider:
		raise NotImplementedError

	@pytest.fixture
	def meeting(self, provider: MediaProvider) -> Meeting:
		return provider.open_meeting(make_request(provider))

	def add(
		self, provider: MediaProvider, meeting: Meeting, role: Role = Role.CLIENT, **overrides: Any
	) -> Credentials:
		return provider.add_attendee(meeting, overrides.get("pseudonym", PSEUDONYM), role, NOON)

	# what it says of itself

	def test_capabilities_make_sense(self, provider: MediaProvider) -> None:
		can = provider.capabilities
		assert isinstance(can, Capabilities)
		assert can.max_people >= 2
		assert can.embedded or not can.end_to_end_encrypted, "a call elsewhere is not ours to vouch for"
		assert not (can.end_to_end_encrypted and can.carrier), "whoever holds the keys is no end"
		assert can.embedded or not can.carrier

	def test_capabilities_are_known_without_asking_anybody(self, provider: MediaProvider) -> None:
		assert type(provider).capabilities == provider.capabilities

	def test_its_browser_script_is_a_file_that_we_serve(self, provider: MediaProvider) -> None:
		script = type(provider).browser_script
		assert provider.browser_script == script
		assert not script or re.fullmatch(r"[a-z0-9_]+(/[a-z0-9_]+)*\.js", script)

	@pytest.mark.parametrize("envelope", [None, [], "", 5, {}, {"detail": {}, "account": []}], ids=repr)
	def test_what_is_no_event_is_malformed(self, provider: MediaProvider, envelope: Any) -> None:
		with pytest.raises(Malformed):
			type(provider).read_event(envelope, {""})

	# meetings

	def test_the_same_token_is_the_same_meeting(self, provider: MediaProvider) -> None:
		assert provider.open_meeting(make_request(provider)) == provider.open_meeting(make_request(provider))

	def test_another_token_is_another_meeting(self, provider: MediaProvider, meeting: Meeting) -> None:
		assert provider.open_meeting(make_request(provider, token="71" * 16)).meeting_id != meeting.meeting_id

	def test_a_meeting_id_fits_its_column(self, meeting: Meeting) -> None:
		assert 0 < len(meeting.meeting_id) <= 140

	def test_closing_twice_is_closing(self, provider: MediaProvider, meeting: Meeting) -> None:
		provider.close_meeting(meeting)
		provider.close_meeting(meeting)

	def test_closing_what_never_was_is_closing(self, provider: MediaProvider, meeting: Meeting) -> None:
		provider.close_meeting(replace(meeting, meeting_id="never-was"))

	def test_a_closed_meeting_can_be_followed_by_another(
		self, provider: MediaProvider, meeting: Meeting
	) -> None:
		provider.close_meeting(meeting)
		again = provider.open_meeting(make_request(provider, token="72" * 16))
		assert self.add(provider, again).attendee_id

	# attendees

	@pytest.mark.parametrize("role", Role, ids=str)
	def test_every_role_gets_credentials(self, provider: MediaProvider, meeting: Meeting, role: Role) -> None:
		assert self.add(provider, meeting, role).attendee_id

	def test_credentials_are_fresh_every_time(self, provider: MediaProvider, meeting: Meeting) -> None:
		ids = [self.add(provider, meeting).attendee_id for _ in range(2)]
		assert len(set(ids)) == 2

	def test_an_attendee_id_fits_its_column(self, provider: MediaProvider, meeting: Meeting) -> None:
		assert 0 < len(self.add(provider, meeting).attendee_id) <= 140

	def test_an_attendee_id_can_stand_in_a_list(self, provider: MediaProvider, meeting: Meeting) -> None:
		"""Attendees to be destroyed are stored one to a line."""
		assert len(self.add(provider, meeting).attendee_id.split()) == 1

	def test_credentials_reach_a_browser_as_json(self, provider: MediaProvider, meeting: Meeting) -> None:
		payload = dict(self.add(provider, meeting).payload)
		assert json.loads(json.dumps(payload)) == payload

	def test_credentials_print_no_secret(self, provider: MediaProvider, meeting: Meeting) -> None:
		credentials = self.add(provider, meeting)
		assert repr(credentials) == str(credentials) == "Credentials()"

	def test_removing_twice_is_removing(self, provider: MediaProvider, meeting: Meeting) -> None:
		attendee = self.add(provider, meeting).attendee_id
		provider.remove_attendee(meeting, attendee)
		provider.remove_attendee(meeting, attendee)

	def test_removing_who_never_was_is_removing(self, provider: MediaProvider, meeting: Meeting) -> None:
		provider.remove_attendee(meeting, "never-was")

	def test_removing_after_the_meeting_is_removing(self, provider: MediaProvider, meeting: Meeting) -> None:
		attendee = self.add(provider, meeting).attendee_id
		provider.close_meeting(meeting)
		provider.remove_attendee(meeting, attendee)

	def test_one_who_was_removed_can_be_added_anew(self, provider: MediaProvider, meeting: Meeting) -> None:
		first = self.add(provider, meeting).attendee_id
		provider.remove_attendee(meeting, first)
		assert self.add(provider, meeting, pseudonym="5f" * 16).attendee_id != first

	# its own account of itself

	def test_findings_are_sentences(self, provider: MediaProvider) -> None:
		findings = provider.check()
		assert findings
		for finding in findings:
			assert isinstance(finding, Finding)
			assert finding.text[0].isupper()
			assert finding.text.endswith(".")

	# its form

	def test_a_good_form_has_nothing_wrong(self, provider: MediaProvider) -> None:
		assert type(provider).check_form(self.config) == ()

	def test_a_bad_form_is_answered_in_sentences(self, provider: MediaProvider) -> None:
		findings = type(provider).check_form(self.config | self.bad_form)
		assert bool(findings) is bool(self.bad_form)
		assert all(not f.ok and f.text[0].isupper() and f.text.endswith(".") for f in findings)

	def test_unknown_fields_of_its_form_are_ignored(self, provider: MediaProvider) -> None:
		assert type(provider).check_form(self.config | {"no such field": object()}) == ()

	# configuration

	def test_is_configured_by_its_row(self, provider: MediaProvider) -> None:
		made = type(provider).configured(self.config)
		assert type(made) is type(provider)

	@pytest.mark.parametrize(
		"junk",
		[
			{},
			{"no such field": object()},
			{"name": "x", "doctype": "Media Provider", "enabled": 1, "adapter": "?"},
		],
		ids=["nothing", "unknown", "another's"],
	)
	def test_unknown_fields_are_ignored(self, provider: MediaProvider, junk: dict[str, Any]) -> None:
		made = type(provider).configured(self.config | junk)
		assert made.capabilities == provider.capabilities

	@pytest.mark.parametrize("empty", [None, "", 0, " ", "\n\n"], ids=repr)
	def test_empty_fields_do_no_harm_but_may_be_found_wanting(
		self, provider: MediaProvider, empty: Any
	) -> None:
		made = type(provider).configured(dict.fromkeys(self.config, empty))
		assert made.check()

	def test_its_configuration_prints_no_secret(self, provider: MediaProvider) -> None:
		stored = [str(value) for key, value in self.config.items() if "secret" in key or "password" in key]
		secrets = [secret for value in stored for secret in value.split()]
		made = type(provider).configured(self.config)
		printed = f"{made!r} {made} {getattr(made, 'config', '')!r}"
		assert not [secret for secret in secrets if secret in printed]
