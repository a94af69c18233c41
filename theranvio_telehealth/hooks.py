"""The app's hooks: wiring only."""

app_name = "theranvio_telehealth"
app_title = "Theranvio Telehealth"
app_publisher = "Theranvio"
app_description = "Secure video appointments for ERPNext Healthcare"
app_email = "support@theranvio.com"
app_license = "gpl-3.0"

required_apps = ["frappe/erpnext", "earthians/healthcare"]
require_type_annotated_api_methods = True
export_python_type_annotations = True

after_install = "theranvio_telehealth.install.after_install"
before_migrate = "theranvio_telehealth.install.before_migrate"
after_migrate = "theranvio_telehealth.install.after_migrate"
before_uninstall = "theranvio_telehealth.install.before_uninstall"

fixtures = [{"dt": "Role", "filters": [["name", "in", ["Telehealth Administrator"]]]}]

add_to_apps_screen = [
	{
		"name": "theranvio_telehealth",
		"logo": "/assets/theranvio_telehealth/desk/telehealth.svg",
		"title": "Telehealth",
		"route": "/app/telehealth",
		"has_permission": "theranvio_telehealth.permissions.has_desk",
	}
]
app_include_js = ["desk_waiting.bundle.js"]
doctype_js = {"Patient Appointment": "public/desk/patient_appointment.js"}

website_route_rules = [{"from_route": "/visit/<room>", "to_route": "visit"}]
portal_menu_items = [{"title": "Video visits", "route": "/video-visits", "role": "Patient"}]
update_website_context = "theranvio_telehealth.compat.portal_menu"

permission_query_conditions = {
	"Appointment Room": "theranvio_telehealth.permissions.room_condition",
	"Room Participant": "theranvio_telehealth.permissions.in_room_condition",
	"Usage Entry": "theranvio_telehealth.permissions.entry_condition",
	"Room Meeting": "theranvio_telehealth.permissions.closed_condition",
	"Participant Access": "theranvio_telehealth.permissions.closed_condition",
	"Room Join": "theranvio_telehealth.permissions.closed_condition",
	"Provider Event": "theranvio_telehealth.permissions.closed_condition",
	"Version": "theranvio_telehealth.permissions.version_condition",
	"Comment": "theranvio_telehealth.permissions.comment_condition",
	"Deleted Document": "theranvio_telehealth.permissions.deleted_condition",
	"Usage Allowance": "theranvio_telehealth.permissions.office_condition",
	"Allowance Plan": "theranvio_telehealth.permissions.office_condition",
	"Allowance Recipient": "theranvio_telehealth.permissions.recipient_condition",
	"BAA Record": "theranvio_telehealth.permissions.office_condition",
	"BAA Signatory": "theranvio_telehealth.permissions.signatory_condition",
	"File": "theranvio_telehealth.permissions.file_condition",
	"Document Follow": "theranvio_telehealth.permissions.follow_condition",
	"Prepared Report": "theranvio_telehealth.permissions.prepared_report_condition",
}
has_permission = {
	"Appointment Room": "theranvio_telehealth.permissions.has_room_permission",
	"Room Participant": "theranvio_telehealth.permissions.has_in_room_permission",
	"Usage Entry": "theranvio_telehealth.permissions.has_entry_permission",
	"Room Meeting": "theranvio_telehealth.permissions.has_closed_permission",
	"Participant Access": "theranvio_telehealth.permissions.has_closed_permission",
	"Room Join": "theranvio_telehealth.permissions.has_closed_permission",
	"Provider Event": "theranvio_telehealth.permissions.has_closed_permission",
	"Version": "theranvio_telehealth.permissions.has_version_permission",
	"Comment": "theranvio_telehealth.permissions.has_comment_permission",
	"Deleted Document": "theranvio_telehealth.permissions.has_deleted_permission",
	"File": "theranvio_telehealth.overrides.file.has_permission",
	"Document Follow": "theranvio_telehealth.permissions.has_follow_permission",
	"Prepared Report": "theranvio_telehealth.permissions.has_prepared_report_permission",
	"Usage Allowance": "theranvio_telehealth.permissions.has_office_permission",
	"Allowance Plan": "theranvio_telehealth.permissions.has_office_permission",
	"BAA Record": "theranvio_telehealth.permissions.has_office_permission",
	"Media Provider": "theranvio_telehealth.permissions.has_office_permission",
	"Telehealth Settings": "theranvio_telehealth.permissions.has_office_permission",
}

# The platform's own search skips permissions if the request asks for it.
standard_queries = dict.fromkeys(
	(
		*(
			"Appointment Room",
			"Room Participant",
			"Room Meeting",
			"Participant Access",
			"Room Join",
			"Provider Event",
		),
		*("Allowance Plan", "Allowance Recipient"),
		*("Usage Allowance", "Usage Entry", "BAA Record", "BAA Signatory", "Media Provider", "Version"),
		"Patient Appointment",  # with its fallback link
	),
	"theranvio_telehealth.overrides.search.search",
)

# A record of visits must not stop the platform from deleting what it could delete without the app.
ignore_links_on_delete = ["Appointment Room", "Room Participant"]
# Nor does clearing a company's transactions clear the record of who met whom, what was used and what was agreed.
company_data_to_be_ignored = ["Appointment Room", "Usage Allowance", "Allowance Plan", "BAA Record"]

override_doctype_class = {
	"Auto Email Report": "theranvio_telehealth.overrides.reports.AutoEmailReport",
	"Prepared Report": "theranvio_telehealth.overrides.reports.PreparedReport",
}
doc_events = {
	"Patient Appointment": {
		"before_insert": "theranvio_telehealth.overrides.appointment.before_insert",
		"validate": "theranvio_telehealth.overrides.appointment.validate",
		"on_change": "theranvio_telehealth.overrides.appointment.on_change",
		"after_delete": "theranvio_telehealth.overrides.appointment.after_delete",
	},
	"File": {
		"before_validate": [
			"theranvio_telehealth.overrides.file.before_validate",
			"theranvio_telehealth.overrides.references.before_validate",
		]
	},
	**{
		doctype: {"before_validate": "theranvio_telehealth.overrides.references.before_validate"}
		for doctype in ("Comment", "Communication", "Document Follow", "Tag Link", "ToDo")
	},
	"Auto Email Report": {"validate": "theranvio_telehealth.overrides.references.refuse_report_by_another"},
	"Web Form": {"validate": "theranvio_telehealth.overrides.references.refuse_web_form"},
	"Patient": {
		"before_rename": "theranvio_telehealth.overrides.patient.before_rename",
		"after_rename": "theranvio_telehealth.overrides.patient.renamed",
	},
	"Healthcare Practitioner": {
		"before_rename": "theranvio_telehealth.overrides.practitioner.before_rename",
	},
	# They close and reopen appointments behind the appointment's back.
	"Patient Encounter": {
		event: "theranvio_telehealth.overrides.appointment.on_related_change"
		for event in ("on_update", "on_cancel")
	},
	"Therapy Session": {
		event: "theranvio_telehealth.overrides.appointment.on_related_change"
		for event in ("on_update", "on_cancel")
	},
	"Clinical Procedure": {
		event: "theranvio_telehealth.overrides.appointment.on_related_change"
		for event in ("after_insert", "on_update")
	},
}
override_whitelisted_methods = {
	"frappe.client.get_count": "theranvio_telehealth.overrides.search.get_count",
	"frappe.client.get_password": "theranvio_telehealth.overrides.reading.get_password",
	"frappe.desk.like.toggle_like": "theranvio_telehealth.overrides.references.toggle_like",
	"frappe.desk.form.document_follow.get_follow_users": "theranvio_telehealth.overrides.reading.get_follow_users",
	"frappe.desk.form.utils.get_next": "theranvio_telehealth.overrides.reading.get_next",
	"frappe.desk.listview.get_group_by_count": "theranvio_telehealth.overrides.reading.get_group_by_count",
	"frappe.email.relink": "theranvio_telehealth.overrides.references.relink",
	"frappe.share.get_users": "theranvio_telehealth.overrides.reading.get_share_users",
	"frappe.workflow.doctype.workflow.workflow.get_workflow_state_count": (
		"theranvio_telehealth.overrides.reading.get_workflow_state_count"
	),
	"healthcare.controllers.service_request_controller.set_request_status": (
		"theranvio_telehealth.overrides.update_status.set_request_status"
	),
	"healthcare.healthcare.utils.render_docs_as_html": (
		"theranvio_telehealth.overrides.reading.render_docs_as_html"
	),
	"healthcare.healthcare.utils.render_doc_as_html": (
		"theranvio_telehealth.overrides.reading.render_doc_as_html"
	),
	"healthcare.healthcare.doctype.patient_appointment.patient_appointment.update_status": (
		"theranvio_telehealth.overrides.update_status.update_status"
	),
}
scheduler_events = {
	"cron": {
		"* * * * *": ["theranvio_telehealth.site.jobs.sweep"],
		# before the platform's mails to followers, which are sent at the full hour
		"55 * * * *": ["theranvio_telehealth.site.jobs.drop_follows"],
		"10 * * * *": [
			"theranvio_telehealth.site.jobs.make_periods",
			"theranvio_telehealth.site.jobs.close_orphans",
		],
	},
	"daily_long": ["theranvio_telehealth.site.jobs.reconcile"],
}
after_request = ["theranvio_telehealth.api.response_headers.after_request"]
