/* A visit held elsewhere: opens the link in a tab of its own, which learns nothing of this one. */
import { safeUrl } from "../state.js";
import { register } from "./registry.js";

register("External Link", ({ credentials, on }) => {
	const url = safeUrl(credentials.url);
	on.link(url);
	if (url) openTab(url);
	return { people() {}, poke() {}, replace() {}, about() {}, close() {} };
});

/** @param {string} url */
function openTab(url) {
	const link = document.createElement("a");
	Object.assign(link, { href: url, target: "_blank", rel: "noopener noreferrer" });
	link.click();
}
