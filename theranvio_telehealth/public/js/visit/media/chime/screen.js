/* Sharing one's own screen: asking the browser for it, and knowing whether the others get it. */
const WANTED = { video: { frameRate: { max: 15 } }, audio: false, selfBrowserSurface: "exclude" };

export class Screen {
	/** `changed` receives: off, on, refused (the meeting does not take it).
	    @param {AudioVideoFacade} facade
	    @param {(change: SharingChange) => void} changed */
	constructor(facade, changed, devices = navigator.mediaDevices) {
		this.facade = facade;
		this.changed = changed;
		this.devices = devices;
		this.asked = false;
		this.closed = false;
		this.stream = null;
		facade.addContentShareObserver({
			contentShareDidStart: () => this.report("on"),
			contentShareDidStop: () => this.report(this.asked ? "refused" : "off"),
		});
	}

	/** Rejects as the browser does, for one when the person changes their mind. */
	async start() {
		this.stream = await this.devices.getDisplayMedia(WANTED);
		if (this.closed) this.letGo();
		else await this.offer(this.stream);
	}

	/** @param {MediaStream} stream */
	async offer(stream) {
		this.asked = true;
		try {
			await this.facade.startContentShare(stream);
		} catch (error) {
			this.asked = false;
			this.letGo();
			throw error;
		}
	}

	/** Nothing is captured that is not sent. */
	letGo() {
		if (this.stream) this.stream.getTracks().forEach((track) => track.stop());
		this.stream = null;
	}

	stop() {
		this.asked = false;
		this.facade.stopContentShare();
		this.letGo();
	}

	close() {
		this.closed = true;
		this.facade.stopContentShare();
		this.letGo();
	}

	/** @param {SharingChange} what */
	report(what) {
		this.asked = false;
		if (what !== "on") this.letGo();
		if (!this.closed) this.changed(what);
	}
}

export function canShare(devices = navigator.mediaDevices) {
	return Boolean(devices && devices.getDisplayMedia);
}
