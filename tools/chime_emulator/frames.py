"""The signalling messages, declared by us (only the fields the emulator reads or writes), and their framing."""

from __future__ import annotations

import re
import time
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError

_FRAME_TYPE = b"\x05"
_SCHEMA = """
Frame: 1! uint64 timestamp_ms; 2! int32 type; 3 Error error; 4 Join join; 5 JoinAck joinack; 6 Subscribe sub;
	7 SubscribeAck suback; 8 Index index; 10 PauseResume pause; 11 Empty leave; 12 Empty leave_ack;
	17 AudioControl audio_control; 18 AudioMetadata audio_metadata; 19 AudioStreamIdInfo audio_stream_id_info;
	20 PingPong ping_pong; 21 AudioStatus audio_status; 23 DataMessage data_message; 25 VideoUpdate remote_video_update
Empty:
Error: 1 uint32 status; 2 string description
Join: 1 uint32 protocol_version; 3 uint32 flags; 6 uint64 audio_session_id; 7 bool wants_compressed_sdp
JoinAck: 2 uint32 video_subscription_limit; 3 bool wants_compressed_sdp; 4 int32 default_network_adaption
Subscribe: 1 int32 duplex; 2* Stream send_streams; 3* uint32 receive_stream_ids; 4 string sdp_offer; 5 string audio_host;
	6 bool audio_checkin; 7 bool audio_muted; 9* VideoSubscription video_subscriptions
SubscribeAck: 1 int32 duplex; 2* Allocation allocations; 3 string sdp_answer; 4* Track tracks
Index: 1 bool at_capacity; 2* Stream sources; 3* uint32 paused_at_source_ids; 4 uint32 num_participants
Stream: 1 uint32 stream_id; 2 uint32 framerate; 3 uint32 max_bitrate_kbps; 4 string track_label; 6 uint32 group_id;
	7 uint32 avg_bitrate_bps; 8 string attendee_id; 9 int32 media_type; 10 string external_user_id
Allocation: 1 string track_label; 2 uint32 stream_id; 3 uint32 group_id
Track: 1 uint32 stream_id; 2 uint32 ssrc; 3 string track_label
PauseResume: 1* uint32 stream_ids; 2* uint32 group_ids
AudioControl: 1 bool muted
AudioMetadata: 1* AudioState attendee_states
AudioState: 1 uint32 audio_stream_id; 2 uint32 volume; 3 bool muted; 4 uint32 signal_strength
AudioStreamIdInfo: 1* AudioStream streams
AudioStream: 1 uint32 audio_stream_id; 2 string attendee_id; 3 bool muted; 4 string external_user_id; 5 bool dropped
PingPong: 1! int32 type; 2! uint32 ping_id
AudioStatus: 1 uint32 audio_status
DataMessage: 1* DataPayload messages
DataPayload: 1 string topic; 2 bytes data; 3 uint32 lifetime_ms; 4 string sender_attendee_id; 5 int64 ingest_time_ns;
	6 string sender_external_user_id
VideoUpdate: 1* VideoSubscription added_or_updated; 2* string removed_mids
VideoSubscription: 1! string mid; 2 string attendee_id; 3 uint32 stream_id; 6 uint32 group_id
"""

JOIN, JOIN_ACK, SUBSCRIBE, SUBSCRIBE_ACK, INDEX = 1, 2, 3, 4, 5
PAUSE, RESUME, LEAVE, LEAVE_ACK = 7, 8, 9, 10
AUDIO_CONTROL, AUDIO_METADATA, AUDIO_STREAM_ID_INFO, PING_PONG, AUDIO_STATUS = 16, 17, 18, 19, 20
DATA_MESSAGE, REMOTE_VIDEO_UPDATE = 22, 24
VIDEO = 2
RECEIVE_ONLY = 1
PING, PONG = 1, 2

_Field = descriptor_pb2.FieldDescriptorProto
_SCALARS = {
	"uint64": _Field.TYPE_UINT64,
	"int64": _Field.TYPE_INT64,
	"uint32": _Field.TYPE_UINT32,
	"int32": _Field.TYPE_INT32,
	"bool": _Field.TYPE_BOOL,
	"string": _Field.TYPE_STRING,
	"bytes": _Field.TYPE_BYTES,
}
_LABELS = {"!": _Field.LABEL_REQUIRED, "*": _Field.LABEL_REPEATED, "": _Field.LABEL_OPTIONAL}
_FIELD = re.compile(r"(\d+)([!*]?) (\w+) (\w+)")


def _declare() -> Any:
	file = descriptor_pb2.FileDescriptorProto(
		name="chime_emulator.proto", package="emulator", syntax="proto2"
	)
	for name, fields in re.findall(r"^(\w+):((?:.|\n\t)*)", _SCHEMA, re.MULTILINE):
		message = file.message_type.add(name=name)
		for number, mark, kind, field in _FIELD.findall(fields):
			added = message.field.add(name=field, number=int(number), label=_LABELS[mark])
			if kind in _SCALARS:
				added.type = _SCALARS[kind]
			else:
				added.type, added.type_name = _Field.TYPE_MESSAGE, f".emulator.{kind}"
	pool = descriptor_pool.DescriptorPool()
	pool.Add(file)
	return message_factory.GetMessageClass(pool.FindMessageTypeByName("emulator.Frame"))


Frame: Any = _declare()


def encode(frame_type: int, **parts: Any) -> bytes:
	"""A frame of `frame_type` with its part given as a dict: `encode(PING_PONG, ping_pong={…})`."""
	frame = Frame(timestamp_ms=int(time.time() * 1000), type=frame_type, **parts)
	return _FRAME_TYPE + bytes(frame.SerializeToString())


def decode(data: bytes) -> Any | None:
	"""The frame, or None for what is not one."""
	if data[:1] != _FRAME_TYPE:
		return None
	try:
		frame = Frame.FromString(data[1:])
	except DecodeError:
		return None
	return frame if frame.IsInitialized() else None
