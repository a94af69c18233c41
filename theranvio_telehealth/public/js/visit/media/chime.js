/* Amazon Chime's media: ties Amazon's client to what the page asks of any media. A bundle of its own. */
import { endOf } from "./chime/ends.js";
import { LocalTracks } from "./chime/local_tracks.js";
import { Room } from "./chime/room.js";
import { canShare, Screen } from "./chime/screen.js";
import { openSession, statusName, whoSpeaks } from "./chime/sdk.js";
import { register } from "./registry.js";

const TOPIC = "chat";

register("Amazon Chime SDK", ({ credentials, tracks, about, on }) => {
	const session = openSession(credentials);
	const facade = session.audioVideo;
	const room = new Room({ self: credentials.attendee.AttendeeId, on });
	const own = new LocalTracks(facade, tracks);
	const screen = new Screen(facade, on.sharing);
	const end = lifeOf(session, (name) => on.ended(endOf(name)));
	facade.addObserver(observer({ room, own, on }));
	listen(facade, room);
	const deafen = whoSpeaks(facade, (attendees) => room.speaking(attendees));
	facade.bindAudioElement(/** @type {any} */ (new Ear(on.sound)));
	own.about(about);
	own.ready.then(end.start);
	return {
		people: (others) => room.people(others),
		poke() {},
		replace: (kind, track) => own.replace(kind, track),
		about: (flags) => own.about(flags),
		share: credentials.may_share && canShare() ? screen : null,
		sendMessage: (text) => room.isIn && send(facade, text),
		close() {
			room.close();
			deafen();
			screen.close();
			facade.unbindAudioElement();
			end.close(own.close());
		},
	};
});

/** @param {AudioVideoFacade} facade
    @param {string} text */
function send(facade, text) {
	facade.realtimeSendDataMessage(TOPIC, text);
	return true;
}

/** @param {{ room: Room, own: LocalTracks, on: MediaEvents }} parts
    @returns {AudioVideoObserver} */
function observer({ room, own, on }) {
	return {
		audioVideoDidStartConnecting: (again) => room.connecting(again),
		audioVideoDidStart() {
			room.connected();
			own.live();
		},
		videoTileDidUpdate: (tile) => room.tile(tile),
		videoTileWasRemoved: (tileId) => room.tileGone(tileId),
		connectionDidBecomePoor: () => on.poor(true),
		connectionDidBecomeGood: () => on.poor(false),
		videoSendDidBecomeUnavailable: () => on.unseen(),
	};
}

/** @param {AudioVideoFacade} facade
    @param {Room} room */
function listen(facade, room) {
	const asked = new Set();
	facade.realtimeSubscribeToAttendeeIdPresence((attendee, present, pseudonym) => {
		room.present(attendee, present, pseudonym);
		if (asked.has(attendee)) return;
		asked.add(attendee);
		facade.realtimeSubscribeToVolumeIndicator(attendee, (who, _volume, muted) => room.muted(who, muted));
	});
	facade.realtimeSubscribeToReceiveDataMessage(TOPIC, (message) => room.message(message));
}

/** A session is taken apart once it has stopped, by itself or because we leave.
    @param {MeetingSession} session
    @param {(name: string) => void} ended */
function lifeOf(session, ended) {
	const facade = session.audioVideo;
	const life = { begun: false, stopped: false, closed: false };
	facade.addObserver({
		audioVideoDidStop(status) {
			life.stopped = true;
			if (life.closed) session.destroy();
			else ended(statusName(status));
		},
	});
	return {
		start() {
			if (life.closed) return;
			life.begun = true;
			facade.start();
		},
		/** @param {Promise<void>} released */
		async close(released) {
			const isRunning = life.begun && !life.stopped;
			life.closed = true;
			if (isRunning) facade.stop();
			await released;
			if (!isRunning) session.destroy();
		},
	};
}

/** Stands where the SDK expects an audio element. The page plays the sound itself, on the speaker chosen there. */
class Ear {
	/** @param {(stream: MediaStream | null) => void} onStream */
	constructor(onStream) {
		this.onStream = onStream;
		/** @type {MediaStream | null} */
		this.stream = null;
		this.sinkId = "";
	}

	get srcObject() {
		return this.stream;
	}

	set srcObject(stream) {
		this.stream = stream;
		this.onStream(stream);
	}
}
