/* One's own devices: what is had when some cannot be had, and that nothing stays on that should be off. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { isPermitted, LocalMedia } from "../../theranvio_telehealth/public/js/visit/local_media.js";

globalThis.MediaStream = class {
	constructor(tracks) {
		this.tracks = tracks;
	}
};

class Track {
	constructor(kind, id) {
		Object.assign(this, { kind, id, enabled: true, stopped: false });
	}
	stop() {
		this.stopped = true;
	}
}

/** `faults` names the error for a kind that cannot be had. */
function media(faults = {}) {
	const asked = [];
	const tracks = [];
	const devices = {
		async getUserMedia(wanted) {
			const kinds = Object.keys(wanted);
			asked.push(kinds);
			const fault = kinds.map((kind) => faults[kind]).find(Boolean);
			if (fault) throw Object.assign(new Error(), { name: fault });
			const given = kinds.map((kind) => new Track(kind, wanted[kind].deviceId));
			tracks.push(...given);
			return { getTracks: () => given };
		},
	};
	return { local: new LocalMedia(devices), asked, tracks, faults };
}

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

	test("denied: asks for sound alone, and no third time", async () => {
		const { local, asked } = media({ audio: "NotAllowedError", video: "NotAllowedError" });
		await local.start();
		assert.deepEqual(asked, [["audio", "video"], ["audio"]]);
		assert.deepEqual(local.problems, { audio: "denied", video: "denied" });
		assert.equal(local.granted, false);
	});
	test("a browser without devices is no error", async () => {
		const local = new LocalMedia(null);
		await local.start();
		assert.equal(local.problems.audio, "unsupported");
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
	test("another device takes the place of the first, exactly", async () => {
		const { local, tracks } = media();
		await local.start();
		await local.choose("video", "cam2");
		assert.equal(tracks[1].stopped, true);
		assert.deepEqual(tracks[2].id, { exact: "cam2" });
	});
	test("each change is told", async () => {
		const { local } = media();
		const told = [];
		local.onChange = (kind) => told.push(kind);
		await local.start();
		local.release();
		assert.deepEqual(told, ["audio", "video", "audio", "video"]);
	});
	test("a camera pulled out is a problem, not a picture", async () => {
		const { local, tracks } = media();
		await local.start();
		tracks[1].onended();
		assert.equal(local.problems.video, "lost");
		assert.equal(local.about().video, false);
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
