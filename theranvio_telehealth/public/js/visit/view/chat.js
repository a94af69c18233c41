/* What is written in a call: it is on this page only, and goes with the call. */
import { h } from "preact";
import { timeOf } from "../clock.js";
import { __ } from "../words.js";
import { button, onceOn } from "./parts.js";

/** @param {CallPage} page */
export function chat(page) {
	const { log } = page.flags.call;
	return h(
		"aside",
		{ class: "chat", id: "chat", "aria-label": __("Chat") },
		h("h2", { tabindex: "-1", "data-focus": true }, __("Chat")),
		h(
			"p",
			{ class: "hint" },
			__("Chat is gone when the call ends or this page is reloaded. It is not part of the record.")
		),
		h(
			"ol",
			{ class: "lines", tabindex: "0", "aria-label": __("Messages") },
			log.map((line) => row(line, page.flags.lang))
		),
		form(page.actions)
	);
}

/** @param {ChatLine} line
    @param {string} lang */
function row({ number, name, text, at }, lang) {
	return h(
		"li",
		{ key: `line${number}`, "data-line": name === null ? "mine" : "theirs", ref: onceOn(comeIntoView) },
		h("small", null, `${name === null ? __("You") : name} · ${timeOf(at, lang)}`),
		h("p", { dir: "auto" }, text)
	);
}

/** @param {Element} line */
function comeIntoView(line) {
	queueMicrotask(() => line.scrollIntoView({ block: "nearest" }));
}

/** @param {Actions} actions */
function form({ write }) {
	const send = (/** @type {HTMLTextAreaElement} */ field) => {
		if (write(field.value)) field.value = "";
		field.focus();
	};
	return h(
		"form",
		{
			class: "writing",
			/** @param {any} event */
			onSubmit(event) {
				event.preventDefault();
				send(event.target.elements.text);
			},
		},
		h("textarea", {
			name: "text",
			rows: "2",
			dir: "auto",
			"data-action": "write",
			"aria-label": __("Message to everyone in the call"),
			placeholder: __("Message to everyone in the call"),
			autocomplete: "off",
			ref: onceOn((/** @type {HTMLElement} */ field) => queueMicrotask(() => field.focus())),
			onKeyDown: (/** @type {KeyboardEvent} */ event) => isEnter(event) && submit(event),
		}),
		button({
			action: "send",
			label: __("Send"),
			kind: "primary small",
			attributes: { type: "submit" },
			press() {},
		})
	);
}

/** Not while a word is being composed, as in Japanese.
    @param {KeyboardEvent} event */
function isEnter({ key, shiftKey, isComposing }) {
	return key === "Enter" && !shiftKey && !isComposing;
}

/** @param {KeyboardEvent} event */
function submit(event) {
	event.preventDefault();
	/** @type {HTMLTextAreaElement} */ (event.target).form?.requestSubmit();
}
