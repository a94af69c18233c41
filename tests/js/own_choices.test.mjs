/* What a person has switched and chosen: it outlives reloads, other tabs and the screen, and nothing comes on by itself. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createMemory, shareSwitches } from "../../theranvio_telehealth/public/js/visit/memory.js";
import { OwnDevices } from "../../theranvio_telehealth/public/js/visit/local_media.js";
import { browserOf, deviceProblems } from "../../theranvio_telehealth/public/js/visit/view/device_words.js";
import { media } from "./fake_devices.mjs";
import { settle } from "./timers.mjs";
import { stateOf } from "./states.mjs";

function storage(broken = {}) {
	const stored = new Map();
	return {
		stored,
		getItem: (key) => stored.get(key) ?? null,
		setItem(key, value) {
			if (broken.full) throw new Error("QuotaExceededError");
			stored.set(key, value);
		},
		removeItem: (key) => stored.delete(key),
	};
}

describe("after a reload", () => {
	const OFF = { audio: false, video: false };

	test("what was off is off, nothing is asked for, and the devices chosen are asked for", async () => {
		const tab = storage();
		const memory = createMemory("3f", () => tab);
		const first = media({}, memory).local;
		await first.start();
		await first.choose("audio", "headset");
		await first.choose("speaker", "loud");
		await first.turn("audio", false);
		await first.turn("video", false);
		const { local, asked, tracks } = media({}, memory);
		await local.start();
		assert.deepEqual([local.isRemembered, local.about(), asked], [true, OFF, []]);
		assert.equal(local.granted, true);
		assert.equal(local.chosen.speaker, "loud");
		await local.turn("audio", true);
		assert.deepEqual(tracks[0].id, { ideal: "headset" });
	});
	test("of another room nothing is known", () => {
		const tab = storage();
		media(
			{},
			createMemory("3f", () => tab)
		).local.keep();
		assert.equal(createMemory("4a", () => tab).read(), null);
	});
	for (const text of [
		"",
		"{",
		"null",
		"7",
		'{"wanted":{"audio":"no","video":true},"chosen":{}}',
		'{"wanted":{}}',
	])
		test(`what is not whole is not believed: ${text}`, () => {
			const tab = storage();
			tab.stored.set("theranvio-own:3f", text);
			assert.equal(createMemory("3f", () => tab).read(), null);
		});
	test("what cannot be written leaves nothing older behind", async () => {
		const broken = {};
		const tab = storage(broken);
		const memory = createMemory("3f", () => tab);
		const { local } = media({}, memory);
		await local.start();
		broken.full = true;
		await local.turn("video", false);
		assert.equal(memory.read(), null);
	});

	const refused = createMemory("3f", () => {
		throw new Error("SecurityError");
	});
	const begun = (me, isReload, memory = refused) => {
		const { local } = media({}, memory);
		const own = new OwnDevices({ local, isPermitted: async () => true, isReload: () => isReload });
		own.begin(stateOf({ me }));
		return local;
	};
	for (const [state, isReload, isOff] of [
		["Admitted", true, true],
		["Admitted", false, true],
		["Waiting", true, true],
		["Left", true, true],
		["Waiting", false, false],
		["Invited", true, false],
	])
		test(`not known, ${state}, ${isReload ? "reloaded" : "opened"}: ${isOff ? "off" : "on"}`, () => {
			const local = begun({ state }, isReload);
			assert.deepEqual(local.wanted, isOff ? OFF : { audio: true, video: true });
			assert.equal(local.unsure, isOff);
			assert.equal(deviceProblems(local, "other").length, isOff ? 1 : 0);
		});
	test("known: as it was", () => {
		const tab = storage();
		const memory = createMemory("3f", () => tab);
		memory.write({
			wanted: { audio: true, video: false },
			chosen: { audio: "", video: "", speaker: "" },
		});
		assert.deepEqual(begun({ state: "Admitted" }, true, memory).wanted, { audio: true, video: false });
	});
	test("what is switched off in another tab is off here too; on, it is not", async () => {
		const { local, tracks } = media();
		await local.start();
		const posts = [];
		class Channel {
			postMessage(data) {
				posts.push(data);
			}
		}
		let channel;
		const send = shareSwitches(
			"3f",
			(wanted) => local.follow(wanted),
			class extends Channel {
				constructor(name) {
					super();
					channel = Object.assign(this, { name });
				}
			}
		);
		send({ audio: true, video: true });
		assert.equal(posts.length, 1);
		channel.onmessage({ data: { audio: false, video: true } });
		assert.deepEqual([local.about(), tracks[0].stopped], [{ audio: false, video: true }, true]);
		channel.onmessage({ data: { audio: true, video: true } });
		assert.equal(local.about().audio, false);
		assert.doesNotThrow(shareSwitches("3f", () => {}, null));
	});
	test("the button that names both switches both on, once", async () => {
		const { local } = media();
		local.silence();
		await local.turnOn();
		assert.deepEqual(local.about(), { audio: true, video: true });
		await local.turn("audio", false);
		await local.turnOn();
		assert.equal(local.about().audio, false);
	});
});

describe("where the camera is on", () => {
	const page = (isPermitted = async () => true) => {
		const { local } = media();
		const own = new OwnDevices({ local, isPermitted, isReload: () => false });
		return { local, own };
	};
	const invited = stateOf();

	for (const screen of [
		"early",
		"problem",
		"over",
		"blocked",
		"elsewhere",
		"outage",
		"cut",
		"declined",
		"full",
	])
		test(`not on ${screen}`, async () => {
			const { local, own } = page();
			await own.at("check", invited);
			assert.equal(local.about().video, true);
			await own.at(screen, invited);
			await settle();
			assert.equal(local.granted, false);
		});
	test("by itself in check and waiting room, where it is permitted; not for who has left", async () => {
		const { local, own } = page();
		await own.at("early", invited);
		await own.at("check", invited);
		assert.equal(local.about().video, true);
		const left = page();
		await left.own.at("check", stateOf({ me: { state: "Left" } }));
		assert.equal(left.local.granted, false);
		const asks = page(async () => false);
		await asks.own.at("check", invited);
		assert.equal(asks.local.asked, false);
	});
	test("early where a person turns it on there, also through a repaint", async () => {
		const { local, own } = page();
		await own.at("early", invited);
		await local.turnOn();
		await own.at("early", invited);
		assert.equal(local.about().video, true);
	});
	test("not in a visit that is held elsewhere", async () => {
		const { local, own } = page();
		await own.at("call", invited);
		await local.start();
		await own.at("call", stateOf({ provider: { adapter: "External Link", embedded: false } }));
		assert.equal(local.granted, false);
	});
	test("permitted too late is not at all", async () => {
		let permit;
		const { local, own } = page(() => new Promise((resolve) => (permit = resolve)));
		own.at("check", invited);
		own.at("over", invited);
		permit(true);
		await settle();
		assert.equal(local.asked, false);
	});
	test("while a page asks again, as it was", async () => {
		const { local, own } = page();
		await own.at("check", invited);
		own.at("loading", invited);
		assert.equal(local.about().video, true);
	});
});

test("the browser at hand is known by its name", () => {
	const agents = {
		chromium:
			"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36",
		firefox: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
		safari: "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15",
		ios: "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/130.0 Mobile Safari/604.1",
		other: "Lynx/2.9",
	};
	for (const [name, agent] of Object.entries(agents)) assert.equal(browserOf(agent), name);
});
