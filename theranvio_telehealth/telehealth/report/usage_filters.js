// What the reports of usage share in the desk. Each includes this file, which Frappe does when it serves the report.
frappe.provide("theranvio_telehealth.usage_report");

Object.assign(theranvio_telehealth.usage_report, {
	company: () => ({
		fieldname: "company",
		label: __("Company"),
		fieldtype: "Autocomplete",
		get_query: "theranvio_telehealth.api.usage_filters.companies",
		default: frappe.defaults.get_user_default("Company"),
	}),
	practitioner: () => ({
		fieldname: "practitioner",
		label: __("Practitioner"),
		fieldtype: "Autocomplete",
		get_query: () => ({
			query: "theranvio_telehealth.api.usage_filters.practitioners",
			params: frappe.query_report.get_filter_values(),
		}),
	}),
	days: (from_date) => [
		{ fieldname: "from_date", label: __("First Day"), fieldtype: "Date", default: from_date },
		{
			fieldname: "to_date",
			label: __("Last Day"),
			fieldtype: "Date",
			default: frappe.datetime.get_today(),
		},
	],
	formatter(value, row, column, data, default_formatter) {
		const shown = default_formatter(value, row, column, data);
		return data?.is_total ? `<b>${shown}</b>` : shown;
	},
});
