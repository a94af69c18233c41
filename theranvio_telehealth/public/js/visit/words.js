/* The page's words in the language of its reader. */
/** @type {Record<string, string>} */
let messages = {};

/** @param {Record<string, string> | null} translated */
export function setMessages(translated) {
	messages = translated || {};
}

/** A message is looked up by a hash of its English text: services/catalogue.py computes the same one.
    @param {string} text */
export function keyOf(text) {
	let key = 0;
	for (const letter of text) key = (Math.imul(key, 31) + (letter.codePointAt(0) ?? 0)) >>> 0;
	return key.toString(16);
}

/** @param {string} text
    @param {(string | number)[]} [values] */
export function __(text, values = []) {
	return (messages[keyOf(text)] || text).replace(/\{(\d)\}/g, (_match, index) => String(values[index]));
}
