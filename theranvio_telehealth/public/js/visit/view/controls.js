/* The buttons under the call. */
import { isHost, nameOf, waitingOf } from "../state.js";
import { __ } from "../words.js";
import { h } from "./dom.js";
import { cameraButton, devicesButton, micButton } from "./self_view.js";
import { button } from "./parts.js";

export function controls(page) {
	const { here, acts, state } = page;
	const own = here.call.link ? [] : [micButton, cameraButton, devicesButton];
	return h(
		"div",
		{ class: "controls", role: "group", "aria-label": __("Call controls") },
		own.map((control) => control({ local: here.local, acts })),
		here.call.share ? shareButton(page) : null,
		here.call.say ? chatButton(page) : null,
		isHost(state) ? peopleButton(page) : null,
		button({
			act: "leave",
			label: __("Leave the visit"),
			drawing: "leave",
			kind: "round danger",
			bare: true,
			busy: here.busy.has("leave"),
			press: acts.leave,
		})
	);
}

/** One screen at a time: two would be small for everybody. */
function shareButton({ state, here, acts }) {
	const { sharing, screens } = here.call;
	const [sharer] = screens.keys();
	const label = sharing ? __("Stop sharing") : __("Share your screen");
	return button({
		act: "share",
		label: sharer ? __("{0} is sharing their screen.", [nameOf(state, sharer)]) : label,
		drawing: "screen",
		kind: sharing ? "round on" : "round",
		bare: true,
		busy: Boolean(sharer) && !sharing,
		press: acts.share,
	});
}

function chatButton({ here, acts }) {
	const { unread } = here.call;
	return badged(
		unread,
		button({
			act: "chat",
			label: unread ? __("Chat, {0} unread", [unread]) : __("Chat"),
			drawing: "chat",
			kind: here.chat ? "round on" : "round",
			bare: true,
			"aria-expanded": here.chat,
			"aria-controls": "chat",
			press: acts.chat,
		})
	);
}

function peopleButton({ state, here, acts }) {
	const count = waitingOf(state).length;
	return badged(
		count,
		button({
			act: "people",
			label: count ? __("People, {0} waiting", [count]) : __("People"),
			drawing: "people",
			kind: here.panel ? "round on" : "round",
			bare: true,
			"aria-expanded": here.panel,
			"aria-controls": "queue",
			press: acts.panel,
		})
	);
}

function badged(count, pressed) {
	return h(
		"span",
		{ class: "badged" },
		pressed,
		count ? h("span", { class: "badge", "aria-hidden": "true" }, String(count)) : null
	);
}
