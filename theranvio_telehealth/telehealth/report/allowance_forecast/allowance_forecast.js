// Allowance Forecast in the desk: without a company it is of all that the user may see.
frappe.query_reports["Allowance Forecast"] = {
	filters: [
		{
			fieldname: "company",
			label: __("Company"),
			fieldtype: "Autocomplete",
			get_query: "theranvio_telehealth.api.usage_filters.companies",
		},
	],
};
