/* One's own camera, microphone and browser on the page, in Chromium: what is on where, and what a person reads. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { click, inTheCall, launch, missing, open, announced, screen, sees } from "./browser.mjs";
import { FakeHost } from "./fake_host.mjs";

const LINK = "https://meet.example/room";
const DEVICES = ["camera", "microphone"];

/** Runs before the page: keeps hold of what the browser hands over. */
const WATCH_DEVICES = () => {
	window.handed = [];
	const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
	navigator.mediaDevices.getUserMedia = async (wanted) => {
		const stream = await ask(wanted);
		window.handed.push(...stream.getTracks());
		return stream;
	};
};

/** What the browser measures, but for one packet in four that is counted as lost while `losing`. */
const LOSING = () => {
	window.losing = false;
	let lost = 0;
	let last = 0;
	const measure = RTCPeerConnection.prototype.getStats;
	RTCPeerConnection.prototype.getStats = async function measured() {
		const reports = [...(await measure.call(this)).values()].map((report) => ({ ...report }));
		const incoming = reports.find(({ type, kind }) => type === "inbound-rtp" && kind === "video");
		if (incoming) {
			if (window.losing) lost += (incoming.packetsReceived - last) / 3;
			last = incoming.packetsReceived;
			incoming.packetsLost += lost;
		}
		return new Map(reports.map((report) => [report.id, report]));
	};
};
/** Devices that start only when the test calls `answer`. */
const SLOW_DEVICES = () => {
	const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
	const answered = new Promise((resolve) => (window.answer = resolve));
	navigator.mediaDevices.getUserMedia = (wanted) => answered.then(() => ask(wanted));
};
const liveTracks = (page) =>
	page.evaluate(() => window.handed.filter((track) => track.readyState === "live").length);

describe("one's own devices and browser", { skip: missing, timeout: 900000 }, () => {
	let host, browser;
	const contexts = [];
	before(async () => {
		host = await new FakeHost().listen(0);
		browser = await launch();
	});
	after(async () => {
		await browser.close();
		await host.close();
	});

	const visiting = (name, run) =>
		test(name, async () => {
			await run();
			await Promise.all(contexts.splice(0).map((context) => context.close()));
		});

	/** A page that `before` has prepared, at the door of the room. */
	async function visit(user, room, { prepare = WATCH_DEVICES, permissions = DEVICES } = {}) {
		const page = await open(browser, "about:blank", { permissions });
		contexts.push(page.context());
		await page.addInitScript(prepare);
		await page.goto(host.as(user, room));
		return page;
	}

	const joinsOf = (login, room) =>
		host.seen.filter(
			({ name, user, body }) => name === "visit.join" && user === login && body.room === room.name
		);

	async function called(given) {
		const { clinician, client, room } = await inTheCall(host, browser, given);
		contexts.push(clinician.context(), client.context());
		return { clinician, client, room };
	}

	visiting("the camera stays off on an early visit, and goes off when it is moved", async () => {
		const room = host.room({ opens: 30 });
		const client = await visit("client", room);
		await screen(client, "early");
		await client.waitForTimeout(500);
		assert.equal(await client.evaluate(() => window.handed.length), 0);
		room.opens = Date.now() - 1000;
		host.nudge();
		await screen(client, "check");
		await client.waitForFunction(() => window.handed.length === 2);
		room.opens = Date.now() + 3600000;
		host.nudge();
		await screen(client, "early");
		assert.equal(await liveTracks(client), 0);
	});

	visiting("a client admitted before the camera has started joins when it has", async () => {
		const room = host.room();
		const clinician = await visit("host", room);
		const client = await visit("client", room, { prepare: SLOW_DEVICES });
		await click(clinician, "enter");
		await click(client, "enter");
		await click(clinician, "admit");
		await screen(client, "ready");
		await client.evaluate(() => window.answer());
		await screen(client, "call");
	});

	visiting("a client admitted with slow devices who leaves before they start stays out", async () => {
		const room = host.room();
		const clinician = await visit("host", room);
		const client = await visit("client", room, { prepare: SLOW_DEVICES });
		await click(clinician, "enter");
		await click(client, "enter");
		await click(clinician, "admit");
		await screen(client, "ready");
		await click(client, "leave");
		await screen(client, "check");
		await client.evaluate(() => window.answer());
		await client.waitForTimeout(1000);
		assert.equal(await client.locator("main[data-screen=check]").count(), 1);
		assert.deepEqual(joinsOf("client", room), []);
	});

	visiting("nothing comes on by itself for who has left", async () => {
		const { client } = await called();
		await click(client, "leave");
		await screen(client, "check");
		await client.locator("[data-action=devices-on]").waitFor();
	});

	visiting("the microphone's level is never shown as dead", async () => {
		const client = await visit("client", host.room());
		await client.locator("[data-action=level]").waitFor();
		assert.equal(await client.locator("meter").count(), 0);
		await click(client, "level");
		await client.waitForFunction(() => document.querySelector("meter")?.value > 0);
		await click(client, "mute");
		await client.locator("meter").waitFor({ state: "detached" });
	});

	visiting("what the system pauses is seen by both, and when it is back", async () => {
		const room = host.room();
		const [clinician, client] = [await visit("host", room), await visit("client", room)];
		await click(clinician, "enter");
		await click(client, "enter");
		await click(clinician, "admit");
		await sees(clinician);
		const pause = (muted) =>
			client.evaluate((isMuted) => {
				for (const track of window.handed) {
					Object.defineProperty(track, "muted", { value: isMuted, configurable: true });
					track.dispatchEvent(new Event(isMuted ? "mute" : "unmute"));
				}
			}, muted);
		await pause(true);
		const tile = clinician.locator("[data-tile=remote]");
		await clinician.locator("[data-tile=remote][data-video=off]").waitFor();
		await tile.getByText("Microphone off").waitFor();
		await client.locator(".banners").getByText("Your device has paused the microphone").waitFor();
		await pause(false);
		await clinician.locator("[data-tile=remote][data-video=on]").waitFor();
		assert.match(await announced(client), /Your camera is back/);
		assert.equal(await client.getByText("Your device has paused").count(), 0);
	});

	visiting("a call that moves to Amazon finds off what was off", async () => {
		const { clinician, client, room } = await called();
		await click(client, "mute");
		await click(client, "camera");
		await clinician.locator("[data-tile=remote][data-video=off]").waitFor();
		Object.assign(room, { adapter: "Amazon Chime SDK", call: "2" });
		host.nudge();
		await client.waitForFunction(() => window.chime && window.chime.on);
		await screen(client, "call");
		const { about, tracks } = await client.evaluate(() => ({
			about: window.chime.about,
			tracks: Object.values(window.chime.tracks).filter((track) => track && track.enabled).length,
		}));
		assert.deepEqual([about, tracks], [{ audio: false, video: false }, 0]);
		await click(client, "mute");
		await client.waitForFunction(() => window.chime.about.audio && window.chime.tracks.audio.enabled);
	});

	for (const [lack, prepare, words] of [
		["calls", () => delete window.RTCPeerConnection, /cannot make video calls/],
		["devices", () => delete Navigator.prototype.mediaDevices, /does not let pages use a camera/],
		[
			"https",
			() => Object.defineProperty(window, "isSecureContext", { value: false }),
			/opened without https/,
		],
	])
		visiting(`a browser without ${lack} shows so on its first screen, and the other way`, async () => {
			const room = host.room({ opens: 30, fallback: LINK });
			const clinician = await visit("host", room);
			const client = await visit("client", room, { prepare });
			await screen(client, "unable");
			await client.getByText(words).waitFor();
			room.opens = Date.now() - 1000;
			room.offered = true;
			host.nudge();
			await client.locator(`[data-action=fallback-link][href="${LINK}"]`).waitFor();
			await clinician
				.locator("[data-person]")
				.getByText(/cannot join: /)
				.waitFor();
			for (const name of ["enter", "join", "devices-on"])
				assert.equal(await client.locator(`[data-action=${name}]`).count(), 0);
			room.people[1].state = "Admitted";
			host.nudge();
			await client.waitForTimeout(500);
			assert.deepEqual(joinsOf("client", room), []);
		});

	visiting("a host whose browser cannot call opens the other way, and offers it", async () => {
		const room = host.room({ fallback: LINK });
		const clinician = await visit("host", room, { prepare: () => delete window.RTCPeerConnection });
		await clinician
			.context()
			.route("https://meet.example/**", (route) => route.fulfill({ body: "there" }));
		await screen(clinician, "unable");
		await click(clinician, "meet-elsewhere");
		const client = await visit("client", room);
		await client.locator(`[data-action=fallback-link][href="${LINK}"]`).waitFor();
	});

	visiting("a join that another tab has replaced at Amazon is shown as elsewhere", async () => {
		const room = host.room({ adapter: "Amazon Chime SDK" });
		const clinician = await visit("host", room);
		await click(clinician, "enter");
		await screen(clinician, "call");
		room.people[0].attendee = "of the other tab";
		await clinician.evaluate(() => window.chime.on.ended({ way: "out" }));
		await screen(clinician, "elsewhere");
		assert.equal(await liveTracks(clinician), 0);
		await clinician.waitForTimeout(500);
		await screen(clinician, "elsewhere");
	});

	visiting("a weak connection is announced, by what the browser measures, and its end too", async () => {
		const room = host.room();
		const clinician = await visit("host", room);
		const client = await visit("client", room, { prepare: LOSING });
		await click(clinician, "enter");
		await click(client, "enter");
		await click(clinician, "admit");
		await sees(client);
		const losing = (isLosing) => client.evaluate((is) => (window.losing = is), isLosing);
		await losing(true);
		await client.locator("[data-notice=weak]").waitFor();
		await losing(false);
		await client.locator("[data-notice=weak]").waitFor({ state: "detached" });
	});

	visiting("the screen stays on while one waits, and who is let in is called back", async () => {
		const room = host.room();
		const clinician = await visit("host", room);
		const client = await visit("client", room, {
			prepare: () => {
				document.hasFocus = () => false;
				window.notices = [];
				window.Notification = class {
					static permission = "granted";
					constructor(title, { body }) {
						window.notices.push([title, body]);
					}
					close() {}
				};
				window.locks = [];
				navigator.wakeLock.request = async (kind) => {
					const lock = new EventTarget();
					lock.release = () => window.locks.pop();
					window.locks.push(kind);
					return lock;
				};
			},
		});
		await click(client, "enter");
		await screen(client, "waiting");
		assert.deepEqual(await client.evaluate(() => window.locks), ["screen"]);
		await click(clinician, "enter");
		await click(clinician, "admit");
		await client.waitForFunction(() => document.title === "You have been let in. Video visit");
		assert.deepEqual(await client.evaluate(() => window.notices), [
			["Video visit", "You have been let in."],
		]);
		await client.evaluate(() => window.dispatchEvent(new Event("focus")));
		assert.equal(await client.title(), "Video visit");
		await screen(client, "call");
		await client.waitForFunction(() => window.locks.length === 1);
		await click(client, "leave");
		await client.waitForFunction(() => window.locks.length === 0);
	});

	visiting("to be notified is offered, not asked for", async () => {
		const client = await visit("client", host.room(), {
			prepare: () => {
				window.asked = 0;
				window.Notification = {
					permission: "default",
					async requestPermission() {
						window.asked += 1;
						window.Notification.permission = "granted";
					},
				};
			},
		});
		await click(client, "enter");
		await screen(client, "waiting");
		assert.equal(await client.evaluate(() => window.asked), 0);
		await click(client, "notify");
		await client.locator("[data-action=notify]").waitFor({ state: "detached" });
	});

	visiting("one part that fails stops nothing else, and is reported", async () => {
		const room = host.room();
		const clinician = await visit("host", room);
		const client = await visit("client", room, {
			prepare: () => {
				Intl.DateTimeFormat = class {
					constructor() {
						throw new RangeError("no such calendar");
					}
				};
				navigator.wakeLock.request = () => {
					throw new Error("no lock");
				};
			},
		});
		await client.getByText("This part of the page cannot be shown").first().waitFor();
		await click(client, "enter");
		await screen(client, "waiting");
		await click(clinician, "enter");
		await click(clinician, "admit");
		await screen(client, "call");
		await sees(client);
		await click(client, "mute");
		await click(client, "leave");
		await screen(client, "check");
		assert.ok(client.complaints.some((text) => /no such calendar/.test(text)));
		await click(clinician, "end");
		await click(clinician, "confirm");
		await screen(client, "over");
	});
});

describe("a language by the name a site has for it", { skip: missing, timeout: 60000 }, () => {
	for (const lang of ["pt_BR", "zh_Hant_TW", "sr_RS@latin"])
		test(`${lang} stops nothing`, async () => {
			const host = await new FakeHost({ lang }).listen(0);
			const browser = await launch();
			const early = await open(browser, host.as("client", host.room({ opens: 3000 })));
			await screen(early, "early");
			const client = await open(browser, host.as("client", host.room()));
			await screen(client, "check");
			assert.deepEqual([early.complaints, client.complaints], [[], []]);
			await browser.close();
			await host.close();
		});
});
