/* Runs in the page: what lies over what it should not, or cannot be reached. */

/** In words, one line each. Whatever a dialog makes unreachable does not count, nor what a drawer is opened over. */
export function clashes() {
	const THINGS = [
		".controls, .avatar.big, .stage-word, .stage-top .detail, .banners > *, figcaption, .tile.own, .fit",
		".alert, h1, .lead, .detail",
	].join();
	const root = document.querySelector("dialog[open]") || document.body;

	const isShown = (element) =>
		element.checkVisibility({ visibilityProperty: true }) && !element.closest(".sr");
	const all = (what) => [...root.querySelectorAll(what)].filter(isShown);
	const nameOf = (element) =>
		element.dataset.action ||
		element.classList.value ||
		`${element.tagName} ${element.textContent.slice(0, 30)}`;

	/** What a scrolling row does not show of an element is not there. */
	function boxOf(element) {
		const { left, right, top, bottom } = element.getBoundingClientRect();
		const row = element.closest("[data-layout=screen] .others")?.getBoundingClientRect();
		if (!row) return { left, right, top, bottom };
		return { left: Math.max(left, row.left), right: Math.min(right, row.right), top, bottom };
	}

	function reached(control, share) {
		const { left, right, top, bottom } = control.getBoundingClientRect();
		const hit = document.elementFromPoint(left + share * (right - left), (top + bottom) / 2);
		if (control.contains(hit)) return [];
		if (hit?.closest(".drawer") && control.closest(".tiles, .outside")) return [];
		return [`${nameOf(control)} is ${hit ? `under ${nameOf(hit)}` : "out of reach"}`];
	}

	function reachable(control) {
		control.scrollIntoView({ block: "center", inline: "nearest" });
		return [0.5, 0.15, 0.85].flatMap((share) => reached(control, share));
	}

	const isSticky = (thing) => getComputedStyle(thing).position === "sticky";
	const isApart = (one, two) => one.contains(two) || two.contains(one) || isSticky(one) || isSticky(two);
	const meets = (one, two, start, end) =>
		Math.min(one[end], two[end]) - Math.max(one[start], two[start]) > 1;

	function overlap(one, two) {
		const [first, second] = [boxOf(one), boxOf(two)];
		const isOver = meets(first, second, "left", "right") && meets(first, second, "top", "bottom");
		return isOver && !isApart(one, two) ? [`${nameOf(one)} over ${nameOf(two)}`] : [];
	}

	const wide = document.documentElement.scrollWidth > window.innerWidth ? ["too wide"] : [];
	const hidden = all("button, a, select, textarea").flatMap(reachable);
	window.scrollTo(0, 0);
	const things = all(THINGS).filter((thing) => !thing.closest(".drawer"));
	const overlaps = things.flatMap((one, index) =>
		things.slice(index + 1).flatMap((two) => overlap(one, two))
	);
	return [...wide, ...hidden, ...overlaps];
}

/** Each with what is to be found of it on a call's page. */
export const planted = [
	[".controls { position: fixed; top: 0 }", / over /],
	[".stage-top { position: fixed; inset: 0; z-index: 9 }", /is under/],
	["main { min-width: 1400px }", /too wide/],
	[".controls { transform: translateX(-60vw) }", /out of reach/],
];
