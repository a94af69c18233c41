/* One's own devices: what is had when some cannot be had, and that nothing stays on that should be off. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { isPermitted, LocalMedia } from "../../theranvio_telehealth/public/js/visit/local_media.js";
import { reroute, routeTo } from "../../theranvio_telehealth/public/js/visit/sound.js";
import { deviceProblems } from "../../theranvio_telehealth/public/js/visit/view/device_words.js";
import { media } from "./fake_devices.mjs";
import { settle } from "./timers.mjs";

describe("asking", () => {
	test("once for both", async () => {
		const { local, asked } = media();
		await Promise.all([local.start(), local.start()]);
		await local.start();
		assert.deepEqual(asked, [["audio", "video"]]);
		assert.deepEqual(local.about(), { audio: true, video: true });
	});

	const cases = [
		["video", "NotFoundError", "missing"],
		["video", "NotReadableError", "busy"],
		["audio", "OverconstrainedError", "missing"],
	];
	for (const [kind, name, code] of cases)
		test(`without ${kind} (${name}) the other is still had`, async () => {
			const { local } = media({ [kind]: name });
			await local.start();
			const other = kind === "audio" ? "video" : "audio";
			assert.deepEqual(local.problems, { [kind]: code, [other]: null });
			assert.equal(local.granted, true);
		});

	for (const [kind, other] of [
		["audio", "video"],
		["video", "audio"],
	])
		test(`${kind} blocked: the other is captured, and the page names the blocked one and what to do`, async () => {
			const { local } = media({ [kind]: "NotAllowedError" });
			await local.start();
			assert.deepEqual(local.problems, { [kind]: "denied", [other]: null });
			assert.ok(local.tracks()[other]);
			const texts = deviceProblems(local, "firefox");
			assert.equal(texts.length, 2);
			assert.match(texts[0], kind === "audio" ? /microphone/ : /camera/);
			assert.match(texts[1], /crossed-out icon/);
		});
	test("blocked by the system is another matter than by the browser", async () => {
		const { local } = media({ audio: "NotAllowedError", message: "Permission denied by system" });
		await local.start();
		assert.equal(local.problems.audio, "system");
		assert.match(deviceProblems(local, "chromium").join(" "), /privacy settings of your device/);
	});
	test("denied: asks for each alone, and no fourth time", async () => {
		const { local, asked } = media({ audio: "NotAllowedError", video: "NotAllowedError" });
		await local.start();
		assert.deepEqual(asked, [["audio", "video"], ["audio"], ["video"]]);
		assert.deepEqual(local.problems, { audio: "denied", video: "denied" });
		assert.equal(local.granted, false);
	});
	test("a browser without devices is no error", async () => {
		const local = new LocalMedia(null);
		await local.start();
		assert.equal(local.problems.audio, "missing");
		assert.deepEqual(await local.list(), []);
	});
	test("what was had in the meantime is used when asked again", async () => {
		const { local, faults } = media({ video: "NotReadableError" });
		await local.start();
		delete faults.video;
		await local.start();
		assert.deepEqual(local.problems, { audio: null, video: null });
	});
});

describe("switching", () => {
	test("mute keeps the microphone and silences it", async () => {
		const { local, tracks } = media();
		await local.start();
		await local.turn("audio", false);
		assert.deepEqual([tracks[0].enabled, tracks[0].stopped], [false, false]);
		assert.equal(local.about().audio, false);
		await local.turn("audio", true);
		assert.equal(tracks[0].enabled, true);
	});
	test("camera off lets go of the camera; on asks for it again", async () => {
		const { local, tracks } = media();
		await local.start();
		await local.turn("video", false);
		assert.equal(tracks[1].stopped, true);
		assert.equal(local.preview, null);
		await local.turn("video", true);
		assert.equal(local.tracks().video, tracks[2]);
	});
	test("another device takes the place of the first", async () => {
		const { local, tracks } = media();
		await local.start();
		await local.choose("video", "cam2");
		assert.equal(tracks[1].stopped, true);
		assert.deepEqual(tracks[2].id, { ideal: "cam2" });
	});
	for (const kind of ["audio", "video"])
		test(`choosing another device for ${kind} that is off leaves it off`, async () => {
			const { local, tracks } = media();
			await local.start();
			await local.turn(kind, false);
			await local.choose(kind, "other");
			assert.equal(local.about()[kind], false);
			assert.ok(tracks.filter((track) => track.kind === kind).every((track) => track.stopped));
			await local.turn(kind, true);
			assert.deepEqual(local.tracks()[kind].id, { ideal: "other" });
		});
	test("each change is reported", async () => {
		const { local } = media();
		const changes = [];
		local.onChange = (kind) => changes.push(kind);
		await local.start();
		local.release();
		assert.deepEqual(changes, ["audio", "video", "audio", "video"]);
	});
	test("a camera pulled out is a problem, not a picture", async () => {
		const { local, tracks } = media();
		await local.start();
		tracks[1].onended();
		assert.equal(local.problems.video, "lost");
		assert.equal(local.about().video, false);
	});
});

describe("a device chosen that is gone", () => {
	for (const name of ["OverconstrainedError", "NotFoundError", "NotReadableError"])
		test(`gives way to another (${name})`, async () => {
			const { local } = media({ wish: name });
			await local.start();
			await local.choose("audio", "headset");
			assert.equal(local.problems.audio, null);
			assert.equal(local.tracks().audio.id, undefined);
			assert.equal(local.chosen.audio, "headset");
		});
	test("a headset pulled out: another microphone at once, and not for ever", async () => {
		const { local, tracks, asked } = media();
		await local.start();
		tracks[0].onended();
		await settle();
		assert.equal(local.about().audio, true);
		local.tracks().audio.onended();
		await settle();
		assert.equal(local.problems.audio, "lost");
		assert.deepEqual(asked, [["audio", "video"], ["audio"]]);
	});
	test("a microphone that comes is used; of one that is off, and of cameras, nothing is asked", async () => {
		const { local, devices, faults, asked, tracks } = media({ audio: "NotFoundError" });
		await local.start();
		delete faults.audio;
		tracks.find((track) => track.kind === "video").onended();
		const before = asked.length;
		devices.changed();
		await settle();
		assert.deepEqual(asked.slice(before), [["audio"]]);
		assert.equal(local.about().audio, true);
		await local.turn("audio", false);
		local.tracks().audio.onended();
		devices.changed();
		await settle();
		assert.equal(asked.length, before + 1);
	});
	test("a speaker that is gone gives way to the system's, and is used when it is back", async () => {
		const sunk = [];
		const audio = {
			sinkId: "",
			async setSinkId(id) {
				if (id === "gone") throw new Error("NotFoundError");
				sunk.push((audio.sinkId = id));
			},
		};
		await routeTo(audio, "gone");
		assert.equal(audio.sinkId, "");
		const there = [{ kind: "audiooutput", deviceId: "loud" }];
		await reroute([audio], "loud", there);
		await reroute([audio], "loud", []);
		assert.deepEqual(sunk, ["loud", ""]);
		await routeTo({}, "loud");
	});
});

describe("a pause by the system", () => {
	test("stops sound and picture, is reported, and ends", async () => {
		const { local, tracks } = media();
		const held = [];
		local.onHold = (...given) => held.push(given);
		await local.start();
		for (const track of tracks) Object.assign(track, { muted: true }).onmute();
		assert.deepEqual(local.about(), { audio: false, video: false });
		assert.equal(local.tracks().video, null);
		assert.equal(deviceProblems(local, "other").length, 2);
		for (const track of tracks) Object.assign(track, { muted: false }).onunmute();
		assert.deepEqual(local.about(), { audio: true, video: true });
		assert.equal(local.tracks().video, tracks[1]);
		assert.deepEqual(held, [
			["audio", true],
			["video", true],
			["audio", false],
			["video", false],
		]);
	});
});

describe("letting go", () => {
	test("stops everything, also what is granted only afterwards", async () => {
		const { local, tracks } = media();
		const starting = local.start();
		local.release();
		await starting;
		assert.ok(tracks.every((track) => track.stopped));
		assert.equal(local.granted, false);
	});
});

test("permission is known where the browser tells", async () => {
	const saying = (state) => ({ query: async () => ({ state }) });
	assert.equal(await isPermitted(saying("granted")), true);
	assert.equal(await isPermitted(saying("prompt")), false);
	assert.equal(await isPermitted({ query: () => Promise.reject(new TypeError()) }), false);
	assert.equal(await isPermitted(null), false);
});
