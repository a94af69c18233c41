/* One's own picture and devices: the preview before a call, and what to say when something cannot be had. */
import { h } from "preact";
import { canMeasure, measure } from "../sound.js";
import { __ } from "../words.js";
import { deviceProblems } from "./device_words.js";
import { icon } from "./icons.js";
import { button, onceOn, picture } from "./parts.js";

/** @param {LocalMedia} local */
export function ownPicture(local) {
	const off = h(
		"span",
		{ class: "off" },
		icon("camera-off"),
		h("span", { class: "sr" }, __("Your camera is off"))
	);
	if (!local.preview || local.isHeld("video")) return off;
	return picture(local.preview, __("Your own picture"));
}

/** @param {Own} own */
export function micButton({ local, actions }) {
	const on = local.wanted.audio && local.problems.audio === null;
	return button({
		action: "mute",
		label: on ? __("Mute microphone") : __("Unmute microphone"),
		drawing: on ? "mic" : "mic-off",
		kind: on ? "round" : "round off",
		bare: true,
		press: actions.mute,
	});
}

/** @param {Own} own */
export function cameraButton({ local, actions }) {
	const on = local.wanted.video && local.problems.video === null;
	return button({
		action: "camera",
		label: on ? __("Turn camera off") : __("Turn camera on"),
		drawing: on ? "camera" : "camera-off",
		kind: on ? "round" : "round off",
		bare: true,
		press: actions.camera,
	});
}

/** @param {Pick<Own, "actions">} own */
export function devicesButton({ actions }) {
	return button({
		action: "devices",
		label: __("Choose devices"),
		drawing: "devices",
		kind: "round",
		bare: true,
		attributes: { "aria-haspopup": "dialog" },
		press: actions.devices,
	});
}

/** Camera picture, microphone level and the switches for both; before they are asked for, a button to ask.
    @param {Page} page */
export function preview(page) {
	const { local } = page.flags;
	return h(
		"div",
		{ class: "preview" },
		h(
			"figure",
			{ class: "tile own", "data-tile": "local" },
			local.asked ? ownPicture(local) : ask(page),
			local.asked ? controls({ local, actions: page.actions }) : null
		),
		local.asked ? level(local) : null,
		problems(page)
	);
}

/** @param {Page} page */
function ask({ actions }) {
	return h(
		"div",
		{ class: "ask" },
		h(
			"p",
			null,
			__(
				"Your browser will ask whether this page may use your camera and microphone. Nobody sees you yet."
			)
		),
		button({
			action: "devices-on",
			label: __("Turn on camera and microphone"),
			drawing: "camera",
			kind: "plain",
			press: actions.devicesOn,
		})
	);
}

/** @param {Own} own */
function controls(own) {
	return h("figcaption", { class: "own-controls" }, micButton(own), cameraButton(own), devicesButton(own));
}

/** Never a meter that stands still for want of a touch, or for a microphone that is off.
    @param {LocalMedia} local */
function level(local) {
	if (!local.about().audio) return null;
	if (!canMeasure())
		return h(
			"p",
			{ class: "level", "data-level": "unheard" },
			button({
				action: "level",
				label: __("Press to see how loud your microphone is"),
				drawing: "mic",
				kind: "plain small",
				press() {},
			})
		);
	const track = () => (local.about().audio ? local.tracks().audio : null);
	return h(
		"label",
		{ key: "level", class: "level" },
		h("span", null, __("Microphone level")),
		h("meter", {
			min: "0",
			max: "1",
			ref: onceOn((/** @type {HTMLMeterElement} */ meter) => measure(meter, track)),
		})
	);
}

/** @param {Page} page */
function problems({ flags: { local }, actions }) {
	const texts = deviceProblems(local);
	if (!local.asked || !texts.length) return null;
	return h(
		"div",
		{ class: "note caution" },
		icon("warning"),
		h(
			"div",
			null,
			texts.map((text) => h("p", { key: text }, text))
		),
		hasProblem(local)
			? button({
					action: "devices-on",
					label: __("Try again"),
					kind: "plain small",
					press: actions.devicesOn,
				})
			: null
	);
}

/** @param {LocalMedia} local */
function hasProblem({ problems: { audio, video } }) {
	return audio !== null || video !== null;
}
