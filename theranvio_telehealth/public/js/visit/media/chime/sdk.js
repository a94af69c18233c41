/* What is taken of Amazon's client, file by file: all of it is half as large again. Nothing is logged or reported. */
import DefaultActiveSpeakerPolicy from "amazon-chime-sdk-js/build/activespeakerpolicy/DefaultActiveSpeakerPolicy.js";
import DefaultDeviceController from "amazon-chime-sdk-js/build/devicecontroller/DefaultDeviceController.js";
import DefaultEventController from "amazon-chime-sdk-js/build/eventcontroller/DefaultEventController.js";
import NoOpEventReporter from "amazon-chime-sdk-js/build/eventreporter/NoOpEventReporter.js";
import NoOpLogger from "amazon-chime-sdk-js/build/logger/NoOpLogger.js";
import DefaultMeetingSession from "amazon-chime-sdk-js/build/meetingsession/DefaultMeetingSession.js";
import MeetingSessionConfiguration from "amazon-chime-sdk-js/build/meetingsession/MeetingSessionConfiguration.js";
import MeetingSessionStatusCode from "amazon-chime-sdk-js/build/meetingsession/MeetingSessionStatusCode.js";

/** `meeting` and `attendee` as Amazon's CreateMeeting and CreateAttendee return them. */
export function openSession({ meeting, attendee }) {
	const configuration = new MeetingSessionConfiguration(meeting, attendee);
	const logger = new NoOpLogger();
	const devices = new DefaultDeviceController(logger);
	const events = new DefaultEventController(configuration, logger, new NoOpEventReporter());
	return new DefaultMeetingSession(configuration, logger, devices, events);
}

export function statusName(status) {
	return MeetingSessionStatusCode[status.statusCode()];
}

export function whoSpeaks(facade, heard) {
	facade.subscribeToActiveSpeakerDetector(new DefaultActiveSpeakerPolicy(), heard);
	return () => facade.unsubscribeFromActiveSpeakerDetector(heard);
}
