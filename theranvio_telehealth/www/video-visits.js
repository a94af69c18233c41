/* Adds the reader's own time to a visit where it is not the clinic's. */
document.querySelectorAll("[data-own-time]").forEach((place) => {
	const instant = new Date(place.dataset.ownTime);
	const own = instant.toLocaleString(document.documentElement.lang || undefined, {
		weekday: "long", day: "numeric", month: "long", hour: "2-digit", minute: "2-digit", timeZoneName: "short",
	});
	place.textContent = "· " + place.dataset.words.replace("{0}", own);
});
