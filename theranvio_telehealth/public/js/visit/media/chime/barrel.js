/* What one of the SDK's own files takes from the whole of it; `esbuild.mjs` puts this in its place. */
import status from "amazon-chime-sdk-js/build/meetingsession/MeetingSessionStatus.js";
import statusCode from "amazon-chime-sdk-js/build/meetingsession/MeetingSessionStatusCode.js";

export const MeetingSessionStatus = status.default;
export const MeetingSessionStatusCode = statusCode.default;
