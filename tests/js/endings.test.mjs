/* What each person reads when a visit is over, for every reason and role: true for them, and never the other's sentence. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { endingOf } from "../../theranvio_telehealth/public/js/visit/endings.js";
import { announcements } from "../../theranvio_telehealth/public/js/visit/announcements.js";
import { hostState, stateOf } from "./states.mjs";

const STATUS = {
	host: "Ended",
	time: "Ended",
	not_held: "Expired",
	cancelled: "Revoked",
	no_show: "Revoked",
	video_off: "Revoked",
	deleted: "Revoked",
};
const CONTACT = "Please contact the clinic if you need a new appointment.";
const EXPECTED = {
	host: {
		host: ["The visit has ended", "It was ended for everyone. Nobody can come back in."],
		client: ["The visit has ended", "You can close this page."],
	},
	time: {
		host: ["The visit has ended", "Its time was over, so it was closed for everyone."],
		client: ["The time for this visit is over", CONTACT],
	},
	not_held: {
		host: [
			"This visit did not take place",
			"It was not started while it was open. To meet, book a new appointment.",
		],
		client: ["The time for this visit is over", CONTACT],
	},
	cancelled: {
		host: [
			"This visit was cancelled",
			"Its appointment was cancelled. The client sees the same on this page. To meet after all, book a new appointment.",
		],
		client: ["This visit was cancelled", CONTACT],
	},
	no_show: {
		host: [
			"This visit did not take place",
			"Its appointment is marked as No Show. To meet after all, book a new appointment.",
		],
		client: ["This visit did not take place", CONTACT],
	},
	video_off: {
		host: [
			"This appointment is not held by video",
			"Video was switched off in the appointment, which stands. Switch it on again to meet here.",
		],
		client: [
			"This appointment is not held by video",
			"Your appointment stands. Please ask the clinic how it will be held.",
		],
	},
	deleted: {
		host: [
			"This visit was cancelled",
			"Its appointment was deleted. To meet after all, book a new appointment.",
		],
		client: ["This visit was cancelled", CONTACT],
	},
};
const ROLES = { Host: "host", Client: "client", Guardian: "client", Interpreter: "client", Guest: "client" };

const over = (role, why, by_me = false) =>
	stateOf({ me: { role }, status: STATUS[why], over: { why, by_me } });

describe("a visit that is over", () => {
	for (const [why, sentences] of Object.entries(EXPECTED))
		for (const [role, kind] of Object.entries(ROLES))
			test(`${why}, to a ${role}`, () => {
				const { title, text } = endingOf(over(role, why));
				assert.deepEqual([title, text], sentences[kind]);
				assert.deepEqual(announcements(stateOf({ me: { role } }), over(role, why)), [`${title}.`]);
				if (kind === "host") assert.doesNotMatch(text, /contact the clinic|Your appointment/);
			});

	test("the host who ended it reads that they have", () => {
		assert.equal(endingOf(over("Host", "host", true)).title, "You have ended the visit");
	});

	test("a server that does not say why is understood by its status", () => {
		const titles = ["Ended", "Expired", "Revoked"].map((status) => endingOf(hostState({ status })).title);
		assert.deepEqual(titles, [
			"The visit has ended",
			"This visit did not take place",
			"This visit was cancelled",
		]);
	});
});
