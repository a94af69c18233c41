/* Two peers and the letters between them: whatever is reloaded, lost or late, they end up connected to each other. */
import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { Peer } from "../../theranvio_telehealth/public/js/visit/media/peer.js";
import { alive, connectivity, install, measuring } from "./fake_webrtc.mjs";
import { createTimers, settle } from "./timers.mjs";

const PRESENT = (pseudonym) => [{ pseudonym, present: true }];

/** One person's side: a mailbox that is emptied by a join, and the peer of that join. */
class Side {
	constructor(room, name) {
		Object.assign(this, { room, name, joins: 0, inbox: [], peer: null });
	}

	join(given = {}) {
		if (this.peer) this.peer.close();
		this.joins += 1;
		this.inbox = [];
		this.statuses = [];
		this.poor = [];
		this.reasons = [];
		this.strangers = 0;
		this.remotes = new Map();
		this.peer = new Peer({
			credentials: { pseudonym: this.pseudonym, ice_servers: [], relay_only: false, ...given },
			tracks: { audio: "mic", video: "cam" },
			about: { audio: true, video: true },
			send: (data) => this.room.post(this, data),
			on: {
				status: (word) => this.statuses.push(word),
				remote: (who, remote) => (remote ? this.remotes.set(who, remote) : this.remotes.delete(who)),
				urgent: (urgent) => (this.urgent = urgent),
				stranger: () => this.strangers++,
				poor: (isPoor) => this.poor.push(isPoor),
				why: (why) => this.reasons.push(why),
			},
			timers: this.room.timers,
		});
		this.room.listPeople();
	}

	get pseudonym() {
		return `${this.name}${this.joins}`;
	}

	get status() {
		return this.statuses.at(-1);
	}
}

class Room {
	constructor(host = "host", client = "client") {
		install();
		this.timers = createTimers();
		this.host = new Side(this, host);
		this.client = new Side(this, client);
		this.sides = [this.host, this.client];
		this.letters = [];
	}

	other(side) {
		return this.sides.find((found) => found !== side);
	}

	/** As the server does: to every other person who has joined. */
	post(from, data) {
		const to = this.other(from);
		this.letters.push({ by: from.name, ...data });
		if (to.peer) to.inbox.push({ from: from.pseudonym, data: JSON.parse(JSON.stringify(data)) });
	}

	/** What each page learns from `state`. */
	listPeople() {
		for (const side of this.sides) {
			const other = this.other(side);
			if (side.peer) side.peer.people(other.peer ? PRESENT(other.pseudonym) : []);
		}
	}

	async deliver(side, count = Infinity) {
		for (const letter of side.inbox.splice(0, count)) await side.peer.receive(letter);
		await settle();
		connectivity();
		await settle();
	}

	async calm() {
		for (let round = 0; round < 30; round++) {
			for (const side of this.sides) if (side.peer) await this.deliver(side);
			await this.timers.advance(round < 10 ? 100 : 3000);
		}
	}

	assertConnected() {
		assert.deepEqual([this.host.status, this.client.status], ["connected", "connected"]);
		assert.equal(alive().length, 2);
		for (const side of this.sides) {
			assert.deepEqual(
				[...side.remotes.keys()],
				[this.other(side).pseudonym].filter(() => side.remotes.size)
			);
			const senders = side.peer.pc.getTransceivers().map(({ sender }) => sender.track);
			assert.deepEqual(senders, ["mic", "cam"]);
		}
	}
}

describe("two peers", () => {
	let room;
	beforeEach(() => {
		room = new Room();
	});

	for (const [first, second] of [
		["host", "client"],
		["client", "host"],
	])
		test(`connect when ${first} was there first`, async () => {
			room[first].join();
			await room.calm();
			assert.equal(room[first].status, "alone");
			room[second].join();
			await room.calm();
			room.assertConnected();
		});

	test("connect when both join at once", async () => {
		room.host.join();
		room.client.join();
		await room.calm();
		room.assertConnected();
	});

	for (const who of ["host", "client"])
		test(`connect anew when ${who} reloads`, async () => {
			room.host.join();
			room.client.join();
			await room.calm();
			room[who].join();
			await room.calm();
			room.assertConnected();
		});

	test("a letter for an earlier connection delays nothing", async () => {
		room.host.join();
		room.client.join();
		await room.calm();
		const { mine, theirs } = room.host.peer;
		room.client.join();
		const late = { of: mine, to: theirs, description: { type: "offer", sdp: "99 offer" } };
		await room.client.peer.receive({ from: room.host.pseudonym, data: late });
		assert.equal(room.client.peer.pc.remoteDescription, null);
		for (let round = 0; round < 4; round++) for (const side of room.sides) await room.deliver(side);
		room.assertConnected();
	});

	test("start over when letters are lost", async () => {
		room.host.join();
		room.client.join();
		for (const side of room.sides) side.inbox = [];
		await room.calm();
		room.assertConnected();
	});

	test("know what the other has switched off, also where that comes before the tracks", async () => {
		room.host.join();
		room.client.join();
		await room.calm();
		for (const side of room.sides) {
			side.remotes.clear();
			side.peer.remote = null;
			side.peer.channel.onmessage({ data: JSON.stringify({ audio: false, video: true }) });
			side.peer.pc.ontrack({ track: { kind: "audio" } });
			const [{ audio, video }] = side.remotes.values();
			assert.deepEqual([audio, video], [false, true]);
		}
	});

	test("say that there is trouble when nothing comes about, and go on trying", async () => {
		room.host.join();
		room.client.join();
		room.post = () => {};
		room.sides.forEach((side) => (side.inbox = []));
		await room.timers.advance(11000);
		assert.equal(room.host.status, "connecting");
		assert.equal(room.host.urgent, true);
		await room.timers.advance(5000);
		assert.deepEqual([room.host.status, room.client.status], ["trouble", "trouble"]);
		delete room.post;
		await room.calm();
		room.assertConnected();
	});

	test("hang up at once on a person who is no longer let in", async () => {
		room.host.join();
		room.client.join();
		await room.calm();
		const pc = room.host.peer.pc;
		room.host.peer.people([]);
		assert.equal(pc.signalingState, "closed");
		assert.equal(room.host.remotes.size, 0);
		assert.equal(room.host.status, "alone");
	});

	test("answer no one before the state lists them as let in; ask, and answer then", async () => {
		room.client.join();
		room.host.join();
		room.host.peer.people([]);
		await room.deliver(room.client);
		await room.deliver(room.host);
		assert.equal(room.host.strangers > 0, true);
		assert.equal(room.client.inbox.filter(({ data }) => data.description).length, 0);
		room.listPeople();
		await room.calm();
		room.assertConnected();
	});

	test("offer a restart when the connection fails, and call it a reconnection", async () => {
		room.host.join();
		room.client.join();
		await room.calm();
		const pcs = room.sides.map((side) => side.peer.pc);
		pcs.forEach((pc) => pc.become("failed"));
		assert.equal(room.client.status, "reconnecting");
		await room.calm();
		room.assertConnected();
		assert.deepEqual(
			room.sides.map((side) => side.peer.pc),
			pcs
		);
	});

	test("both offer at the same time, and the polite one gives way", async () => {
		room.host.join();
		room.client.join();
		await room.calm();
		room.letters = [];
		const pcs = room.sides.map((side) => side.peer.pc);
		pcs.forEach((pc) => pc.restartIce());
		await settle();
		assert.ok(
			room.sides.every((side) => side.inbox.some(({ data }) => data.description.type === "offer"))
		);
		await room.calm();
		room.assertConnected();
		const answers = room.letters.filter(
			({ description }) => description && description.type === "answer"
		);
		assert.deepEqual(
			answers.map(({ by }) => by),
			["client"]
		);
		assert.deepEqual(
			room.sides.map((side) => side.peer.pc),
			pcs
		);
	});

	test("connect at once whatever their roles are: only pseudonyms are never equal", async () => {
		for (const [one, other] of [
			["abe", "bea"],
			["bea", "abe"],
		]) {
			const hosts = new Room(one, other);
			hosts.host.join();
			hosts.client.join();
			for (let round = 0; round < 6; round++) for (const side of hosts.sides) await hosts.deliver(side);
			hosts.assertConnected();
			assert.notEqual(hosts.host.peer.polite, hosts.client.peer.polite);
		}
	});

	test("say that the connection is weak once it lasts, and that it is better", async () => {
		room.host.join();
		room.client.join();
		await room.calm();
		room.host.poor = [];
		const path = { type: "candidate-pair", nominated: true, state: "succeeded" };
		measuring([{ ...path, currentRoundTripTime: 0.9 }]);
		await room.timers.advance(2000);
		assert.deepEqual(room.host.poor, []);
		await room.timers.advance(4000);
		assert.deepEqual(room.host.poor, [true]);
		measuring([{ ...path, currentRoundTripTime: 0.1 }]);
		await room.timers.advance(4000);
		assert.deepEqual(room.host.poor, [true, false]);
	});

	test("through a relay only, where the settings demand it", () => {
		room.host.join({ relay_only: true });
		assert.equal(room.host.peer.pc.configuration.iceTransportPolicy, "relay");
	});

	describe("with a relay", () => {
		const ice_servers = [{ urls: ["turn:relay.example.org"], username: "u", credential: "c" }];
		const refuse = (side) =>
			side.peer.pc.onicecandidateerror({ errorCode: 401, url: "turn:relay.example.org" });

		test("that is the only way and does not work: trouble at once, and why", () => {
			room.sides.forEach((side) => side.join({ relay_only: true, ice_servers }));
			room.sides.forEach(refuse);
			assert.deepEqual([room.host.status, room.client.status], ["trouble", "trouble"]);
			assert.deepEqual(
				[room.host.reasons, room.client.reasons],
				[["relay-refused"], ["relay-refused"]]
			);
		});
		test("that works after all: connected, and no reason left", async () => {
			room.sides.forEach((side) => side.join({ relay_only: true, ice_servers }));
			room.sides.forEach(refuse);
			for (const side of room.sides) side.peer.pc.onicecandidate({ candidate: { type: "relay" } });
			assert.deepEqual([room.host.reasons.at(-1), room.host.status], [null, "connecting"]);
			await room.calm();
			room.assertConnected();
		});
		test("that does not work beside other ways: no trouble yet", () => {
			room.sides.forEach((side) => side.join({ ice_servers }));
			room.sides.forEach(refuse);
			assert.equal(room.host.status, "connecting");
		});
		test("lost in the call: a restart is offered as soon as nothing comes in any more", async () => {
			room.sides.forEach((side) => side.join({ relay_only: true, ice_servers }));
			await room.calm();
			room.letters = [];
			room.host.peer.pc.become("disconnected");
			await settle();
			assert.equal(room.host.status, "reconnecting");
			assert.equal(room.host.reasons.at(-1), null);
			assert.equal(room.letters.filter(({ description }) => description?.type === "offer").length, 1);
			await room.calm();
			room.assertConnected();
		});
		test("a relay of an earlier connection says nothing of this one", () => {
			room.host.join({ relay_only: true, ice_servers });
			const { onicecandidateerror } = room.host.peer.pc;
			room.host.peer.giveUp();
			onicecandidateerror({ errorCode: 401, url: "turn:relay.example.org" });
			assert.deepEqual(room.host.reasons, []);
		});
	});

	test("closed, it says nothing more", async () => {
		room.host.join();
		const { statuses, peer } = room.host;
		const before = statuses.length;
		peer.close();
		await peer.receive({ from: "client1", data: { hello: true, of: "x" } });
		await room.timers.advance(60000);
		assert.equal(statuses.length, before);
		assert.equal(alive().length, 0);
	});
});

describe("whatever happens in between", () => {
	/** A small generator with a seed, so that a failure can be had again. */
	function chooser(seed) {
		let state = seed;
		return (count) => {
			state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
			return Math.floor((state / 2 ** 32) * count);
		};
	}

	const STEPS = [
		(room, side) => side.join(),
		(room, side) => room.deliver(side, 1),
		(room, side) => room.deliver(side, 2),
		(room, side) => room.deliver(side),
		(room, side) => side.peer.pc.connectionState === "connected" && side.peer.pc.become("failed"),
		(room, side) => side.peer.giveUp(),
		(room, side) => (side.inbox = []),
		(room) => room.listPeople(),
		(room) => room.timers.advance(4000),
	];

	for (let seed = 1; seed <= 150; seed++)
		test(`the two connect in the end (seed ${seed})`, async () => {
			const room = new Room();
			const choose = chooser(seed);
			room.host.join();
			room.client.join();
			for (let step = 0; step < 25; step++) {
				await STEPS[choose(STEPS.length)](room, room.sides[choose(2)]);
				await settle();
			}
			room.listPeople();
			await room.calm();
			room.assertConnected();
		});
});
