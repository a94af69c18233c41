from typing import Any

from frappe.model.document import Document

class Version(Document):
	@staticmethod
	def set_impersonator(data: dict[str, Any]) -> None: ...
