/* Amazon's types that this page uses, and what is known of a meeting. */

type AudioVideoFacade = import("amazon-chime-sdk-js/build/audiovideofacade/AudioVideoFacade.js").default;
type AudioVideoObserver =
	import("amazon-chime-sdk-js/build/audiovideoobserver/AudioVideoObserver.js").default;
type DataMessage = Pick<
	import("amazon-chime-sdk-js/build/datamessage/DataMessage.js").default,
	"senderAttendeeId" | "text"
>;
type MeetingSession = import("amazon-chime-sdk-js/build/meetingsession/DefaultMeetingSession.js").default;
type MeetingSessionStatus =
	import("amazon-chime-sdk-js/build/meetingsession/MeetingSessionStatus.js").default;
type VideoTileState = import("amazon-chime-sdk-js/build/videotile/VideoTileState.js").default;

type RoomEvents = Pick<MediaEvents, "status" | "remote" | "screen" | "speaking" | "stranger" | "message">;

/** Another person in the meeting. */
interface Person {
	here: boolean;
	muted: boolean;
	picture: MediaStream | null;
	screen: MediaStream | null;
}
