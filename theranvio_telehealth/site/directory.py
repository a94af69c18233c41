"""Who a user is to an appointment, by the platform's own rules: its roles, user permissions, shares and portal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import frappe
from frappe.core.doctype.user_permission.user_permission import get_user_permissions
from frappe.model.document import Document
from frappe.permissions import get_allowed_docs_for_doctype

from theranvio_telehealth import compat
from theranvio_telehealth.domain.entities import Appointment, Person
from theranvio_telehealth.domain.enums import Role

APPOINTMENT = "Patient Appointment"
CLIENT_ROLE = "Patient"

#: Asked at every poll of every browser, and therefore in one statement.
RELATION = """select u.user_type, u.full_name, h.user_id, h.practitioner_name, p.`{client_field}`, p.patient_name
	from `tabUser` u
	left join `tabHealthcare Practitioner` h on h.name = %s
	left join `tabPatient` p on p.name = %s
	where u.name = %s and u.enabled = 1"""


@dataclass(frozen=True, slots=True)
class Relation:
	user_type: str
	full_name: str | None
	practitioner_user: str | None
	practitioner_name: str | None
	client_user: str | None
	client_name: str | None


class SiteDirectory:
	def person(self, user: str, appointment: Appointment) -> Person | None:
		"""The user of the appointment's patient is its client, whatever else they may do in the clinic."""
		relation = _relation(user, appointment)
		if relation is None:
			return None
		if is_same_user(relation.client_user, user):
			if CLIENT_ROLE in frappe.get_roles(user) or _host(user, appointment, relation):
				return Person(Role.CLIENT, relation.client_name or "")
			return None
		return _host(user, appointment, relation) or _relative(user, appointment, relation)

	def hosts(self, appointment: Appointment) -> Sequence[str]:
		user = frappe.db.get_value("Healthcare Practitioner", appointment.practitioner, "user_id")
		return [user] if user and frappe.db.get_value("User", user, "enabled") else []

	def practitioners_of(self, user: str) -> Sequence[str]:
		return frappe.get_all(
			"Healthcare Practitioner", filters={"user_id": user}, pluck="name", order_by="name"
		)


def patients_of(user: str) -> Sequence[str]:
	"""The patients whose portal user this is, or for whom the platform lets the user act."""
	if CLIENT_ROLE not in frappe.get_roles(user):
		return []
	field = compat.client_field()
	rows = frappe.get_all(
		"Patient", filters={field: user}, fields=["name", f"{field} as user"], order_by="name"
	)
	own = [row.name for row in rows if is_same_user(row.user, user)]
	return sorted({*own, *compat.relations_of(user)})


def permitted(user: str, linked: str, doctype: str) -> list[str] | None:
	"""The only documents of the linked DocType that the platform's User Permissions leave to the user in documents of `doctype`;
	None: all there are."""
	return get_allowed_docs_for_doctype(get_user_permissions(user).get(linked, []), doctype) or None


def is_same_user(written: str | None, user: str) -> bool:
	"""The platform keeps user names in lower case, and addresses as they were typed."""
	return (written or "").strip().lower() == user.lower()


def _relation(user: str, appointment: Appointment) -> Relation | None:
	statement = RELATION.format(client_field=compat.client_field())
	for row in frappe.db.sql(statement, (appointment.practitioner, appointment.patient, user)):
		return Relation(*row)
	return None


def _host(user: str, appointment: Appointment, relation: Relation) -> Person | None:
	"""The practitioner who may read the appointment; anybody of the staff who may write it stands in."""
	if is_same_user(relation.practitioner_user, user):
		if _may(user, "read", appointment.name):
			return Person(Role.HOST, relation.practitioner_name or "")
	elif relation.user_type == "System User" and _may(user, "write", appointment.name):
		return Person(Role.HOST, relation.full_name or "", stand_in=True)
	return None


def _may(user: str, act: str, appointment: str) -> bool:
	doc = _for_rules(user, appointment)
	return doc is not None and bool(frappe.has_permission(doc.doctype, act, doc=doc, user=user))


def _for_rules(user: str, appointment: str) -> Document | None:
	"""The appointment as far as the platform's rules look at it, as all of its columns cost a fifth of a host's poll:
	its owner, and the links on which the user is restricted. Another app's rules may look at anything."""
	meta, hooks = frappe.get_meta(APPOINTMENT), frappe.get_hooks("has_permission")
	if hooks.get(APPOINTMENT) or hooks.get("*") or meta.get_table_fields():
		return frappe.get_doc(APPOINTMENT, appointment)
	restricted = get_user_permissions(user)
	links = [link.fieldname for link in meta.get_link_fields() if link.options in restricted]
	columns = ", ".join(f"`{name}`" for name in ("name", "owner", *links))
	query = f"select {columns} from `tabPatient Appointment` where name = %s"
	for row in frappe.db.sql(query, (appointment,), as_dict=True):
		return frappe.get_doc({"doctype": APPOINTMENT, **row})
	return None


def _relative(user: str, appointment: Appointment, relation: Relation) -> Person | None:
	if CLIENT_ROLE in frappe.get_roles(user) and appointment.patient in compat.relations_of(user):
		return Person(Role.CLIENT, relation.full_name or "")
	return None
