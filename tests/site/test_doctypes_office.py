"""What an administrator fills in: allowances, providers, settings and agreements, and what their forms refuse."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from frappe.utils import getdate

from tests.site.rows import (
	draft_agreement,
	pdf,
	put_agreement,
	put_allowance,
	put_file,
	put_participant,
	put_provider,
	put_room,
)
from theranvio_telehealth.domain import bounds
from tools.harness.site.appointments import practitioner_of
from tools.harness.site.people import HOST, US_COMPANY


@pytest.fixture
def settings(site: Any) -> Any:
	return site.get_doc("Telehealth Settings")


# allowances


@pytest.mark.parametrize("days", [(0, 30), (-40, 0), (30, 60), (5, 6)])
def test_allowances_of_one_payer_do_not_overlap(site: Any, days: tuple[int, int]) -> None:
	first = put_allowance()
	start, end = (first.period_start + timedelta(days=n) for n in days)
	with pytest.raises(site.ValidationError, match="already covers"):
		put_allowance(period_start=start, period_end=end)


def test_other_payers_and_other_days_do_not_overlap(site: Any) -> None:
	first = put_allowance()
	put_allowance(company=US_COMPANY)
	put_allowance(practitioner=practitioner_of(HOST))
	put_allowance(
		period_start=first.period_end + timedelta(days=1), period_end=first.period_end + timedelta(days=9)
	)
	first.included_minutes = 5
	first.save()


def test_a_period_ends_after_it_begins(site: Any) -> None:
	with pytest.raises(site.ValidationError, match="later last day"):
		put_allowance(period_start="2031-02-02", period_end="2031-02-01")


@pytest.mark.parametrize("percents", ["-1", "0", "101", "half", "80.5"])
def test_warnings_are_percentages(site: Any, percents: str) -> None:
	with pytest.raises(site.ValidationError, match="whole percentages"):
		put_allowance(warning_percents=percents)


def test_warning_percentages_are_put_in_order(site: Any) -> None:
	assert put_allowance(warning_percents="90, 50 %").warning_percents == "50\n90"


def test_saving_an_open_form_keeps_what_was_used_meanwhile(site: Any) -> None:
	form = put_allowance(used_seconds=999)
	assert form.used_seconds == 0
	site.db.set_value("Usage Allowance", form.name, "used_seconds", 3600, update_modified=False)
	form.warning_percents = "50"
	form.used_seconds = 1
	form.save()
	assert site.db.get_value("Usage Allowance", form.name, ["used_seconds", "warning_percents"]) == (
		3600,
		"50",
	)


# providers


def test_the_fake_is_for_developers(site: Any, monkeypatch: pytest.MonkeyPatch) -> None:
	monkeypatch.setitem(site.conf, "developer_mode", 0)
	with pytest.raises(site.ValidationError, match="for developers"):
		put_provider(adapter="Fake")
	monkeypatch.setitem(site.conf, "developer_mode", 1)
	assert put_provider(adapter="Fake").account().adapter == "Fake"


def test_regions_are_pinned_to_the_allowed_ones(site: Any) -> None:
	allowed = "ca-central-1\nus-east-1"
	put_provider("Pinned", allowed_regions=allowed, media_region="ca-central-1", control_region="us-east-1")
	for field in ("media_region", "control_region"):
		with pytest.raises(site.ValidationError, match="eu-west-2 is not an allowed region"):
			put_provider(allowed_regions=allowed, **{field: "eu-west-2"})


@pytest.mark.parametrize("link", ["http://meet.example.com/x", "javascript:alert(1)"])
def test_an_external_link_is_https(site: Any, link: str) -> None:
	with pytest.raises(site.ValidationError):
		put_provider(adapter="External Link", link=link)


def test_secrets_of_a_provider_are_encrypted(site: Any) -> None:
	provider = put_provider(adapter="Peer-to-Peer", turn_secrets="newest older")
	assert "newest" not in str(site.db.get_value("Media Provider", provider.name, "*", as_dict=True))
	assert site.get_doc("Media Provider", provider.name).get_password("turn_secrets") == "newest older"


def test_a_provider_with_visits_is_disabled_rather_than_deleted(site: Any, make_appointment: Any) -> None:
	provider = put_provider()
	put_room(make_appointment(video=False), provider=provider.name)
	with pytest.raises(site.ValidationError, match="Disable it instead"):
		provider.delete()
	provider.enabled = 0
	provider.save()


def test_the_default_provider_stays_enabled(site: Any, settings: Any) -> None:
	default = site.get_doc("Media Provider", settings.default_provider)
	default.enabled = 0
	with pytest.raises(site.ValidationError, match="Choose another one"):
		default.save()


# settings


def test_the_default_provider_must_be_enabled(site: Any, settings: Any) -> None:
	settings.default_provider = put_provider(enabled=0).name
	with pytest.raises(site.ValidationError, match="is disabled"):
		settings.save()


def test_an_appointment_without_duration_takes_some_time(site: Any, settings: Any) -> None:
	settings.default_duration_minutes = 0
	with pytest.raises(site.ValidationError, match="at least one minute"):
		settings.save()


@pytest.mark.parametrize("field", bounds.SETTINGS)
@pytest.mark.parametrize("beyond", [-1, 1441, 2147483647])
def test_numbers_of_the_settings_have_bounds(site: Any, settings: Any, field: str, beyond: int) -> None:
	settings.set(field, beyond)
	with pytest.raises(site.ValidationError):
		settings.save()


@pytest.mark.parametrize("minutes", [-1, 10_000_001])
def test_minutes_of_an_allowance_have_bounds(site: Any, minutes: int) -> None:
	with pytest.raises(site.ValidationError):
		put_allowance(included_minutes=minutes)


@pytest.mark.parametrize("field", bounds.AGREEMENT)
def test_hours_of_an_agreement_have_bounds(site: Any, field: str) -> None:
	with pytest.raises(site.ValidationError, match="between 0 and 8784"):
		draft_agreement(**{field: 2147483647}).insert()


def test_every_number_that_a_form_takes_has_bounds(site: Any) -> None:
	tables = {
		"Telehealth Settings": bounds.SETTINGS,
		"Usage Allowance": bounds.ALLOWANCE,
		"BAA Record": bounds.AGREEMENT,
		"Allowance Plan": bounds.PLAN,
		"Media Provider": bounds.PROVIDER,
	}
	for doctype, table in tables.items():
		entered = {
			field.fieldname
			for field in site.get_meta(doctype).fields
			if field.fieldtype in ("Int", "Float", "Percent", "Duration", "Currency") and not field.read_only
		}
		assert entered == set(table), doctype


def test_us_phi_stays_off_and_names_who_is_not_covered(site: Any, settings: Any) -> None:
	put_provider("Not Covered")
	put_provider("Switched Off", enabled=0)
	put_agreement()
	settings.us_phi_enabled = 1
	with pytest.raises(site.ValidationError, match="covers Not Covered") as refusal:
		settings.save()
	assert "Peer-to-Peer" not in str(refusal.value)
	assert "Switched Off" not in str(refusal.value)


def test_us_phi_can_be_on_when_all_are_covered(site: Any, settings: Any) -> None:
	put_agreement(provider_account_id=" ")
	settings.us_phi_enabled = 1
	settings.save()
	assert site.db.get_single_value("Telehealth Settings", "us_phi_enabled", cache=False) == 1


@pytest.mark.parametrize(
	"lack",
	[
		{"provider_account_id": "another account"},
		{"effective_on": "2099-01-01"},
		{"effective_on": "2020-01-01", "expires_on": "2020-12-31"},
	],
)
def test_us_phi_needs_the_same_account_and_a_date_within(
	site: Any, settings: Any, lack: dict[str, str]
) -> None:
	put_agreement(**lack)
	settings.us_phi_enabled = 1
	with pytest.raises(site.ValidationError, match="stays off"):
		settings.save()


def test_the_switch_can_fall_whatever_else_is_wrong(site: Any, settings: Any) -> None:
	site.db.set_value("Media Provider", settings.default_provider, "enabled", 0)
	site.db.set_single_value("Telehealth Settings", {"us_phi_enabled": 1, "default_duration_minutes": 0})
	fallen = site.get_doc("Telehealth Settings")
	fallen.us_phi_enabled = 0
	fallen.save()


# agreements


def test_an_agreement_is_accepted_by_submitting_it_once_sent(site: Any) -> None:
	doc = put_agreement()
	assert (doc.state, doc.docstatus, doc.version, doc.accepted_by) == ("Accepted", 1, 1, "Administrator")
	assert doc.accepted_on


def test_the_hash_is_of_the_files_bytes(site: Any) -> None:
	text = pdf() + b"\xff\xfe\r\nagreed\r\n"
	doc = draft_agreement(agreement_file=put_file(text).file_url, sha256="made up").insert()
	assert doc.sha256 == hashlib.sha256(text).hexdigest()


def test_a_draft_is_not_accepted(site: Any) -> None:
	doc = draft_agreement(agreement_file=put_file().file_url).insert()
	with pytest.raises(site.ValidationError, match="cannot go from Draft to Accepted"):
		doc.submit()


@pytest.mark.parametrize(
	("state", "why"),
	[
		("Accepted", "cannot go from Draft to Accepted"),
		("Declined", "cannot go from Draft to Declined"),
		("Terminated", "cannot go from Draft to Terminated"),
		("Nonsense", "cannot go from Draft to Nonsense"),
	],
)
def test_a_new_agreement_is_a_draft(site: Any, state: str, why: str) -> None:
	with pytest.raises(site.ValidationError, match=why):
		draft_agreement(state=state).insert()


def test_accepting_needs_submitting(site: Any) -> None:
	doc = sent()
	doc.state = "Accepted"
	with pytest.raises(site.ValidationError, match="Submit the record"):
		doc.save()


def sent(**overrides: Any) -> Any:
	doc = draft_agreement(**({"agreement_file": put_file().file_url} | overrides)).insert()
	doc.state = "Sent"
	return doc.save()


def test_declined_does_not_reopen(site: Any) -> None:
	doc = sent()
	doc.state = "Declined"
	doc.save()
	doc.state = "Draft"
	with pytest.raises(site.ValidationError, match="cannot go from Declined to Draft"):
		doc.save()


@pytest.mark.parametrize(
	("lack", "why"),
	[
		({"agreement_file": None}, "as a file"),
		({"signed_on": None}, "day it was signed"),
		({"effective_on": None}, "takes effect"),
		({"signatories": [{"party": "Us", "full_name": "Ursula Us"}]}, "who signed for them"),
	],
)
def test_accepting_needs_a_complete_record(site: Any, lack: dict[str, Any], why: str) -> None:
	doc = sent(**lack)
	with pytest.raises(site.ValidationError, match=why):
		doc.submit()


def test_a_text_changed_after_it_was_sent_is_not_accepted(site: Any) -> None:
	doc = sent()
	path = Path(site.get_doc("File", {"file_url": doc.agreement_file}).get_full_path())
	path.write_bytes(pdf())
	with pytest.raises(site.ValidationError, match="changed after it was sent"):
		doc.submit()
	again = site.get_doc("BAA Record", doc.name)
	again.state = "Draft"
	again.save()


@pytest.mark.parametrize("url", ["https://elsewhere.example.com/a.pdf", "/private/files/not-there.pdf"])
def test_the_file_is_a_private_one_of_this_site(site: Any, url: str) -> None:
	with pytest.raises(site.ValidationError, match="private file of this site"):
		draft_agreement(agreement_file=url).insert()


def test_a_public_file_is_refused(site: Any) -> None:
	with pytest.raises(site.ValidationError, match="private file of this site"):
		draft_agreement(agreement_file=put_file(is_private=0).file_url).insert()


def test_what_was_accepted_is_immutable(site: Any) -> None:
	doc = put_agreement()
	for change in (
		{"services": "More"},
		{"expires_on": "2099-01-01"},
		{"sha256": "0" * 64},
		{"provider_account_id": "2"},
	):
		changed = site.get_doc("BAA Record", doc.name)
		changed.update(change)
		with pytest.raises(site.ValidationError):
			changed.save()
	with pytest.raises(site.ValidationError):
		site.get_doc("BAA Record", doc.name).cancel()
	with pytest.raises(site.ValidationError):
		site.delete_doc("BAA Record", doc.name)


def test_what_was_sent_is_not_deleted(site: Any) -> None:
	doc = sent()
	with pytest.raises(site.ValidationError, match="Only a draft that was never sent"):
		doc.delete()
	draft_agreement().insert().delete()


def test_termination_needs_a_reason(site: Any) -> None:
	doc = put_agreement()
	doc.state = "Terminated"
	doc.termination_reason = "  "
	with pytest.raises(site.ValidationError, match="reason"):
		doc.save()
	doc.reload()
	doc.update({"state": "Terminated", "termination_reason": "Breach"})
	doc.save()
	assert doc.terminated_on == getdate()
	doc.state = "Accepted"
	with pytest.raises(site.ValidationError, match="cannot go from Terminated to Accepted"):
		doc.save()


def test_only_a_past_agreement_expires(site: Any) -> None:
	current, past = put_agreement(), put_agreement(effective_on="2020-01-01", expires_on="2020-12-31")
	past.state = "Expired"
	past.save()
	current.state = "Expired"
	with pytest.raises(site.ValidationError, match="has not expired yet"):
		current.save()


def test_a_new_version_supersedes_at_once(site: Any) -> None:
	old = put_agreement()
	new = put_agreement(supersedes=old.name)
	assert new.version == 2
	assert site.db.get_value("BAA Record", old.name, "state") == "Superseded"
	with pytest.raises(site.ValidationError, match="superseded already"):
		put_agreement(supersedes=old.name)


def test_no_one_supersedes_by_hand(site: Any) -> None:
	doc = put_agreement()
	doc.state = "Superseded"
	with pytest.raises(site.ValidationError, match="Submit the new version"):
		doc.save()


@pytest.mark.parametrize("old", [draft_agreement, lambda: put_agreement(provider=put_provider().name)])
def test_only_an_accepted_one_of_the_same_provider_is_superseded(site: Any, old: Callable[[], Any]) -> None:
	other = old()
	if not other.name:
		other.insert()
	with pytest.raises(site.ValidationError, match="same provider"):
		draft_agreement(supersedes=other.name).insert()


def test_an_agreement_takes_effect_before_it_expires(site: Any) -> None:
	with pytest.raises(site.ValidationError, match="expires before"):
		draft_agreement(effective_on="2026-02-02", expires_on="2026-02-01").insert()


def test_an_accepted_agreements_file_stays(site: Any, as_user: Any) -> None:
	doc = put_agreement()
	file = put_file(attached_to_doctype="BAA Record", attached_to_name=doc.name)
	with pytest.raises(site.ValidationError):
		site.delete_doc("File", file.name)


def test_a_participant_is_a_person_in_a_room(site: Any, make_appointment: Any) -> None:
	room = put_room(make_appointment(video=False))
	with pytest.raises(site.MandatoryError):
		put_participant(room, role=None)
