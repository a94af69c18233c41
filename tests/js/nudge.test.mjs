/* The client of realtime, which the page loads by its address: with it there are nudges, without it none. */
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { createNudges } from "../../theranvio_telehealth/public/js/visit/nudge.js";

const REALTIME = { kind: "socketio", url: "https://clinic.example/site", script: "/assets/realtime.js" };
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe("nudges over socket.io", () => {
	let sockets;
	beforeEach(() => {
		sockets = [];
		globalThis.theranvioSocket = (url) => {
			const socket = { url, connected: true, on() {}, close: () => (socket.connected = false) };
			sockets.push(socket);
			return socket;
		};
	});
	afterEach(() => delete globalThis.theranvioSocket);

	test("come once the script is loaded", async () => {
		const asked = [];
		const nudges = createNudges(
			REALTIME,
			() => {},
			async (script) => asked.push(script)
		);
		assert.equal(nudges.isLive(), false);
		await settled();
		assert.deepEqual([asked, sockets.map(({ url }) => url)], [[REALTIME.script], [REALTIME.url]]);
		assert.equal(nudges.isLive(), true);
		nudges.close();
		assert.equal(nudges.isLive(), false);
	});
	test("do not come, and nothing is thrown, where the script cannot be loaded", async () => {
		const nudges = createNudges(
			REALTIME,
			() => {},
			() => Promise.reject(new Error("not loaded"))
		);
		await settled();
		assert.deepEqual([nudges.isLive(), sockets], [false, []]);
		nudges.close();
	});
	test("do not come, and nothing is thrown, where the script sets no client", async () => {
		delete globalThis.theranvioSocket;
		const nudges = createNudges(
			REALTIME,
			() => {},
			async () => {}
		);
		await settled();
		assert.equal(nudges.isLive(), false);
		nudges.close();
	});
	test("do not begin on a page that is gone before the script is loaded", async () => {
		createNudges(
			REALTIME,
			() => {},
			async () => {}
		).close();
		await settled();
		assert.deepEqual(sockets, []);
	});
});
