// Usage Ledger in the desk: its filters. Users who may see one company only need not choose it.
frappe.query_reports["Usage Ledger"] = {
	filters: [
		{
			fieldname: "company",
			label: __("Company"),
			fieldtype: "Autocomplete",
			get_query: "theranvio_telehealth.api.usage_filters.companies",
			default: frappe.defaults.get_user_default("Company"),
		},
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
			default: frappe.datetime.month_start(),
		},
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
};
