"""Amazon Chime on a real site, short of its media: what its form takes, who may test it, what its pages may reach, and how
joins fare while it is down."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from frappe.utils.password import set_encrypted_password
from redis.exceptions import ConnectionError, TimeoutError

from tests.site.amazon import ACCOUNT, REGION, configured, forget
from tests.site.rows import put_provider
from theranvio_telehealth.install import ROLE
from theranvio_telehealth.providers.breaker import Circuit
from theranvio_telehealth.providers.chime.config import ORIGINS
from theranvio_telehealth.site.circuits import SiteCircuits
from theranvio_telehealth.site.ports import Configuration
from theranvio_telehealth.site.settings import SETTINGS, read
from tools.harness.ports import NOON
from tools.harness.site.people import CLIENT, FRONT_DESK, HOST, OTHER_CLIENT, ROLELESS, US_OFFICE

emulated = pytest.importorskip("tools.chime_emulator", reason="the emulator needs aiohttp and aiortc")

NAME = "Amazon Chime"
NOWHERE = "0" * 32
KEYS = {"access_key_id": "AKIAEMULATOREXAMPLE1", "secret_access_key": "kept-from-everybody"}
FIELDS = {
	"adapter": "Amazon Chime SDK",
	"account_id": ACCOUNT,
	"control_region": REGION,
	"media_region": REGION,
	**KEYS,
}


@pytest.fixture(scope="module")
def emulator() -> Iterator[Any]:
	with emulated.Emulator() as running:
		yield running


@contextmanager
def using(bench: Any, site: Any, endpoint: str | None, **fields: Any) -> Iterator[None]:
	"""New rooms use Amazon Chime, at this endpoint."""
	put_provider(NAME, **(FIELDS | fields))
	site.db.set_single_value(SETTINGS, "default_provider", NAME)
	site.db.commit()
	forget("circuit:")
	with configured(bench, theranvio_chime_endpoint=endpoint):
		yield
	forget("circuit:")


@pytest.fixture
def chime(bench: Any, site: Any, emulator: Any) -> Iterator[Any]:
	with using(bench, site, emulator.url):
		yield emulator
	emulator.fail()


@pytest.fixture
def office(site: Any) -> Iterator[str]:
	"""A Telehealth Administrator."""
	site.get_doc("User", FRONT_DESK).add_roles(ROLE)
	site.db.commit()
	yield FRONT_DESK
	site.get_doc("User", FRONT_DESK).remove_roles(ROLE)
	site.db.commit()


def policy(person: Any, room: str, path: str = "/visit/") -> str:
	return person.page(f"{path}{room}").headers["Content-Security-Policy"]


def media(person: Any, room: str) -> dict[str, str]:
	text = person.page(f"/visit/{room}").text
	found = re.search(r'<script type="application/json" id="boot">(.*?)</script>', text, re.S)
	return json.loads(found[1])["media"]


# what the form takes


@pytest.mark.parametrize(
	("wrong", "says"),
	[
		(
			{"control_region": "", "media_region": ""},
			"The control region is missing.*The media region is missing",
		),
		({"control_region": "mars"}, "no control region mars"),
		({"media_region": "<b>x</b>"}, "no media region &lt;b&gt;x&lt;/b&gt;"),
		({"allowed_regions": "us-east-1"}, "control region ca-central-1 is not among the allowed"),
		({"secret_access_key": ""}, "Only half of the credentials"),
		({"account_id": "12"}, "not an Amazon account number"),
		({"sns_topic_arn": "visits"}, "not an ARN"),
	],
)
def test_the_form_says_everything_that_is_wrong_at_once(site: Any, wrong: dict[str, str], says: str) -> None:
	with pytest.raises(site.ValidationError):
		put_provider(NAME, **(FIELDS | wrong))
	assert re.search(says, json.dumps(site.message_log, default=str), re.S)
	assert "kept-from-everybody" not in json.dumps(site.message_log, default=str)
	site.clear_messages()


def test_the_form_takes_choices_from_the_list_only(site: Any) -> None:
	for field, value in {
		"video_resolution": "8K",
		"content_resolution": "HD",
		"screen_sharing": "Me",
	}.items():
		with pytest.raises(site.ValidationError):
			put_provider(NAME, **(FIELDS | {field: value}))


def test_what_is_switched_off_may_be_unfinished(site: Any) -> None:
	draft = put_provider(NAME, adapter="Amazon Chime SDK", enabled=0)
	draft.enabled = 1
	with pytest.raises(site.ValidationError):
		draft.save()


@pytest.mark.parametrize("adapter", ["", "Zoom"])
def test_the_platform_refuses_a_made_up_adapter(site: Any, adapter: str) -> None:
	with pytest.raises(site.ValidationError):
		put_provider(NAME, adapter=adapter)


def test_saving_again_keeps_the_keys(site: Any) -> None:
	events = f"{'new' * 11} {'old' * 11}"
	put_provider(NAME, **FIELDS, eventbridge_keys=events)
	doc = site.get_doc("Media Provider", NAME)
	doc.screen_sharing = "Nobody"
	doc.save()
	config = Configuration(NAME)
	assert {name: config[name] for name in KEYS} == KEYS
	assert config["eventbridge_keys"] == events
	shown = site.get_doc("Media Provider", NAME).as_json()
	assert not [secret for secret in (*KEYS.values(), events) if secret in shown]


@pytest.mark.parametrize("keys", ["x" * 31, f"{'x' * 32} {'y' * 31}", "y"])
def test_a_short_key_for_events_is_refused(site: Any, keys: str) -> None:
	with pytest.raises(site.ValidationError, match="shorter than 32 characters"):
		put_provider(NAME, **FIELDS, eventbridge_keys=keys)


def test_a_short_key_that_was_stored_before_is_found_at_the_next_save(site: Any) -> None:
	put_provider(NAME, **FIELDS, eventbridge_keys="x" * 32)
	set_encrypted_password("Media Provider", NAME, f"{'x' * 20} {'y' * 20}", "eventbridge_keys")
	site.db.set_value("Media Provider", NAME, "eventbridge_keys", "*" * 41)
	with pytest.raises(site.ValidationError, match="shorter than 32 characters"):
		site.get_doc("Media Provider", NAME).save()


def choose_spare(site: Any, name: str) -> None:
	settings = site.get_doc(SETTINGS)
	settings.failover_provider = name
	settings.save()


def test_the_provider_that_takes_over_is_another_one_and_enabled(site: Any) -> None:
	put_provider("Spare")
	put_provider("Off", enabled=0)
	choose_spare(site, "Spare")
	for name, says in (("Off", "Off is disabled"), ("Peer-to-Peer", "cannot take over from itself")):
		with pytest.raises(site.ValidationError, match=says):
			choose_spare(site, name)
	spare = site.get_doc("Media Provider", "Spare")
	spare.enabled = 0
	with pytest.raises(site.ValidationError, match="takes over where another provider fails"):
		spare.save()
	assert read().failover_provider == "Spare"


# «Test Connection»


def ask(person: Any, provider: Any = NAME) -> tuple[int, Any]:
	answer = person.post("provider.check", provider=provider)
	assert "kept-from" not in answer.text
	assert "AKIA" not in answer.text
	body = answer.json()
	return answer.status_code, body["error"]["code"] if "error" in body else body["message"]["findings"]


def test_an_administrator_sees_that_all_is_well(site: Any, http: Any, chime: Any, office: str) -> None:
	before = site.get_doc("Media Provider", NAME).as_json()
	status, findings = ask(http(office))
	assert status == 200
	assert [finding["ok"] for finding in findings] == [True, True]
	assert ACCOUNT in findings[0]["text"]
	site.db.rollback()
	assert site.get_doc("Media Provider", NAME).as_json() == before
	assert [m for m in chime.state()["meetings"] if not m.get("ended")] == []


def test_an_administrator_sees_what_is_wrong(http: Any, chime: Any, office: str) -> None:
	chime.fail({"on": "CreateAttendee", "kind": "access_denied"})
	_, (_, meetings) = ask(http(office))
	assert meetings["ok"] is False
	assert "does not permit chime:CreateAttendee" in meetings["text"]


def test_it_is_reported_in_the_administrators_language(site: Any, http: Any, chime: Any, office: str) -> None:
	template = "Amazon accepts the credentials, for account {0}."
	site.get_doc(
		doctype="Translation",
		language="de",
		source_text=template,
		translated_text="Amazon nimmt die Zugangsdaten an, Konto {0}.",
	).insert()
	site.db.set_value("User", office, "language", "de")
	site.db.commit()
	_, findings = ask(http(office, fresh=True))
	assert findings[0]["text"] == f"Amazon nimmt die Zugangsdaten an, Konto {ACCOUNT}."


@pytest.mark.parametrize("who", [CLIENT, HOST, FRONT_DESK, ROLELESS])
def test_no_one_else_learns_even_that_it_is_there(http: Any, chime: Any, who: str) -> None:
	before = chime.state()["calls"]
	for provider in (NAME, "No Such Provider"):
		assert ask(http(who), provider) == (404, "not_found")
	assert chime.state()["calls"] == before


def test_who_may_only_read_may_not_test(site: Any, http: Any, chime: Any) -> None:
	"""An administrator of one company reads what belongs to the site."""
	assert ask(http(US_OFFICE)) == (404, "not_found")


def test_guests_sign_in_first(http: Any, chime: Any) -> None:
	assert ask(http()) == (401, "sign_in")


def test_it_is_a_post_from_our_page(http: Any, chime: Any, office: str) -> None:
	person = http(office)
	assert person.get("provider.check", provider=NAME).status_code == 405
	foreign = person.session.post(person.url("provider.check"), json={"provider": NAME})
	assert (foreign.status_code, foreign.json()["error"]["code"]) == (403, "csrf")


@pytest.mark.parametrize("provider", ["", "x" * 141, None, 5, ["a"], {"a": 1}])
def test_a_malformed_request_is_refused(http: Any, chime: Any, office: str, provider: Any) -> None:
	assert ask(http(office), provider) == (400, "malformed")


def test_what_is_gone_is_not_found(http: Any, chime: Any, office: str) -> None:
	assert ask(http(office), "No Such Provider") == (404, "not_found")


def test_an_endpoint_elsewhere_is_refused_without_asking(
	bench: Any, site: Any, http: Any, office: str
) -> None:
	with using(bench, site, "https://amazon.example.org"):
		_, ((finding),) = ask(http(office))
	assert (finding["ok"], "not on this machine" in finding["text"]) == (False, True)


def test_no_form_shows_the_endpoint(site: Any) -> None:
	assert site.get_meta("Media Provider").get_field("endpoint_url") is None


# what pages may load and reach


def test_a_chime_room_is_opened_to_amazon_for_its_people_only(
	bench: Any, site: Any, http: Any, make_appointment: Any
) -> None:
	plain = make_appointment(starts_in=timedelta(hours=3)).theranvio_room
	with using(bench, site, None):
		room = make_appointment().theranvio_room
		closed = policy(http(CLIENT), NOWHERE)
		for who in (CLIENT, HOST):
			opened = policy(http(who), room)
			assert opened == closed.replace("; base-uri", f" {' '.join(ORIGINS)}; base-uri")
			((adapter, address),) = media(http(who), room).items()
			assert adapter == "Amazon Chime SDK"
			assert re.fullmatch(r"/assets/theranvio_telehealth/built/chime\.js\?v=[0-9a-f]+", address)
			assert http().page(address).status_code == 200
		for who, where in ((CLIENT, plain), (OTHER_CLIENT, room), (ROLELESS, room), (OTHER_CLIENT, NOWHERE)):
			assert policy(http(who), where) == closed
			assert media(http(who), where) == {}


def test_an_emulators_address_takes_the_place_of_amazons(
	chime: Any, http: Any, make_appointment: Any
) -> None:
	room = make_appointment().theranvio_room
	opened = policy(http(CLIENT), room)
	assert f" {chime.url} {chime.url.replace('http', 'ws', 1)}; base-uri" in opened
	assert "chime.aws" not in opened
	assert "127.0.0.1" not in policy(http(OTHER_CLIENT), room)


def test_a_visit_by_any_address_of_the_page_is_as_closed(http: Any) -> None:
	assert policy(http(CLIENT), NOWHERE, "/visit?room=") == policy(http(CLIENT), NOWHERE)


def test_guests_get_nothing_opened(chime: Any, http: Any, make_appointment: Any) -> None:
	room = make_appointment().theranvio_room
	assert policy(http(), room) == policy(http(), NOWHERE)


# while it is down


def test_joins_stop_asking_after_three_failures_and_still_offer_a_way(
	chime: Any, http: Any, make_appointment: Any
) -> None:
	room = make_appointment(theranvio_fallback_url="https://meet.example.org/x").theranvio_room
	host = http(HOST)
	host.post("visit.enter", room=room)
	chime.fail({"on": "CreateMeeting", "kind": "error_503"})
	for _ in range(3):
		assert host.post("visit.join", room=room).status_code == 503
	asked = chime.state()["calls"]["CreateMeeting"]
	answer = host.post("visit.join", room=room)
	assert (answer.status_code, answer.json()["error"]["code"]) == (503, "provider_unavailable")
	assert chime.state()["calls"]["CreateMeeting"] == asked
	assert host.get("visit.state", room=room).json()["message"]["fallback"]["url"]
	chime.fail()
	forget("circuit:")
	assert host.post("visit.join", room=room).status_code == 200


def test_a_circuit_is_stored_in_the_cache_for_all_processes_and_not_for_ever(site: Any) -> None:
	circuit = Circuit(3, NOON, NOON + timedelta(minutes=1))
	SiteCircuits().save("A Provider", circuit)
	assert SiteCircuits().load("A Provider") == circuit
	assert SiteCircuits().load("Another") == Circuit()
	key = site.cache.make_key("theranvio:circuit:A Provider")
	assert 0 < site.cache.ttl(key) <= 180
	site.cache.set(key, b"{}")
	assert SiteCircuits().load("A Provider") == Circuit()
	forget("circuit:")
	assert SiteCircuits().load("A Provider") == Circuit()


@pytest.mark.parametrize("trouble", [ConnectionError, TimeoutError, OSError])
def test_without_a_cache_joins_go_on(
	site: Any, monkeypatch: pytest.MonkeyPatch, trouble: type[Exception]
) -> None:
	def down(*_given: Any, **_named: Any) -> None:
		raise trouble

	monkeypatch.setattr(type(site.cache), "execute_command", down)
	SiteCircuits().save("A Provider", Circuit(3, NOON, NOON))
	assert SiteCircuits().load("A Provider") == Circuit()
