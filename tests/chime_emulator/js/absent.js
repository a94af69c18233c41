// Stands where Amazon's messaging client would be: meetings do not use it.
export const ChimeSDKMessagingClient = class {};
export const GetMessagingSessionEndpointCommand = class {};
