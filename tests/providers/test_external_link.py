"""External links keep the contract; only https addresses that mean what they show are ever given out."""

from __future__ import annotations

import pytest

from tests.providers.contract import PSEUDONYM, ProviderContract, make_request
from theranvio_telehealth.domain.enums import Role
from theranvio_telehealth.providers.base import MediaProvider, Meeting, Rejected
from theranvio_telehealth.providers.external_link import ExternalLinkProvider, is_https
from tools.harness.ports import NOON

HOUSE = "https://zoom.example.com/j/1"
OWN = "https://meet.example.org/x"

GOOD = [
	OWN,
	"https://meet.example.org",
	"HTTPS://MEET.EXAMPLE.ORG/X",
	"https://meet.example.org:8443/x?y=1&z=%20#frag",
	"https://xn--bcher-kva.example/x",
	"https://bücher.example/x",
	"https://192.0.2.7/x",
	"https://[2001:db8::1]/x",
	"https://localhost/x",
	"https://meet.example.org./x",
	"https://teams.example.com/l/meetup-join/19%3ameeting_x%40thread.v2/0?context=%7b%22Tid%22%3a%22x%22%7d",
	"https://meet.example.org/Réunion",
	"https://meet.example.org/" + "x" * 475,
]
BAD = [
	"",
	" ",
	"meet.example.org/x",
	"//meet.example.org/x",
	"http://meet.example.org/x",
	"https:",
	"https://",
	"https:///x",
	"https://:443/x",
	"https:meet.example.org",
	"javascript:alert(1)",
	"data:text/html,x",
	"ftp://meet.example.org",
	"https://user@meet.example.org/x",
	"https://user:password@meet.example.org/x",
	"https://:password@meet.example.org/x",
	"https://meet.example.org@evil.example/x",
	"https://evil.example\\@meet.example.org",
	"https://[2001:db8::1/x",
	"https://meet.example.org/a b",
	"https://meet example.org/",
	" https://meet.example.org/x",
	"https://meet.example.org/x ",
	"https://meet.example.org/x\n",
	"https://meet.exa\nmple.org/x",
	"https://meet.exa\tmple.org/x",
	"https://meet.example.org/\x00",
	"https://meet.example.org/\u202egro.live",
	"java\nscript:https://meet.example.org",
	'https://x"onmouseover=alert(1)',
	"https://meet.example.org/'onmouseover='x",
	"https://meet.example.org/<b>",
	"https://meet.example.org/`x`",
	"https://meet.example.org/{x}",
	"https://meet.example.org\u00a0/x",
	"https://meet.example.org/\u200bx",
	"https://meet.example.org/" + "x" * 500,
	"https://meet.example.org:99999/x",
	"https://meet.example.org:port/x",
	"https://@meet.example.org/x",
	"https://-meet.example.org/x",
	"https://meet..example.org/x",
	"https://.../x",
	"https://%6deet.example.org/x",
	"https://[fe80::1%25eth0]/x",
]


class TestExternalLink(ProviderContract):
	config = {"link": HOUSE}
	bad_form = {"link": "http://meet.example.org/x"}

	@pytest.fixture
	def provider(self) -> ExternalLinkProvider:
		return ExternalLinkProvider.configured(self.config)

	def url(self, provider: MediaProvider, address: str) -> str:
		meeting = provider.open_meeting(make_request(provider, address=address))
		return str(self.add(provider, meeting).payload["url"])

	def test_the_appointments_own_link_goes_first(self, provider: MediaProvider) -> None:
		assert self.url(provider, OWN) == OWN

	def test_the_providers_link_serves_without_one(self, provider: MediaProvider) -> None:
		assert self.url(provider, "") == HOUSE

	def test_a_bad_link_of_the_appointments_is_not_covered_up(self, provider: MediaProvider) -> None:
		with pytest.raises(Rejected):
			provider.open_meeting(make_request(provider, address="http://meet.example.org"))

	def test_no_link_at_all_is_rejected(self) -> None:
		provider = ExternalLinkProvider()
		with pytest.raises(Rejected):
			provider.open_meeting(make_request(provider, address=""))

	def test_a_link_that_went_bad_meanwhile_is_not_given_out(self, provider: MediaProvider) -> None:
		with pytest.raises(Rejected):
			provider.add_attendee(Meeting("link-1", address="javascript:x"), PSEUDONYM, Role.CLIENT, NOON)

	def test_the_link_is_not_printed(self, provider: MediaProvider) -> None:
		request = make_request(provider)
		assert OWN not in f"{request!r} {provider.open_meeting(request)!r}"

	def test_joining_gives_the_link_only(self, provider: MediaProvider, meeting: Meeting) -> None:
		assert dict(self.add(provider, meeting).payload) == {"url": OWN}

	@pytest.mark.parametrize(("link", "ok"), [("", True), (HOUSE, True), ("http://x.example", False)])
	def test_check(self, link: str, ok: bool) -> None:
		assert [finding.ok for finding in ExternalLinkProvider(link).check()] == [ok]


@pytest.mark.parametrize("url", GOOD)
def test_an_https_address(url: str) -> None:
	assert is_https(url)


@pytest.mark.parametrize("url", BAD, ids=repr)
def test_no_https_address(url: str) -> None:
	assert not is_https(url)
