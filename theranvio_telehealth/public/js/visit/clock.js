/* The server's clock as seen from this page, and instants in the reader's own words. */
export function createClock(now = Date.now) {
	let ahead = 0;
	return {
		/** @param {string} instant */
		sync(instant) {
			ahead = Date.parse(instant) - now();
		},
		/** @param {string} instant */
		until: (instant) => Date.parse(instant) - now() - ahead,
	};
}

/** A language by the name that browsers know: a site may write pt_BR. English where it is none.
    @param {string} lang */
export function tagOf(lang) {
	try {
		return Intl.getCanonicalLocales(String(lang).replace(/_/g, "-"))[0] || "en";
	} catch {
		return "en";
	}
}

/** In the reader's own zone unless another is given.
    @param {string | number} instant
    @param {string} lang
    @param {string} [zone] */
export function timeOf(instant, lang, zone = undefined) {
	/** @type {Intl.DateTimeFormatOptions} */
	const form = { hour: "numeric", minute: "2-digit", timeZone: zone };
	return new Intl.DateTimeFormat(lang, form).format(new Date(instant));
}

/** Time alone for today; for another day, the day with it.
    @param {string} instant
    @param {string} now
    @param {string} lang
    @param {string} [zone] */
export function momentOf(instant, now, lang, zone = undefined) {
	const day = new Intl.DateTimeFormat(lang, { dateStyle: "full", timeZone: zone });
	const when = new Date(instant);
	if (day.format(when) === day.format(new Date(now))) return timeOf(instant, lang, zone);
	/** @type {Intl.DateTimeFormatOptions} */
	const form = { dateStyle: "full", timeStyle: "short", timeZone: zone };
	return new Intl.DateTimeFormat(lang, form).format(when);
}

/** The clinic's zone where its clocks show another time at that instant than the reader's; else undefined.
    @param {string} zone
    @param {string} instant */
export function foreignZone(zone, instant) {
	const shown = (/** @type {string | undefined} */ timeZone) =>
		new Intl.DateTimeFormat("en", { dateStyle: "short", timeStyle: "short", timeZone }).format(
			new Date(instant)
		);
	try {
		return zone && shown(zone) !== shown(undefined) ? zone : undefined;
	} catch {
		return undefined; // a zone that this browser does not know
	}
}

/** @param {string} zone */
export function nameOfZone(zone) {
	return zone.replaceAll("_", " ");
}
