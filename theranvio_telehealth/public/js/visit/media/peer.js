/* One RTCPeerConnection to the other person, by perfect negotiation. Knows neither fetch nor the page.

Either side may start over with a new connection, which has an `of`, at any time, and says hello with it. Whatever is
meant for an earlier one (`to`) is dropped. The impolite side makes the first offer, so the lines of both sides agree;
after it, either may offer. Of two people the one whose pseudonym sorts first is polite: no two pseudonyms are equal. */
import { createMeter } from "./quality.js";
import { hasRelay, watchRelay } from "./relay.js";

/** @type {Kind[]} */
const KINDS = ["audio", "video"];
const MOST_HELD = 256;
const PATIENCE_MS = { polite: 15000, impolite: 12000 };
const MEASURE_MS = 2000;

export class Peer {
	/** `send` takes the data of one letter; `on` has status(word), remote(pseudonym, remote), urgent(bool), stranger(), poor(bool),
	    why(word).
	    @param {Omit<MediaRequest, "signal" | "on"> & { send: (data: Signal) => void, on: PeerEvents, timers?: Timers }} given */
	constructor({ credentials, tracks, about, send, on, timers = globalThis }) {
		this.send = send;
		this.on = on;
		this.timers = timers;
		this.tracks = { ...tracks };
		this.flags = about;
		this.pseudonym = credentials.pseudonym;
		/** The connection at hand; none once this is closed. @type {RTCPeerConnection} */
		this.pc = /** @type {any} */ (null);
		this.timer = 0;
		/** @type {RTCConfiguration & { iceServers: RTCIceServer[] }} */
		this.configuration = {
			iceServers: credentials.ice_servers,
			iceTransportPolicy: credentials.relay_only ? "relay" : "all",
			bundlePolicy: "max-bundle",
		};
		this.expected = false;
		/** @type {RelayProblem | null} */
		this.why = null;
		/** Their pseudonym. @type {string | null} */
		this.from = null;
		/** The `of` of the other side's connection. @type {string | null | undefined} */
		this.theirs = null;
		this.tries = 0;
		/** @type {Partial<Record<Kind, RTCRtpSender>>} */
		this.senders = {};
		this.meter = createMeter(on.poor);
		this.forget();
		this.line = Promise.resolve();
		/** @type {Set<string>} */
		this.listed = new Set();
		/** @type {Letter[]} */
		this.held = [];
		/** The browser that shows one stream synchronises what is in it. */
		this.together = new MediaStream();
		this.measuring = timers.setInterval(() => this.measure(), MEASURE_MS);
		this.startOver(true);
	}

	get polite() {
		return this.from !== null && this.pseudonym < this.from;
	}

	/** Who else is admitted. No other person is answered, and one who no longer is gets cut off at once.
	    @param {PeerEntry[]} others */
	people(others) {
		this.expected = others.some((other) => other.present);
		this.listed = new Set(others.map((other) => other.pseudonym));
		if (this.from && !this.listed.has(this.from)) this.startOver(false);
		const held = this.held.splice(0);
		held.forEach((letter) => this.receive(letter));
		this.watch();
	}

	/** Messages of a person who is not known yet are held until it is known who is admitted.
	    @param {Letter} letter */
	receive(letter) {
		if (this.listed.has(letter.from)) {
			this.line = this.line.then(() => this.handle(letter)).catch(() => this.watch());
		} else if (this.held.push(letter) <= MOST_HELD) this.on.stranger();
		else this.held.shift();
		return this.line;
	}

	/** @param {Kind} kind
	    @param {MediaStreamTrack | null} track */
	replace(kind, track) {
		this.tracks[kind] = track;
		const sender = this.senders[kind];
		return sender ? sender.replaceTrack(track) : null;
	}

	/** @param {Switches} flags */
	about(flags) {
		this.flags = flags;
		if (this.channel && this.channel.readyState === "open") this.channel.send(JSON.stringify(flags));
	}

	close() {
		this.timers.clearTimeout(this.timer);
		this.timers.clearInterval(this.measuring);
		this.on = { status() {}, remote() {}, urgent() {}, stranger() {}, poor() {}, why() {} };
		this.hangUp();
		this.pc = /** @type {any} */ (null);
	}

	get relayOnly() {
		return this.configuration.iceTransportPolicy === "relay";
	}

	/** @param {boolean} announce */
	startOver(announce) {
		this.hangUp();
		this.mine = randomName();
		this.theirs = null;
		this.from = null;
		this.theirFlags = { audio: true, video: true };
		this.senders = {};
		this.meter = createMeter(this.on.poor);
		this.pc = this.build();
		if (announce) this.send({ hello: true, of: this.mine });
		this.watch();
	}

	hangUp() {
		if (!this.pc) return;
		this.pc.close();
		this.on.poor(false);
		if (this.remote) this.on.remote(this.remote.from, null);
		this.remote = null;
	}

	/** @returns {RTCPeerConnection} */
	build() {
		const pc = new RTCPeerConnection(this.configuration);
		/** @template E
		    @param {(event: E) => unknown} handler */
		const mine = (handler) => (/** @type {E} */ event) => pc === this.pc && handler.call(this, event);
		pc.onnegotiationneeded = mine(this.negotiate);
		pc.onconnectionstatechange = mine(this.connectionChanged);
		pc.ontrack = mine(this.trackCame);
		const gathered = hasRelay(this.configuration)
			? watchRelay(pc, (why) => pc === this.pc && this.relayIs(why), this.timers)
			: () => {};
		pc.onicecandidate = mine(({ candidate }) => {
			gathered(candidate);
			if (candidate) this.sendToPeer({ candidate });
		});
		this.channel = null;
		this.makingOffer = false;
		this.ignoring = false;
		return pc;
	}

	/** @param {Letter} letter */
	async handle({ from, data }) {
		if (!this.pc || !this.listed.has(from)) return;
		if (data.hello) this.greet(from, data.of);
		else if (data.to === this.mine && this.bind(from, data.of)) await this.negotiated(data);
	}

	/** @param {string} from
	    @param {string} [of] */
	greet(from, of) {
		if (of === this.theirs) return;
		if (this.theirs) this.startOver(false);
		this.bind(from, of);
		if (this.polite) this.sendToPeer({ hello: true });
		else this.addLines();
		this.watch();
	}

	/** This connection is to their `of`, and once it has begun to no other.
	    @param {string} from
	    @param {string} [of] */
	bind(from, of) {
		if (of !== this.theirs && this.pc.remoteDescription) return false;
		this.theirs = of;
		this.from = from;
		return true;
	}

	/** @param {Signal} data */
	sendToPeer(data) {
		this.send({ ...data, of: this.mine, to: this.theirs });
	}

	addLines() {
		this.openChannel();
		for (const kind of KINDS)
			this.fill(this.pc.addTransceiver(kind, { direction: "sendrecv", streams: [this.together] }));
	}

	takeOverLines() {
		if (!this.channel) this.openChannel();
		for (const transceiver of this.pc.getTransceivers()) {
			transceiver.direction = "sendrecv";
			transceiver.sender.setStreams(this.together);
			this.fill(transceiver);
		}
	}

	openChannel() {
		const channel = this.pc.createDataChannel("about", { negotiated: true, id: 0 });
		channel.onopen = () => this.about(this.flags);
		channel.onmessage = ({ data }) => channel === this.channel && this.switchesReceived(data);
		this.channel = channel;
	}

	/** @param {RTCRtpTransceiver} transceiver */
	fill({ sender, receiver }) {
		const kind = /** @type {Kind} */ (receiver.track.kind);
		this.senders[kind] = sender;
		if (sender.track !== this.tracks[kind]) sender.replaceTrack(this.tracks[kind]);
	}

	async negotiate() {
		const pc = this.pc;
		try {
			this.makingOffer = true;
			await pc.setLocalDescription();
			if (pc === this.pc) this.sendToPeer({ description: pc.localDescription });
		} finally {
			this.makingOffer = false;
		}
	}

	/** @param {Signal} signal */
	negotiated({ description, candidate }) {
		return description ? this.described(description) : this.candidateCame(candidate);
	}

	/** @param {RTCSessionDescription} description */
	async described(description) {
		const pc = this.pc;
		const isOffer = description.type === "offer";
		const collides = isOffer && (this.makingOffer || pc.signalingState !== "stable");
		this.ignoring = !this.polite && collides;
		if (this.ignoring) return;
		await pc.setRemoteDescription(description);
		if (!isOffer || pc !== this.pc) return;
		this.takeOverLines();
		await pc.setLocalDescription();
		if (pc === this.pc) this.sendToPeer({ description: pc.localDescription });
	}

	/** @param {RTCIceCandidate | undefined} candidate */
	async candidateCame(candidate) {
		try {
			await this.pc.addIceCandidate(candidate);
		} catch (error) {
			if (!this.ignoring) throw error;
		}
	}

	connectionChanged() {
		const { connectionState } = this.pc;
		if (connectionState === "connected") {
			this.tries = 0;
			this.ever = true;
			this.why = null;
			this.on.why(null);
		}
		const isLost = connectionState === "failed" || (this.relayOnly && connectionState === "disconnected");
		if (isLost) this.pc.restartIce();
		this.watch();
	}

	/** Where the relay is the only way, its silence is trouble at once.
	    @param {RelayProblem | null} why */
	relayIs(why) {
		this.why = why;
		this.on.why(why);
		this.watch();
	}

	/** @param {RTCTrackEvent} event */
	trackCame({ track }) {
		this.remote = this.remote || {
			from: this.from,
			sound: null,
			picture: null,
			...this.theirFlags,
		};
		this.remote[track.kind === "audio" ? "sound" : "picture"] = new MediaStream([track]);
		this.showRemote();
	}

	/** It may come before the tracks do.
	    @param {string} text */
	switchesReceived(text) {
		const { audio, video } = JSON.parse(text);
		this.theirFlags = { audio: audio === true, video: video === true };
		if (!this.remote) return;
		Object.assign(this.remote, this.theirFlags);
		this.showRemote();
	}

	showRemote() {
		const { from, ...remote } = this.remote;
		this.on.remote(from, remote);
	}

	/** While a person is there and not connected: ask for letters every second, and in the end start over. */
	watch() {
		const connected = this.pc.connectionState === "connected";
		const wanted = this.expected || this.theirs !== null;
		if (!wanted) this.forget();
		this.on.status(this.status(connected, wanted));
		this.on.urgent(wanted && !connected);
		if (connected || !wanted) {
			this.timers.clearTimeout(this.timer);
			this.timer = 0;
		} else if (!this.timer) {
			this.timer = this.timers.setTimeout(
				() => this.giveUp(),
				PATIENCE_MS[this.polite ? "polite" : "impolite"] * Math.min(2 ** this.tries, 4)
			);
		}
	}

	async measure() {
		const { pc, meter } = this;
		if (!pc || pc.connectionState !== "connected") return;
		const reports = await pc.getStats().catch(() => null);
		if (reports && meter === this.meter) meter([...reports.values()]);
	}

	forget() {
		this.tries = 0;
		this.ever = false;
	}

	giveUp() {
		this.timers.clearTimeout(this.timer);
		this.timer = 0;
		this.tries += 1;
		this.startOver(true);
	}

	/** @param {boolean} connected
	    @param {boolean} wanted
	    @returns {CallStatus} */
	status(connected, wanted) {
		if (connected) return "connected";
		if (!wanted) return "alone";
		if (this.tries || (this.relayOnly && this.why)) return "trouble";
		return this.ever ? "reconnecting" : "connecting";
	}
}

function randomName() {
	return Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) => n.toString(36)).join("");
}
