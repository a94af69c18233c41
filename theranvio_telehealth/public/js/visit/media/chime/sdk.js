/* What is taken of Amazon's client, file by file: all of it is half as large again. Nothing is logged or reported.
   Its files are CommonJS, so what each exports by default is a property of what is imported. */
import activeSpeakerPolicy from "amazon-chime-sdk-js/build/activespeakerpolicy/DefaultActiveSpeakerPolicy.js";
import deviceController from "amazon-chime-sdk-js/build/devicecontroller/DefaultDeviceController.js";
import eventController from "amazon-chime-sdk-js/build/eventcontroller/DefaultEventController.js";
import eventReporter from "amazon-chime-sdk-js/build/eventreporter/NoOpEventReporter.js";
import logger from "amazon-chime-sdk-js/build/logger/NoOpLogger.js";
import meetingSession from "amazon-chime-sdk-js/build/meetingsession/DefaultMeetingSession.js";
import configuration from "amazon-chime-sdk-js/build/meetingsession/MeetingSessionConfiguration.js";
import statusCode from "amazon-chime-sdk-js/build/meetingsession/MeetingSessionStatusCode.js";
import transceiverController from "amazon-chime-sdk-js/build/transceivercontroller/DefaultTransceiverController.js";

/** @template T
    @param {T} module
    @returns {T} */
const exported = (module) => /** @type {any} */ (module).default;

forgiveSettings(exported(transceiverController).prototype);

/** `meeting` and `attendee` as Amazon's CreateMeeting and CreateAttendee return them.
    @param {Credentials} credentials */
export function openSession({ meeting, attendee }) {
	const configured = new (exported(configuration))(meeting, attendee);
	const silence = new (exported(logger))();
	const devices = new (exported(deviceController))(silence);
	const events = new (exported(eventController))(configured, silence, new (exported(eventReporter))());
	return new (exported(meetingSession))(configured, silence, devices, events);
}

/** @param {MeetingSessionStatus} status */
export function statusName(status) {
	return exported(statusCode)[status.statusCode()];
}

/** Returns a way to stop listening.
    @param {AudioVideoFacade} facade
    @param {(attendees: string[]) => void} onSpeakers */
export function whoSpeaks(facade, onSpeakers) {
	facade.subscribeToActiveSpeakerDetector(new (exported(activeSpeakerPolicy))(), onSpeakers);
	return () => facade.unsubscribeFromActiveSpeakerDetector(onSpeakers);
}

/** The client tells a sender its bitrate and looks no further. A browser may refuse that while connections change, as
    nothing that anybody could do something about; the next change tells it again.
    @param {any} controller */
function forgiveSettings(controller) {
	const set = controller.setEncodingParameters;
	controller.setEncodingParameters = function forgiven(/** @type {unknown[]} */ ...given) {
		return set.apply(this, given).catch(() => {});
	};
}
