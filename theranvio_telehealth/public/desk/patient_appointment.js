// Patient Appointment in the desk: how its room stands, the way into the visit, and the type's default for the box.
// The room's status comes with the document; nothing is asked of the server.
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
		frm.dashboard.add_indicator(__("Video: {0}", [__(status)]), colour);
	}
	if (room) {
		frm.add_custom_button(__("Open video visit"), () => {
			window.open(`/visit/${encodeURIComponent(room)}`, "_blank", "noopener,noreferrer");
		});
	}
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
	appointment_type: theranvio_telehealth.tick_by_type,
});
