/* Every state of the visit page that a person can come to, on the fake host: what shows it, for the tests of its look. */
import { click, DESKTOP, open, screen } from "./browser.mjs";

export const LINK = "https://meet.example/room";
const CHIME = "Amazon Chime SDK";
const DEVICES = ["camera", "microphone"];
const MANY = ["Maria Lopez", "Tom Ng", "Ida B.", "Ana Ray", "Li Wei", "Jo Fox", "Kim"];
const LONG = "Maria del Carmen Lopez-Fernandez de la Vega";

export class Visitor {
	constructor(host, browser, options = {}) {
		Object.assign(this, { host, browser, options, pages: [] });
	}

	async visit(user, room, options = {}) {
		const given = { viewport: DESKTOP, ...this.options, ...options };
		const page = await open(this.browser, this.host.as(user, room), given);
		this.pages.push(page);
		return page;
	}

	/** The page once it shows the screen, after the steps. */
	async at(name, user, room, steps = [], options = {}) {
		const page = await this.visit(user, room, options);
		for (const one of steps) await click(page, one);
		await screen(page, name);
		return page;
	}

	/** In a call by made-up media, where everybody else of the room is too. Who is let in already joins by oneself. */
	async call(user, { adapter = CHIME, clients = ["Maria Lopez"], others = true, ...given } = {}) {
		const room = this.host.room({ adapter, clients, ...given });
		const me = room.people.find((person) => person.user === user);
		if (user !== "host") Object.assign(me, { state: "Admitted" });
		const page = await this.visit(user, room, { permissions: DEVICES });
		if (user === "host") await click(page, "enter");
		await screen(page, "call");
		await shut(page);
		if (others) await this.joined(page, room, me);
		return { room, page };
	}

	async joined(page, room, me) {
		const others = room.people.filter((person) => person !== me);
		for (const person of others)
			Object.assign(person, { state: "Admitted", attendee: "a", pseudonym: person.user });
		this.host.nudge();
		await page.waitForFunction((count) => window.chime.people.length === count, others.length);
		await page.evaluate(
			(users) => {
				window.chime.on.status("connected");
				users.forEach((user, index) => {
					const [audio, video] = [index % 3 !== 1, index % 4 !== 3];
					const picture = window.chime.picture(index * 50);
					window.chime.on.remote(user, { sound: null, picture, audio, video });
				});
			},
			others.map((person) => person.user)
		);
	}

	async close() {
		await Promise.all(this.pages.splice(0).map((page) => page.context().close()));
	}
}

/** The drawer is open at first on a wide page only: the states say themselves whether it is. */
async function shut(page) {
	if (await page.locator("[data-action=close-people]").count()) await click(page, "close-people");
}

export const report = (page, name, ...given) =>
	page.evaluate(([what, args]) => window.chime.on[what](...args), [name, given]);

async function calling(v, user, given, ...steps) {
	const { room, page } = await v.call(user, given);
	for (const one of steps) await one(page, room, v);
	return page;
}

const press =
	(...names) =>
	async (page) => {
		for (const name of names) await click(page, name);
	};
const reported =
	(...given) =>
	(page) =>
		report(page, ...given);
const waits = async (page, room, v) => {
	const now = Date.now();
	Object.assign(room.people.at(-1), { state: "Waiting", waiting: now, seen: now, attendee: null });
	v.host.nudge();
	await page.waitForFunction(() => document.title.startsWith("("));
};
const removedFromView = (page) => page.evaluate(() => window.chime.on.remote("host", null));
const dark = (page) =>
	page.evaluate(() =>
		window.chime.on.remote("client", { sound: null, picture: null, audio: false, video: false })
	);
const shares = (page) => page.evaluate(() => window.chime.on.screen("client", window.chime.picture(200)));
const refused = async (page, room) => {
	room.exhausted = true;
	await click(page, "people");
	await click(page, "admit");
	await page.locator("#alert .alert").waitFor();
};

async function waiting(v, more = {}, options = {}) {
	const room = v.host.room(more.room);
	Object.assign(room.people[1], { state: "Waiting", waiting: Date.now() });
	if (more.host) Object.assign(room.people[0], { state: "Admitted", attendee: "a" });
	room.offered = Boolean(more.offered);
	return v.at("waiting", "client", room, [], options);
}

function withState(state, more = {}) {
	return (v) => {
		const room = v.host.room(more.room);
		Object.assign(room.people[1], { state });
		Object.assign(room, more.given);
		return v.at(more.screen || state.toLowerCase(), "client", room);
	};
}

const over = (status) => (v) => {
	const room = v.host.room();
	room.status = status;
	return v.at("over", "client", room);
};

async function ended(v, user, end, name, room = { fallback: LINK }) {
	const { page } = await v.call(user, room);
	await report(page, "ended", end);
	await screen(page, name);
	return page;
}

async function outage(v, user, given = {}) {
	const room = v.host.room({ adapter: CHIME, ...given });
	Object.assign(room, { down: true, offered: Boolean(given.offered) });
	Object.assign(room.people[1], { state: "Admitted" });
	const page = await v.visit(user, room, { permissions: DEVICES });
	if (user === "host") await click(page, "enter");
	await screen(page, "outage");
	return page;
}

function blocked(v, user, offered) {
	const room = v.host.room({ fallback: LINK });
	Object.assign(room, {
		offered,
		blocked: { code: "phi_not_permitted" },
	});
	return v.at("blocked", user, room);
}

async function hostCheck(v, given = {}) {
	const room = v.host.room({ fallback: LINK, clients: [LONG] });
	Object.assign(room.people[1], given);
	return v.at("check", "host", room);
}

/** On a browser that has no calls. */
const unable = (v, user) =>
	v.at("unable", user, v.host.room({ fallback: LINK }), [], {
		script: "delete window.RTCPeerConnection;",
	});

/** In the drawer, of whom the host has last heard nothing but this. */
const known = (given) => async (page, room, v) => {
	Object.assign(room.people.at(-1), given);
	v.host.nudge();
	await click(page, "people");
};

/** With so many minutes left. */
const closing = (left) => ({ opens: left - 95, minutes: 50 });

const external = { adapter: "External Link", fallback: LINK };

async function elsewhere(v, user, room, by) {
	const page = await v.visit(user, room);
	await page.context().route("https://meet.example/**", (route) => route.fulfill({ body: "there" }));
	const opening = page.context().waitForEvent("page");
	await click(page, by);
	await screen(page, "call");
	await (await opening).close();
	return page;
}

/** The name of a state, and what shows it: takes a visitor, gives the page. */
export const GALLERY = {
	"client: early": (v) => v.at("early", "client", v.host.room({ opens: 30 })),
	"client: check": (v) => v.at("check", "client", v.host.room()),
	"client: check, devices on": (v) => v.at("check", "client", v.host.room(), [], { permissions: DEVICES }),
	"client: check, locked": withState("Invited", { screen: "check", given: { locked: true } }),
	"client: check, has left": withState("Left", { screen: "check" }),
	"client: check, external": (v) => v.at("check", "client", v.host.room(external)),
	"client: unable": (v) => unable(v, "client"),
	"client: devices dialog": (v) =>
		v.at("check", "client", v.host.room(), ["devices"], { permissions: DEVICES }),
	"client: waiting": (v) => waiting(v),
	"client: waiting, host here": (v) => waiting(v, { host: true }),
	"client: waiting, devices on": (v) => waiting(v, { host: true }, { permissions: DEVICES }),
	"client: waiting, offered": (v) => waiting(v, { room: { fallback: LINK }, offered: true }),
	"client: waiting, external": (v) => waiting(v, { room: external }),
	"client: sent back": async (v) => {
		const { page, room } = await v.call("client");
		Object.assign(room.people[1], { state: "Waiting", waiting: Date.now(), attendee: null });
		v.host.nudge();
		await screen(page, "waiting");
		return page;
	},
	"client: ready": withState("Admitted", { screen: "ready" }),
	"client: call, alone": (v) => calling(v, "client", {}, removedFromView),
	"client: call, connecting": (v) => calling(v, "client", { others: false }),
	"client: call": (v) => calling(v, "client", {}),
	"client: call, peer-to-peer": (v) => {
		const room = v.host.room();
		Object.assign(room.people[1], { state: "Admitted" });
		return v.at("call", "client", room, [], { permissions: DEVICES });
	},
	"client: call, reconnecting": (v) => calling(v, "client", {}, reported("status", "reconnecting")),
	"client: call, reconnecting and an alert": (v) =>
		calling(v, "client", {}, reported("status", "reconnecting"), reported("unseen")),
	"client: call, trouble": (v) => calling(v, "client", { fallback: LINK }, reported("status", "trouble")),
	"client: call, the relay is silent": (v) =>
		calling(
			v,
			"client",
			{ fallback: LINK },
			reported("why", "relay-silent"),
			reported("status", "trouble")
		),
	"client: call, soon over": (v) => calling(v, "client", closing(1.5)),
	"client: call, weak": (v) => calling(v, "client", {}, reported("poor", true)),
	"client: call, offered": (v) =>
		calling(v, "client", { fallback: LINK }, async (page, room) => {
			room.offered = true;
			v.host.nudge();
			await page.locator("[data-action=fallback-link]").waitFor();
		}),
	"client: call, chat": (v) =>
		calling(v, "client", {}, reported("message", "host", "Hello there"), press("chat")),
	"client: call, external": (v) => {
		const room = v.host.room(external);
		Object.assign(room.people[1], { state: "Admitted" });
		return elsewhere(v, "client", room, "join");
	},
	"client: declined": withState("Declined"),
	"client: removed": withState("Removed"),
	"client: ended": over("Ended"),
	"client: cancelled": over("Revoked"),
	"client: expired": over("Expired"),
	"client: elsewhere": (v) => ended(v, "client", { way: "elsewhere" }, "elsewhere"),
	"client: full": (v) => ended(v, "client", { way: "full" }, "full"),
	"client: cut": (v) => ended(v, "client", { way: "cut", why: "network" }, "cut"),
	"client: outage": (v) => outage(v, "client"),
	"client: outage, offered": (v) => outage(v, "client", { fallback: LINK, offered: true }),
	"client: blocked": (v) => blocked(v, "client", false),
	"client: blocked, offered": (v) => blocked(v, "client", true),
	"client: no such visit": (v) => v.at("problem", "stranger", v.host.room()),
	"host: early": (v) => v.at("early", "host", v.host.room({ opens: 30 })),
	"host: check": (v) => hostCheck(v),
	"host: check, somebody waits": (v) => hostCheck(v, { state: "Waiting", waiting: Date.now() }),
	"host: check, somebody has arrived": (v) => hostCheck(v, { seen: Date.now() }),
	"host: unable": (v) => unable(v, "host"),
	"host: call, soon over": (v) => calling(v, "host", closing(9)),
	"host: call, somebody is away": (v) =>
		calling(v, "host", { others: false }, known({ state: "Waiting", waiting: Date.now() - 600000 })),
	"host: call, somebody cannot join": (v) =>
		calling(v, "host", { others: false }, known({ seen: Date.now(), lack: "calls" })),
	"host: call, alone": (v) => calling(v, "host", { others: false }),
	"host: call, somebody waits": (v) => calling(v, "host", { others: false, clients: [LONG] }, waits),
	"host: call, somebody waits, people": (v) =>
		calling(v, "host", { others: false, clients: [LONG], fallback: LINK }, waits, press("people")),
	"host: call, refused": (v) => calling(v, "host", { clients: ["Tom Ng", LONG] }, waits, refused),
	"host: call": (v) => calling(v, "host", { clients: [LONG] }),
	"host: call, camera off": (v) => calling(v, "host", {}, dark),
	"host: call, camera off, reconnecting": (v) =>
		calling(v, "host", {}, dark, reported("status", "reconnecting"), reported("poor", true)),
	"host: call, people": (v) => calling(v, "host", { fallback: LINK }, press("people")),
	"host: call, chat": (v) =>
		calling(v, "host", {}, reported("message", "client", "Hello ".repeat(30)), press("chat")),
	"host: call, unread": (v) => calling(v, "host", {}, reported("message", "client", "Hello")),
	"host: call, two others": (v) => calling(v, "host", { clients: ["Maria Lopez", "Tom Ng"] }),
	"host: call, eight": (v) => calling(v, "host", { clients: MANY }, reported("speaking", ["client2"])),
	"host: call, eight, a screen": (v) => calling(v, "host", { clients: MANY }, shares),
	"host: call, a screen": (v) => calling(v, "host", {}, shares),
	"host: call, own screen": (v) => calling(v, "host", {}, press("share")),
	"host: devices blocked": async (v) => {
		const room = v.host.room({ adapter: CHIME });
		const page = await v.visit("host", room);
		await page.evaluate(() => {
			const no = () => Promise.reject(new DOMException("no", "NotAllowedError"));
			navigator.mediaDevices.getUserMedia = no;
		});
		await click(page, "enter");
		await screen(page, "call");
		await shut(page);
		return page;
	},
	"host: ends, asked first": (v) => calling(v, "host", {}, press("people", "end")),
	"host: removes, asked first": (v) => calling(v, "host", {}, press("people", "remove")),
	"host: call, external": (v) => elsewhere(v, "host", v.host.room(external), "enter"),
	"host: full": (v) => ended(v, "host", { way: "full" }, "full"),
	"host: cut": (v) => ended(v, "host", { way: "cut", why: "cameras" }, "cut"),
	"host: outage": (v) => outage(v, "host"),
	"host: outage, a link": (v) => outage(v, "host", { fallback: LINK }),
	"host: blocked": (v) => blocked(v, "host", false),
};
