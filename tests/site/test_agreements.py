"""What counts for the US PHI gate, what a record keeps once it was sent, and that it takes two people."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from frappe.utils import add_days, getdate, today
from pypdf import PdfWriter

from tests.site.rows import (
	ATTESTER,
	accepted_agreement,
	attest,
	draft_agreement,
	pdf,
	put_agreement,
	put_file,
	put_provider,
)
from theranvio_telehealth import install
from theranvio_telehealth.services import phi_switch
from theranvio_telehealth.site.ports import ports
from theranvio_telehealth.site.store import SiteStore
from tools.harness.site.people import COMPANY, FRONT_DESK, HOST, US_COMPANY

US = "United States"


@pytest.fixture
def settings(site: Any) -> Any:
	return site.get_doc("Telehealth Settings")


def sent(**overrides: Any) -> Any:
	doc = draft_agreement(**({"agreement_file": put_file().file_url} | overrides)).insert()
	doc.state = "Sent"
	return doc.save()


# the file


def locked_pdf() -> bytes:
	writer, content = PdfWriter(), BytesIO()
	writer.add_blank_page(width=200, height=200)
	writer.encrypt("secret")
	writer.write(content)
	return content.getvalue()


@pytest.mark.parametrize(
	"content",
	[
		b"this is agreed!!",
		b"%PDF-1.7 agreed",
		b"\n" + b"%PDF-1.7\n%%EOF\n",
		b"<html>%PDF-1.7</html>",
		pytest.param("locked", id="locked"),
		pytest.param("cut", id="cut"),
		pytest.param("empty", id="no pages"),
	],
)
def test_the_file_is_a_pdf_by_its_content(site: Any, content: Any) -> None:
	made = {"locked": locked_pdf, "cut": lambda: pdf()[:60], "empty": lambda: pdf(pages=0)}
	# the platform reads whatever calls itself a PDF, and fails in a way of its own
	file = put_file(made[content]() if isinstance(content, str) else content, file_name="agreed.txt")
	with pytest.raises(site.ValidationError, match="not a PDF that can be opened"):
		draft_agreement(agreement_file=file.file_url).insert()


def test_pages_are_counted(site: Any) -> None:
	assert accepted_agreement(agreement_file=put_file(pdf(pages=3)).file_url).file_pages == 3


def test_a_file_that_is_gone_is_stated(site: Any) -> None:
	doc = sent()
	Path(site.get_doc("File", {"file_url": doc.agreement_file}).get_full_path()).unlink()
	with pytest.raises(site.ValidationError, match="no longer on the server"):
		doc.submit()


# two people


def test_who_accepted_it_does_not_attest_it(site: Any, settings: Any) -> None:
	doc = accepted_agreement()
	settings.us_phi_enabled = 1
	with pytest.raises(site.ValidationError, match="nobody but who accepted it has attested it"):
		settings.save()
	with pytest.raises(site.ValidationError, match="Another person has to attest it"):
		attest(doc, by="Administrator")
	attest(doc.reload())
	assert (doc.attested_by, getdate(doc.attested_on)) == (ATTESTER, getdate())
	settings.reload()
	settings.us_phi_enabled = 1
	settings.save()


@pytest.mark.parametrize(
	"change",
	[
		{"attested_by": HOST},
		{"attested": 1, "attested_by": HOST},
		{"attested_on": "2026-01-01 10:00:00"},
		{"file_pages": 9},
		{"terminated_on": "2026-01-07"},
		{"termination_reason": "Because"},
	],
	ids=str,
)
def test_no_one_writes_it_by_hand(site: Any, change: dict[str, Any]) -> None:
	doc = accepted_agreement()
	doc.update(change)
	with pytest.raises(site.ValidationError, match="use the button"):
		doc.save()


def test_nor_while_it_is_a_draft(site: Any) -> None:
	by_hand = {
		"attested": 1,
		"attested_by": HOST,
		"attested_on": "2026-01-01 10:00:00",
		"terminated_on": "2026-01-07",
		"termination_reason": "Because",
		"sent_on": "2026-01-01 10:00:00",
	}
	doc = draft_agreement(agreement_file=put_file().file_url, **by_hand).insert()
	doc.reload()
	assert not any(doc.get(field) for field in by_hand)


def test_an_attestation_is_not_taken_back(site: Any) -> None:
	doc = put_agreement()
	doc.attested = 0
	with pytest.raises(site.ValidationError, match="use the button"):
		doc.save()


def test_a_file_that_was_changed_on_the_disk_is_not_attested(site: Any) -> None:
	doc = accepted_agreement()
	Path(site.get_doc("File", {"file_url": doc.agreement_file}).get_full_path()).write_bytes(pdf())
	with pytest.raises(site.ValidationError, match="not the one that was accepted"):
		attest(doc)


def test_only_what_is_accepted_is_attested(site: Any) -> None:
	doc = accepted_agreement()
	doc.update({"state": "Terminated", "termination_reason": "Breach"})
	doc.save()
	with pytest.raises(site.ValidationError, match="Only an accepted agreement"):
		attest(doc)


# what counts


@pytest.mark.parametrize(
	("lack", "why"),
	[
		({"agreement_type": "Other"}, "neither a BAA nor"),
		({"agreement_type": "DPA"}, "neither a BAA nor"),
		({"company": COMPANY}, "handles no US PHI"),
		({"services": "Video"}, "services do not name"),
		({"provider_account_id": "999"}, "another account"),
		({"effective_on": "2099-01-01"}, "not in force"),
	],
	ids=str,
)
def test_a_record_that_does_not_count_is_named_with_its_reason(
	site: Any, settings: Any, lack: dict[str, Any], why: str
) -> None:
	doc = put_agreement(**lack)
	settings.us_phi_enabled = 1
	with pytest.raises(site.ValidationError, match=f"{doc.name}: .*{why}"):
		settings.save()


def test_regions_are_the_providers(site: Any, settings: Any) -> None:
	put_agreement()
	put_provider("Elsewhere", media_region="eu-west-2", control_region="us-east-1")
	put_agreement(provider="Elsewhere", regions="us-east-1")
	settings.us_phi_enabled = 1
	with pytest.raises(site.ValidationError, match="regions do not include"):
		settings.save()
	put_agreement(provider="Elsewhere", regions="eu-west-2\nus-east-1")
	settings.reload()
	settings.us_phi_enabled = 1
	settings.save()


@pytest.mark.parametrize("company", [US_COMPANY, ""])
def test_the_company_that_handles_us_phi_or_the_whole_site(site: Any, settings: Any, company: str) -> None:
	put_agreement(company=company)
	settings.us_phi_enabled = 1
	settings.save()


# at the door, over HTTP


@pytest.fixture
def american(site: Any, make_appointment: Any, settings: Any) -> Iterator[str]:
	"""The room of a visit of the clinic in the United States, with the switch on."""
	site.agreement = put_agreement(company=US_COMPANY)
	settings.us_phi_enabled = 1
	settings.save()
	appointment = make_appointment(company=US_COMPANY)
	site.db.commit()
	yield site.db.get_value("Patient Appointment", appointment.name, "theranvio_room")
	site.db.rollback()
	site.db.set_single_value("Telehealth Settings", "us_phi_enabled", 0)
	site.db.delete("File", {"file_url": site.agreement.agreement_file})
	site.db.set_value("Company", US_COMPANY, "country", US)
	site.db.commit()


def terminated(site: Any) -> None:
	doc = site.get_doc("BAA Record", site.agreement.name)
	doc.update({"state": "Terminated", "termination_reason": "Breach"})
	doc.save()


def expired(site: Any) -> None:
	site.db.set_value("BAA Record", site.agreement.name, "expires_on", add_days(today(), -1))


def of_another_company(site: Any) -> None:
	site.db.set_value("BAA Record", site.agreement.name, "company", COMPANY)


@pytest.mark.parametrize("change", [terminated, expired, of_another_company])
def test_what_counts_no_more_closes_the_door_at_the_next_request(
	site: Any, http: Any, american: str, change: Callable[[Any], None]
) -> None:
	assert http(HOST).get("visit.state", room=american).json()["message"]["blocked"] is None
	change(site)
	site.db.commit()
	answer = http(HOST).post("visit.enter", room=american)
	assert (answer.status_code, answer.json()["error"]["code"]) == (409, "phi_not_permitted")
	assert site.db.get_single_value("Telehealth Settings", "us_phi_enabled", cache=False) == 1


def test_with_what_counts_it_is_open(http: Any, american: str) -> None:
	assert http(HOST).post("visit.enter", room=american).json()["message"]["blocked"] is None


@pytest.mark.parametrize(
	"country",
	["Puerto Rico", "Guam", "Virgin Islands, U.S.", "American Samoa", "Northern Mariana Islands", None],
)
def test_territories_and_companies_without_a_country_are_the_united_states(
	site: Any, http: Any, american: str, country: str | None
) -> None:
	assert country is None or site.db.exists("Country", country)
	terminated(site)
	site.db.set_value("Company", US_COMPANY, "country", country)
	site.db.commit()
	assert SiteStore().companies()[US_COMPANY] == (country or "")
	answer = http(HOST).post("visit.enter", room=american)
	assert answer.json()["error"]["code"] == "phi_not_permitted"


def test_the_sweep_lets_the_switch_fall(site: Any, american: str) -> None:
	assert phi_switch.review(ports()) is False
	terminated(site)
	assert phi_switch.review(ports()) is True


# what was sent stays


def test_what_was_sent_and_taken_back_is_not_deleted(site: Any) -> None:
	doc = sent()
	first = doc.sent_on
	doc.state = "Draft"
	doc.save()
	doc.sent_on = None
	doc.save()
	assert doc.reload().sent_on == first
	with pytest.raises(site.ValidationError, match="never sent"):
		doc.delete()
	with pytest.raises(site.ValidationError, match="never sent"):
		site.delete_doc("BAA Record", doc.name, force=True)
	with pytest.raises(site.ValidationError, match="never sent"):
		doc.run_method("before_discard")


def test_one_that_was_sent_before_the_field_was_there_is_stored_too(site: Any) -> None:
	doc = sent()
	site.db.set_value("BAA Record", doc.name, "sent_on", None)
	doc.reload()
	doc.state = "Draft"
	doc.save()
	with pytest.raises(site.ValidationError, match="never sent"):
		doc.delete()


def test_it_is_terminated_today_or_earlier(site: Any) -> None:
	doc = put_agreement()
	ended = {"state": "Terminated", "termination_reason": "Breach"}
	with pytest.raises(site.ValidationError, match="not in the future"):
		doc.update({**ended, "terminated_on": add_days(today(), 1)}).save()
	doc.reload()
	doc.update({**ended, "terminated_on": add_days(today(), -2)}).save()
	assert doc.terminated_on == getdate(add_days(today(), -2))
	doc.terminated_on = today()
	with pytest.raises(site.ValidationError, match="use the button"):
		doc.save()


@pytest.fixture
def officer(site: Any) -> Iterator[str]:
	"""An administrator who may write agreements, and nothing more."""
	user = site.get_doc("User", FRONT_DESK)
	user.add_roles(install.ROLE)
	site.db.commit()
	yield FRONT_DESK
	site.db.rollback()
	site.get_doc("User", FRONT_DESK).remove_roles(install.ROLE)
	site.db.commit()


@pytest.mark.parametrize("put_it", [accepted_agreement, sent])
def test_its_file_stays_private_and_where_it_is(
	site: Any, http: Any, officer: str, put_it: Callable[[], Any]
) -> None:
	doc = put_it()
	site.db.set_value("File", {"file_url": doc.agreement_file}, "owner", officer)
	files = site.get_all("File", filters={"file_url": doc.agreement_file}, pluck="name", order_by="name")
	other = put_file()
	site.db.set_value("File", other.name, "owner", officer)
	site.db.commit()
	path = Path(site.get_doc("File", files[0]).get_full_path())
	session = http(officer)
	try:
		for name in files:
			for field, value in (
				("is_private", 0),
				("file_url", other.file_url),
				("attached_to_name", "Another"),
				("content_hash", "0" * 32),
			):
				body = {"doctype": "File", "name": name, "fieldname": field, "value": value}
				answer = session.post("frappe.client.set_value", **body)
				assert answer.status_code == 417, (field, answer.text[:300])
				assert "agreement on record" in answer.text
			assert session.post("frappe.client.delete", doctype="File", name=name).status_code == 403
			session.post("frappe.desk.form.utils.remove_attach", fid=name)
		assert set(files) <= set(site.get_all("File", {"name": ("in", files)}, pluck="name", order_by="name"))
		assert path.is_file()
		assert {f.is_private for f in site.get_all("File", {"name": ("in", files)}, ["is_private"])} == {1}
	finally:
		site.db.rollback()
		site.db.delete("File", {"name": ("in", [*files, other.name])})
		site.db.commit()


def test_nor_is_it_made_public_by_another_row_with_the_same_bytes(site: Any) -> None:
	content = pdf()
	doc = accepted_agreement(agreement_file=put_file(content).file_url)
	twin = put_file(content, file_name="twin.pdf", is_private=0)
	twin.is_private = 1
	with pytest.raises(site.ValidationError, match="agreement on record"):
		twin.save()
	assert site.db.exists("File", {"file_url": doc.agreement_file, "is_private": 1})


def test_the_file_of_a_draft_can_be_changed(site: Any) -> None:
	file = put_file()
	draft_agreement(agreement_file=file.file_url).insert()
	file.reload()
	file.is_private = 0
	file.save()
	assert file.file_url.startswith("/files/")
	assert file.has_permission("delete", user=ATTESTER)
