// BAA Record in the desk: one button per way on from its state. The server decides whether the way is open.
frappe.ui.form.on("BAA Record", {
	setup(frm) {
		frm.set_query("supersedes", () => ({
			filters: {
				provider: frm.doc.provider,
				docstatus: 1,
				state: ["in", ["Accepted", "Expired", "Terminated"]],
			},
		}));
	},

	refresh(frm) {
		if (frm.is_new() || !frm.perm[0]?.write) return;
		const go = (state, values = {}) =>
			frm.set_value({ ...values, state }).then(() => frm.save(frm.doc.docstatus ? "Update" : "Save"));
		const button = (label, act) => frm.add_custom_button(label, act);
		const ways = {
			Draft: () => button(__("Mark as Sent"), () => go("Sent")),
			Sent: () => {
				button(__("Back to Draft"), () => go("Draft"));
				button(__("Mark as Declined"), () => go("Declined"));
			},
			Accepted: () => {
				if (!frm.doc.attested && frappe.session.user !== frm.doc.accepted_by)
					button(__("Attest"), () => attest(() => go("Accepted", { attested: 1 })));
				button(__("New Version"), () => new_version(frm));
				button(__("Terminate"), () =>
					ask_reason((reason) => go("Terminated", { termination_reason: reason }))
				);
			},
		};
		ways[frm.doc.state]?.();
	},
});

function new_version(frm) {
	const copy = frappe.model.copy_doc(frm.doc);
	copy.supersedes = frm.doc.name;
	frappe.set_route("Form", copy.doctype, copy.name);
}

function attest(then) {
	frappe.confirm(
		__("You have read the attached file and it says what this record says: parties, services, regions and dates?"),
		then
	);
}

function ask_reason(then) {
	frappe.prompt(
		{ fieldname: "reason", fieldtype: "Small Text", label: __("Reason for Termination"), reqd: 1 },
		({ reason }) => then(reason),
		__("Terminate the agreement"),
		__("Terminate")
	);
}
