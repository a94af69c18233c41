/* Sharing one's own screen: asking the browser for it, and knowing whether the others get it. */
const WANTED = { video: { frameRate: { max: 15 } }, audio: false, selfBrowserSurface: "exclude" };

export class Screen {
	/** `changed` is told: off, on, refused (the meeting does not take it). */
	constructor(facade, changed, devices = navigator.mediaDevices) {
		Object.assign(this, { facade, changed, devices, asked: false, closed: false });
		facade.addContentShareObserver({
			contentShareDidStart: () => this.told("on"),
			contentShareDidStop: () => this.told(this.asked ? "refused" : "off"),
		});
	}

	/** Rejects as the browser does, for one when the person changes their mind. */
	async start() {
		const stream = await this.devices.getDisplayMedia(WANTED);
		if (this.closed) stream.getTracks().forEach((track) => track.stop());
		else {
			this.asked = true;
			await this.facade.startContentShare(stream);
		}
	}

	stop() {
		this.asked = false;
		this.facade.stopContentShare();
	}

	close() {
		this.closed = true;
		this.facade.stopContentShare();
	}

	told(what) {
		this.asked = false;
		if (!this.closed) this.changed(what);
	}
}

export function canShare(devices = navigator.mediaDevices) {
	return Boolean(devices && devices.getDisplayMedia);
}
