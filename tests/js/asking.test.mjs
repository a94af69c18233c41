/* Asking the host: the endpoints and their refusals, polling, and the mailbox's order. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createApi, Refusal } from "../../theranvio_telehealth/public/js/visit/api.js";
import { createClock, momentOf } from "../../theranvio_telehealth/public/js/visit/clock.js";
import { Mailbox } from "../../theranvio_telehealth/public/js/visit/media/mailbox.js";
import { createPoll } from "../../theranvio_telehealth/public/js/visit/poll.js";
import { createTimers, settle } from "./timers.mjs";

describe("the endpoints", () => {
	const replying = (status, body) => {
		const calls = [];
		const fetch = async (url, options) => {
			calls.push({ url, options });
			return { ok: status < 400, status, json: async () => body };
		};
		return { calls, api: createApi({ csrf_token: "secret", room: "3f" }, fetch) };
	};

	test("GET has the room in its address and no token", async () => {
		const { calls, api } = replying(200, { message: { room: "3f" } });
		assert.deepEqual(await api.get("visit.state"), { room: "3f" });
		assert.equal(calls[0].url, "/api/method/theranvio_telehealth.api.visit.state?room=3f");
		assert.ok(!JSON.stringify(calls).includes("secret"));
	});
	test("POST has the token in a header and everything else in its body", async () => {
		const { calls, api } = replying(200, { data: { room: "3f" } });
		assert.deepEqual(await api.post("visit.leave", { attendee: "a" }), { room: "3f" });
		assert.equal(calls[0].options.headers["X-Frappe-CSRF-Token"], "secret");
		assert.deepEqual(JSON.parse(calls[0].options.body), { room: "3f", attendee: "a" });
		assert.ok(!calls[0].url.includes("?"));
	});

	test("what the page asks by itself brings a refusal without an error in the console", async () => {
		const { calls, api } = replying(200, { error: { code: "superseded", message: "Elsewhere." } });
		await assert.rejects(api.post("visit.heartbeat"), { code: "superseded", message: "Elsewhere." });
		await assert.rejects(api.get("visit.state"), { code: "superseded" });
		await assert.rejects(api.post("visit.enter"), { code: "superseded" });
		const wished = calls.map(({ options }) => options.headers["X-Refusal-Status"]);
		assert.deepEqual(wished, ["200", "200", undefined]);
	});

	const refusals = [
		["room_full", 409, { error: { code: "room_full", message: "Full." } }],
		["csrf", 400, { exc_type: "CSRFTokenError" }],
		["sign_in", 403, { session_expired: 1 }],
		["unreachable", 502, {}],
		["unreachable", 200, {}],
	];
	for (const [code, status, body] of refusals)
		test(`${status} ${JSON.stringify(body)} is ${code}`, () =>
			assert.rejects(replying(status, body).api.get("visit.state"), (error) => {
				assert.ok(error instanceof Refusal && error.code === code && error.message);
				return true;
			}));
	test("no network is unreachable", () => {
		const api = createApi({ csrf_token: "", room: "3f" }, () =>
			Promise.reject(new TypeError("Failed to fetch"))
		);
		return assert.rejects(api.get("visit.state"), { code: "unreachable" });
	});
});

describe("polling", () => {
	const polling = (pause) => {
		const timers = createTimers();
		const open = [];
		const poll = createPoll(() => new Promise((resolve) => open.push(resolve)), pause, timers);
		return { timers, open, poll };
	};

	test("asks again after the pause, counted from the answer", async () => {
		const { timers, open, poll } = polling(() => 3000);
		poll.now();
		await timers.advance(10000);
		assert.equal(open.length, 1);
		open[0]();
		await settle();
		await timers.advance(2999);
		assert.equal(open.length, 1);
		await timers.advance(1);
		assert.equal(open.length, 2);
	});
	test("however often it is nudged meanwhile, asks once more", async () => {
		const { open, poll } = polling(() => 3000);
		for (let nudge = 0; nudge < 5; nudge++) poll.now();
		assert.equal(open.length, 1);
		open[0]();
		await settle();
		assert.equal(open.length, 2);
		open[1]();
		await settle();
		assert.equal(open.length, 2);
	});
	test("once stopped, never", async () => {
		const { timers, open, poll } = polling(() => 3000);
		poll.now();
		poll.stop();
		open[0]();
		await timers.advance(60000);
		poll.now();
		assert.equal(open.length, 1);
	});
});

describe("the mailbox", () => {
	const mailbox = (answers = []) => {
		const timers = createTimers();
		const sent = [];
		const received = [];
		const refused = [];
		const box = new Mailbox({
			signal: async (messages) => {
				sent.push(messages.map(({ data }) => data));
				const answer = answers.shift() || [];
				if (answer instanceof Error) throw answer;
				return { messages: answer };
			},
			receive: (letter) => received.push(letter),
			refused: (error) => refused.push(error.code),
			timers,
			now: timers.now,
		});
		return { box, timers, sent, received, refused };
	};

	test("sends what is written together together, in order, and hands on what came in", async () => {
		const { box, timers, sent, received } = mailbox([["hello"]]);
		[1, 2, 3].forEach((letter) => box.send(letter));
		await timers.advance(10);
		assert.deepEqual(sent, [[1, 2, 3]]);
		assert.deepEqual(received, ["hello"]);
		await timers.advance(60000);
		assert.equal(sent.length, 1);
	});
	test("no more than 64 at once", async () => {
		const { box, timers, sent } = mailbox();
		for (let letter = 0; letter < 100; letter++) box.send(letter);
		await timers.advance(10);
		assert.deepEqual(
			sent.map((letters) => letters.length),
			[64, 36]
		);
		assert.deepEqual(sent.flat(), [...Array(100).keys()]);
	});
	test("asks every second while it is urgent", async () => {
		const { box, timers, sent } = mailbox();
		box.urgent(true);
		await timers.advance(3500);
		assert.equal(sent.length, 3);
		box.urgent(false);
		await timers.advance(5000);
		assert.equal(sent.length, 4);
	});
	test("what could not be sent is sent again, first", async () => {
		const { box, timers, sent, refused } = mailbox([new Refusal("unreachable", "")]);
		box.send(1);
		await timers.advance(10);
		box.send(2);
		await timers.advance(2000);
		assert.deepEqual(sent, [[1], [1, 2]]);
		assert.deepEqual(refused, []);
	});
	test("a refusal is passed on, and closed is closed", async () => {
		const { box, timers, sent, refused } = mailbox([new Refusal("superseded", "")]);
		box.send(1);
		await timers.advance(10);
		assert.deepEqual(refused, ["superseded"]);
		box.close();
		box.send(2);
		await timers.advance(5000);
		assert.equal(sent.length, 1);
	});
});

describe("clock", () => {
	test("goes by the server's", () => {
		const clock = createClock(() => Date.parse("2027-03-01T14:00:00Z"));
		clock.sync("2027-03-01T14:10:00Z");
		assert.equal(clock.until("2027-03-01T14:15:00Z"), 300000);
	});
	test("names the day only when it is another one", () => {
		assert.match(
			momentOf("2027-03-01T14:45:00Z", "2027-03-01T14:00:00Z", "en"),
			/^\d+:45\sPM$|^\d+:45\sAM$/
		);
		assert.match(momentOf("2027-03-09T14:45:00Z", "2027-03-01T14:00:00Z", "en"), /2027/);
	});
});
