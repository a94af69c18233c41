/* Cameras and microphones without a browser, and how they fail. */
import { LocalMedia } from "../../theranvio_telehealth/public/js/visit/local_media.js";

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
export function media(faults = {}, memory = undefined) {
	const asked = [];
	const tracks = [];
	const devices = {
		addEventListener: (_type, changed) => (devices.changed = changed),
		async getUserMedia(wanted) {
			const kinds = Object.keys(wanted);
			asked.push(kinds);
			const fault = kinds
				.map((kind) => (faults.wish && wanted[kind].deviceId ? faults.wish : faults[kind]))
				.find(Boolean);
			if (fault) throw Object.assign(new Error(faults.message || ""), { name: fault });
			const given = kinds.map((kind) => new Track(kind, wanted[kind].deviceId));
			tracks.push(...given);
			return { getTracks: () => given };
		},
	};
	return { local: new LocalMedia(devices, memory), asked, tracks, faults, devices };
}
