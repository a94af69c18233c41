"""Plans, allowances and time given to them by the platform's own ways, on a site with two companies and restricted users."""

from __future__ import annotations

import json
from typing import Any

import frappe
import pytest
import requests

from tests.site.rows import put_plan
from theranvio_telehealth.site import allowances
from theranvio_telehealth.site.store import SiteStore
from tools.harness.site.people import (
	CLIENT,
	COMPANY,
	FRONT_DESK,
	HOME_OFFICE,
	HOST,
	OFFICE,
	ROLELESS,
	SYSTEM,
	US_COMPANY,
	US_OFFICE,
)

MINUTES, WHY = 777_123, "planted reason"
PLAN, ALLOWANCE, ENTRY, RECIPIENT = "Allowance Plan", "Usage Allowance", "Usage Entry", "Allowance Recipient"
OUTSIDERS = (HOST, FRONT_DESK, US_OFFICE, CLIENT, ROLELESS, "Guest")
INSIDERS = (OFFICE, HOME_OFFICE, SYSTEM)
SEARCH = "frappe.desk.search.search_widget"
LIST = "frappe.desk.reportview.get"
VALUE = "frappe.client.set_value"


class Made:
	def __init__(self) -> None:
		self.plan = put_plan(
			starts_on=frappe.utils.today(), minutes_per_month=MINUTES, recipients=[{"user": FRONT_DESK}]
		).name
		self.allowance = frappe.get_all(
			ALLOWANCE, {"plan": self.plan}, pluck="name", order_by="period_start"
		)[0]
		allowances.top_up(SiteStore(), self.allowance, 5, WHY, "k")
		self.entry = frappe.get_all(ENTRY, {"allowance": self.allowance}, pluck="name", order_by="creation")[
			0
		]
		self.recipient = frappe.get_all(RECIPIENT, {"parent": self.plan}, pluck="name", order_by="idx")[0]
		frappe.db.commit()

	@property
	def names(self) -> dict[str, str]:
		return {PLAN: self.plan, ALLOWANCE: self.allowance, ENTRY: self.entry, RECIPIENT: self.recipient}


@pytest.fixture
def made(site: Any) -> Made:
	return Made()


def asked(client: Any, made: Made) -> list[requests.Response]:
	"""Whatever the platform answers to a list, a search, a document, a value, a count and a print of each."""
	answers = []
	for doctype, name in made.names.items():
		parent = {"parent": PLAN} if doctype == RECIPIENT else {}
		fields = json.dumps(["*"])
		answers += [
			client.page(
				f'/api/resource/{doctype}?fields=["*"]&limit_page_length=0&parent={parent.get("parent", "")}'
			),
			client.page(f"/api/resource/{doctype}/{name}"),
			client.page(f"/api/v2/document/{doctype}/{name}"),
			client.get(
				"frappe.client.get_list", doctype=doctype, fields=fields, limit_page_length=0, **parent
			),
			client.get("frappe.client.get", doctype=doctype, name=name, **parent),
			client.get(
				"frappe.client.get_value",
				doctype=doctype,
				fieldname='["*"]',
				filters=json.dumps({"name": name}),
				**parent,
			),
			client.get(
				SEARCH,
				doctype=doctype,
				txt="",
				searchfield="name",
				ignore_user_permissions=1,
				filter_fields='["name","owner"]',
			),
			client.get(
				LIST, doctype=doctype, fields=json.dumps([f"`tab{doctype}`.`name`"]), start=0, page_length=500
			),
			client.get("frappe.desk.form.load.getdoc", doctype=doctype, name=name),
			client.get("frappe.desk.form.utils.get_next", doctype=doctype, value=name, prev=0),
			client.page(f"/printview?doctype={doctype}&name={name}"),
			client.get("frappe.utils.print_format.download_pdf", doctype=doctype, name=name),
		]
	return answers


@pytest.mark.parametrize("user", OUTSIDERS)
def test_outsiders_are_given_nothing(http: Any, made: Made, user: str) -> None:
	secrets = [made.plan, made.entry, made.recipient, str(MINUTES), WHY]
	for answer in asked(http(user), made):
		given = answer.text.replace(answer.request.url or "", "")
		found = [secret for secret in secrets if secret in given and answer.ok]
		assert not found, (answer.request.url, given[:400])


@pytest.mark.parametrize("user", INSIDERS)
def test_the_office_is_given_its_own(http: Any, made: Made, user: str) -> None:
	for doctype, name in made.names.items():
		parent = {"parent": PLAN} if doctype == RECIPIENT else {}
		answer = http(user).get(
			"frappe.client.get_list", doctype=doctype, fields='["name"]', limit_page_length=0, **parent
		)
		assert name in answer.text, (doctype, answer.text[:300])


@pytest.mark.parametrize("user", [*OUTSIDERS, SYSTEM])
def test_no_other_user_changes_them(http: Any, made: Made, bench: Any, user: str) -> None:
	client = http(user)
	values = {
		PLAN: ("minutes_per_month", 1),
		ALLOWANCE: ("on_exhaustion", "Block New Admissions"),
		ENTRY: ("seconds", 1),
		RECIPIENT: ("user", user),
	}
	for doctype, name in made.names.items():
		field, value = values[doctype]
		assert not client.post(VALUE, doctype=doctype, name=name, fieldname=field, value=value).ok, doctype
		assert not client.post("frappe.client.delete", doctype=doctype, name=name).ok, doctype
		assert not client.post("frappe.client.rename_doc", doctype=doctype, old_name=name, new_name="X").ok
	for company in (COMPANY, US_COMPANY) if user != US_OFFICE else (COMPANY,):
		plan = {"doctype": PLAN, "company": company, "starts_on": "2031-01-01", "minutes_per_month": 5}
		assert not client.post("frappe.client.insert", doc=plan).ok
	bench.see()
	assert frappe.db.get_value(PLAN, made.plan, "minutes_per_month") == MINUTES
	assert frappe.db.get_value(ENTRY, made.entry, "seconds") == 300


COUNTERS = ("used_seconds", "held_seconds", "added_seconds", "cost", "warned_percent", "plan", "currency")


@pytest.mark.parametrize("field", COUNTERS)
def test_the_office_sets_no_counter(http: Any, made: Made, bench: Any, field: str) -> None:
	before = frappe.db.get_value(ALLOWANCE, made.allowance, field)
	value = {"plan": None, "currency": "XTS"}.get(field, 7)
	client = http(OFFICE)
	client.post(VALUE, doctype=ALLOWANCE, name=made.allowance, fieldname=field, value=value)
	doc = client.get("frappe.client.get", doctype=ALLOWANCE, name=made.allowance).json()["message"]
	client.post("frappe.client.save", doc=doc | {field: value})
	client.session.put(
		client.url("x").replace(
			"/api/method/theranvio_telehealth.api.x", f"/api/resource/{ALLOWANCE}/{made.allowance}"
		),
		json={field: value},
		headers={"X-Frappe-CSRF-Token": client.csrf},
	)
	client.post(
		"frappe.desk.doctype.bulk_update.bulk_update.submit_cancel_or_update_docs",
		doctype=ALLOWANCE,
		docnames=[made.allowance],
		action="update",
		data={field: value},
	)
	bench.see()
	assert frappe.db.get_value(ALLOWANCE, made.allowance, field) == before
	new = client.post(
		"frappe.client.insert",
		doc={
			"doctype": ALLOWANCE,
			"company": COMPANY,
			"period_start": "2032-01-01",
			"period_end": "2032-01-31",
			"included_minutes": 5,
			field: value,
		},
	)
	if new.ok:
		bench.see()
		stored = frappe.db.get_value(ALLOWANCE, new.json()["message"]["name"], field)
		assert stored != value or value is None


def test_the_office_changes_no_entry(http: Any, made: Made, bench: Any) -> None:
	client = http(OFFICE)
	doc = {
		"doctype": ENTRY,
		"allowance": made.allowance,
		"kind": "Top-up",
		"seconds": 9,
		"started_on": "2031-01-01 00:00:00",
		"ended_on": "2031-01-01 00:00:00",
		"billed_tenths": 0,
		"idempotency_key": "mine",
	}
	assert not client.post("frappe.client.insert", doc=doc).ok
	assert not client.post(VALUE, doctype=ENTRY, name=made.entry, fieldname="reason", value="other").ok
	assert not client.post("frappe.client.delete", doctype=ENTRY, name=made.entry).ok
	bench.see()
	assert frappe.db.get_value(ENTRY, made.entry, ["seconds", "reason"]) == (300, WHY)
	assert not frappe.db.exists(ENTRY, "mine")


NONSENSE = {
	"warning_percents": "lots",
	"price_cap": -5,
	"minutes_per_month": -1,
	"company": US_COMPANY,
	"starts_on": "2020-01-01",
	"on_exhaustion": "Nothing",
}


@pytest.mark.parametrize("field", NONSENSE)
def test_a_plan_takes_no_nonsense(http: Any, made: Made, bench: Any, field: str) -> None:
	before = frappe.db.get_value(PLAN, made.plan, field)
	answer = http(OFFICE).post(VALUE, doctype=PLAN, name=made.plan, fieldname=field, value=NONSENSE[field])
	assert answer.status_code == 417, answer.text[:300]
	bench.see()
	assert frappe.db.get_value(PLAN, made.plan, field) == before


def test_a_plan_is_not_changed_without_a_reason(http: Any, made: Made, bench: Any) -> None:
	client = http(HOME_OFFICE)
	assert (
		client.post(VALUE, doctype=PLAN, name=made.plan, fieldname="minutes_per_month", value=5).status_code
		== 417
	)
	both = json.dumps({"minutes_per_month": MINUTES + 60, "reason_for_change": "More"})
	assert client.post(VALUE, doctype=PLAN, name=made.plan, fieldname=both).ok
	bench.see()
	given = frappe.get_all(ENTRY, {"kind": "Amendment"}, ["reason", "entered_by"], order_by="creation")
	assert [tuple(entry.values()) for entry in given] == [("More", HOME_OFFICE)]


def test_an_office_of_one_company_makes_no_plan_for_another(http: Any, site: Any, bench: Any) -> None:
	for user, company in ((HOME_OFFICE, US_COMPANY), (US_OFFICE, COMPANY)):
		plan = {"doctype": PLAN, "company": company, "starts_on": "2031-01-01", "minutes_per_month": 5}
		assert http(user).post("frappe.client.insert", doc=plan).status_code == 403
	bench.see()
	assert not frappe.db.count(PLAN)


def put(client: Any, doctype: str, name: str, values: dict[str, Any]) -> requests.Response:
	root = client.url("x").replace("/api/method/theranvio_telehealth.api.x", "")
	headers = {"X-Frappe-CSRF-Token": client.csrf}
	answer: requests.Response = client.session.put(
		f"{root}/api/resource/{doctype}/{name}", json=values, headers=headers
	)
	return answer


def test_no_office_moves_a_recipient_out_of_another_companys_plan(http: Any, made: Made, bench: Any) -> None:
	own = put_plan(company=US_COMPANY, starts_on=frappe.utils.today()).name
	frappe.db.commit()
	answer = put(http(US_OFFICE), RECIPIENT, made.recipient, {"parent": own})
	assert answer.status_code == 403, answer.text[:300]
	bench.see()
	assert frappe.db.get_value(RECIPIENT, made.recipient, "parent") == made.plan


@pytest.mark.parametrize("field", ["price_set_by", "price_set_on"])
def test_who_set_a_price_is_not_entered(http: Any, site: Any, bench: Any, field: str) -> None:
	provider = frappe.db.get_single_value("Telehealth Settings", "default_provider")
	before = frappe.db.get_value("Media Provider", provider, field)
	value = {"price_set_by": SYSTEM, "price_set_on": "2020-01-01 00:00:00"}[field]
	http(OFFICE).post(VALUE, doctype="Media Provider", name=provider, fieldname=field, value=value)
	bench.see()
	assert frappe.db.get_value("Media Provider", provider, field) == before
