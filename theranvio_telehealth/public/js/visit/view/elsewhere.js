/* For a host: who waits in another visit of theirs, with the way there. */
import { h } from "preact";
import { __ } from "../words.js";
import { icon } from "./icons.js";

const MOST = 3;

/** @param {Page} page */
export function elsewhereWaiting({ flags }) {
	const lines = flags.others || [];
	if (!lines.length) return null;
	return h(
		"section",
		{ class: "knock elsewhere", "data-notice": "others", "aria-label": __("Waiting in another visit") },
		h(
			"ul",
			null,
			lines.slice(0, MOST).map((line) => h("li", { key: line.participant }, sentence(line), way(line)))
		),
		lines.length > MOST ? h("p", null, __("{0} more are waiting.", [lines.length - MOST])) : null
	);
}

/** @param {WaitingLine} line */
function sentence({ display_name: name }) {
	return h("span", null, __("{0} is waiting in another visit.", [name]));
}

/** In a tab of its own, as one is in a visit here.
    @param {WaitingLine} line */
function way({ room, display_name: name }) {
	return h(
		"a",
		{
			class: "button plain small",
			"data-action": "other-visit",
			href: `/visit/${encodeURIComponent(room)}`,
			target: "_blank",
			rel: "noopener noreferrer",
			"aria-label": __("Open the visit of {0} in a new tab", [name]),
		},
		icon("tabs"),
		h("span", null, __("Open it"))
	);
}
