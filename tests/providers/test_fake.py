"""The fake provider keeps the contract, and remembers what the services asked of it."""

from __future__ import annotations

import pytest

from tests.providers.contract import ProviderContract, make_request
from theranvio_telehealth.providers.base import Gone, MediaProvider, Meeting
from theranvio_telehealth.providers.fake import FakeProvider


class TestFake(ProviderContract):
	@pytest.fixture
	def provider(self) -> FakeProvider:
		return FakeProvider.configured({})

	def test_says_that_it_is_none(self, provider: MediaProvider) -> None:
		(finding,) = provider.check()
		assert not finding.ok

	def test_remembers_who_is_in(self, provider: FakeProvider, meeting: Meeting) -> None:
		one, other = (self.add(provider, meeting).attendee_id for _ in range(2))
		assert provider.meetings == {meeting.meeting_id: {one, other}}
		provider.remove_attendee(meeting, one)
		assert provider.meetings == {meeting.meeting_id: {other}}

	def test_a_closed_meeting_is_gone(self, provider: FakeProvider, meeting: Meeting) -> None:
		provider.close_meeting(meeting)
		assert provider.meetings == {}
		with pytest.raises(Gone):
			self.add(provider, meeting)

	def test_its_token_brings_no_closed_meeting_back(self, provider: FakeProvider, meeting: Meeting) -> None:
		provider.close_meeting(meeting)
		with pytest.raises(Gone):
			self.add(provider, provider.open_meeting(make_request(provider)))
