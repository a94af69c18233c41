/* Runs in the page: what lies over what it should not, or cannot be reached. */

/** In words, one line each. Whatever a dialog makes unreachable does not count, nor what a drawer is opened over. */
export function clashes() {
	const dialog = document.querySelector("dialog[open]");
	const root = dialog || document.body;
	const found = [];
	const isShown = (element) =>
		element.checkVisibility({ visibilityProperty: true }) && !element.closest(".sr");
	const all = (what) => [...root.querySelectorAll(what)].filter(isShown);
	const nameOf = (element) =>
		element.dataset.act || element.className || `${element.tagName} ${element.textContent.slice(0, 30)}`;
	/** What a scrolling row does not show of an element is not there. */
	const boxOf = (element) => {
		const { left, right, top, bottom } = element.getBoundingClientRect();
		const row = element.closest(".others")?.getBoundingClientRect();
		const isCut = row && getComputedStyle(element.closest(".others")).overflowX !== "visible";
		if (!isCut) return { left, right, top, bottom };
		return { left: Math.max(left, row.left), right: Math.min(right, row.right), top, bottom };
	};
	const overlap = (one, two) =>
		Math.min(one.right, two.right) - Math.max(one.left, two.left) > 1 &&
		Math.min(one.bottom, two.bottom) - Math.max(one.top, two.top) > 1;

	if (document.documentElement.scrollWidth > window.innerWidth) found.push("too wide");

	const controls = all("button, a, select, textarea");
	for (const control of controls) {
		if (dialog && !dialog.contains(control)) continue;
		control.scrollIntoView({ block: "center", inline: "nearest" });
		const { left, right, top, bottom } = boxOf(control);
		const [width, height] = [right - left, bottom - top];
		for (const [x, y] of [
			[0.5, 0.5],
			[0.15, 0.5],
			[0.85, 0.5],
		]) {
			const hit = document.elementFromPoint(left + x * width, top + y * height);
			if (hit?.closest(".drawer") && control.closest(".tiles, .outside")) continue;
			if (!hit || !(control.contains(hit) || hit.contains(control)))
				found.push(`${nameOf(control)} is under ${hit ? nameOf(hit) : "nothing: out of reach"}`);
			else if (!control.contains(hit)) found.push(`${nameOf(control)} is out of reach`);
		}
	}

	window.scrollTo(0, 0);
	const isOver = (element) => element.closest(".drawer");
	const things = all(
		".controls, .avatar.big, .stage-word, .stage-top .fact, .banners > *, figcaption, .tile.own, .fit, .alert, h1, .lead, .fact"
	).filter((thing) => getComputedStyle(thing).display !== "contents" && !isOver(thing));
	const isSticky = (thing) => thing.closest(".controls") && getComputedStyle(thing).position === "sticky";
	things.forEach((one, index) =>
		things.slice(index + 1).forEach((two) => {
			if (one.contains(two) || two.contains(one) || isSticky(one) || isSticky(two)) return;
			if (overlap(boxOf(one), boxOf(two))) found.push(`${nameOf(one)} over ${nameOf(two)}`);
		})
	);
	return found;
}

/** Each with what is to be found of it on a call's page. */
export const planted = [
	[".controls { position: fixed; top: 0 }", / over /],
	[".others { position: relative; z-index: 9; inset-block-end: -200px }", /is under/],
	["main { min-width: 1400px }", /too wide/],
	[".controls { transform: translateX(-60vw) }", /out of reach/],
];
