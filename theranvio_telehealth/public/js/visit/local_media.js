/* This person's own camera and microphone: asking, muting, choosing, letting go. Sends nothing anywhere. */
const IDEAL = {
	audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true },
	video: { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 }, facingMode: "user" },
};
const KINDS = ["audio", "video"];
const PROBLEMS = {
	NotAllowedError: "denied",
	SecurityError: "denied",
	NotFoundError: "missing",
	OverconstrainedError: "missing",
};

export class LocalMedia {
	constructor(devices = navigator.mediaDevices) {
		this.devices = devices;
		this.live = { audio: null, video: null };
		this.wanted = { audio: true, video: true };
		this.chosen = { audio: "", video: "" };
		this.problems = { audio: null, video: null };
		this.asked = false;
		this.asking = null;
		this.preview = null;
		/** Called with "audio" or "video" when there is another track of it, or none. */
		this.onChange = () => {};
	}

	/** Whatever of the wanted kinds can be had. Never rejects: see `problems`. */
	start() {
		this.asked = true;
		this.asking = this.asking || this.open(this.missing()).finally(() => (this.asking = null));
		return this.asking;
	}

	missing() {
		return KINDS.filter((kind) => this.wanted[kind] && !this.live[kind]);
	}

	/** Both at once, for one question to the user; then, if one of them cannot be had, the other alone. */
	async open(kinds) {
		if (!kinds.length) return;
		try {
			this.adopt(await this.request(kinds));
		} catch (error) {
			const code = problemOf(error);
			kinds.forEach((kind) => this.failed(kind, code));
			const apart = code === "denied" ? ["audio"] : KINDS;
			if (kinds.length > 1) for (const kind of apart) await this.open([kind]);
		}
	}

	request(kinds) {
		if (!this.devices || !this.devices.getUserMedia)
			return Promise.reject(new DOMException("", "unsupported"));
		return this.devices.getUserMedia(
			Object.fromEntries(kinds.map((kind) => [kind, this.constraint(kind)]))
		);
	}

	constraint(kind) {
		const id = this.chosen[kind];
		return id ? { ...IDEAL[kind], facingMode: undefined, deviceId: { exact: id } } : IDEAL[kind];
	}

	adopt(stream) {
		for (const track of stream.getTracks()) {
			if (!this.asked || !this.wanted[track.kind]) {
				track.stop();
				continue;
			}
			this.problems[track.kind] = null;
			track.onended = () => this.failed(track.kind, "lost");
			this.put(track.kind, track);
		}
	}

	failed(kind, code) {
		this.problems[kind] = code;
		this.put(kind, null);
	}

	put(kind, track) {
		const before = this.live[kind];
		if (before && before !== track) stop(before);
		this.live[kind] = track;
		if (kind === "video") this.preview = track && new MediaStream([track]);
		this.onChange(kind);
	}

	/** A muted microphone stays open, so that it is back at once; a camera that is off lets its light go out. */
	async turn(kind, on) {
		this.wanted[kind] = on;
		if (kind === "video" && !on) this.put(kind, null);
		if (this.live[kind]) this.live[kind].enabled = on;
		this.onChange(kind);
		if (on && !this.live[kind]) {
			await this.asking;
			await this.start();
		}
	}

	async choose(kind, id) {
		this.chosen[kind] = id;
		this.wanted[kind] = true;
		this.put(kind, null);
		await this.asking;
		await this.start();
	}

	async list() {
		return this.devices && this.devices.enumerateDevices ? this.devices.enumerateDevices() : [];
	}

	release() {
		this.asked = false;
		KINDS.forEach((kind) => this.put(kind, null));
	}

	tracks() {
		return { ...this.live };
	}

	/** Whether this person can be heard and seen. */
	about() {
		return {
			audio: Boolean(this.live.audio && this.wanted.audio),
			video: Boolean(this.live.video && this.wanted.video),
		};
	}

	get granted() {
		return Boolean(this.live.audio || this.live.video);
	}
}

function stop(track) {
	track.onended = null;
	track.stop();
}

function problemOf(error) {
	if (error.name === "unsupported") return "unsupported";
	return PROBLEMS[error.name] || "busy";
}

/** Whether the browser would hand over the devices without asking. */
export async function isPermitted(permissions = navigator.permissions) {
	try {
		const answers = await Promise.all(
			["microphone", "camera"].map((name) => permissions.query({ name }))
		);
		return answers.some((answer) => answer.state === "granted");
	} catch {
		return false;
	}
}
