/* Anywhere in the desk: an alert when a client begins to wait in a visit of the user's, with the way there. The server
   tells only hosts who waits; a nudge says no more than "ask again". */
frappe.provide("theranvio_telehealth.waiting");

theranvio_telehealth.waiting = {
	METHOD: "/api/method/theranvio_telehealth.api.host.waiting",
	/** Nudges come in bursts; where realtime does not work, this is the longest delay. */
	APART_MS: 3000,
	EVERY_MS: 60000,
	ALERT_SECONDS: 60,
	known: new Set(),

	start() {
		frappe.realtime.on("theranvio_nudge", () => this.soon());
		setInterval(() => this.ask(), this.EVERY_MS);
		this.ask();
	},

	soon() {
		this.timer =
			this.timer ||
			setTimeout(() => {
				this.timer = null;
				this.ask();
			}, this.APART_MS);
	},

	async ask() {
		const answer = await fetch(this.METHOD, { credentials: "same-origin" }).catch(() => null);
		if (answer && answer.ok) this.tell((await answer.json()).message.waiting);
	},

	/** Each stretch of waiting once, in each tab. */
	tell(lines) {
		const nameOf = (line) => `${line.participant} ${line.waiting_since}`;
		lines.filter((line) => !this.known.has(nameOf(line))).forEach((line) => this.alert(line));
		this.known = new Set(lines.map(nameOf));
	},

	alert({ room, display_name: name }) {
		const text = frappe.utils.escape_html(__("{0} is waiting in your video visit.", [name]));
		const link = `<a data-action="open-visit" class="btn btn-xs btn-default" href="/visit/${encodeURIComponent(room)}" target="_blank"
			rel="noopener noreferrer">${frappe.utils.escape_html(__("Open video visit"))}</a>`;
		frappe.show_alert({ message: `${text}<br>${link}`, indicator: "orange" }, this.ALERT_SECONDS);
		frappe.utils.play_sound("alert");
	},
};

$(document).on("app_ready", () => {
	if (frappe.model.can_read("Patient Appointment")) theranvio_telehealth.waiting.start();
});
