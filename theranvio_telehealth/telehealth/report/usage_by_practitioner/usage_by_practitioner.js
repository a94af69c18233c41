// Usage by Practitioner in the desk: its filters. Users who may see one company only need not choose it.
frappe.query_reports["Usage by Practitioner"] = {
	filters: [
		{
			fieldname: "company",
			label: __("Company"),
			fieldtype: "Autocomplete",
			get_query: "theranvio_telehealth.api.usage_filters.companies",
			default: frappe.defaults.get_user_default("Company"),
		},
		{
			fieldname: "practitioner",
			label: __("Practitioner"),
			fieldtype: "Autocomplete",
			get_query: () => ({
				query: "theranvio_telehealth.api.usage_filters.practitioners",
				params: frappe.query_report.get_filter_values(),
			}),
		},
		{
			fieldname: "from_date",
			label: __("First Day"),
			fieldtype: "Date",
			default: frappe.datetime.add_months(frappe.datetime.month_start(), -2),
		},
		{
			fieldname: "to_date",
			label: __("Last Day"),
			fieldtype: "Date",
			default: frappe.datetime.get_today(),
		},
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
	formatter(value, row, column, data, default_formatter) {
		const shown = default_formatter(value, row, column, data);
		return data?.is_total ? `<b>${shown}</b>` : shown;
	},
};
