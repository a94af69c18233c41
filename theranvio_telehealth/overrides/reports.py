"""The platform's ways to read a report later: a stored result for the user who ordered it, and a report that is sent by mail.
Of reports on our documents each is read with the rights of one user, who is named in its row."""

import frappe
from frappe import _
from frappe.core.doctype.prepared_report.prepared_report import PreparedReport as PlatformPreparedReport
from frappe.email.doctype.auto_email_report.auto_email_report import (
	AutoEmailReport as PlatformAutoEmailReport,
)

from theranvio_telehealth.site.documents import is_report_on_ours


class PreparedReport(PlatformPreparedReport):
	def get_prepared_data(self, with_file_name: bool = False) -> bytes | tuple[bytes, str] | None:
		"""`query_report.run` takes from the request whose result it is."""
		if is_report_on_ours(self.report_name) and frappe.session.user not in ("Administrator", self.owner):
			raise frappe.PermissionError(_("This report was prepared for somebody else. Prepare your own."))
		return super().get_prepared_data(with_file_name)


class AutoEmailReport(PlatformAutoEmailReport):
	def get_report_content(self) -> str | bytes | None:
		"""The scheduler asks as Administrator, and script reports look at the session's user only. Anybody else who asks is shown what
		they may read themselves."""
		if not is_report_on_ours(self.report) or frappe.session.user != "Administrator":
			return super().get_report_content()
		session, form_dict = frappe.local.session.copy(), frappe.local.form_dict
		frappe.set_user(self.user)
		try:
			return super().get_report_content()
		finally:
			frappe.set_user(session.user)
			# the platform empties them, and stores a session without its CSRF token then
			frappe.local.session.update(session)
			frappe.local.form_dict = form_dict
