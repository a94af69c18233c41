/* What has to be answered before anything else: a question before a grave act, and the choice of devices. */
import { h, render } from "preact";
import { __ } from "../words.js";
import { button } from "./parts.js";

let closeOpen = () => {};

/** Resolves to whether the user confirmed. Escape and the other button do not.
    @param {{ title: string, text: string, yes: string }} question
    @returns {Promise<boolean>} */
export function confirm({ title, text, yes }) {
	return new Promise((resolve) => {
		show(resolve, (answer) => [
			h("h2", { id: "dialog-title" }, title),
			h("p", null, text),
			h(
				"div",
				{ class: "ways" },
				button({ action: "cancel", label: __("Cancel"), kind: "plain", press: () => answer(false) }),
				button({ action: "confirm", label: yes, kind: "danger", press: () => answer(true) })
			),
		]);
	});
}

/** An open question loses its sense when the screen under it changes. */
export function closeDialogs() {
	closeOpen();
}

/** Shows what `content(answer)` describes; gone at the first answer, false for Escape. Returns a way to draw it anew.
    @param {(value: boolean) => void} answered
    @param {(answer: (value: boolean) => void) => Children} content */
function show(answered, content) {
	closeOpen();
	const dialog = document.createElement("dialog");
	const answer = (/** @type {boolean} */ value) => {
		if (!dialog.isConnected) return;
		dialog.close();
		dialog.remove();
		answered(value);
	};
	dialog.setAttribute("aria-labelledby", "dialog-title");
	for (const type of ["cancel", "close"]) dialog.addEventListener(type, () => answer(false));
	const draw = () => render(content(answer), dialog);
	draw();
	document.body.append(dialog);
	dialog.showModal();
	closeOpen = () => answer(false);
	return draw;
}

/** @type {{ kind: DeviceKind, input: MediaDeviceKind, label: () => string, unnamed: (n: number) => string }[]} */
const KINDS = [
	{ kind: "video", input: "videoinput", label: () => __("Camera"), unnamed: (n) => __("Camera {0}", [n]) },
	{
		kind: "audio",
		input: "audioinput",
		label: () => __("Microphone"),
		unnamed: (n) => __("Microphone {0}", [n]),
	},
	{
		kind: "speaker",
		input: "audiooutput",
		label: () => __("Speaker"),
		unnamed: (n) => __("Speaker {0}", [n]),
	},
];

/** `choose(kind, id)` is called at each choice; `chosen(kind)` is what is in use. Follows what is plugged in and out.
    @param {DeviceChoice & { list: () => Promise<MediaDeviceInfo[]>, devices?: MediaDevices }} given */
export async function chooseDevices({ list, chosen, choose, devices = navigator.mediaDevices }) {
	/** @type {MediaDeviceInfo[]} */
	let found = [];
	let draw = () => {};
	let latest = 0;
	// what is plugged in while the first list is made would otherwise be missed
	const refresh = async () => {
		const asked = ++latest;
		const listed = await list();
		if (asked === latest) found = listed;
		draw();
	};
	/** @type {DeviceChoice["choose"]} */
	const chose = (kind, id) => choose(kind, id).then(refresh);
	const stop = () => devices && devices.removeEventListener("devicechange", refresh);
	if (devices) devices.addEventListener("devicechange", refresh);
	await refresh();
	draw = show(stop, (answer) => [
		h("h2", { id: "dialog-title" }, __("Camera and microphone")),
		KINDS.map((kind) => field(kind, found, { chosen, choose: chose })),
		h(
			"div",
			{ class: "ways" },
			button({ action: "done", label: __("Done"), kind: "primary", press: () => answer(true) })
		),
	]);
}

/** @param {typeof KINDS[0]} shown
    @param {MediaDeviceInfo[]} devices
    @param {DeviceChoice} choice */
function field({ kind, input, label, unnamed }, devices, { chosen, choose }) {
	const found = devices.filter((device) => device.kind === input);
	if (kind === "speaker" && (!found.length || !("setSinkId" in HTMLMediaElement.prototype))) return null;
	const value = found.some(({ deviceId }) => deviceId === chosen(kind)) ? chosen(kind) : undefined;
	return h(
		"label",
		{ class: "field" },
		h("span", null, label()),
		h(
			"select",
			{
				"data-device": kind,
				value,
				onChange: (/** @type {any} */ event) => choose(kind, event.target.value),
			},
			found.length ? null : h("option", { value: "" }, __("None found")),
			found.map((device, index) => option(device, unnamed(index + 1)))
		)
	);
}

/** @param {MediaDeviceInfo} device
    @param {string} unnamed */
function option({ deviceId, label }, unnamed) {
	return h("option", { key: deviceId, value: deviceId }, label || unnamed);
}
