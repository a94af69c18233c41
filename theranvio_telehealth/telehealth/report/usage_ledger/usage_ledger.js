// {% include "theranvio_telehealth/telehealth/report/usage_filters.js" %}

// Usage Ledger in the desk: its filters. Users who may see one company only need not choose it.
frappe.query_reports["Usage Ledger"] = {
	filters: [
		theranvio_telehealth.usage_report.company(),
		{
			fieldname: "allowance",
			label: __("Allowance"),
			fieldtype: "Link",
			options: "Usage Allowance",
			get_query: () => {
				const company = frappe.query_report.get_filter_value("company");
				return { filters: company ? { company } : {} };
			},
			// all of its entries, unless days are chosen afterwards
			on_change(report) {
				report.set_filter_value({ from_date: "", to_date: "" });
				report.refresh();
			},
		},
		theranvio_telehealth.usage_report.practitioner(),
		...theranvio_telehealth.usage_report.days(frappe.datetime.month_start()),
	],
	formatter: theranvio_telehealth.usage_report.formatter,
};
