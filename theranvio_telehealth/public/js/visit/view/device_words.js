/* What to say when a microphone or camera cannot be had, with the way to it in the browser at hand. */
import { HELD } from "../announcements.js";
import { __ } from "../words.js";

/** @type {Record<Kind, Record<DeviceProblem, () => string>>} */
const PROBLEMS = {
	audio: {
		denied: () => __("Your browser does not let this page use the microphone, so nobody hears you."),
		system: () => __("Your device does not let this browser use the microphone, so nobody hears you."),
		missing: () => __("No microphone was found. Connect one, or nobody will hear you."),
		busy: () => __("The microphone does not answer. Close other programs that use it and try again."),
		lost: () => __("The microphone was disconnected. Connect it and try again, or choose another one."),
	},
	video: {
		denied: () =>
			__("Your browser does not let this page use the camera. You can go on with sound only."),
		system: () =>
			__("Your device does not let this browser use the camera. You can go on with sound only."),
		missing: () => __("No camera was found. Connect one, or go on with sound only."),
		busy: () =>
			__(
				"The camera does not answer. Close other programs that use it and try again, or go on with sound only."
			),
		lost: () => __("The camera was disconnected. Connect it and try again, or go on with sound only."),
	},
};

/** @type {Kind[]} */
const KINDS = ["audio", "video"];

const WAYS = {
	chromium: () =>
		__("To allow it, press the icon on the left of the address, allow it there, and try again."),
	firefox: () =>
		__(
			"To allow it, press the crossed-out icon on the left of the address, remove the block, and try again."
		),
	safari: () =>
		__("To allow it, open Settings for This Website in the Safari menu, allow it there, and try again."),
	ios: () =>
		__(
			"To allow it, press the icon beside the address, open Website Settings, allow it there, and try again."
		),
	other: () =>
		__("To allow it, open the settings of your browser for this page, allow it there, and try again."),
	system: () => __("To allow it, open the privacy settings of your device, allow it there, and try again."),
};

/** `local` is this person's own media.
    @param {Pick<LocalMedia, "problems" | "isHeld" | "unsure">} local */
export function deviceProblems(local, browser = browserOf(navigator.userAgent)) {
	const { audio, video } = local.problems;
	return [
		audio && PROBLEMS.audio[audio](),
		video && PROBLEMS.video[video](),
		wayOut([audio, video], browser),
		...KINDS.map((kind) => local.isHeld(kind) && HELD[kind]()),
		local.unsure && UNSURE(),
	].filter(Boolean);
}

/** @param {(DeviceProblem | null)[]} codes
    @param {Browser} browser */
function wayOut(codes, browser) {
	if (codes.includes("denied")) return WAYS[browser]();
	return codes.includes("system") && WAYS.system();
}

const UNSURE = () =>
	__(
		"Your microphone and camera are off: this page could not tell whether they were on. Switch them on when you are ready."
	);

/** Which steps apply. Every browser on an iPhone or iPad is Safari within.
    @param {string} agent
    @returns {Browser} */
export function browserOf(agent) {
	if (/iPhone|iPad/.test(agent)) return "ios";
	if (/Firefox\//.test(agent)) return "firefox";
	if (/Chrom(e|ium)\//.test(agent)) return "chromium";
	return /Safari\//.test(agent) ? "safari" : "other";
}
