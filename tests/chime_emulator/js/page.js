// Amazon's client joining a meeting of the emulator, with what a test reads stored on `window.room`.
/* global window, document, setInterval */
import {
	ConsoleLogger,
	DefaultDeviceController,
	DefaultEventController,
	DefaultMeetingSession,
	LogLevel,
	MeetingSessionConfiguration,
	MeetingSessionStatusCode,
	NoOpEventReporter,
} from "amazon-chime-sdk-js";

const room = (window.room = {
	seen: { present: {}, muted: {}, words: [], stops: [], starts: 0, connecting: [], volumes: {} },
	tiles: {},
	facade: null,
});

function onPresence(facade) {
	facade.realtimeSubscribeToAttendeeIdPresence((id, present, name, dropped) => {
		room.seen.present[id] = present ? "here" : dropped ? "dropped" : "left";
		if (!present) return;
		facade.realtimeSubscribeToVolumeIndicator(id, (who, volume, muted) => {
			if (muted !== null) room.seen.muted[who] = muted;
			if (volume !== null) room.seen.volumes[who] = Math.max(volume, room.seen.volumes[who] || 0);
		});
	});
}

function showTile(facade, tile) {
	if (!tile.tileId || !tile.boundAttendeeId) return;
	let video = document.getElementById(`tile-${tile.tileId}`);
	if (!video) {
		video = document.createElement("video");
		video.id = `tile-${tile.tileId}`;
		document.body.append(video);
	}
	room.tiles[tile.tileId] = { who: tile.boundAttendeeId, local: tile.localTile, content: tile.isContent };
	facade.bindVideoElement(tile.tileId, video);
}

function observer(facade) {
	return {
		audioVideoDidStart: () => (room.seen.starts += 1),
		audioVideoDidStartConnecting: (reconnecting) => room.seen.connecting.push(reconnecting),
		audioVideoDidStop: (status) => room.seen.stops.push(MeetingSessionStatusCode[status.statusCode()]),
		videoTileDidUpdate: (tile) => showTile(facade, tile),
		videoTileWasRemoved: (id) => {
			delete room.tiles[id];
			document.getElementById(`tile-${id}`)?.remove();
		},
	};
}

room.join = async ({ meeting, attendee, video, audio = true, events = false, size = [320, 240, 10, 150], patience }) => {
	const configuration = new MeetingSessionConfiguration(meeting, attendee);
	if (patience) configuration.connectionTimeoutMs = patience;
	const logger = new ConsoleLogger("chime", window.chimeLog ? LogLevel.INFO : LogLevel.WARN);
	const devices = new DefaultDeviceController(logger);
	const reported = events ? undefined : new DefaultEventController(configuration, logger, new NoOpEventReporter());
	const session = new DefaultMeetingSession(configuration, logger, devices, reported);
	const facade = (room.facade = session.audioVideo);
	facade.addObserver(observer(facade));
	onPresence(facade);
	facade.realtimeSubscribeToReceiveDataMessage("chat", (message) =>
		room.seen.words.push({ text: message.text(), from: message.senderAttendeeId, name: message.senderExternalUserId }),
	);
	facade.chooseVideoInputQuality(...size.slice(0, 3));
	facade.setVideoMaxBandwidthKbps(size[3]);
	if (audio) await facade.startAudioInput((await facade.listAudioInputDevices())[0].deviceId);
	if (video) await facade.startVideoInput((await facade.listVideoInputDevices())[0].deviceId);
	const element = document.createElement("audio");
	document.body.append(element);
	await facade.bindAudioElement(element);
	facade.start();
	if (video) facade.startLocalVideoTile();
};

room.shareCanvas = async () => {
	const canvas = document.createElement("canvas");
	canvas.width = 640;
	canvas.height = 360;
	const context = canvas.getContext("2d");
	let step = 0;
	setInterval(() => {
		context.fillStyle = `hsl(${(step += 7) % 360} 80% 50%)`;
		context.fillRect(0, 0, canvas.width, canvas.height);
	}, 100);
	await room.facade.startContentShare(canvas.captureStream(10));
};

// Frames decoded so far, by the attendee they come from: `{id: {frames, width, pixel}}`.
room.pictures = () => {
	const found = {};
	for (const [id, tile] of Object.entries(room.tiles)) {
		const video = document.getElementById(`tile-${id}`);
		if (tile.local || !video) continue;
		found[tile.who] = { frames: video.getVideoPlaybackQuality().totalVideoFrames, width: video.videoWidth };
	}
	return found;
};

// How much sound has come in and how loud it was: energy only grows with real sound.
room.sound = async () => {
	for (const report of (await room.facade.getRTCPeerConnectionStats()).values())
		if (report.type === "inbound-rtp" && report.kind === "audio")
			return { energy: report.totalAudioEnergy, packets: report.packetsReceived, lost: report.packetsLost };
	return null;
};
