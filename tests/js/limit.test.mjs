/* The time that is left: when it is announced, that it is shown, and that a host gets more of it. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
	createLimit,
	extend,
	pauseUntilWarning,
	stepOf,
	warningOf,
} from "../../theranvio_telehealth/public/js/visit/limit.js";
import { click, inTheCall, launch, missing, open, PHONE, announced, screen } from "./browser.mjs";
import { FakeHost } from "./fake_host.mjs";
import { hostState, stateOf } from "./states.mjs";

const MINUTE = 60000;
const inside = (overrides = {}) => stateOf({ me: { state: "Admitted" }, ...overrides });

describe("a warning", () => {
	test("is due at ten minutes and at two", () => {
		const cases = [
			[10 * MINUTE + 1, null],
			[10 * MINUTE, 10],
			[2 * MINUTE + 1, 10],
			[2 * MINUTE, 2],
			[1, 2],
			[0, null],
			[-MINUTE, null],
		];
		for (const [left, minutes] of cases) assert.equal(warningOf(inside(), left), minutes, String(left));
	});
	test("is for those who would be put out by the close", () => {
		for (const state of ["Waiting", "Admitted"])
			assert.equal(warningOf(stateOf({ me: { state } }), MINUTE), 2);
		for (const state of ["Invited", "Left", "Declined", "Removed"])
			assert.equal(warningOf(stateOf({ me: { state } }), MINUTE), null);
		assert.equal(warningOf(inside({ status: "Ended" }), MINUTE), null);
		assert.equal(warningOf(inside({ phase: "early" }), MINUTE), null);
	});
	test("is waited for no longer than a timer can", () => {
		assert.equal(pauseUntilWarning(30 * MINUTE), 20 * MINUTE);
		assert.equal(pauseUntilWarning(10 * MINUTE), 8 * MINUTE);
		assert.equal(pauseUntilWarning(2 * MINUTE), null);
		assert.equal(pauseUntilWarning(1e12), 2 ** 31 - 1);
	});
	test("knows what one press adds", () => {
		const closes_on = "2027-03-01T16:05:00.000Z";
		assert.equal(stepOf({ closes_on, extends_to: "2027-03-01T16:20:00.000Z" }), 15);
		assert.equal(stepOf({ closes_on, extends_to: "2027-03-01T16:12:00.000Z" }), 7);
		assert.equal(stepOf({ closes_on, extends_to: null }), 0);
	});
});

/** As much of a visit as the limit touches, at a clock that is set to how much is left. */
class Page {
	constructor(state, left) {
		Object.assign(this, { state, left, announced: [], beeps: 0, flags: { limit: null, sound: true } });
		this.boot = { lang: "en-US" };
		this.clock = { until: () => this.left };
		this.out = {
			announce: (sentences) => this.announced.push(...sentences),
			beep: () => (this.beeps += 1),
		};
		this.due = null;
		this.limit = createLimit(this, {
			setTimeout: (then, pause) => (this.due = { then, pause }),
			clearTimeout: () => (this.due = null),
		});
		this.limit.look(state);
	}

	set(flags) {
		Object.assign(this.flags, flags);
	}

	/** The timer runs off. */
	passes() {
		this.left -= this.due.pause;
		this.due.then();
	}
}

describe("as time passes", () => {
	test("each warning is announced once, and the host hears a sound", () => {
		const page = new Page(hostState(), 12 * MINUTE);
		assert.deepEqual([page.announced, page.flags.limit, page.due.pause], [[], null, 2 * MINUTE]);
		page.passes();
		page.limit.look(page.state);
		assert.equal(page.announced.length, 1);
		assert.match(page.announced[0], /ends in 10 minutes, at/);
		assert.equal(page.flags.limit, 10);
		page.passes();
		assert.match(page.announced[1], /ends in 2 minutes, at/);
		assert.deepEqual([page.flags.limit, page.beeps, page.due], [2, 2, null]);
	});
	test("a client hears the sentence only", () => {
		const page = new Page(inside(), 30 * 1000);
		assert.match(page.announced[0], /ends in 1 minute, at/);
		assert.equal(page.beeps, 0);
	});
	test("after an extension it is taken back, and announced again in its time", () => {
		const page = new Page(hostState(), 2 * MINUTE);
		page.left += 15 * MINUTE;
		page.limit.look(page.state);
		assert.equal(page.flags.limit, null);
		page.passes();
		assert.equal(page.flags.limit, 10);
		assert.equal(page.announced.length, 2);
	});
	test("a page that is left says nothing more", () => {
		const page = new Page(hostState(), 12 * MINUTE);
		page.limit.stop();
		assert.equal(page.due, null);
	});
	test("a press names the close that was shown", async () => {
		const posted = [];
		const api = { post: (...given) => posted.push(given) };
		await extend({ state: hostState(), api, perform: (_name, request) => request() });
		assert.deepEqual(posted, [["host.extend", { closes_on: "2027-03-01T16:05:00.000Z" }]]);
	});
});

describe("on the page", { skip: missing, timeout: 120000 }, () => {
	let host, browser;
	before(async () => {
		host = await new FakeHost().listen(0);
		browser = await launch();
	});
	after(async () => {
		await browser.close();
		await host.close();
	});

	const NOTICE = "[data-notice=limit]";

	test("both read the warning, the host extends, and both read that", async () => {
		const { clinician, client } = await inTheCall(host, browser, { opens: -86 });
		await Promise.all([client, clinician].map((page) => page.locator(NOTICE).waitFor()));
		assert.match(await client.locator(NOTICE).innerText(), /The time for this visit ends at/);
		assert.equal(await client.locator("[data-action=extend]").count(), 0);
		await click(clinician, "extend");
		await Promise.all(
			[client, clinician].map((page) => page.locator(NOTICE).waitFor({ state: "detached" }))
		);
		for (const page of [client, clinician]) assert.match(await announced(page), /The visit was extended/);
		assert.deepEqual([...client.complaints, ...clinician.complaints], []);
		await Promise.all([client.context().close(), clinician.context().close()]);
	});

	test("on a phone the host's button is in the notice", async () => {
		const room = host.room({ opens: -86 });
		const clinician = await open(browser, host.as("host", room), { viewport: PHONE });
		await click(clinician, "enter");
		await screen(clinician, "call");
		await clinician.locator(`${NOTICE} [data-action=extend]`).click();
		await clinician.locator(NOTICE).waitFor({ state: "detached" });
		assert.equal(room.extended, 15);
		await clinician.context().close();
	});

	test("a waiting client reads the warning too", async () => {
		const room = host.room({ opens: -94 });
		const client = await open(browser, host.as("client", room));
		await click(client, "enter");
		await screen(client, "waiting");
		await client.locator(`${NOTICE}[data-minutes="2"]`).waitFor();
		await client.context().close();
	});

	test("a visit that is moved away says so to both people in it", async () => {
		const { clinician, client, room } = await inTheCall(host, browser);
		room.opens += 24 * 60 * MINUTE;
		room.status = "Scheduled";
		for (const person of room.people) Object.assign(person, { state: "Invited", attendee: null });
		host.nudge();
		for (const page of [client, clinician]) {
			await screen(page, "early");
			await page.locator("[data-notice=put-out]").waitFor();
			assert.match(await announced(page), /The visit was moved[^]*You are outside the visit again/);
		}
		await Promise.all([client.context().close(), clinician.context().close()]);
	});

	test("a visit that is moved by minutes goes on, and says so", async () => {
		const { clinician, client, room } = await inTheCall(host, browser);
		room.opens += 5 * MINUTE;
		host.nudge();
		for (const page of [client, clinician]) {
			await page
				.locator("#announcements", { hasText: "The visit was moved" })
				.waitFor({ state: "attached" });
			assert.equal(await page.locator("main").getAttribute("data-screen"), "call");
			assert.equal(await page.locator("[data-notice=put-out]").count(), 0);
		}
		await Promise.all([client.context().close(), clinician.context().close()]);
	});
});
