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

export function timeOf(instant, lang) {
	return new Intl.DateTimeFormat(lang, { hour: "numeric", minute: "2-digit" }).format(new Date(instant));
}

/** Time alone for today; for another day, the day with it. */
export function momentOf(instant, now, lang) {
	const day = new Intl.DateTimeFormat(lang, { dateStyle: "full" });
	const when = new Date(instant);
	if (day.format(when) === day.format(new Date(now))) return timeOf(instant, lang);
	return new Intl.DateTimeFormat(lang, { dateStyle: "full", timeStyle: "short" }).format(when);
}
