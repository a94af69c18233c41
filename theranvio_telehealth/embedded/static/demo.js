/* The demo's own pages: signs in at once where a person was named, and keeps lists fresh. Not the visit page. */
document.querySelector("form[data-send-now]")?.requestSubmit();

const list = document.querySelector("[data-live]");

async function refresh() {
	const busy = list.querySelector("details[open]") || list.contains(document.activeElement);
	if (busy || document.hidden) return;
	const answer = await fetch(location.href).catch(() => null);
	if (!answer?.ok || answer.redirected) return;
	const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-live]");
	if (!fresh || fresh.innerHTML === list.innerHTML) return;
	list.replaceChildren(...fresh.childNodes);
	say([...list.querySelectorAll(".waiting")].map((chip) => `${chip.textContent}.`).join(" "));
}

/** Only what is new is read out, not the whole list again. */
function say(text) {
	const status = document.querySelector("[role=status]");
	if (status && status.textContent !== text) status.textContent = text;
}

if (list) {
	new EventSource("/nudges").addEventListener("message", refresh);
	setInterval(refresh, 5000);
	document.addEventListener("visibilitychange", refresh);
}
