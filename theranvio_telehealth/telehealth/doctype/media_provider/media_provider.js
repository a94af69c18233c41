// Media Provider in the desk: a button that asks the provider whether it can be used as it was saved.
frappe.ui.form.on("Media Provider", {
	refresh(frm) {
		if (frm.is_new() || !frm.perm[0]?.write) return;
		frm.add_custom_button(__("Test Connection"), () => test_connection(frm));
	},
});

function test_connection(frm) {
	if (frm.is_dirty()) {
		frappe.msgprint(__("What is tested is what was saved. Save your changes first."));
		return;
	}
	frappe.call({
		method: "theranvio_telehealth.api.provider.check",
		args: { provider: frm.doc.name },
		freeze: true,
		freeze_message: __("Asking the provider…"),
		callback: ({ message }) => show_findings(message.findings),
	});
}

function show_findings(findings) {
	const is_good = findings.every(({ ok }) => ok);
	frappe.msgprint({
		title: is_good ? __("It can be used") : __("It cannot be used yet"),
		indicator: is_good ? "green" : "red",
		message: findings.map(line).join(""),
	});
}

function line({ ok, text }) {
	const pill = ok
		? `<span class="indicator-pill green">${__("OK")}</span>`
		: `<span class="indicator-pill red">${__("Not OK")}</span>`;
	return `<p>${pill} ${frappe.utils.escape_html(text)}</p>`;
}
