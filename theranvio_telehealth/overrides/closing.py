"""Patient Encounter, Therapy Session and Clinical Procedure: they close and reopen appointments without telling them. That
decides nothing about a visit; what else is found of the appointment then, nobody knows who did."""

from frappe.model.document import Document

from theranvio_telehealth.overrides import guarded


@guarded.harmless
def follow(doc: Document, method: str | None = None) -> None:
	"""Follow the document's appointment, if it has one with video."""
	if appointment := doc.get("appointment"):
		guarded.follow(appointment, by="")
