"""Who waits for a clinician in another visit, over HTTP of the demo."""

from __future__ import annotations

from tests.demo.callers import Visit
from tests.demo.endpoints import refused


def test_the_clinician_and_anyone_who_stands_in_see_who_waits(visit: Visit) -> None:
	visit.client.act("visit.enter", room=visit.room)
	(line,) = visit.clinician.get("/api/method/theranvio_telehealth.api.host.waiting").json()["message"][
		"waiting"
	]
	assert (line["room"], line["display_name"]) == (visit.room, "Amara Bell")
	for user in ("desk", "jonas", "lindqvist"):
		answer = visit.running.person(user).get("/api/method/theranvio_telehealth.api.host.waiting")
		assert answer.json() == {"message": {"waiting": []}}


def test_who_is_not_signed_in_is_asked_to(visit: Visit) -> None:
	answer = visit.running.caller().get("/api/method/theranvio_telehealth.api.host.waiting")
	assert refused(answer, "sign_in")


def test_it_is_only_read(visit: Visit) -> None:
	assert refused(visit.clinician.call("host.waiting"), "wrong_method")


def test_a_client_at_the_device_check_is_seen_by_the_clinician(visit: Visit) -> None:
	visit.client.act("visit.here", room=visit.room)
	(client,) = visit.clinician.act("visit.enter", room=visit.room)["people"]
	assert (client["display_name"], client["state"], client["seen"]) == ("Amara Bell", "Invited", True)
