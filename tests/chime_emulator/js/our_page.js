/* Our own opener on a bare page, as the visit page would use it; what it reports is stored on `window.room` for the test. */
const room = (window.room = {
	seen: { status: [], words: [], stops: [], speaking: [], strangers: 0, sharing: [], sounds: 0 },
	remotes: {},
	screens: {},
	media: null,
	tracks: {},
});

function show(kind, who, stream) {
	const id = `${kind}-${who}`;
	let video = document.getElementById(id);
	if (!stream) return video?.remove();
	if (!video) {
		video = Object.assign(document.createElement("video"), { id, muted: true, autoplay: true });
		document.body.append(video);
	}
	if (video.srcObject !== stream) video.srcObject = stream;
}

const on = {
	status: (word) => room.seen.status.at(-1) !== word && room.seen.status.push(word),
	refused() {},
	stranger: () => (room.seen.strangers += 1),
	remote(who, remote) {
		if (remote) room.remotes[who] = { audio: remote.audio, video: remote.video };
		else delete room.remotes[who];
		show("remote", who, remote && remote.picture);
	},
	screen(who, stream) {
		if (stream) room.screens[who] = true;
		else delete room.screens[who];
		show("screen", who, stream);
	},
	sound(stream) {
		room.seen.sounds += 1;
		room.voice = room.voice || document.body.appendChild(document.createElement("audio"));
		room.voice.srcObject = stream;
		room.voice.autoplay = true;
	},
	sharing: (what) => room.seen.sharing.push(what),
	speaking: (who) => room.seen.speaking.push(...who),
	message: (who, text) => room.seen.words.push({ who, text }),
	poor() {},
	unseen() {},
	ended: (end) => room.seen.stops.push(end),
};

room.join = async (credentials, { about = { audio: true, video: true } } = {}) => {
	const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: { width: 320, height: 240 } });
	room.tracks = { audio: stream.getAudioTracks()[0], video: about.video ? stream.getVideoTracks()[0] : null };
	const open = window.theranvioMedia.get("Amazon Chime SDK");
	room.media = open({ credentials, tracks: room.tracks, about, signal: null, on });
};

room.frames = (kind, who) => {
	const video = document.getElementById(`${kind}-${who}`);
	return video ? video.getVideoPlaybackQuality().totalVideoFrames : 0;
};

/* A screen without a question: a canvas that moves. */
navigator.mediaDevices.getDisplayMedia = async () => {
	const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 360 });
	const context = canvas.getContext("2d");
	let step = 0;
	setInterval(() => {
		context.fillStyle = `hsl(${(step += 7) % 360} 80% 50%)`;
		context.fillRect(0, 0, canvas.width, canvas.height);
	}, 100);
	return (room.display = canvas.captureStream(10));
};
