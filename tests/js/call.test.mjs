/* A call as the page knows it: fetching what opens it, what media tells of it, and what is written in it. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createBundles } from "../../theranvio_telehealth/public/js/visit/bundles.js";
import { joinCall } from "../../theranvio_telehealth/public/js/visit/call.js";
import { fits, withLine, worded } from "../../theranvio_telehealth/public/js/visit/chat_and_share.js";
import { register } from "../../theranvio_telehealth/public/js/visit/media/registry.js";
import { createTimers, settle } from "./timers.mjs";
import { stateOf } from "./states.mjs";

describe("the script of an adapter", () => {
	const fetching = (outcomes) => {
		const asked = [];
		const load = async (url) => {
			asked.push(url);
			await outcomes.shift()();
		};
		return { asked, bundles: createBundles({ Fetched: "/built/fetched.js" }, load) };
	};
	const fails = () => Promise.reject(new Error("offline"));
	const works = () => register("Fetched", "open it");

	test("a failed prefetch is silent, a failed fetch rejects; it can be tried again, and is fetched once", async () => {
		const { asked, bundles } = fetching([fails, fails, works]);
		bundles.prefetch("Fetched");
		await settle();
		await assert.rejects(bundles.openerOf("Fetched"), { code: "not_loaded" });
		const both = await Promise.all([bundles.openerOf("Fetched"), bundles.openerOf("Fetched")]);
		assert.deepEqual(both, ["open it", "open it"]);
		bundles.prefetch("Fetched");
		assert.equal(asked.length, 3);
	});
	test("without an address in the page is refused with another code", () =>
		assert.rejects(createBundles(undefined).openerOf("Unheard of"), { code: "no_media" }));
	test("that runs and opens nothing is refused too", () => {
		const bundles = createBundles({ Empty: "/empty.js" }, async () => {});
		return assert.rejects(bundles.openerOf("Empty"), { code: "no_media" });
	});
});

async function joined({ open, adapter = "Told" } = {}) {
	const reported = { announced: [], alerts: [], ended: [], lines: [], changes: 0 };
	let given = null;
	register(
		"Told",
		open ||
			((options) => {
				given = options;
				const nothing = () => {};
				return { people: nothing, poke: nothing, replace: nothing, about: nothing, close: nothing };
			})
	);
	const provider = { adapter: "Told", embedded: true, call: "9c" };
	const posted = [];
	const call = await joinCall({
		adapter,
		api: {
			async post(name, body) {
				posted.push([name, body]);
				if (name === "visit.join")
					return { state: stateOf({ provider }), attendee: "a", adapter: "Told", credentials: {} };
				return stateOf({ provider });
			},
		},
		local: { tracks: () => ({ audio: null, video: null }), about: () => ({}) },
		bundles: createBundles(),
		timers: createTimers(),
		hooks: {
			state() {},
			changed: () => (reported.changes += 1),
			lookAgain() {},
			refused() {},
			nameOf: (pseudonym) => ({ ana: "Ana Ray" })[pseudonym] || "",
			announce: (sentence) => reported.announced.push(sentence),
			alert: (sentence) => reported.alerts.push(sentence),
			messageReceived: (message) => reported.lines.push(message.text),
			ended: (end) => reported.ended.push(end),
		},
	});
	return { call, reported, posted, on: given && given.on };
}

describe("a call", () => {
	test("knows its name, and what its media can do", async () => {
		const { call } = await joined();
		assert.deepEqual([call.name, call.share, call.sendMessage, call.status], ["9c", null, null, "alone"]);
	});
	test("media that cannot be opened reject the join", async () => {
		await assert.rejects(joined({ adapter: "Unheard of" }), { code: "no_media" });
	});
	test("a browser that lacks something says so in a sentence", async () => {
		const open = () => {
			throw new TypeError("RTCPeerConnection is not a constructor");
		};
		await assert.rejects(joined({ open }), { code: "not_opened" });
	});
	test("says that the connection was lost, and that it is back", async () => {
		const { reported, on } = await joined();
		for (const word of ["connecting", "connected", "reconnecting", "trouble", "connected", "alone"])
			on.status(word);
		assert.deepEqual(reported.announced, [
			"The connection was lost. Reconnecting…",
			"The connection is back.",
		]);
	});
	test("says who shares a screen, once, and who no longer does", async () => {
		const { call, reported, on } = await joined();
		on.screen("ana", null);
		on.screen("ana", "one");
		on.screen("ana", "one");
		on.screen("ana", "two");
		assert.equal(call.screens.get("ana"), "two");
		on.screen("ana", null);
		assert.deepEqual(reported.announced, [
			"Ana Ray is sharing their screen.",
			"Ana Ray has stopped sharing their screen.",
		]);
	});
	test("says what becomes of one's own screen", async () => {
		const { call, reported, on } = await joined();
		on.sharing("refused");
		on.sharing("on");
		assert.equal(call.sharing, true);
		on.sharing("off");
		assert.deepEqual(reported.announced, [
			"You are sharing your screen.",
			"You are no longer sharing your screen.",
		]);
		assert.match(reported.alerts[0], /could not be shared/);
	});
	test("keeps what is written, with the name it was written under", async () => {
		const { call, reported, on } = await joined();
		on.message("ana", "hello");
		on.message("ana", "again");
		assert.deepEqual(
			call.log.map(({ number, name, text }) => [number, name, text]),
			[
				[1, "Ana Ray", "hello"],
				[2, "Ana Ray", "again"],
			]
		);
		assert.deepEqual(reported.lines, ["hello", "again"]);
	});
	test("once closed, tells nothing more", async () => {
		const { call, reported, on } = await joined();
		call.close();
		on.status("reconnecting");
		on.ended({ way: "out" });
		on.message("ana", "late");
		assert.deepEqual([reported.announced, reported.ended, reported.lines, call.log], [[], [], [], []]);
	});
});

describe("what is written", () => {
	test("is trimmed, and nothing is nothing", () => {
		assert.equal(worded("  good\r\nmorning \n"), "good\nmorning");
		assert.equal(worded(" \n "), "");
	});
	test("may be 2048 bytes, whatever the letters", () => {
		assert.equal(fits("x".repeat(2048)), true);
		assert.equal(fits("x".repeat(2049)), false);
		assert.equal(fits("é".repeat(1025)), false);
	});
	test("holds the last 500 lines", () => {
		let log = [];
		for (let count = 0; count < 600; count++)
			log = withLine(log, { name: null, text: `${count}`, at: 0 });
		assert.deepEqual([log.length, log[0].text, log.at(-1).number], [500, "100", 600]);
	});
});
