/* What may be written to the others, and what was: it lives in the page's memory for as long as the call. Pure. */
const MOST_BYTES = 2048;
const MOST_KEPT = 500;

/** What is sent of what was typed: nothing for nothing. */
export function worded(typed) {
	return typed.replace(/\r\n?/g, "\n").trim();
}

export function fits(text) {
	return new TextEncoder().encode(text).length <= MOST_BYTES;
}

/** The log with one line more: `name` is null for one's own. A number for each line keeps it on the page. */
export function withLine(log, { name, text, at }) {
	const number = log.length ? log[log.length - 1].number + 1 : 1;
	return [...log, { number, name, text, at }].slice(-MOST_KEPT);
}
