/* What Amazon's client reports, and what of it reaches the page: every status has a way on, strangers are not shown. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import statusCodes from "amazon-chime-sdk-js/build/meetingsession/MeetingSessionStatusCode.js";
import statuses from "amazon-chime-sdk-js/build/meetingsession/MeetingSessionStatus.js";
import { endOf, ENDS } from "../../theranvio_telehealth/public/js/visit/media/chime/ends.js";
import { LocalTracks } from "../../theranvio_telehealth/public/js/visit/media/chime/local_tracks.js";
import { Room } from "../../theranvio_telehealth/public/js/visit/media/chime/room.js";
import { Screen } from "../../theranvio_telehealth/public/js/visit/media/chime/screen.js";
import { WHY } from "../../theranvio_telehealth/public/js/visit/view/trouble.js";
import { createTimers, settle } from "./timers.mjs";

const CODES = Object.keys(statusCodes.default).filter((name) => Number.isNaN(Number(name)));
const isTerminal = (name) => new statuses.default(statusCodes.default[name]).isTerminal();

describe("each way the client can stop", () => {
	test("is in the table: a new code of a later SDK has to be thought of", () => {
		assert.ok(CODES.length > 20);
		assert.deepEqual(Object.keys(ENDS).sort(), [...CODES].sort());
	});
	for (const name of CODES)
		test(`${name}${isTerminal(name) ? ", which is final," : ""} leads on`, () => {
			const { way, why } = endOf(name);
			assert.ok(["left", "elsewhere", "out", "full", "cut"].includes(way));
			assert.equal(way === "cut", why !== undefined);
			if (way === "cut") assert.match(WHY[why](), /^[A-Z].+\.$/);
			if (way === "left") assert.equal(name, "Left");
		});
	test("no sentence is left over", () => {
		const used = new Set(Object.values(ENDS).map(({ why }) => why));
		assert.deepEqual(
			Object.keys(WHY).filter((why) => !used.has(why)),
			[]
		);
	});
	test("an undefined status is a failure of the service", () => {
		assert.deepEqual(endOf(undefined), { way: "cut", why: "service" });
	});
	for (const [name, way] of [
		["AudioJoinedFromAnotherDevice", "elsewhere"],
		["MeetingEnded", "out"],
		["AudioAttendeeRemoved", "out"],
		["SignalingBadRequest", "out"],
		["AudioAuthenticationRejected", "out"],
		["AudioCallAtCapacity", "full"],
	])
		test(`${name} is ${way}`, () => assert.equal(endOf(name).way, way));
});

function roomOf() {
	const reported = { remotes: {}, screens: {}, words: [], statuses: [], strangers: 0, speaking: [] };
	const on = {
		remote: (who, remote) => (reported.remotes[who] = remote),
		screen: (who, stream) => (reported.screens[who] = stream),
		message: (who, text) => reported.words.push([who, text]),
		status: (word) => reported.statuses.at(-1) !== word && reported.statuses.push(word),
		stranger: () => (reported.strangers += 1),
		speaking: (who) => (reported.speaking = who),
	};
	const timers = createTimers();
	return { reported, timers, room: new Room({ self: "me", on, timers }) };
}

const ANA = { pseudonym: "ana", present: true };
const tile = (given) => ({ localTile: false, isContent: false, boundExternalUserId: "ana", ...given });
const wrote = (from, words) => ({ senderAttendeeId: from, text: () => words });

describe("who is in the meeting", () => {
	test("is shown once named, with picture and mute, and is gone when they go", () => {
		const { reported, room } = roomOf();
		room.people([ANA]);
		room.present("a1", true, "ana");
		assert.deepEqual(reported.remotes.ana, { sound: null, picture: null, audio: true, video: false });
		room.tile(tile({ tileId: 1, boundAttendeeId: "a1", boundVideoStream: "picture" }));
		room.muted("a1", true);
		room.muted("a1", null);
		assert.deepEqual(reported.remotes.ana, {
			sound: null,
			picture: "picture",
			audio: false,
			video: true,
		});
		room.tileGone(1);
		assert.equal(reported.remotes.ana.video, false);
		room.present("a1", false, "ana");
		assert.equal(reported.remotes.ana, null);
	});
	test("a stranger is not shown, and the host is asked once", () => {
		const { reported, room } = roomOf();
		room.people([]);
		room.present("a1", true, "ana");
		room.tile(tile({ tileId: 1, boundAttendeeId: "a1", boundVideoStream: "picture" }));
		room.speaking(["a1"]);
		room.people([]);
		assert.deepEqual(
			[reported.remotes, reported.screens, reported.speaking, reported.strangers],
			[{}, {}, [], 1]
		);
		room.people([ANA]);
		assert.equal(reported.remotes.ana.picture, "picture");
		room.speaking(["a1", "me"]);
		assert.deepEqual(reported.speaking, ["ana"]);
	});
	test("who is named no longer is cut off at once, with the screen they share", () => {
		const { reported, room } = roomOf();
		room.people([ANA]);
		room.present("a1", true, "ana");
		room.present("a1#content", true, "ana");
		room.tile(tile({ tileId: 2, isContent: true, boundAttendeeId: "a1#content", boundVideoStream: "s" }));
		assert.deepEqual([reported.screens.ana, reported.remotes.ana.video], ["s", false]);
		room.people([]);
		assert.deepEqual([reported.screens.ana, reported.remotes.ana], [null, null]);
	});
	test("one's own attendee and screen are not remote", () => {
		const { reported, room } = roomOf();
		room.people([{ pseudonym: "mine", present: true }]);
		room.present("me", true, "mine");
		room.present("me#content", true, "mine");
		room.tile(tile({ tileId: 3, boundAttendeeId: "me#content", boundExternalUserId: "mine" }));
		room.message(wrote("me", "echo"));
		assert.deepEqual([reported.remotes, reported.words, reported.strangers], [{}, [], 0]);
	});
});

describe("what is written", () => {
	test("comes with who wrote it, by the attendee it was sent from", () => {
		const { reported, room } = roomOf();
		room.people([ANA]);
		room.present("a1", true, "ana");
		room.message(wrote("a1", "good morning"));
		assert.deepEqual(reported.words, [["ana", "good morning"]]);
	});
	test("by a stranger is held until they are named, in order; by an unknown sender is never shown", () => {
		const { reported, room } = roomOf();
		room.people([]);
		room.present("a1", true, "ana");
		room.message(wrote("a1", "one"));
		room.message(wrote("nobody", "forged"));
		room.message(wrote("a1", "two"));
		assert.deepEqual(reported.words, []);
		room.people([ANA]);
		assert.deepEqual(reported.words, [
			["ana", "one"],
			["ana", "two"],
		]);
	});
	test("by strangers does not fill the memory", () => {
		const { room } = roomOf();
		for (let count = 0; count < 1000; count++) room.message(wrote("nobody", "flood"));
		assert.ok(room.held.length <= 64);
	});
});

describe("the status", () => {
	test("alone, connecting while another person is, connected", () => {
		const { reported, room } = roomOf();
		room.people([]);
		room.connected();
		room.people([ANA]);
		room.present("a1", true, "ana");
		assert.deepEqual(reported.statuses, ["connecting", "alone", "connecting", "connected"]);
	});
	test("reconnecting, then trouble when it takes long, and back", async () => {
		const { reported, timers, room } = roomOf();
		room.people([ANA]);
		room.connected();
		room.present("a1", true, "ana");
		room.connecting(true);
		await timers.advance(14000);
		assert.deepEqual(reported.statuses.slice(-1), ["reconnecting"]);
		await timers.advance(1000);
		room.connected();
		await timers.advance(60000);
		assert.deepEqual(reported.statuses.slice(-3), ["reconnecting", "trouble", "connected"]);
	});
	test("a closed room says nothing more", async () => {
		const { reported, timers, room } = roomOf();
		room.close();
		room.people([ANA]);
		room.present("a1", true, "ana");
		await timers.advance(60000);
		assert.deepEqual([reported.remotes, reported.statuses], [{}, []]);
	});
});

describe("one's own sound and picture", () => {
	globalThis.MediaStream = class {
		constructor([track]) {
			this.track = track;
		}
	};
	const track = (name) => ({ name, clone: () => ({ name: `copy of ${name}` }) });
	const sending = (tracks) => {
		const calls = [];
		const names = ["startAudioInput", "startVideoInput", "stopAudioInput", "stopVideoInput"];
		const more = ["startLocalVideoTile", "stopLocalVideoTile"];
		const mutes = ["realtimeMuteLocalAudio", "realtimeUnmuteLocalAudio"];
		const facade = Object.fromEntries(
			[...names, ...more, ...mutes].map((name) => [
				name,
				async (stream) => calls.push(stream ? `${name} ${stream.track.name}` : name),
			])
		);
		return { calls, own: new LocalTracks(facade, tracks) };
	};

	test("copies are sent, since the SDK stops what it is given; the picture once it is connected", async () => {
		const { calls, own } = sending({ audio: track("mic"), video: track("cam") });
		await own.ready;
		assert.deepEqual(calls, ["startAudioInput copy of mic", "startVideoInput copy of cam"]);
		own.live();
		own.live();
		assert.deepEqual(calls.slice(2), ["startLocalVideoTile", "startLocalVideoTile"]);
	});
	test("without a camera none is offered, until there is one", async () => {
		const { calls, own } = sending({ audio: null, video: null });
		own.live();
		await own.replace("video", track("cam"));
		await own.replace("video", track("other"));
		await own.replace("video", null);
		assert.deepEqual(calls, [
			"startVideoInput copy of cam",
			"startLocalVideoTile",
			"startVideoInput copy of other",
			"stopLocalVideoTile",
			"stopVideoInput",
		]);
	});
	test("muting is sent to the others", () => {
		const { calls, own } = sending({});
		own.about({ audio: false, video: true });
		own.about({ audio: true, video: true });
		assert.deepEqual(calls, ["realtimeMuteLocalAudio", "realtimeUnmuteLocalAudio"]);
	});
	test("after the end nothing is sent any more, whatever was asked for", async () => {
		const { calls, own } = sending({});
		const closed = own.close();
		own.replace("video", track("cam"));
		await closed;
		await own.ready;
		assert.deepEqual(calls, ["stopAudioInput", "stopVideoInput"]);
	});
});

describe("sharing a screen", () => {
	const sharing = () => {
		const reported = [];
		const tracks = [{ stop: () => reported.push("track stopped") }];
		const facade = {
			addContentShareObserver: (observer) => Object.assign(facade, observer),
			startContentShare: async () => reported.push("shared"),
			stopContentShare: () => reported.push("stopped"),
		};
		const devices = { getDisplayMedia: async () => ({ getTracks: () => tracks }) };
		return { reported, facade, screen: new Screen(facade, (what) => reported.push(what), devices) };
	};

	test("on, and off by the page or by the browser", async () => {
		const { reported, facade, screen } = sharing();
		await screen.start();
		facade.contentShareDidStart();
		facade.contentShareDidStop();
		assert.deepEqual(reported, ["shared", "on", "track stopped", "off"]);
	});
	test("a meeting that does not take it is no end of a share", async () => {
		const { reported, facade, screen } = sharing();
		await screen.start();
		facade.contentShareDidStop();
		assert.deepEqual(reported, ["shared", "track stopped", "refused"]);
	});
	test("what could not be started is captured no longer, and reported", async () => {
		const { reported, facade, screen } = sharing();
		facade.startContentShare = async () => {
			throw new Error("no place");
		};
		await assert.rejects(screen.start());
		assert.deepEqual(reported, ["track stopped"]);
		facade.contentShareDidStop();
		assert.equal(reported.at(-1), "off");
	});
	test("the call ended while the browser was asking: nothing is captured any longer", async () => {
		const { reported, screen } = sharing();
		const starting = screen.start();
		screen.close();
		await starting;
		await settle();
		assert.deepEqual(reported, ["stopped", "track stopped"]);
	});
});
