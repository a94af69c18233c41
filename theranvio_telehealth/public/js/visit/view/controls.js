/* The buttons under the call. */
import { h } from "preact";
import { isHost, nameOf, waitingOf } from "../state.js";
import { __ } from "../words.js";
import { cameraButton, devicesButton, micButton } from "./self_view.js";
import { button } from "./parts.js";

/** @param {CallPage} page */
export function controls(page) {
	const { flags, actions, state } = page;
	const own = flags.call.link ? [] : [micButton, cameraButton, devicesButton];
	return h(
		"div",
		{ class: "controls", role: "group", "aria-label": __("Call controls") },
		own.map((control) => control({ local: flags.local, actions })),
		flags.call.share ? shareButton(page) : null,
		flags.call.sendMessage ? chatButton(page) : null,
		isHost(state) ? peopleButton(page) : null,
		button({
			action: "leave",
			label: __("Leave the visit"),
			drawing: "leave",
			kind: "round danger",
			bare: true,
			busy: flags.busy.has("leave"),
			press: actions.leave,
		})
	);
}

/** One screen at a time: two would be small for everybody.
    @param {CallPage} page */
function shareButton({ state, flags, actions }) {
	const { sharing, screens } = flags.call;
	const [sharer] = screens.keys();
	const label = sharing ? __("Stop sharing") : __("Share your screen");
	return button({
		action: "share",
		label: sharer ? __("{0} is sharing their screen.", [nameOf(state, sharer)]) : label,
		drawing: "screen",
		kind: sharing ? "round on" : "round",
		bare: true,
		busy: Boolean(sharer) && !sharing,
		press: actions.share,
	});
}

/** @param {CallPage} page */
function chatButton({ flags, actions }) {
	const { unread } = flags.call;
	return badged(
		unread,
		button({
			action: "chat",
			label: unread ? __("Chat, {0} unread", [unread]) : __("Chat"),
			drawing: "chat",
			kind: flags.chat ? "round on" : "round",
			bare: true,
			attributes: { "aria-expanded": flags.chat, "aria-controls": "chat" },
			press: actions.chat,
		})
	);
}

/** @param {CallPage} page */
function peopleButton({ state, flags, actions }) {
	const count = waitingOf(state).length;
	return badged(
		count,
		button({
			action: "people",
			label: count ? __("People, {0} waiting", [count]) : __("People"),
			drawing: "people",
			kind: flags.panel ? "round on" : "round",
			bare: true,
			attributes: { "aria-expanded": flags.panel, "aria-controls": "queue" },
			press: actions.panel,
		})
	);
}

/** @param {number} count
    @param {Children} pressed */
function badged(count, pressed) {
	return h(
		"span",
		{ class: "badged" },
		pressed,
		count ? h("span", { class: "badge", "aria-hidden": "true" }, String(count)) : null
	);
}
