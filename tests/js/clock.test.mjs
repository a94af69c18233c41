/* Times in the clinic's zone and in the reader's: they agree, and the zone is named where it is not the reader's own. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";

process.env.TZ = "Europe/Berlin";
const { foreignZone, momentOf, timeOf } = await import("../../theranvio_telehealth/public/js/visit/clock.js");
const { times } = await import("../../theranvio_telehealth/public/js/visit/view/parts.js");
const { stateOf } = await import("./states.mjs");

const plain = (text) => text.replace(/[\u202f\u00a0]/g, " ");
const at = (zone) => plain(times(stateOf({ about: { zone } }), "en"));

describe("a reader in Berlin", () => {
	test("sees one time where the clinic's clock shows the same", () => {
		assert.equal(at("Europe/Berlin"), "3:45 PM – 4:35 PM");
		assert.equal(at("Europe/Paris"), "3:45 PM – 4:35 PM");
		assert.equal(at(""), "3:45 PM – 4:35 PM");
	});
	test("sees both, and whose each is, where it does not", () => {
		assert.equal(
			at("America/New_York"),
			"9:45 AM – 10:35 AM at the clinic (America/New York), 3:45 PM – 4:35 PM where you are"
		);
	});
	test("sees both where only the day differs", () => {
		assert.equal(foreignZone("Pacific/Kiritimati", "2027-03-01T14:45:00.000Z"), "Pacific/Kiritimati");
	});
	test("is not stopped by a zone that the browser does not know", () => {
		assert.equal(at("Mars/Olympus"), "3:45 PM – 4:35 PM");
	});
	test("is given a moment as the clinic's calendar shows it", () => {
		const instant = "2027-03-01T23:30:00.000Z";
		assert.match(plain(momentOf(instant, instant, "en", "Asia/Tokyo")), /^8:30 AM$/);
		assert.equal(plain(timeOf(instant, "en")), "12:30 AM");
	});
});
