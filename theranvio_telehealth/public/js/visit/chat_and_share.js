/* What a person does in a call besides being seen and heard: writing to the others, sharing a screen.
   What is written lives in the page's memory for as long as the call. */
import { __ } from "./words.js";

const MOST_BYTES = 2048;
const MOST_LINES = 500;

/** What is sent of what was typed: nothing for nothing.
    @param {string} typed */
export function worded(typed) {
	return typed.replace(/\r\n?/g, "\n").trim();
}

/** @param {string} text */
export function fits(text) {
	return new TextEncoder().encode(text).length <= MOST_BYTES;
}

/** The log with one line more: `name` is null for one's own. A number for each line keeps it on the page.
    @param {ChatLine[]} log
    @param {Omit<ChatLine, "number">} line
    @returns {ChatLine[]} */
export function withLine(log, { name, text, at }) {
	const number = log.length ? log[log.length - 1].number + 1 : 1;
	return [...log, { number, name, text, at }].slice(-MOST_LINES);
}

/** @param {VisitInCall} visit
    @param {Message} message */
export function messageReceived(visit, { name, text }) {
	if (!visit.flags.chat) visit.call.unread += 1;
	visit.out.announce([__("{0} writes: {1}", [name, text])]);
	visit.paint();
}

/** Says whether it was sent: what was not stays where it was typed.
    @param {VisitInCall} visit
    @param {string} typed */
export function write(visit, typed) {
	const text = worded(typed);
	if (!text) return false;
	const isSent = fits(text) && Boolean(visit.call.sendMessage?.(text));
	if (isSent) visit.call.log = withLine(visit.call.log, { name: null, text, at: Date.now() });
	visit.set({ alert: isSent ? null : { message: unsent(text) } });
	return isSent;
}

/** @param {string} text */
function unsent(text) {
	return fits(text)
		? __("Your message was not sent, because the connection is being made. Try again in a moment.")
		: __("Your message is too long. Send it in parts.");
}

/** Starts or stops. To change one's mind when the browser asks is no failure.
    @param {VisitInCall} visit */
export async function share(visit, now = () => performance.now()) {
	const { share: screen, sharing } = visit.call;
	if (!screen) return;
	if (sharing) {
		screen.stop();
		return;
	}
	const began = now();
	await screen.start().catch((/** @type {Error} */ error) => {
		if (!isChangeOfMind(error, now() - began)) visit.set({ alert: { message: unshared() } });
	});
}

const QUICKEST_ANSWER_MS = 300;

/** Browsers name a person's no like that of system or telephone; those say so, or answer before anybody could.
    @param {Pick<Error, "name" | "message">} error
    @param {number} elapsed */
export function isChangeOfMind({ name, message }, elapsed) {
	const isSystem = /system|policy|platform/i.test(message.replace(/user agent or the platform/i, ""));
	return name === "NotAllowedError" && !isSystem && elapsed >= QUICKEST_ANSWER_MS;
}

function unshared() {
	return __("Your screen could not be shared. Allow it in your browser and system, then try again.");
}
