// Patient Appointment in the desk: how its room stands, whether it fits its allowance, the way into the visit, and the type's
// default for the box.
// The room is made right after the appointment is committed, when the answer to a save has been written already: so a saved
// form asks for the room once more.
frappe.provide("theranvio_telehealth");

theranvio_telehealth.status_colours = {
	Scheduled: "blue",
	Live: "green",
	Ended: "gray",
	Expired: "yellow",
	Revoked: "red",
};

theranvio_telehealth.show_room = (frm) => {
	const { theranvio_room: room, theranvio_status: status } = frm.doc;
	if (frm.is_new() || !frm.doc.theranvio_video) return;
	if (status) {
		const colour = theranvio_telehealth.status_colours[status] || "orange";
		frm.theranvio_indicator?.remove(); // the platform keeps it when two refreshes follow each other
		frm.theranvio_indicator = frm.dashboard.add_indicator(__("Video: {0}", [__(status)]), colour);
	}
	if (room && status === "Scheduled") theranvio_telehealth.warn_of_allowance(frm);
	if (room) {
		frm.add_custom_button(__("Open video visit"), () => {
			window.open(`/visit/${encodeURIComponent(room)}`, "_blank", "noopener,noreferrer");
		});
	}
};

// The server gives numbers of those allowances only that the user may read.
theranvio_telehealth.warn_of_allowance = (frm) => {
	const { name } = frm.doc;
	frappe.call({
		method: "theranvio_telehealth.api.allowance.fits",
		type: "GET",
		args: { appointment: name },
		callback: ({ message: found }) => {
			if (frm.doc.name === name && !found.fits) theranvio_telehealth.show_lacking(frm, found.lacking);
		},
	});
};

theranvio_telehealth.show_lacking = (frm, lacking) => {
	const numbers = lacking.map(({ name, left, needed }) =>
		__("{0}: {1} minutes left, {2} needed.", [name, left, needed])
	);
	const warning = [__("This visit would not fit what is left of its allowance."), ...numbers].join(" ");
	frm.dashboard.set_headline_alert(frappe.utils.escape_html(warning), "orange");
};

theranvio_telehealth.look_again = async (frm) => {
	const { name, theranvio_video: video, theranvio_room: room } = frm.doc;
	if (!video && !room) return;
	const found = await frappe.db.get_doc("Patient Appointment", name);
	if (!found || frm.doc.name !== name) return;
	frm.doc.theranvio_room = found.theranvio_room;
	frm.doc.theranvio_status = found.theranvio_status;
	frm.refresh();
};

theranvio_telehealth.tick_by_type = async (frm) => {
	const type = frm.doc.appointment_type;
	if (!frm.is_new() || !type) return;
	const { message } = await frappe.db.get_value("Appointment Type", type, "theranvio_video");
	if (frm.doc.appointment_type === type) {
		frm.set_value("theranvio_video", message?.theranvio_video || 0);
	}
};

frappe.ui.form.on("Patient Appointment", {
	refresh: theranvio_telehealth.show_room,
	after_save: theranvio_telehealth.look_again,
	appointment_type: theranvio_telehealth.tick_by_type,
});
