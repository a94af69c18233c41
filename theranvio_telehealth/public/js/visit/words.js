/* The page's words in the language of its reader. */
let messages = {};

export function setMessages(translated) {
	messages = translated || {};
}

export function __(text, values = []) {
	return (messages[text] || text).replace(/\{(\d)\}/g, (_match, index) => String(values[index]));
}
