/* What media reports of a call: stored on the call, and announced where it matters. */
import { withLine } from "./chat_and_share.js";
import { __ } from "./words.js";

/** @type {Record<RelayProblem, () => string>} */
const WHY = {
	"relay-silent": () => __("The server that relays this call does not answer."),
	"relay-refused": () =>
		__("The server that relays this call refused the connection. Leave the call and join again."),
};

/** Why no connection comes about; null where media does not know.
    @type {(call: Pick<Call, "why">) => string | null} */
export const whyNot = ({ why }) => (why ? WHY[why]() : null);

/** The `on` of an opener, but for what concerns the host alone.
    @param {CallState} call
    @param {CallHooks} hooks
    @returns {Omit<MediaEvents, "refused">} */
export function listeners(call, hooks) {
	/** @type {Record<string, (...given: any[]) => void>} */
	const handlers = { ...connection(call, hooks), ...others(call, hooks), ...screens(call, hooks) };
	const guarded = Object.entries(handlers).map(([name, handler]) => [
		name,
		(/** @type {any[]} */ ...given) => !call.closed && handler(...given),
	]);
	return Object.fromEntries(guarded);
}

/** @param {CallState} call
    @param {CallHooks} hooks
    @returns {Pick<MediaEvents, "stranger" | "link" | "ended" | "status" | "why" | "poor" | "unseen">} */
function connection(call, hooks) {
	return {
		stranger: () => hooks.lookAgain(),
		link: (url) => (call.link = url),
		ended: (end) => hooks.ended(end),
		status(word) {
			if (word === call.status) return;
			const was = call.status;
			call.status = word;
			const sentence = word === "trouble" ? whyNot(call) : connectionSentence(was, word);
			if (sentence) hooks.announce(sentence);
			hooks.changed();
		},
		why(word) {
			const isNews = word && word !== call.why && call.status === "trouble";
			call.why = word;
			if (isNews) hooks.announce(WHY[word]());
			hooks.changed();
		},
		poor(isPoor) {
			call.poor = isPoor;
			if (isPoor) hooks.announce(__("Your connection is weak."));
			hooks.changed();
		},
		unseen: () =>
			hooks.alert(__("Too many cameras are on, so yours is not shown. The others can hear you.")),
	};
}

/** @param {CallStatus} was
    @param {CallStatus} word */
function connectionSentence(was, word) {
	if (word === "reconnecting") return __("The connection was lost. Reconnecting…");
	const isBack = word === "connected" && ["reconnecting", "trouble"].includes(was);
	return isBack ? __("The connection is back.") : null;
}

/** @param {CallState} call
    @param {CallHooks} hooks
    @returns {Pick<MediaEvents, "remote" | "sound" | "speaking" | "message">} */
function others(call, hooks) {
	return {
		remote(pseudonym, remote) {
			if (remote) call.remotes.set(pseudonym, remote);
			else call.remotes.delete(pseudonym);
			hooks.changed();
		},
		sound(stream) {
			call.sound = stream;
			hooks.changed();
		},
		speaking(pseudonyms) {
			call.speaking = new Set(pseudonyms);
			hooks.changed();
		},
		message(pseudonym, text) {
			const line = { name: hooks.nameOf(pseudonym), text, at: Date.now() };
			call.log = withLine(call.log, line);
			hooks.messageReceived(line);
		},
	};
}

/** @param {CallState} call
    @param {CallHooks} hooks
    @returns {Pick<MediaEvents, "screen" | "sharing">} */
function screens(call, hooks) {
	return {
		screen(pseudonym, stream) {
			if ((call.screens.get(pseudonym) || null) === stream) return;
			const isNew = stream && !call.screens.has(pseudonym);
			if (stream) call.screens.set(pseudonym, stream);
			else call.screens.delete(pseudonym);
			const name = [hooks.nameOf(pseudonym)];
			if (isNew) hooks.announce(__("{0} is sharing their screen.", name));
			if (!stream) hooks.announce(__("{0} has stopped sharing their screen.", name));
			hooks.changed();
		},
		sharing(what) {
			const was = call.sharing;
			call.sharing = what === "on";
			if (what === "refused")
				hooks.alert(
					__("Your screen could not be shared. Somebody else may be sharing; try again then.")
				);
			if (call.sharing) hooks.announce(__("You are sharing your screen."));
			else if (was) hooks.announce(__("You are no longer sharing your screen."));
			hooks.changed();
		},
	};
}
