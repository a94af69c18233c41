from frappe.model.document import Document

class PreparedReport(Document):
	report_name: str

	def get_prepared_data(self, with_file_name: bool = False) -> bytes | tuple[bytes, str] | None: ...
