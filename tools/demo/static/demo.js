/* The demo's own pages: signs in at once where a person was named, and keeps lists fresh. Not the visit page. */
document.querySelector("form[data-send-now]")?.requestSubmit();

/* One listener for the page: the lists' forms are replaced whenever the list is refreshed. */
document.addEventListener("submit", ask);

/** What cannot be undone is asked first, in a dialog; without one the form would go at once. */
function ask(event) {
	const form = event.target;
	if (!form.dataset.ask || form.dataset.asked) return;
	event.preventDefault();
	const dialog = document.createElement("dialog");
	const words = Object.assign(document.createElement("p"), { textContent: form.dataset.ask, id: "question" });
	const ways = Object.assign(document.createElement("div"), { className: "ways" });
	const yes = answer(event.submitter.textContent, "button danger", () => {
		form.dataset.asked = "yes";
		form.requestSubmit();
	});
	ways.append(answer("Keep it", "button plain", () => {}), yes);
	dialog.append(words, ways);
	dialog.setAttribute("aria-labelledby", "question");
	dialog.addEventListener("close", () => dialog.remove());
	document.body.append(dialog);
	dialog.showModal();
}

function answer(textContent, className, onClick) {
	const button = Object.assign(document.createElement("button"), { textContent, className });
	button.addEventListener("click", () => {
		button.closest("dialog").close();
		onClick();
	});
	return button;
}

const list = document.querySelector("[data-live]");

async function refresh() {
	const busy = list.querySelector("details[open]") || list.contains(document.activeElement);
	if (busy || document.hidden) return;
	const answer = await fetch(list.dataset.live).catch(() => null);
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
