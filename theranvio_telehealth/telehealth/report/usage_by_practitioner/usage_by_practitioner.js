// {% include "theranvio_telehealth/telehealth/report/usage_filters.js" %}

// Usage by Practitioner in the desk: its filters. Users who may see one company only need not choose it.
frappe.query_reports["Usage by Practitioner"] = {
	filters: [
		theranvio_telehealth.usage_report.company(),
		theranvio_telehealth.usage_report.practitioner(),
		...theranvio_telehealth.usage_report.days(
			frappe.datetime.add_months(frappe.datetime.month_start(), -2)
		),
		{
			fieldname: "chart_by",
			label: __("Chart By"),
			fieldtype: "Select",
			options: [
				{ value: "Practitioner", label: __("Practitioner") },
				{ value: "Day", label: __("Day") },
			],
			default: "Practitioner",
		},
	],
	formatter: theranvio_telehealth.usage_report.formatter,
};
