/* Why a relay does not carry the call, from what browsers tell of it. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { listeners, whyNot } from "../../theranvio_telehealth/public/js/visit/call_events.js";
import { hasRelay, watchRelay } from "../../theranvio_telehealth/public/js/visit/media/relay.js";
import { createTimers } from "./timers.mjs";

const TURN = "turn:relay.example.org:3478?transport=udp";

function watched() {
	const pc = { iceGatheringState: "new" };
	const reported = [];
	const timers = createTimers();
	const gathered = watchRelay(pc, (why) => reported.push(why), timers);
	return {
		reported,
		timers,
		gathered: (type) => gathered({ type }),
		fails: (errorCode, url = TURN) => pc.onicecandidateerror({ errorCode, url }),
		gathers(state) {
			pc.iceGatheringState = state;
			pc.onicegatheringstatechange();
		},
	};
}

describe("a relay", () => {
	for (const [code, why] of [
		[701, "relay-silent"],
		[500, "relay-silent"],
		[401, "relay-refused"],
		[486, "relay-refused"],
	])
		test(`${code} is ${why}, reported once`, () => {
			const relay = watched();
			relay.fails(code);
			relay.fails(code);
			relay.gathers("complete");
			assert.deepEqual(relay.reported, [why]);
		});

	test("that refuses by one address and is silent by another has refused", () => {
		const relay = watched();
		relay.fails(701);
		relay.fails(401);
		relay.fails(701);
		assert.deepEqual(relay.reported, ["relay-silent", "relay-refused"]);
	});
	test("that works by one address works", () => {
		const relay = watched();
		relay.gathered("relay");
		relay.fails(701);
		relay.gathers("complete");
		assert.deepEqual(relay.reported, [null]);
	});
	test("that answers late is no longer silent", () => {
		const relay = watched();
		relay.fails(701);
		relay.gathered("host");
		relay.gathered("relay");
		assert.deepEqual(relay.reported, ["relay-silent", null]);
	});
	test("that worked may be silent when addresses are gathered again", () => {
		const relay = watched();
		relay.gathers("gathering");
		relay.gathered("relay");
		relay.gathers("complete");
		relay.gathers("gathering");
		relay.fails(701);
		assert.deepEqual(relay.reported, [null, "relay-silent"]);
	});
	test("that is silent each time is reported each time", () => {
		const relay = watched();
		for (const state of ["gathering", "complete", "gathering", "complete"]) relay.gathers(state);
		assert.deepEqual(relay.reported, ["relay-silent", "relay-silent"]);
	});
	test("no address of it among all that were gathered: silent, where the browser tells no errors", () => {
		const relay = watched();
		relay.gathers("gathering");
		relay.gathered("host");
		relay.gathers("complete");
		assert.deepEqual(relay.reported, ["relay-silent"]);
	});
	test("without an address of it 8 s after gathering began: silent, however long the browser waits", async () => {
		const relay = watched();
		relay.gathers("gathering");
		await relay.timers.advance(7999);
		assert.deepEqual(relay.reported, []);
		await relay.timers.advance(1);
		relay.gathered("relay");
		assert.deepEqual(relay.reported, ["relay-silent", null]);
	});
	test("that answered within 8 s is not silent after them", async () => {
		const relay = watched();
		relay.gathers("gathering");
		relay.gathered("relay");
		await relay.timers.advance(60000);
		relay.gathers("complete");
		await relay.timers.advance(60000);
		assert.deepEqual(relay.reported, [null]);
	});
	test("what a STUN server does is another matter", () => {
		const relay = watched();
		relay.fails(701, "stun:stun.example.org:3478");
		assert.deepEqual(relay.reported, []);
	});
});

test("only addresses of a relay make one", () => {
	assert.equal(hasRelay({ iceServers: [] }), false);
	assert.equal(hasRelay({ iceServers: [{ urls: ["stun:a"] }, { urls: "stun:b" }] }), false);
	assert.equal(hasRelay({ iceServers: [{ urls: ["stun:a"] }, { urls: ["turns:b"] }] }), true);
});

describe("what the page announces of it", () => {
	function call() {
		const announced = [];
		const hooks = { announce: (text) => announced.push(text), changed() {} };
		const made = { status: "connecting", why: null };
		return { on: listeners(made, hooks), announced, made };
	}

	test("nothing, while a connection may still come about without it", () => {
		const { on, announced, made } = call();
		on.why("relay-silent");
		assert.deepEqual(announced, []);
		assert.equal(whyNot(made), "The server that relays this call does not answer.");
	});
	test("why, as soon as there is trouble, and again when the reason changes", () => {
		const { on, announced } = call();
		on.why("relay-silent");
		on.status("trouble");
		on.why("relay-refused");
		assert.deepEqual(announced, [
			"The server that relays this call does not answer.",
			"The server that relays this call refused the connection. Leave the call and join again.",
		]);
	});
	test("no reason, when none is known or it has gone", () => {
		const { on, announced, made } = call();
		on.why("relay-silent");
		on.why(null);
		on.status("trouble");
		assert.equal(whyNot(made), null);
		assert.deepEqual(announced, []);
	});
});
