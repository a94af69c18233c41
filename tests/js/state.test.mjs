/* Which screen a state leads to, and what may be read off it. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as rules from "../../theranvio_telehealth/public/js/visit/state.js";
import { doctor, hostState, person, stateOf } from "./states.mjs";

const nothing = { problem: null, elsewhere: false, full: null, call: null };
const screen = (state, flags = {}) => rules.screenOf(state, { ...nothing, ...flags });

describe("the screen", () => {
	const cases = [
		["loading", null],
		["check", stateOf()],
		["check", stateOf({ me: { state: "Left" } })],
		["check", hostState({ me: { state: "Invited" } })],
		["early", stateOf({ phase: "early" })],
		["early", hostState({ phase: "early", me: { state: "Invited" } })],
		["waiting", stateOf({ me: { state: "Waiting" } })],
		["ready", stateOf({ me: { state: "Admitted" } })],
		["call", stateOf({ me: { state: "Admitted" } }), { call: {} }],
		["waiting", stateOf({ me: { state: "Waiting" } }), { call: {} }],
		["declined", stateOf({ me: { state: "Declined" } })],
		["removed", stateOf({ me: { state: "Removed" } }), { call: {} }],
		["elsewhere", stateOf({ me: { state: "Admitted" } }), { elsewhere: true }],
		["full", stateOf({ me: { state: "Admitted" } }), { full: "The call is full." }],
		[
			"blocked",
			stateOf({ me: { state: "Waiting" }, blocked: { code: "phi_not_permitted", message: "…" } }),
		],
		["problem", stateOf(), { problem: { code: "not_found" } }],
		["problem", null, { problem: { code: "sign_in" } }],
		...["Ended", "Expired", "Revoked"].map((status) => [
			"over",
			stateOf({ status, me: { state: "Admitted" } }),
			{ call: {} },
		]),
		["over", stateOf({ status: "Scheduled", phase: "closed" })],
		["over", stateOf({ status: "Revoked", phase: "early" })],
		["over", stateOf({ status: "Ended", me: { state: "Removed" } })],
	];
	for (const [expected, state, flags] of cases)
		test(`${expected}: ${state && [state.status, state.phase, state.me.role, state.me.state].join(", ")} ${Object.keys(flags || {})}`, () =>
			assert.equal(screen(state, flags), expected));

	test("says why a visit is over", () => {
		const reasons = ["Ended", "Revoked", "Expired"].map((status) =>
			rules.overReason(stateOf({ status }))
		);
		assert.deepEqual(reasons, ["ended", "cancelled", "expired"]);
		assert.equal(rules.overReason(stateOf({ phase: "closed" })), "expired");
		assert.equal(rules.overReason(stateOf()), null);
	});
});

describe("the call has to stop", () => {
	for (const state of ["Invited", "Waiting", "Declined", "Removed", "Left"])
		test(`for a person ${state}`, () => assert.equal(rules.mustHangUp(stateOf({ me: { state } })), true));
	test("when the visit is over or video is blocked, and not otherwise", () => {
		const me = { state: "Admitted" };
		assert.equal(rules.mustHangUp(stateOf({ me })), false);
		assert.equal(rules.mustHangUp(stateOf({ me, status: "Ended" })), true);
		assert.equal(rules.mustHangUp(stateOf({ me, phase: "closed" })), true);
		assert.equal(rules.mustHangUp(stateOf({ me, blocked: { code: "x", message: "" } })), true);
	});
});

describe("coming in by itself", () => {
	const waiting = stateOf({ me: { state: "Waiting" } });
	const admitted = stateOf({ me: { state: "Admitted" } });
	test("only when a host has just admitted this person", () => {
		assert.equal(rules.isLetIn(waiting, admitted), true);
		assert.equal(rules.isLetIn(stateOf({ me: { state: "Invited" } }), admitted), true);
		const me = { role: "Host", state: "Admitted" };
		assert.equal(
			rules.isLetIn(stateOf({ me: { role: "Host", state: "Invited" } }), stateOf({ me })),
			false
		);
		assert.equal(rules.isLetIn(null, admitted), false);
		assert.equal(rules.isLetIn(admitted, admitted), false);
		assert.equal(rules.isLetIn(waiting, stateOf({ me: { state: "Admitted" }, status: "Ended" })), false);
	});
	test("a page loaded again by a person who is in, while the visit is open", () => {
		assert.equal(rules.isBack(null, admitted), true);
		assert.equal(rules.isBack(admitted, admitted), false);
		assert.equal(rules.isBack(null, waiting), false);
		assert.equal(rules.isBack(null, stateOf({ me: { state: "Admitted" }, phase: "early" })), false);
	});
});

describe("people", () => {
	const waits = (participant, since) => person({ participant, state: "Waiting", waiting_since: since });
	test("the queue has those who wait first, longest first, and nothing to do to a host", () => {
		const people = [
			person({ participant: "in", state: "Admitted" }),
			waits("late", "2027-03-01T14:39:00.000Z"),
			doctor({ state: "Admitted" }),
			waits("early", "2027-03-01T14:31:00.000Z"),
			person({ participant: "out", state: "Removed" }),
		];
		const queue = rules.queueOf(hostState({ people }));
		assert.deepEqual(
			queue.map((row) => row.participant),
			["early", "late", "in", "d1", "out"]
		);
		assert.deepEqual(
			queue.map((row) => row.actions),
			[["admit", "decline"], ["admit", "decline"], ["send-back", "remove"], [], ["send-back"]]
		);
	});
	test("arrivals are those who did not wait before", () => {
		const before = hostState({ people: [waits("a", "x")] });
		const after = hostState({ people: [waits("a", "x"), waits("b", "y")] });
		assert.deepEqual(
			rules.arrivals(before, after).map((row) => row.participant),
			["b"]
		);
		assert.equal(rules.arrivals(null, after).length, 2);
	});
	test("media hears only of the admitted, by pseudonym", () => {
		const people = [
			person({ state: "Admitted", pseudonym: "x", present: true }),
			person({ state: "Admitted", pseudonym: "" }),
			person({ state: "Waiting", pseudonym: "y" }),
		];
		assert.deepEqual(rules.peersOf(hostState({ people })), [{ pseudonym: "x", present: true }]);
	});
	test("a clinician is here when in the call; elsewhere than here, when let in", () => {
		const external = { adapter: "External Link", embedded: false, end_to_end_encrypted: false };
		const people = [doctor({ state: "Admitted", present: false })];
		assert.equal(rules.hostIsHere(stateOf({ people })), false);
		assert.equal(rules.hostIsHere(stateOf({ people: [doctor({ present: true })] })), true);
		assert.equal(rules.hostIsHere(stateOf({ people, provider: external })), true);
		assert.equal(rules.hostIsHere(stateOf()), false);
	});
	test("initials", () => {
		assert.deepEqual(["Maria del Carmen Lopez", "Ng", "Dr. (Eva) Öz", ""].map(rules.initialsOf), [
			"ML",
			"N",
			"Ö",
			"",
		]);
	});
	test("initials leave out what stands before and behind a name, and nothing else", () => {
		const cases = {
			"Dr. Ada Okafor": "AO",
			"Dr Ada Okafor": "AO",
			"Prof. Dr. med. Nils Lindqvist": "NL",
			"Mrs. Amara Bell": "AB",
			"Mr Jonas Weber": "JW",
			"Ms. Mei Tanaka": "MT",
			"DR ADA OKAFOR": "AO",
			"Ada Okafor, MD, PhD": "AO",
			"Okafor, Ada": "OA",
			"Drew Mistry": "DM",
			"Msia Drake": "MD",
			"Binh Do": "BD",
			"Dr.": "D",
			"李 小龙": "李小",
		};
		for (const [name, initials] of Object.entries(cases))
			assert.equal(rules.initialsOf(name), initials, name);
	});
	test("who is away, who has arrived, and in which order a host is shown them", () => {
		const people = [
			person({ participant: "in", state: "Admitted", present: true, seen: true }),
			person({ participant: "check", state: "Invited", seen: true }),
			person({
				participant: "gone",
				state: "Waiting",
				seen: false,
				waiting_since: "2027-03-01T14:31:00.000Z",
			}),
			person({
				participant: "here",
				state: "Waiting",
				seen: true,
				waiting_since: "2027-03-01T14:35:00.000Z",
			}),
			person({ participant: "not yet", state: "Invited", seen: false }),
		];
		const state = hostState({ people });
		const names = (list) => list.map(({ participant }) => participant);
		assert.deepEqual(names(rules.waitingOf(state)), ["here"]);
		assert.deepEqual(names(rules.awayOf(state)), ["gone"]);
		assert.deepEqual(names(rules.arrivingOf(state)), ["check"]);
		assert.deepEqual(names(rules.queueOf(state)), ["here", "gone", "check", "in", "not yet"]);
	});
	test("who comes back from being away has arrived anew", () => {
		const at = (seen) => hostState({ people: [person({ state: "Waiting", seen })] });
		assert.equal(rules.arrivals(at(false), at(true)).length, 1);
		assert.equal(rules.arrivals(at(true), at(true)).length, 0);
	});
	test("late is who came a minute after the beginning, and never the host", () => {
		const at = (state, waiting_since, now) => stateOf({ me: { state, waiting_since }, now });
		assert.ok(!rules.isLate(at("Invited", null, "2027-03-01T14:45:59.000Z")));
		assert.ok(rules.isLate(at("Invited", null, "2027-03-01T14:46:00.000Z")));
		assert.ok(!rules.isLate(at("Waiting", "2027-03-01T14:40:00.000Z", "2027-03-01T15:10:00.000Z")));
		assert.ok(rules.isLate(at("Waiting", "2027-03-01T14:50:00.000Z", "2027-03-01T15:10:00.000Z")));
		const sentBack = at("Waiting", "2027-03-01T14:50:00.000Z", "2027-03-01T15:10:00.000Z");
		sentBack.me.was_admitted = true;
		assert.ok(!rules.isLate(sentBack));
		assert.ok(!rules.isLate(at("Left", null, "2027-03-01T15:10:00.000Z")));
		assert.ok(!rules.isLate(hostState({ me: { state: "Invited" }, now: "2027-03-01T15:10:00.000Z" })));
	});
	test("a page outside the call asks as a sign of life; a host's and one that is out do not", () => {
		const me = (state) => stateOf({ me: { state } });
		for (const state of ["Invited", "Waiting", "Left", "Admitted"])
			assert.ok(rules.isOutside(me(state), null));
		for (const state of ["Declined", "Removed"]) assert.ok(!rules.isOutside(me(state), null));
		assert.ok(!rules.isOutside(me("Admitted"), {}));
		assert.ok(!rules.isOutside(hostState({ me: { state: "Invited" } }), null));
		assert.ok(!rules.isOutside(stateOf({ status: "Ended" }), null));
		assert.ok(!rules.isOutside(null, null));
	});
});

describe("the next question to the host", () => {
	const usual = { live: false, failing: false, untilOpen: 1e9 };
	const cases = [
		[2500, stateOf(), usual],
		[15000, stateOf(), { ...usual, live: true }],
		[3000, stateOf(), { ...usual, live: true, failing: true }],
		[15000, stateOf({ phase: "early" }), usual],
		[4200, stateOf({ phase: "early" }), { ...usual, untilOpen: 4000 }],
		[500, stateOf({ phase: "early" }), { ...usual, untilOpen: -90 }],
		[60000, stateOf({ status: "Ended" }), usual],
		[3000, null, usual],
	];
	for (const [expected, state, flags] of cases)
		test(`comes after ${expected} ms ${JSON.stringify(flags)}`, () =>
			assert.equal(rules.pauseOf(state, flags), expected));
});

test("only https links are ever opened", () => {
	assert.equal(rules.safeUrl("https://zoom.us/j/1"), "https://zoom.us/j/1");
	for (const url of ["javascript:alert(1)", "http://zoom.us/", "data:text/html,x", "//zoom.us", "", null])
		assert.equal(rules.safeUrl(url), null);
});
