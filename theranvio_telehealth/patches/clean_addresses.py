"""Takes out links that would be refused today: those stored before could carry more than an address into the desk."""

import frappe

from theranvio_telehealth.domain.addresses import is_https, tidy

ADDRESSES = (
	("Patient Appointment", "theranvio_fallback_url"),
	("Appointment Room", "fallback_url"),
	("Media Provider", "link"),
)


def execute() -> None:
	for doctype, field in ADDRESSES:
		for name, link in _links(doctype, field):
			clean = tidy(link) if is_https(tidy(link)) else None
			if clean != link:
				frappe.db.set_value(doctype, name, field, clean, update_modified=False)


def _links(doctype: str, field: str) -> list[tuple[str, str]]:
	filters = {field: ("is", "set")}
	return frappe.get_all(doctype, filters=filters, fields=["name", field], order_by="name", as_list=True)
