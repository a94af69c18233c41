// Usage Allowance in the desk: more time for a period, and one visit let in although it is used up. Both stay on record.
frappe.ui.form.on("Usage Allowance", {
	refresh(frm) {
		if (frm.is_new() || !frm.perm[0]?.write) return;
		frm.add_custom_button(__("Top Up"), () => top_up(frm));
		frm.add_custom_button(__("Let One Visit In"), () => let_in(frm));
	},
});

const reason = () => ({
	fieldname: "reason",
	fieldtype: "Small Text",
	label: __("Reason"),
	reqd: 1,
	description: __("It stays on record."),
});

function top_up(frm) {
	const key = frappe.utils.get_random(20); // pressed twice, it is done once
	const minutes = { fieldname: "minutes", fieldtype: "Int", label: __("Minutes"), reqd: 1 };
	frappe.prompt(
		[minutes, reason()],
		(entered) => act(frm, "top_up", { allowance: frm.doc.name, key, ...entered }),
		__("Top Up"),
		__("Top Up")
	);
}

function let_in(frm) {
	const room = {
		fieldname: "room",
		fieldtype: "Data",
		label: __("Room"),
		reqd: 1,
		description: __("As the report Room Audit names it."),
	};
	frappe.prompt(
		[room, reason()],
		(entered) => act(frm, "let_in", entered),
		__("Let One Visit In"),
		__("Let In")
	);
}

function act(frm, method, args) {
	frappe.call({
		method: `theranvio_telehealth.api.allowance.${method}`,
		args,
		freeze: true,
		callback: () => frm.reload_doc(),
	});
}
