/* Sends this person's own sound and picture. The SDK stops whatever it is given, so it gets copies. */
export class LocalTracks {
	/** @param {AudioVideoFacade} facade
	    @param {Tracks} tracks */
	constructor(facade, tracks) {
		this.facade = facade;
		this.closed = false;
		this.connected = false;
		this.shown = false;
		/** @type {Promise<unknown>} */
		this.ready = Promise.resolve();
		if (tracks.audio) this.replace("audio", tracks.audio);
		if (tracks.video) this.replace("video", tracks.video);
	}

	/** One after the other, in the order asked for.
	    @param {Kind} kind
	    @param {MediaStreamTrack | null} track */
	replace(kind, track) {
		const replace = /** @returns {unknown} */ () => !this.closed && this[kind](track);
		this.ready = this.ready.then(replace, replace);
		return this.ready;
	}

	/** @param {Switches} switches */
	about({ audio }) {
		if (audio) this.facade.realtimeUnmuteLocalAudio();
		else this.facade.realtimeMuteLocalAudio();
	}

	/** A first connection carries sound only: the picture is offered once it stands, and again after each. */
	live() {
		this.connected = true;
		if (this.shown) this.facade.startLocalVideoTile();
	}

	async close() {
		this.closed = true;
		await this.ready;
		await this.facade.stopAudioInput();
		await this.facade.stopVideoInput();
	}

	/** @param {MediaStreamTrack | null} track */
	audio(track) {
		return this.facade.startAudioInput(track && copyOf(track));
	}

	/** @param {MediaStreamTrack | null} track */
	async video(track) {
		const wasShown = this.shown;
		this.shown = Boolean(track);
		if (track) {
			await this.facade.startVideoInput(copyOf(track));
			if (this.connected && !wasShown) this.facade.startLocalVideoTile();
		} else {
			this.facade.stopLocalVideoTile();
			await this.facade.stopVideoInput();
		}
	}
}

/** @param {MediaStreamTrack} track */
function copyOf(track) {
	return new MediaStream([track.clone()]);
}
