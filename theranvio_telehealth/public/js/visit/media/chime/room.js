/* Who is in the meeting, as Amazon reports it, and what of that reaches the page: only persons whom `people` has named.
   Knows the SDK's callbacks, not the SDK. */
const PATIENCE_MS = 15000;
const MOST_HELD = 64;
const CONTENT = "#content";

export class Room {
	/** `self` is our own attendee's id; `on` is what media report.
	    @param {{ self: string, on: RoomEvents, timers?: Timers }} given */
	constructor({ self, on, timers = globalThis }) {
		this.self = self;
		this.on = on;
		this.timers = timers;
		/** By attendee. @type {Map<string, string>} */
		this.pseudonyms = new Map();
		/** By pseudonym. @type {Map<string, Person>} */
		this.persons = new Map();
		/** @type {Map<number | null, { pseudonym: string | null, what: "screen" | "picture" }>} */
		this.tiles = new Map();
		/** By pseudonym, whether they are in the call. @type {Map<string, boolean>} */
		this.listed = new Map();
		/** @type {Set<string>} */
		this.shown = new Set();
		/** @type {Set<string>} */
		this.strangers = new Set();
		/** @type {DataMessage[]} */
		this.held = [];
		/** @type {"connecting" | "reconnecting" | "in"} */
		this.phase = "connecting";
		this.late = false;
		this.wait();
	}

	/** Who else is let in.
	    @param {PeerEntry[]} others */
	people(others) {
		this.listed = new Map(others.map((other) => [other.pseudonym, other.present]));
		for (const pseudonym of new Set([...this.shown, ...this.persons.keys()])) this.show(pseudonym);
		this.held.splice(0).forEach((message) => this.message(message));
		this.reportStatus();
	}

	/** @param {string} attendee
	    @param {boolean} isPresent
	    @param {string | null} [pseudonym] */
	present(attendee, isPresent, pseudonym) {
		const base = baseOf(attendee);
		if (base === this.self) return;
		if (pseudonym) this.pseudonyms.set(base, pseudonym);
		if (base !== attendee) return;
		this.change(this.pseudonyms.get(base), { here: isPresent, ...(isPresent ? {} : { muted: false }) });
		this.held.splice(0).forEach((message) => this.message(message));
	}

	/** @param {string} attendee
	    @param {boolean | null} isMuted */
	muted(attendee, isMuted) {
		if (isMuted !== null && attendee !== this.self)
			this.change(this.pseudonyms.get(attendee), { muted: isMuted });
	}

	/** @param {VideoTileState} tile */
	tile({ tileId, localTile, isContent, boundAttendeeId, boundExternalUserId, boundVideoStream }) {
		if (localTile || !boundAttendeeId || baseOf(boundAttendeeId) === this.self) return;
		const what = isContent ? "screen" : "picture";
		this.tiles.set(tileId, { pseudonym: boundExternalUserId, what });
		this.change(boundExternalUserId, { [what]: boundVideoStream });
	}

	/** @param {number} tileId */
	tileGone(tileId) {
		const tile = this.tiles.get(tileId);
		this.tiles.delete(tileId);
		if (tile) this.change(tile.pseudonym, { [tile.what]: null });
	}

	/** Messages of a person who is not known yet are held until it is known who is admitted.
	    @param {DataMessage} message */
	message(message) {
		const pseudonym = this.pseudonyms.get(message.senderAttendeeId) ?? "";
		if (message.senderAttendeeId === this.self) return;
		if (this.listed.has(pseudonym)) this.on.message(pseudonym, message.text());
		else {
			this.held = [...this.held, message].slice(-MOST_HELD);
			this.stranger(pseudonym);
		}
	}

	/** @param {string[]} attendees */
	speaking(attendees) {
		const pseudonyms = attendees.map((attendee) => this.pseudonyms.get(attendee) ?? "");
		this.on.speaking(pseudonyms.filter((pseudonym) => this.listed.has(pseudonym)));
	}

	/** @param {boolean} again */
	connecting(again) {
		this.enter(again ? "reconnecting" : "connecting");
	}

	connected() {
		this.enter("in");
	}

	get isIn() {
		return this.phase === "in";
	}

	close() {
		this.timers.clearTimeout(this.timer);
		this.on = NOBODY;
	}

	/** @param {Room["phase"]} phase */
	enter(phase) {
		this.phase = phase;
		this.late = false;
		this.wait();
		this.reportStatus();
	}

	/** What takes long is called trouble. */
	wait() {
		this.timers.clearTimeout(this.timer);
		if (this.isIn) return;
		this.timer = this.timers.setTimeout(() => {
			this.late = true;
			this.reportStatus();
		}, PATIENCE_MS);
	}

	/** @param {string | null | undefined} pseudonym
	    @param {Partial<Person>} what */
	change(pseudonym, what) {
		if (!pseudonym) return;
		this.persons.set(pseudonym, { ...ABSENT, ...this.persons.get(pseudonym), ...what });
		this.show(pseudonym);
		this.reportStatus();
	}

	/** @param {string} pseudonym */
	show(pseudonym) {
		const person = this.persons.get(pseudonym) ?? ABSENT;
		const isListed = this.listed.has(pseudonym);
		if (person.here && !isListed) this.stranger(pseudonym);
		if (person.here && isListed) {
			this.shown.add(pseudonym);
			this.on.remote(pseudonym, seen(person));
			this.on.screen(pseudonym, person.screen);
		} else if (this.shown.delete(pseudonym)) {
			this.on.screen(pseudonym, null);
			this.on.remote(pseudonym, null);
		}
	}

	/** @param {string} pseudonym */
	stranger(pseudonym) {
		if (this.strangers.has(pseudonym)) return;
		this.strangers.add(pseudonym);
		this.on.stranger();
	}

	reportStatus() {
		this.on.status(this.status());
	}

	/** @returns {CallStatus} */
	status() {
		if (this.late) return "trouble";
		if (this.phase !== "in") return this.phase;
		if (this.shown.size) return "connected";
		return [...this.listed.values()].some((present) => present) ? "connecting" : "alone";
	}
}

/** @type {Person} */
const ABSENT = { here: false, muted: false, picture: null, screen: null };
/** @type {RoomEvents} */
const NOBODY = { status() {}, remote() {}, screen() {}, speaking() {}, stranger() {}, message() {} };

/** The sound of everybody comes as one, so there is none of each.
    @param {Person} person
    @returns {Remote} */
function seen({ muted, picture }) {
	return { sound: null, picture, audio: !muted, video: Boolean(picture) };
}

/** A shared screen is an attendee of its own, named after the person who shares.
    @param {string} attendee */
function baseOf(attendee) {
	return attendee.split(CONTENT)[0];
}
