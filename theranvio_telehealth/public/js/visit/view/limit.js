/* What is seen of the visit's time when little of it is left, and the host's button for more. */
import { h } from "preact";
import { timeOf } from "../clock.js";
import { stepOf } from "../limit.js";
import { isHost } from "../state.js";
import { __ } from "../words.js";
import { button, note } from "./parts.js";

/** `isAlone`: no panel is open that has the button.
    @param {Page} page */
export function limit(page, { isAlone = false } = {}) {
	const { state, flags } = page;
	if (!flags.limit) return null;
	const at = timeOf(state.closes_on, flags.lang);
	return h(
		"section",
		{
			class: "limit",
			"data-notice": "limit",
			"data-minutes": flags.limit,
			"aria-label": __("Time left"),
		},
		note(__("The time for this visit ends at {0}.", [at]), "clock"),
		isAlone ? extension(page) : null
	);
}

/** @param {Page} page */
export function extension({ state, flags, actions }) {
	const minutes = stepOf(state);
	if (!isHost(state)) return null;
	if (!minutes) return h("p", { class: "hint" }, __("This visit cannot be extended any further."));
	return button({
		action: "extend",
		label: __("Extend by {0} minutes", [minutes]),
		kind: "plain small wide",
		busy: flags.busy.has("extend"),
		press: actions.extend,
	});
}
