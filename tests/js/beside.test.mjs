/* What goes on beside a visit and may fail: the display's lock, summons, languages, a screen that is refused. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { attempt, guarded } from "../../theranvio_telehealth/public/js/visit/attempt.js";
import { createAwake, createSummons } from "../../theranvio_telehealth/public/js/visit/attention.js";
import { lackOf } from "../../theranvio_telehealth/public/js/visit/local_media.js";
import { momentOf, tagOf, timeOf } from "../../theranvio_telehealth/public/js/visit/clock.js";
import { isChangeOfMind, share } from "../../theranvio_telehealth/public/js/visit/chat_and_share.js";
import { createMeter } from "../../theranvio_telehealth/public/js/visit/media/quality.js";
import { createPoll } from "../../theranvio_telehealth/public/js/visit/poll.js";
import { screenOf } from "../../theranvio_telehealth/public/js/visit/state.js";
import { createTimers, settle } from "./timers.mjs";
import { hostState, stateOf } from "./states.mjs";

describe("what fails", () => {
	const reports = [];
	globalThis.reportError = (error) => reports.push(error.message);
	const fail = () => {
		throw new Error("broken");
	};

	test("is reported, and something else stands for it", () => {
		reports.length = 0;
		assert.equal(attempt(fail, "instead"), "instead");
		assert.equal(
			attempt(() => "fine", "instead"),
			"fine"
		);
		assert.deepEqual([guarded({ fail }).fail(), guarded({ add: (a, b) => a + b }).add(1, 2)], [null, 3]);
		assert.deepEqual(reports, ["broken", "broken"]);
	});
	test("once does not stop the asking", async () => {
		reports.length = 0;
		const timers = createTimers();
		let asked = 0;
		const poll = createPoll(
			async () => {
				asked += 1;
				if (asked === 1) fail();
			},
			() => 1000,
			timers
		);
		poll.now();
		await settle();
		await timers.advance(1000);
		assert.deepEqual([asked, reports], [2, ["broken"]]);
	});
});

describe("a language", () => {
	for (const [code, tag] of [
		["pt_BR", "pt-BR"],
		["en", "en"],
		["zh_Hant_TW", "zh-Hant-TW"],
		["sr_RS@latin", "en"],
		["", "en"],
		[undefined, "en"],
	])
		test(`${code} is ${tag}, and tells the time`, () => {
			assert.equal(tagOf(code), tag);
			assert.ok(timeOf("2027-03-01T14:45:00Z", tagOf(code)));
			assert.ok(momentOf("2027-03-09T14:45:00Z", "2027-03-01T14:45:00Z", tagOf(code)));
		});
});

describe("what a browser lacks", () => {
	const whole = {
		isSecureContext: true,
		RTCPeerConnection() {},
		navigator: { mediaDevices: { getUserMedia() {} } },
	};

	for (const [lack, less] of [
		[null, {}],
		["insecure", { isSecureContext: false, navigator: {} }],
		["calls", { RTCPeerConnection: undefined }],
		["devices", { navigator: {} }],
	])
		test(`${lack}`, () => assert.equal(lackOf({ ...whole, ...less }), lack));

	test("is shown before the first attempt, where the call is on this page", () => {
		const here = { lack: "calls" };
		const external = { adapter: "External Link", embedded: false };
		assert.equal(screenOf(stateOf({ phase: "early" }), here), "unable");
		assert.equal(screenOf(hostState(), here), "unable");
		assert.equal(screenOf(stateOf({ status: "Ended" }), here), "over");
		assert.equal(screenOf(stateOf({ provider: external }), here), "check");
		assert.equal(screenOf(stateOf({ blocked: { code: "x" } }), here), "blocked");
	});
});

describe("a screen that is refused", () => {
	const refusal = (message) => Object.assign(new Error(message), { name: "NotAllowedError" });

	for (const [message, elapsed, isPersons] of [
		["Permission denied", 2000, true],
		["The request is not allowed by the user agent or the platform in the current context.", 2000, true],
		["Permission denied by system", 2000, false],
		["Access to the feature is disallowed by permissions policy.", 2000, false],
		["Permission denied", 20, false],
	])
		test(`${message} after ${elapsed} ms: ${isPersons ? "by the person" : "not by the person"}`, () =>
			assert.equal(isChangeOfMind(refusal(message), elapsed), isPersons));

	const sharing = async (message, elapsed) => {
		const alerts = [];
		const instants = [0, elapsed];
		const call = { share: { start: () => Promise.reject(refusal(message)) }, sharing: false };
		await share({ call, set: ({ alert }) => alerts.push(alert.message) }, () => instants.shift());
		return alerts;
	};
	test("by the system raises an alert; by the person it is no failure", async () => {
		assert.match((await sharing("Permission denied by system", 5000))[0], /could not be shared/);
		assert.deepEqual(await sharing("Permission denied", 5000), []);
	});
});

describe("a connection", () => {
	const incoming = (packetsLost, packetsReceived) => ({
		type: "inbound-rtp",
		packetsLost,
		packetsReceived,
	});
	const reportedOf = (measures) => {
		const changes = [];
		const measured = createMeter((isPoor) => changes.push(isPoor));
		measures.forEach((reports) => measured(reports));
		return changes;
	};

	test("that loses packets for a while is weak", () => {
		const measures = [0, 50, 100, 150].map((lost) => [incoming(lost, lost * 5)]);
		assert.deepEqual(reportedOf(measures), [true]);
	});
	test("that lost some once is not", () => {
		const measures = [0, 50, 50, 50].map((lost, turn) => [incoming(lost, turn * 100)]);
		assert.deepEqual(reportedOf(measures), []);
	});
	test("whose other end misses packets is weak too, and better when that ends", () => {
		const sent = (fractionLost) => [{ type: "remote-inbound-rtp", fractionLost }];
		assert.deepEqual(reportedOf([0, 0.2, 0.2, 0, 0].map(sent)), [true, false]);
	});
	test("is measured on the path in use alone", () => {
		const path = {
			type: "candidate-pair",
			nominated: false,
			state: "succeeded",
			currentRoundTripTime: 3,
		};
		assert.deepEqual(reportedOf([[path], [path], [path], [path]]), []);
	});
});

describe("the display", () => {
	function display({ fails = false } = {}) {
		const page = Object.assign(new EventTarget(), { visibilityState: "visible" });
		const held = [];
		const wakeLock = {
			async request() {
				if (fails) throw new Error("NotAllowedError");
				const lock = Object.assign(new EventTarget(), {
					release: () => held.splice(held.indexOf(lock), 1),
				});
				held.push(lock);
				return lock;
			},
		};
		return { page, held, at: createAwake(wakeLock, page) };
	}

	test("is on while one waits and in the call, once, and let go after", async () => {
		const { held, at } = display();
		at("check");
		for (const screen of ["waiting", "waiting", "call"]) at(screen);
		await settle();
		assert.equal(held.length, 1);
		at("over");
		assert.equal(held.length, 0);
	});
	test("is asked for again when the page is looked at again", async () => {
		const { page, held, at } = display();
		at("call");
		await settle();
		held.splice(0).forEach((lock) => lock.dispatchEvent(new Event("release")));
		page.visibilityState = "hidden";
		page.dispatchEvent(new Event("visibilitychange"));
		await settle();
		assert.equal(held.length, 0);
		page.visibilityState = "visible";
		page.dispatchEvent(new Event("visibilitychange"));
		await settle();
		assert.equal(held.length, 1);
	});
	test("is let go when the visit ends while it is asked for", async () => {
		const { held, at } = display();
		at("call");
		at("over");
		await settle();
		assert.equal(held.length, 0);
	});
	test("that cannot be held awake stops nothing", async () => {
		const { at } = display({ fails: true });
		at("call");
		await settle();
		createAwake(null, new EventTarget())("call");
	});
});

describe("who is let in", () => {
	const summoned = (Notice, focus) => {
		const page = { title: "Video visit", hasFocus: () => focus };
		const view = Object.assign(new EventTarget(), { focus() {} });
		const summons = createSummons({ Notice, page, view });
		summons.call();
		return { page, view, summons };
	};

	test("and looks at the page needs no call", () =>
		assert.equal(summoned(undefined, true).page.title, "Video visit"));
	test("twice before looking gets the title back all the same", () => {
		const { page, view, summons } = summoned(undefined, false);
		summons.call();
		assert.equal(page.title, "You have been let in. Video visit");
		view.dispatchEvent(new Event("focus"));
		assert.equal(page.title, "Video visit");
	});
	test("where notifications are refused by their constructor, has the title still", () => {
		class Refusing {
			static permission = "granted";
			constructor() {
				throw new TypeError("Illegal constructor");
			}
		}
		assert.match(summoned(Refusing, false).page.title, /let in/);
	});
	test("is asked about notifications only while that is open", () => {
		assert.equal(summoned({ permission: "default" }, true).summons.mayAsk(), true);
		assert.equal(summoned({ permission: "denied" }, true).summons.mayAsk(), false);
		assert.equal(summoned(undefined, true).summons.mayAsk(), false);
	});
});
