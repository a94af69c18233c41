/* Adds the reader's own time to a visit where the clinic's clock shows another. */
const wall = (instant, timeZone) =>
	new Intl.DateTimeFormat("en", { dateStyle: "short", timeStyle: "short", timeZone }).format(instant);

function isOther(instant, zone) {
	try {
		return wall(instant, zone) !== wall(instant, undefined);
	} catch {
		return true; // a zone that this browser does not know
	}
}

document.querySelectorAll("[data-own-time]").forEach((place) => {
	const instant = new Date(place.dataset.ownTime);
	if (!isOther(instant, place.dataset.zone)) return;
	const own = instant.toLocaleString((document.documentElement.lang || "en").replace("_", "-"), {
		weekday: "long", day: "numeric", month: "long", hour: "2-digit", minute: "2-digit", timeZoneName: "short",
	});
	place.textContent = "· " + place.dataset.words.replace("{0}", own);
});
