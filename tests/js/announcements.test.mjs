/* Each change of state is announced once, in the right words, and what has not changed is not. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { announcements } from "../../theranvio_telehealth/public/js/visit/announcements.js";
import { doctor, hostState, person, stateOf } from "./states.mjs";

const me = (state) => stateOf({ me: { state } });

describe("a client hears", () => {
	const cases = [
		["Invited", "Waiting", "You are in the waiting room."],
		["Waiting", "Admitted", "You have been let in."],
		["Admitted", "Waiting", "The clinician asked you to wait again."],
		["Waiting", "Declined", "The clinician cannot see you now."],
		["Admitted", "Removed", "The clinician has ended your part in this visit."],
		["Admitted", "Left", "You have left the visit."],
	];
	for (const [from, to, sentence] of cases)
		test(`${from} to ${to}`, () => assert.deepEqual(announcements(me(from), me(to)), [sentence]));

	test("nothing at first, and nothing when nothing has changed", () => {
		assert.deepEqual(announcements(null, me("Waiting")), []);
		assert.deepEqual(announcements(me("Waiting"), me("Waiting")), []);
	});
	test("that the clinician has come, while waiting", () => {
		const at = (present) => stateOf({ me: { state: "Waiting" }, people: [doctor({ present })] });
		assert.deepEqual(announcements(at(false), at(true)), ["Dr. Ada Adams is here."]);
	});
	test("that another way is offered", () => {
		const offered = stateOf({ fallback: { url: "https://zoom.us/", active: true } });
		assert.deepEqual(announcements(stateOf(), offered), ["The clinician offers another way to meet."]);
	});
	test("that they are outside again", () => {
		for (const from of ["Waiting", "Admitted", "Left"])
			assert.deepEqual(announcements(me(from), me("Invited")), ["You are outside the visit again."]);
	});
	test("of a new time, a new length and an extension", () => {
		const cases = [
			[{ starts_on: "2027-03-01T14:50:00.000Z" }, /^The visit was moved\. It starts at \d+:50/],
			[
				{ starts_on: "2027-03-02T14:50:00.000Z" },
				/^The visit was moved\. It starts at Tuesday, March 2, 2027/,
			],
			[
				{ ends_on: "2027-03-01T15:45:00.000Z" },
				/^The length of the visit was changed\. It ends at \d+:45/,
			],
			[{ closes_on: "2027-03-01T16:20:00.000Z" }, /^The visit was extended\. Its time ends at \d+:20/],
		];
		for (const [change, sentence] of cases) {
			const sentences = announcements(
				me("Admitted"),
				stateOf({ me: { state: "Admitted" }, ...change }),
				"en-US"
			);
			assert.equal(sentences.length, 1);
			assert.match(sentences[0], sentence);
		}
	});
	test("that a cancelled visit takes place after all", () => {
		const cancelled = stateOf({ status: "Revoked", me: { state: "Left" } });
		assert.deepEqual(announcements(cancelled, stateOf({ status: "Scheduled" })), [
			"This visit takes place after all.",
		]);
	});
	test("how the visit ended, once", () => {
		const ended = stateOf({ status: "Ended" });
		assert.deepEqual(announcements(me("Admitted"), ended), ["The visit has ended."]);
		assert.deepEqual(announcements(ended, ended), []);
		assert.deepEqual(announcements(me("Waiting"), stateOf({ status: "Revoked" })), [
			"This visit was cancelled.",
		]);
	});
});

describe("a host hears", () => {
	const waiting = person({ state: "Waiting" });
	test("of each who comes to wait, also of those who waited before the page was opened", () => {
		assert.deepEqual(announcements(null, hostState({ people: [waiting] })), [
			"Maria Lopez is waiting to be let in.",
		]);
		assert.deepEqual(announcements(hostState(), hostState({ people: [waiting] })), [
			"Maria Lopez is waiting to be let in.",
		]);
		assert.deepEqual(
			announcements(hostState({ people: [waiting] }), hostState({ people: [waiting] })),
			[]
		);
	});
	test("who joins the call and who is gone from it", () => {
		const at = (present) => hostState({ people: [person({ state: "Admitted", present })] });
		assert.deepEqual(announcements(at(false), at(true)), ["Maria Lopez has joined the call."]);
		assert.deepEqual(announcements(at(true), at(false)), ["Maria Lopez is no longer in the call."]);
	});
	test("who has arrived and checks a device, who goes away, and who is back", () => {
		const at = (state, seen) => hostState({ people: [person({ state, seen })] });
		const arrived = ["Maria Lopez has arrived and is checking their device."];
		assert.deepEqual(announcements(null, at("Invited", true)), arrived);
		assert.deepEqual(announcements(at("Invited", false), at("Invited", true)), arrived);
		assert.deepEqual(announcements(at("Waiting", true), at("Waiting", false)), ["Maria Lopez is away."]);
		assert.deepEqual(announcements(at("Waiting", false), at("Waiting", true)), [
			"Maria Lopez is waiting to be let in.",
		]);
	});
	test("of the lock", () => {
		assert.deepEqual(announcements(hostState(), hostState({ locked: true })), [
			"The visit is locked. Nobody new can come in.",
		]);
		assert.deepEqual(announcements(hostState({ locked: true }), hostState()), ["The visit is unlocked."]);
	});
});
