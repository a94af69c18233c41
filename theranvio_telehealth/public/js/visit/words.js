// @ts-check
/* The page's words in the language of its reader. */
let messages = {};

export function setMessages(translated) {
	messages = translated || {};
}

/** A message is looked up by a hash of its English text: services/catalogue.py computes the same one. */
export function keyOf(text) {
	let key = 0;
	for (const letter of text) key = (Math.imul(key, 31) + letter.codePointAt(0)) >>> 0;
	return key.toString(16);
}

export function __(text, values = []) {
	return (messages[keyOf(text)] || text).replace(/\{(\d)\}/g, (_match, index) => String(values[index]));
}
