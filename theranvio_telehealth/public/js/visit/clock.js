// @ts-check
/* The server's clock as seen from this page, and instants in the reader's own words. */
export function createClock(now = Date.now) {
	let ahead = 0;
	return {
		sync(instant) {
			ahead = Date.parse(instant) - now();
		},
		until: (instant) => Date.parse(instant) - now() - ahead,
	};
}

/** A language by the name that browsers know: a site may write pt_BR. English where it is none. */
export function tagOf(lang) {
	try {
		return Intl.getCanonicalLocales(String(lang).replace(/_/g, "-"))[0] || "en";
	} catch {
		return "en";
	}
}

/** In the reader's own zone unless another is given. */
export function timeOf(instant, lang, zone = undefined) {
	/** @type {Intl.DateTimeFormatOptions} */
	const form = { hour: "numeric", minute: "2-digit", timeZone: zone };
	return new Intl.DateTimeFormat(lang, form).format(new Date(instant));
}

/** Time alone for today; for another day, the day with it. */
export function momentOf(instant, now, lang, zone = undefined) {
	const day = new Intl.DateTimeFormat(lang, { dateStyle: "full", timeZone: zone });
	const when = new Date(instant);
	if (day.format(when) === day.format(new Date(now))) return timeOf(instant, lang, zone);
	/** @type {Intl.DateTimeFormatOptions} */
	const form = { dateStyle: "full", timeStyle: "short", timeZone: zone };
	return new Intl.DateTimeFormat(lang, form).format(when);
}

/** The clinic's zone where its clocks show another time at that instant than the reader's; else undefined. */
export function foreignZone(zone, instant) {
	const shown = (timeZone) =>
		new Intl.DateTimeFormat("en", { dateStyle: "short", timeStyle: "short", timeZone }).format(
			new Date(instant)
		);
	try {
		return zone && shown(zone) !== shown(undefined) ? zone : undefined;
	} catch {
		return undefined; // a zone that this browser does not know
	}
}

export function nameOfZone(zone) {
	return zone.replaceAll("_", " ");
}
