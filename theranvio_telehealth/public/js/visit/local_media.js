/* This person's own camera and microphone: asking, muting, choosing, letting go, and on which screens they are in use.
   Sends nothing anywhere. */
import { NO_MEMORY } from "./memory.js";
import { isEmbedded, isUnsure } from "./state.js";

const IDEAL = {
	audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true },
	video: { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 }, facingMode: "user" },
};
/** @type {Kind[]} */
const KINDS = ["audio", "video"];
/** By the name of what a browser throws. @type {Record<string, DeviceProblem>} */
const PROBLEMS = {
	NotAllowedError: "denied",
	SecurityError: "denied",
	NotFoundError: "missing",
	OverconstrainedError: "missing",
};
const NOT_FOR_ANY = new Set(["denied", "system"]);
/** @type {Set<DeviceProblem | null>} */
const GONE = new Set(["lost", "missing"]);

export class LocalMedia {
	/** `memory` keeps switches and devices over a reload. */
	constructor(devices = navigator.mediaDevices, memory = NO_MEMORY) {
		const remembered = memory.read();
		this.devices = devices;
		this.memory = memory;
		this.isRemembered = remembered !== null;
		/** @type {Tracks} */
		this.live = { audio: null, video: null };
		/** @type {Switches} */
		this.wanted = { audio: true, video: true, ...(remembered && remembered.wanted) };
		/** Wishes: a device that is gone gives way to another. */
		this.chosen = { audio: "", video: "", speaker: "", ...(remembered && remembered.chosen) };
		/** @type {Record<Kind, DeviceProblem | null>} */
		this.problems = { audio: null, video: null };
		/** Both are off because nothing is known of what this person has switched. */
		this.unsure = false;
		this.asked = false;
		/** @type {Promise<void> | null} */
		this.asking = null;
		/** @type {MediaStream | null} */
		this.preview = null;
		this.replaced = false;
		/** Called with "audio" or "video" when there is another track of it, or none. */
		this.onChange = (/** @type {Kind} */ _kind) => {};
		/** Called with the kind and whether the system has paused it, as for a telephone call. */
		this.onHold = (/** @type {Kind} */ _kind, /** @type {boolean} */ _held) => {};
		/** Called when devices come or go. */
		this.onDevices = () => {};
		/** Called with `wanted` when this person has switched something. */
		this.onSwitch = (/** @type {Switches} */ _wanted) => {};
		if (devices && devices.addEventListener)
			devices.addEventListener("devicechange", () => this.devicesChanged());
	}

	/** Whatever of the wanted kinds can be had. Never rejects: see `problems`. */
	start() {
		this.asked = true;
		this.keep();
		return this.begin(this.missing());
	}

	/** For a button that names both: what was off is switched on. */
	async turnOn() {
		if (!this.asked) this.switched({ audio: true, video: true });
		await this.start();
	}

	/** @param {Kind[]} kinds */
	begin(kinds) {
		this.asking = this.asking || this.open(kinds).finally(() => (this.asking = null));
		return this.asking;
	}

	missing() {
		return KINDS.filter((kind) => this.wanted[kind] && !this.live[kind]);
	}

	/** Both at once, for one question to the user; then, if they cannot be had, each alone; then without the wish.
	    @param {Kind[]} kinds
	    @returns {Promise<void>} */
	async open(kinds, byWish = true) {
		if (!kinds.length) return;
		try {
			this.adopt(await this.request(kinds, byWish));
		} catch (/** @type {any} */ error) {
			await this.openOtherwise(kinds, byWish, problemOf(error));
		}
	}

	/** @param {Kind[]} kinds
	    @param {boolean} byWish
	    @param {DeviceProblem} code */
	async openOtherwise(kinds, byWish, code) {
		const [kind] = kinds;
		if (kinds.length > 1) for (const each of kinds) await this.open([each]);
		else if (byWish && this.chosen[kind] && !NOT_FOR_ANY.has(code)) await this.open(kinds, false);
		else this.failed(kind, code);
	}

	/** @param {Kind[]} kinds
	    @param {boolean} byWish */
	request(kinds, byWish) {
		if (!this.devices || !this.devices.getUserMedia)
			return Promise.reject(new DOMException("", "NotFoundError"));
		return this.devices.getUserMedia(
			Object.fromEntries(kinds.map((kind) => [kind, this.constraint(kind, byWish)]))
		);
	}

	/** @param {Kind} kind
	    @param {boolean} byWish
	    @returns {MediaTrackConstraints} */
	constraint(kind, byWish) {
		const id = byWish && this.chosen[kind];
		return id ? { ...IDEAL[kind], facingMode: undefined, deviceId: { ideal: id } } : IDEAL[kind];
	}

	/** @param {MediaStream} stream */
	adopt(stream) {
		for (const track of stream.getTracks()) {
			const kind = kindOf(track);
			if (!this.asked || !this.wanted[kind]) {
				track.stop();
				continue;
			}
			this.problems[kind] = null;
			this.watch(track);
			this.put(kind, track);
		}
	}

	/** @param {MediaStreamTrack} track */
	watch(track) {
		const kind = kindOf(track);
		track.onended = () => this.lost(kind);
		track.onmute = track.onunmute = () => {
			this.onChange(kind);
			this.onHold(kind, this.isHeld(kind));
		};
	}

	/** @param {Kind} kind
	    @param {DeviceProblem} code */
	failed(kind, code) {
		this.problems[kind] = code;
		this.put(kind, null);
	}

	/** Another microphone takes its place, once; another camera could show what the user does not want to show.
	    @param {Kind} kind */
	lost(kind) {
		this.failed(kind, "lost");
		if (kind !== "audio" || this.replaced || !this.wanted.audio) return;
		this.replaced = true;
		this.begin([kind]);
	}

	devicesChanged() {
		this.replaced = false;
		if (this.asked && this.wanted.audio && GONE.has(this.problems.audio)) this.begin(["audio"]);
		this.onDevices();
	}

	/** @param {Kind} kind
	    @param {MediaStreamTrack | null} track */
	put(kind, track) {
		const before = this.live[kind];
		if (before && before !== track) stop(before);
		this.live[kind] = track;
		if (kind === "video") this.preview = track && new MediaStream([track]);
		this.onChange(kind);
	}

	/** A muted microphone stays open, so that it is back at once; a camera that is off lets its light go out.
	    @param {Kind} kind
	    @param {boolean} on */
	async turn(kind, on) {
		this.switched({ [kind]: on });
		if (kind === "video" && !on) this.put(kind, null);
		if (this.live[kind]) this.live[kind].enabled = on;
		this.onChange(kind);
		if (on && !this.live[kind]) {
			await this.asking;
			await this.start();
		}
	}

	/** @param {Partial<Switches>} wanted */
	switched(wanted) {
		Object.assign(this.wanted, wanted);
		this.unsure = false;
		this.keep();
		this.onSwitch({ ...this.wanted });
	}

	/** What is off stays off, whichever device is chosen for later.
	    @param {DeviceKind} kind
	    @param {string} id */
	async choose(kind, id) {
		this.chosen[kind] = id;
		this.keep();
		if (kind === "speaker") return;
		this.put(kind, null);
		await this.asking;
		await this.start();
	}

	/** Nothing is known of what this person has switched: both are off until they switch them on. */
	silence() {
		Object.assign(this, { wanted: { audio: false, video: false }, unsure: true });
		this.keep();
	}

	/** Switched off in another tab of this browser, so off here too.
	    @param {Switches} wanted */
	follow(wanted) {
		for (const kind of KINDS) if (!wanted[kind] && this.wanted[kind]) this.off(kind);
		this.keep();
	}

	/** @param {Kind} kind */
	off(kind) {
		this.wanted[kind] = false;
		this.put(kind, null);
	}

	keep() {
		this.memory.write({ wanted: this.wanted, chosen: this.chosen });
	}

	/** @returns {Promise<MediaDeviceInfo[]>} */
	async list() {
		return this.devices && this.devices.enumerateDevices ? this.devices.enumerateDevices() : [];
	}

	release() {
		this.asked = false;
		KINDS.forEach((kind) => this.put(kind, null));
	}

	/** What to send. A camera that the system has paused would only show its last picture.
	    @returns {Tracks} */
	tracks() {
		return { audio: this.live.audio, video: this.isHeld("video") ? null : this.live.video };
	}

	/** @param {Kind} kind */
	isHeld(kind) {
		return Boolean(this.live[kind] && this.live[kind].muted);
	}

	/** Whether this person can be heard and seen.
	    @returns {Switches} */
	about() {
		return { audio: this.isSent("audio"), video: this.isSent("video") };
	}

	/** @param {Kind} kind */
	isSent(kind) {
		return Boolean(this.live[kind] && this.wanted[kind] && !this.isHeld(kind));
	}

	/** The devices are in hand, or this person has chosen to do without. */
	get granted() {
		const isOff = this.asked && !this.wanted.audio && !this.wanted.video;
		return Boolean(this.live.audio || this.live.video || isOff);
	}
}

/** @param {MediaStreamTrack} track */
function kindOf(track) {
	return /** @type {Kind} */ (track.kind);
}

/** @param {MediaStreamTrack} track */
function stop(track) {
	track.onended = track.onmute = track.onunmute = null;
	track.stop();
}

/** @param {Error} error
    @returns {DeviceProblem} */
function problemOf({ name, message }) {
	if (name === "NotAllowedError" && /system/i.test(message)) return "system";
	return PROBLEMS[name] || "busy";
}

/** Whether the browser would hand over the devices without asking. */
export async function isPermitted(permissions = navigator.permissions) {
	try {
		const answers = await Promise.all(
			["microphone", "camera"].map((name) =>
				permissions.query({ name: /** @type {PermissionName} */ (name) })
			)
		);
		return answers.some((answer) => answer.state === "granted");
	} catch {
		return false;
	}
}

/** What this browser lacks for a call here; null for nothing.
    @returns {Lack | null} */
export function lackOf(/** @type {any} */ view = globalThis) {
	if (view.isSecureContext === false) return "insecure";
	if (!view.RTCPeerConnection) return "calls";
	const { mediaDevices } = view.navigator;
	return mediaDevices && mediaDevices.getUserMedia ? null : "devices";
}

const PICTURED = new Set(["check", "waiting", "ready", "call"]);
const BY_ITSELF = new Set(["check", "waiting"]);

/** When this page uses camera and microphone: only where their picture is shown, and off where it is not known. */
export class OwnDevices {
	/** @param {{ local: LocalMedia, isPermitted: () => Promise<boolean>, isReload: () => boolean }} given */
	constructor({ local, isPermitted, isReload }) {
		this.local = local;
		this.isPermitted = isPermitted;
		this.isReload = isReload;
		this.where = "";
	}

	/** The first state of this page: what was switched off before it was loaded stays off.
	    @param {VisitState} state */
	begin(state) {
		if (!this.local.isRemembered && isUnsure(state, this.isReload())) this.local.silence();
	}

	/** The page shows this screen. What is used on one without a picture is what a person turns on there.
	    @param {ScreenName} screen
	    @param {VisitState} state */
	at(screen, state) {
		const where = state && isEmbedded(state) ? screen : "";
		if (where === this.where || where === "loading") return null;
		this.where = where;
		if (!PICTURED.has(where)) return this.local.release();
		return BY_ITSELF.has(where) && state.me.state !== "Left" ? this.preview() : null;
	}

	async preview() {
		if ((await this.isPermitted()) && PICTURED.has(this.where)) await this.local.start();
	}
}
