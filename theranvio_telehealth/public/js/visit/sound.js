/* A short tone when a person arrives, how loud the microphone is, and the speaker in use. Silent until the user has
   touched the page. */
/** @type {AudioContext | null} */
let context = null;
let touched = false;
let pressed = false;

/** Browsers let a page make sound only once the user has touched it. `first` is called after the first whole press:
    before its end nothing may move from under it. */
export function listenForTouch(first = () => {}, target = window) {
	const touch = () => {
		touched = true;
		if (context) context.resume();
	};
	const press = () => {
		if (pressed) return;
		pressed = true;
		first();
	};
	for (const type of ["pointerdown", "keydown"]) target.addEventListener(type, touch, { capture: true });
	for (const type of ["click", "keyup"]) target.addEventListener(type, press);
}

/** Whether a microphone can be measured here and now. */
export function canMeasure() {
	return pressed && Boolean(window.AudioContext);
}

function ready() {
	if (!touched || !window.AudioContext) return null;
	context = context || new AudioContext();
	return context;
}

export function beep() {
	const audio = ready();
	if (!audio) return;
	[660, 880].forEach((pitch, index) => tone(audio, pitch, audio.currentTime + index * 0.16));
}

/** @param {AudioContext} audio
    @param {number} pitch
    @param {number} start */
function tone(audio, pitch, start) {
	const oscillator = audio.createOscillator();
	const volume = audio.createGain();
	oscillator.frequency.value = pitch;
	volume.gain.setValueAtTime(0.0001, start);
	volume.gain.exponentialRampToValueAtTime(0.15, start + 0.02);
	volume.gain.exponentialRampToValueAtTime(0.0001, start + 0.3);
	oscillator.connect(volume).connect(audio.destination);
	oscillator.start(start);
	oscillator.stop(start + 0.32);
}

const MEASURES_PER_SECOND = 12;

/** Shows on `meter` (0 to 1) how loud the track of `trackOf()` is, for as long as the meter is on the page.
    @param {HTMLMeterElement} meter
    @param {() => MediaStreamTrack | null} trackOf */
export function measure(meter, trackOf) {
	/** @type {MediaStreamTrack | null} */
	let track = null;
	/** @type {Ear | null} */
	let ear = null;
	const timer = setInterval(() => {
		if (!meter.isConnected) {
			clearInterval(timer);
			if (ear) ear.source.disconnect();
			return;
		}
		if (trackOf() !== track || !ear) ({ track, ear } = listen(trackOf(), ear));
		meter.value = ear ? loudness(ear) : 0;
	}, 1000 / MEASURES_PER_SECOND);
}

/** @param {MediaStreamTrack | null} track
    @param {Ear | null} before
    @returns {{ track: MediaStreamTrack | null, ear: Ear | null }} */
function listen(track, before) {
	if (before) before.source.disconnect();
	const audio = ready();
	if (!audio || !track) return { track, ear: null };
	const source = audio.createMediaStreamSource(new MediaStream([track]));
	const analyser = audio.createAnalyser();
	analyser.fftSize = 512;
	source.connect(analyser);
	return { track, ear: { source, analyser, samples: new Float32Array(analyser.fftSize) } };
}

/** @param {Ear} ear */
function loudness({ analyser, samples }) {
	analyser.getFloatTimeDomainData(samples);
	const mean = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
	return Math.min(1, Math.sqrt(mean) * 6);
}

/** The speaker chosen is a wish: what cannot be used gives way to the one of the system.
    @param {HTMLAudioElement} audio
    @param {string} id */
export async function routeTo(audio, id) {
	if (!audio.setSinkId || audio.sinkId === id) return;
	await audio.setSinkId(id).catch(() => (id ? routeTo(audio, "") : undefined));
}

/** Devices have come or gone: `devices` are those of now.
    @param {HTMLAudioElement[]} voices
    @param {string} id
    @param {MediaDeviceInfo[]} devices */
export function reroute(voices, id, devices) {
	const isThere = devices.some((device) => device.kind === "audiooutput" && device.deviceId === id);
	return Promise.all(voices.map((audio) => routeTo(audio, isThere ? id : "")));
}
