// Patient Appointment in the desk: how its room stands, the way into the visit, and the type's default for the box.
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
	if (room) {
		frm.add_custom_button(__("Open video visit"), () => {
			window.open(`/visit/${encodeURIComponent(room)}`, "_blank", "noopener,noreferrer");
		});
	}
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
