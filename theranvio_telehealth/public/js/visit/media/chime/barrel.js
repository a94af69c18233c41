/* What one of the SDK's own files takes from the whole of it; `esbuild.mjs` puts this in its place. */
export { default as MeetingSessionStatus } from "amazon-chime-sdk-js/build/meetingsession/MeetingSessionStatus.js";
export { default as MeetingSessionStatusCode } from "amazon-chime-sdk-js/build/meetingsession/MeetingSessionStatusCode.js";
