/* The visit protocol in memory, to see the page work without a server. A double for tests of the page only: what is
   allowed in a visit is decided and tested in Python. */
import { randomUUID } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { CSP, render, TYPES } from "./fake_page.mjs";
import { APP, ROOT } from "./places.mjs";

const MINUTE = 60000;
const ANSWERS = {
	not_admitted: [403, "The clinician has not let you in yet. Please wait."],
	superseded: [409, "You joined this visit in another tab or on another device. You can continue there."],
	room_full: [409, "Everyone this kind of call can hold is already in it. Someone has to leave first."],
	allowance_exhausted: [
		409,
		"The video minutes are used up, so nobody new can be admitted. Use the fallback link, or ask your administrator to raise the allowance.",
	],
	visit_over: [410, "This visit is over."],
	not_found: [
		404,
		"There is no such visit here. Check the link, or sign in as the person it was booked for.",
	],
	csrf: [403, "This page is out of date. Reload it and try again."],
	provider_unavailable: [
		503,
		"The video service does not answer right now. The appointment stands: meet another way, or try again.",
	],
};
const ICON = "/assets/theranvio_telehealth/desk/telehealth.svg";
const PUT_OUT = new Set(["not_admitted", "superseded", "room_full", "visit_over"]);
const ADAPTERS = {
	"Peer-to-Peer": { adapter: "Peer-to-Peer", embedded: true, end_to_end_encrypted: true },
	"Amazon Chime SDK": {
		adapter: "Amazon Chime SDK",
		embedded: true,
		end_to_end_encrypted: false,
		carrier: "Amazon",
	},
	"External Link": { adapter: "External Link", embedded: false, end_to_end_encrypted: false },
};

class Refused extends Error {}

export class FakeHost {
	/** `messages` are the page's own; `answers` are what else a site translates. */
	constructor({ realtime = true, lang = "en", dir = "ltr", messages = {}, answers = {} } = {}) {
		Object.assign(this, { realtime, lang, dir, messages, answers });
		this.rooms = new Map();
		this.streams = new Set();
		this.seen = [];
		/** Who waits in other visits. */
		this.waiting = [];
		/** Out of reach; without Chime's script; forgetting to tell where that is. */
		Object.assign(this, { broken: false, scriptless: false, forgetful: false });
	}

	async listen(port) {
		if (!existsSync(join(APP, "public/dist"))) throw new Error("not built: npm run bundle");
		this.server = createServer((request, response) => this.serve(request, response));
		await new Promise((resolve) => this.server.listen(port, "127.0.0.1", resolve));
		this.origin = `http://127.0.0.1:${this.server.address().port}`;
		return this;
	}

	close() {
		this.server.closeAllConnections();
		return new Promise((resolve) => this.server.close(resolve));
	}

	/** A room with a host and clients, its window relative to now in minutes. */
	room({
		opens = -15,
		minutes = 50,
		adapter = "Peer-to-Peer",
		fallback = null,
		clients = ["Maria Lopez"],
		shares = true,
	} = {}) {
		const name = randomUUID().replaceAll("-", "");
		const people = [person("host", "Host", "Dr. Ada Adams")];
		clients.forEach((client, index) => people.push(person(`client${index || ""}`, "Client", client)));
		this.rooms.set(name, {
			name,
			status: "Scheduled",
			opens: Date.now() + opens * MINUTE,
			minutes,
			extended: 0,
			locked: false,
			adapter,
			blocked: null,
			fallback,
			offered: false,
			people,
			shares,
			call: "1",
			down: false,
		});
		return this.rooms.get(name);
	}

	as(user, room) {
		return `${this.origin}/as/${user}/${room.name}`;
	}

	nudge() {
		if (this.realtime) for (const stream of this.streams) stream.write("data:\n\n");
	}

	async serve(request, response) {
		const url = new URL(request.url, this.origin);
		if (this.broken) return request.socket.destroy();
		const user = /who=(\w+)/.exec(request.headers.cookie || "")?.[1];
		const [, first, second, third] = url.pathname.split("/");
		if (first === "as") return this.signIn(response, second, third);
		if (first === "visit") return this.page(response, second);
		if (first === "assets") return this.asset(response, url.pathname);
		if (first === "nudges") return this.stream(response);
		if (first === "api") return this.api(request, response, url, user);
		return response.writeHead(404).end();
	}

	asset(response, path) {
		const file = path.replace("/assets/", "");
		if (path === ICON) return response.writeHead(200, { "Content-Type": "image/svg+xml" }).end();
		if (file === "fake_chime.js" && this.scriptless) return response.writeHead(404).end();
		const place =
			file === "fake_chime.js" ? join(ROOT, "tests/js", file) : join(APP, "public/dist", file);
		response.writeHead(200, { "Content-Type": TYPES[file.split(".").pop()] });
		response.end(readFileSync(place));
	}

	signIn(response, user, room) {
		response
			.writeHead(302, { "Set-Cookie": `who=${user}; HttpOnly; Path=/`, Location: `/visit/${room}` })
			.end();
	}

	page(response, room) {
		const boot = {
			room,
			csrf_token: "token",
			lang: this.lang,
			dir: this.dir,
			bundle: "/assets/js/visit.bundle.js",
			style: "/assets/css/visit.bundle.css",
			home: "/video-visits",
			realtime: this.realtime ? { kind: "sse", url: "/nudges" } : null,
			messages: this.messages,
			...this.media(this.rooms.get(room)),
		};
		response.writeHead(200, {
			"Content-Type": "text/html; charset=utf-8",
			"Content-Security-Policy": CSP,
		});
		response.end(render(boot));
	}

	/** The page receives where its media is when it is loaded, for the adapter of that moment. */
	media(room) {
		const isChime = room && room.adapter === "Amazon Chime SDK" && !this.forgetful;
		return isChime ? { media: { "Amazon Chime SDK": "/assets/fake_chime.js" } } : {};
	}

	stream(response) {
		response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
		response.write(":\n\n");
		this.streams.add(response);
		response.on("close", () => this.streams.delete(response));
	}

	async api(request, response, url, user) {
		const name = url.pathname.replace("/api/method/theranvio_telehealth.api.", "");
		const body =
			request.method === "POST"
				? JSON.parse(await text(request))
				: Object.fromEntries(url.searchParams);
		this.seen.push({ at: Date.now(), name, user, method: request.method, url: request.url, body });
		try {
			if (request.method === "POST" && request.headers["x-frappe-csrf-token"] !== "token")
				throw new Refused("csrf");
			send(response, 200, { message: this.answer(name, user, body) });
		} catch (error) {
			if (!(error instanceof Refused)) throw error;
			const [status, english] = ANSWERS[error.message];
			const message = this.answers[english] || english;
			const isQuiet = request.headers["x-refusal-status"] === "200" && PUT_OUT.has(error.message);
			send(response, isQuiet ? 200 : status, { error: { code: error.message, message } });
		}
	}

	answer(name, user, body) {
		if (name === "host.waiting") return { waiting: this.waiting };
		const room = this.rooms.get(body.room);
		const me = room && room.people.find((other) => other.user === user);
		if (!me) throw new Refused("not_found");
		const [kind, endpoint] = name.split(".");
		const endpoints = { host: HOST_ENDPOINTS, visit: VISIT_ENDPOINTS }[kind];
		const given = endpoints[endpoint].call(this, room, me, body);
		return given || state(room, me);
	}
}

const VISIT_ENDPOINTS = {
	state() {},
	here(_room, me, { lack = "" }) {
		const isNew = !isSeen(me) || me.lack !== lack;
		Object.assign(me, { seen: Date.now(), lack });
		if (isNew) this.nudge();
	},
	enter(room, me) {
		if (over(room)) throw new Refused("visit_over");
		if (me.role === "Host") {
			me.state = "Admitted";
			room.status = "Live";
		} else if (me.state !== "Admitted")
			Object.assign(me, { state: "Waiting", waiting: Date.now(), seen: Date.now() });
		this.nudge();
	},
	join(room, me) {
		if (over(room)) throw new Refused("visit_over");
		if (me.state !== "Admitted") throw new Refused("not_admitted");
		if (room.down) throw new Refused("provider_unavailable");
		const most = room.adapter === "Amazon Chime SDK" ? 8 : 2;
		if (room.people.filter((other) => other !== me && other.attendee).length >= most)
			throw new Refused("room_full");
		Object.assign(me, { attendee: randomUUID(), pseudonym: randomUUID(), inbox: [] });
		this.nudge();
		return {
			state: state(room, me),
			attendee: me.attendee,
			adapter: room.adapter,
			credentials: credentials(room, me),
		};
	},
	heartbeat(_room, me, { attendee }) {
		current(me, attendee);
	},
	leave(_room, me) {
		out(me, "Left");
		this.nudge();
	},
	signal(room, me, { attendee, messages }) {
		current(me, attendee);
		const others = room.people.filter((other) => other !== me && other.attendee);
		for (const { data } of messages)
			others.forEach((other) => other.inbox.push({ from: me.pseudonym, data }));
		if (messages.length && others.length) this.nudge();
		return { messages: me.inbox.splice(0) };
	},
};

const HOST_ENDPOINTS = {
	admit: moving((room, them) => {
		if (room.exhausted) throw new Refused("allowance_exhausted");
		Object.assign(them, { state: "Admitted", waiting: null, admitted: true });
	}),
	decline: moving((_room, them) => out(them, "Declined")),
	send_back: moving((_room, them) => Object.assign(out(them, "Waiting"), { waiting: Date.now() })),
	remove: moving((_room, them) => out(them, "Removed")),
	lock(room, _me, { locked }) {
		room.locked = locked;
		this.nudge();
	},
	extend(room, _me, { closes_on: shown }) {
		if (shown === iso(closes(room))) room.extended += 15;
		this.nudge();
	},
	use_fallback(room, _me, { active }) {
		room.offered = active;
		this.nudge();
	},
	end(room) {
		room.status = "Ended";
		room.people.forEach((other) => out(other, "Invited"));
		this.nudge();
	},
};

function moving(move) {
	return function change(room, _me, { participant }) {
		move(
			room,
			room.people.find((other) => other.participant === participant)
		);
		this.nudge();
	};
}

function person(user, role, displayName) {
	return { participant: randomUUID(), user, role, displayName, state: "Invited", waiting: null, inbox: [] };
}

function out(them, to) {
	return Object.assign(them, { state: to, attendee: null, pseudonym: null, waiting: null, inbox: [] });
}

function over(room) {
	return ["Ended", "Expired", "Revoked"].includes(room.status);
}

function current(me, attendee) {
	if (me.state !== "Admitted") throw new Refused("not_admitted");
	if (me.attendee !== attendee) throw new Refused("superseded");
}

function credentials(room, me) {
	if (room.adapter === "External Link") return { url: room.fallback };
	if (room.adapter === "Amazon Chime SDK") return { may_share: room.shares };
	return { ice_servers: [], relay_only: room.relayOnly || false, pseudonym: me.pseudonym };
}

function iso(instant) {
	return instant ? new Date(instant).toISOString() : null;
}

function phase(room, now) {
	if (now < room.opens) return "early";
	return now < closes(room) ? "open" : "closed";
}

function closes(room) {
	return room.opens + (room.minutes + 45 + room.extended) * MINUTE;
}

function state(room, me) {
	const now = Date.now();
	const starts = room.opens + 15 * MINUTE;
	const ends = starts + room.minutes * MINUTE;
	const seesLink = room.fallback && (me.role === "Host" || room.offered);
	return {
		room: room.name,
		status: room.status,
		phase: phase(room, now),
		now: iso(now),
		opens_on: iso(room.opens),
		starts_on: iso(starts),
		ends_on: iso(ends),
		closes_on: iso(closes(room)),
		extends_to: me.role === "Host" && room.extended < 30 ? iso(closes(room) + 15 * MINUTE) : null,
		locked: room.locked,
		provider: { ...ADAPTERS[room.adapter], call: room.call },
		blocked: room.blocked,
		about: {
			clinic: room.clinic || "Harbour Clinic",
			clinician: room.people[0].displayName,
			patient: room.people[1].displayName,
			zone: room.zone || "",
		},
		over: room.over ? { by_me: false, ...room.over } : null,
		fallback: seesLink ? { url: room.fallback, active: room.offered } : null,
		me: {
			role: me.role,
			state: me.state,
			display_name: me.displayName,
			waiting_since: iso(me.waiting),
			was_admitted: Boolean(me.admitted),
			participant: me.participant,
			attendee: Boolean(me.attendee),
		},
		people: room.people.filter((other) => sees(me, other)).map((other) => shown(me, other)),
	};
}

function sees(me, other) {
	if (me === other) return false;
	if (me.role === "Host") return other.state !== "Invited" || isSeen(other);
	return other.role === "Host" || (me.state === "Admitted" && other.state === "Admitted");
}

function isSeen({ seen }) {
	return Boolean(seen) && Date.now() - seen < 75000;
}

function shown(me, other) {
	const both = me.state === "Admitted" && other.state === "Admitted";
	return {
		participant: other.participant,
		role: other.role,
		display_name: other.displayName,
		state: other.state,
		present: Boolean(other.attendee),
		seen: me.role === "Host" && isSeen(other),
		lack: me.role === "Host" ? other.lack || "" : "",
		waiting_since: iso(other.waiting),
		pseudonym: both ? other.pseudonym || "" : "",
	};
}

function send(response, status, body) {
	response.writeHead(status, { "Content-Type": "application/json", "Cache-Control": "no-store" });
	response.end(JSON.stringify(body));
}

async function text(request) {
	const parts = [];
	for await (const part of request) parts.push(part);
	return Buffer.concat(parts).toString("utf8");
}
