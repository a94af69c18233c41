/* Peer connections without media: they refuse what a browser refuses, and are connected when both ends agree. */
const world = { pcs: new Map(), next: 1, reports: [] };

export function install() {
	world.pcs.clear();
	world.reports = [];
	globalThis.RTCPeerConnection = FakeConnection;
	globalThis.MediaStream = FakeStream;
}

/** Lets connections come about and break, as the ends now stand. */
export function connectivity() {
	for (const pc of world.pcs.values()) pc.look();
}

/** What every connection measures from now on. */
export function measuring(reports) {
	world.reports = reports;
}

export const alive = () => [...world.pcs.values()].filter((pc) => pc.signalingState !== "closed");

class FakeStream {
	constructor(tracks = []) {
		this.tracks = tracks;
	}
}

class FakeConnection {
	constructor(configuration) {
		this.configuration = configuration;
		this.id = world.next++;
		this.signalingState = "stable";
		this.connectionState = "new";
		this.localDescription = null;
		this.remoteDescription = null;
		this.transceivers = [];
		world.pcs.set(this.id, this);
	}

	addTransceiver(kind) {
		const sender = {
			track: null,
			setStreams() {},
			replaceTrack(track) {
				sender.track = track;
			},
		};
		this.transceivers.push({ sender, receiver: { track: { kind } }, direction: "sendrecv" });
		this.negotiationNeeded();
		return this.transceivers.at(-1);
	}

	getTransceivers() {
		return this.transceivers;
	}

	createDataChannel() {
		this.negotiationNeeded();
		return { readyState: "connecting", send() {} };
	}

	async getStats() {
		return new Map(world.reports.map((report, index) => [index, report]));
	}

	restartIce() {
		this.negotiationNeeded();
	}

	negotiationNeeded() {
		if (this.needed) return;
		this.needed = true;
		queueMicrotask(() => this.fireNeeded());
	}

	fireNeeded() {
		if (this.signalingState !== "stable" || !this.needed) return;
		this.needed = false;
		this.onnegotiationneeded({});
	}

	async setLocalDescription() {
		this.refuseClosed();
		this.needed = false;
		if (this.signalingState === "have-remote-offer") {
			this.localDescription = { type: "answer", sdp: `${this.id} to ${this.remoteDescription.sdp}` };
			this.settle();
		} else {
			this.localDescription = { type: "offer", sdp: `${this.id} offer ${world.next++}` };
			this.signalingState = "have-local-offer";
		}
	}

	async setRemoteDescription(description) {
		this.refuseClosed();
		if (description.type === "answer") {
			const expected = this.localDescription && `to ${this.localDescription.sdp}`;
			if (this.signalingState !== "have-local-offer" || !description.sdp.endsWith(expected))
				throw new Error(`InvalidStateError: ${description.sdp}`);
			this.remoteDescription = description;
			this.settle();
			return;
		}
		const isMine =
			this.remoteDescription && parseInt(this.remoteDescription.sdp) !== parseInt(description.sdp);
		if (isMine) throw new Error("an offer of another connection");
		this.remoteDescription = description;
		this.signalingState = "have-remote-offer";
		if (!this.transceivers.length) for (const kind of ["audio", "video"]) this.receive(kind);
	}

	receive(kind) {
		this.addTransceiver(kind);
		this.needed = false;
		this.ontrack({ track: { kind } });
	}

	settle() {
		this.signalingState = "stable";
		this.broken = false;
		queueMicrotask(() => this.fireNeeded());
	}

	async addIceCandidate() {
		if (!this.remoteDescription) throw new Error("InvalidStateError: no remote description");
	}

	refuseClosed() {
		if (this.signalingState === "closed") throw new Error("InvalidStateError: closed");
	}

	other() {
		return this.remoteDescription ? world.pcs.get(parseInt(this.remoteDescription.sdp)) : null;
	}

	look() {
		if (this.signalingState === "closed" || !this.remoteDescription) return;
		const other = this.other();
		const agreed = this.signalingState === "stable" && other.signalingState === "stable";
		if (agreed && other.other() === this) this.become("connected");
		else if (other.signalingState === "closed" && this.connectionState === "connected")
			this.become("failed");
	}

	/** Once failed, only another negotiation brings it back. */
	become(state) {
		if (this.connectionState === state || (this.broken && state === "connected")) return;
		if (state === "failed") this.broken = true;
		this.connectionState = state;
		this.onconnectionstatechange({});
	}

	close() {
		this.signalingState = "closed";
		this.connectionState = "closed";
	}
}
