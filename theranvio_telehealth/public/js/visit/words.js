/* The page's words in the user's language. Every literal given to `__` is also listed in words.json. */
let messages = {};

export function setMessages(translated) {
	messages = translated || {};
}

export function __(text, values = []) {
	return (messages[text] || text).replace(/\{(\d)\}/g, (_match, index) => String(values[index]));
}
