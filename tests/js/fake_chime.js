/* Stands in the page where Amazon's bundle would: it opens media that does what a test says, through `window.chime`.
   What the real one does is proven against the emulator. */
/* global document, setInterval, window */
const chime = (window.chime = {
	on: null,
	sent: [],
	people: [],
	sharing: 0,
	closed: 0,
	shares: true,
	takes: true,
});

chime.picture = (hue) => {
	const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 360 });
	const brush = canvas.getContext("2d");
	let step = 0;
	const draw = () => {
		brush.fillStyle = `hsl(${hue} 45% 32%)`;
		brush.fillRect(0, 0, 640, 360);
		brush.fillStyle = `hsl(${hue} 60% 70%)`;
		brush.beginPath();
		brush.arc(320 + 40 * Math.sin((step += 0.2)), 180, 70, 0, 7);
		brush.fill();
	};
	draw();
	setInterval(draw, 100);
	return canvas.captureStream(10);
};

window.theranvioMedia.set("Amazon Chime SDK", ({ credentials, tracks, about, on }) => {
	Object.assign(chime, { on, tracks: { ...tracks }, about });
	on.status("connecting");
	return {
		people: (others) => (chime.people = others),
		poke() {},
		replace: (kind, track) => (chime.tracks[kind] = track),
		about: (flags) => (chime.about = flags),
		share: credentials.may_share
			? {
					start: async () => on.sharing(chime.takes ? "on" : "refused"),
					stop: () => on.sharing("off"),
				}
			: null,
		sendMessage: (text) => chime.takes && Boolean(chime.sent.push(text)),
		close: () => (chime.closed += 1),
	};
});
