/* The call as the page knows it, whatever carries it: joining, the others' pictures, heartbeat, leaving. */
import { Refusal } from "./api.js";
import { listeners } from "./call_events.js";
import { messageReceived } from "./chat_and_share.js";
import { nameOf } from "./state.js";
import { __ } from "./words.js";

const BEAT_MS = 10000;

/** `hooks` has state(json), changed(), lookAgain(), refused(error), nameOf(pseudonym), announce(sentence), messageReceived(message),
    alert(sentence) and ended(end); `local` is this person's own media, `bundles` knows the openers.
    @param {Joining & { adapter: string, bundles: Bundles, timers?: Timers }} given
    @returns {Promise<Call>} */
export async function joinCall({ adapter: expected, api, local, bundles, hooks, timers = globalThis }) {
	await bundles.openerOf(expected);
	const { state, attendee, adapter, credentials } = await api.post("visit.join");
	const open = await bundles.openerOf(adapter);
	hooks.state(state);
	const { call: name } = state.provider;
	return createCall({ open, attendee, name, credentials, api, local, hooks, timers });
}

/** @param {Joining & Pick<JoinAnswer, "attendee" | "credentials"> & { open: Opener, name: string, timers: Timers }} given
    @returns {Call} */
function createCall({ open, attendee, name, credentials, api, local, hooks, timers }) {
	/** @type {CallState} */
	const call = { ...EMPTY, attendee, name, remotes: new Map(), screens: new Map() };
	const refused = (/** @type {unknown} */ error) => !call.closed && hooks.refused(error);
	const media = opened(open, {
		credentials,
		tracks: local.tracks(),
		about: local.about(),
		signal: (messages) => api.post("visit.signal", { attendee, messages }),
		on: { ...listeners(call, hooks), refused },
	});
	const beat = () => api.post("visit.heartbeat", { attendee }).then(hooks.state, refused);
	const timer = timers.setInterval(beat, BEAT_MS);
	return Object.assign(call, {
		people: media.people,
		poke: media.poke,
		share: media.share || null,
		sendMessage: media.sendMessage || null,
		localChanged(/** @type {Kind} */ kind) {
			media.replace(kind, local.tracks()[kind]);
			media.about(local.about());
		},
		close() {
			call.closed = true;
			timers.clearInterval(timer);
			media.close();
		},
	});
}

/** @type {Omit<CallState, "attendee" | "name" | "remotes" | "screens">} */
const EMPTY = {
	status: "alone",
	link: null,
	sound: null,
	sharing: false,
	speaking: new Set(),
	poor: false,
	why: null,
	log: [],
	unread: 0,
	closed: false,
};

/** What a call tells the page's one object.
    @param {Visit} visit
    @returns {CallHooks} */
export function hooksOf(visit) {
	const inCall = /** @type {VisitInCall} */ (visit);
	return {
		state: (state) => visit.accept(state),
		changed: () => visit.paint(),
		lookAgain: () => visit.poll.now(),
		refused: (error) => visit.refusedBehind(error),
		nameOf: (pseudonym) => nameOf(visit.state, pseudonym),
		announce: (sentence) => visit.out.announce([sentence]),
		alert: (message) => visit.set({ alert: { message } }),
		messageReceived: (message) => messageReceived(inCall, message),
		ended: (end) => ended(inCall, end),
	};
}

/** What a browser lacks shows only when it is used.
    @param {Opener} open
    @param {MediaRequest} given */
function opened(open, given) {
	try {
		return open(given);
	} catch {
		throw new Refusal(
			"not_opened",
			__("This browser could not start the call. Update it or use another one, then try again.")
		);
	}
}

/** A call that has stopped by itself. Whatever its media say of the reason, the host decides what follows.
    @param {VisitInCall} visit
    @param {CallEnd} end */
function ended(visit, end) {
	const { attendee, name } = visit.call;
	visit.lost = name;
	visit.hangUp();
	if (end.way === "elsewhere") visit.flags.elsewhere = true;
	if (end.way === "full") visit.flags.full = FULL();
	if (end.way === "cut") visit.flags.trouble = { kind: "cut", why: end.why };
	if (end.way === "out") askWhy(visit, attendee);
	else visit.poll.now();
	visit.paint();
}

/** The media let this join go: for another tab, which makes it worthless, for the room, or for nothing.
    @param {Visit} visit
    @param {string} attendee */
function askWhy(visit, attendee) {
	visit.flags.asking = true;
	visit.api.post("visit.heartbeat", { attendee }).then(
		(state) => visit.accept(state),
		(error) => visit.refusedBehind(error)
	);
}

const FULL = () => __("Everyone this kind of call can hold is already in it. Someone has to leave first.");
