from frappe.model.document import Document

class AutoEmailReport(Document):
	report: str
	user: str

	def get_report_content(self) -> str | bytes | None: ...
