"""Two people with Amazon's own client in a real browser: see, hear, share, write, be removed, see the end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.chime_emulator.conftest import Person, eventually
from tools.chime_emulator import Emulator

MakePerson = Callable[[], Person]
Make = Callable[..., dict[str, Any]]

# The microphone of the browser's flags beeps each second: nothing for two seconds is silence.
_SILENT = """room.sound().then(({ energy }) => {
	const now = performance.now();
	if (!window.quiet || energy - window.quiet.energy > 1e-4) window.quiet = { energy, since: now };
	return now - window.quiet.since > 2000;
})"""


@pytest.fixture
def meeting(open_meeting: Make) -> dict[str, Any]:
	return open_meeting()


@pytest.fixture
def two(person: MakePerson, meeting: dict[str, Any], admit: Make) -> tuple[Person, Person]:
	"""Both joined, with camera and microphone."""
	people = person().join(meeting, admit(meeting)), person().join(meeting, admit(meeting))
	for one, other in (people, people[::-1]):
		one.until_started()
		one.until(f"room.seen.present[{other.id!r}] === 'here'")
	return people


def test_they_see_and_hear_each_other(two: tuple[Person, Person], emulator: Emulator) -> None:
	ana, ben = two
	ana.until_sees(ben.id)
	ben.until_sees(ana.id)
	ana.until_hears()
	ben.until_hears()
	assert ana.seen("present")[ben.id] == "here"
	calls = emulator.state()["calls"]
	assert "client-events" not in calls


def test_mute_is_reported_and_silences(
	two: tuple[Person, Person], emulator: Emulator, meeting: dict[str, Any]
) -> None:
	ana, ben = two
	ben.until_hears()
	ana.call("room.facade.realtimeMuteLocalAudio()")
	ben.until(f"room.seen.muted[{ana.id!r}] === true")
	ben.until(_SILENT)
	people = {p["attendee_id"]: p for p in emulator.meeting(meeting["MeetingId"])["connected"]}
	assert people[ana.id]["muted"] is True
	ana.call("room.facade.realtimeUnmuteLocalAudio()")
	ben.until(f"room.seen.muted[{ana.id!r}] === false")
	ben.until("room.sound().then(s => s.energy - window.quiet.energy > 1e-4)")


def test_who_speaks_is_reported(two: tuple[Person, Person]) -> None:
	ana, ben = two
	ben.until(f"room.seen.volumes[{ana.id!r}] > 0.1")


def test_a_screen_is_shared_and_taken_back(two: tuple[Person, Person]) -> None:
	ana, ben = two
	ana.call("room.shareCanvas()")
	share = f"{ana.id}#content"
	ben.until_sees(share)
	ben.until(f"room.pictures()[{share!r}].width === 640")
	assert ben.seen("present")[share] == "here"
	ana.call("room.facade.stopContentShare()")
	ben.until(f"!room.pictures()[{share!r}]")
	ben.until(f"room.seen.present[{share!r}] === 'left'")


def test_words_reach_the_others_and_say_who_sent_them(two: tuple[Person, Person]) -> None:
	ana, ben = two
	ana.call("room.facade.realtimeSendDataMessage('chat', 'good morning')")
	ben.until("room.seen.words.length === 1")
	message = {"text": "good morning", "from": ana.id, "name": ana.attendee["ExternalUserId"]}
	assert ben.seen("words") == [message]
	assert ana.seen("words") == []


def test_messages_with_a_lifetime_are_stored_for_later_attendees(
	two: tuple[Person, Person], person: MakePerson, meeting: dict[str, Any], admit: Make
) -> None:
	ana, _ = two
	ana.call("room.facade.realtimeSendDataMessage('chat', 'kept', 60000)")
	ana.call("room.facade.realtimeSendDataMessage('chat', 'not kept')")
	late = person().join(meeting, admit(meeting), video=False)
	late.until("room.seen.words.length > 0")
	assert [word["text"] for word in late.seen("words")] == ["kept"]


def test_the_camera_goes_off_and_on_again(two: tuple[Person, Person]) -> None:
	ana, ben = two
	ben.until_sees(ana.id)
	ana.call("room.facade.stopLocalVideoTile()")
	ben.until(f"!room.pictures()[{ana.id!r}]")
	ana.call("room.facade.startLocalVideoTile()")
	ben.until_sees(ana.id)


def test_the_removed_are_out_and_stay_out(
	two: tuple[Person, Person], person: MakePerson, emulator: Emulator, meeting: dict[str, Any], admit: Make
) -> None:
	ana, ben = two
	ana.until_sees(ben.id)
	emulator.boto().delete_attendee(MeetingId=meeting["MeetingId"], AttendeeId=ben.id)
	ben.until("room.seen.stops.length > 0")
	assert ben.seen("stops") == ["AudioAttendeeRemoved"]
	ana.until(f"room.seen.present[{ben.id!r}] === 'left' && !room.pictures()[{ben.id!r}]")
	again = person().join(meeting, ben.attendee)
	again.until("room.seen.stops.length > 0")
	assert again.seen("stops") == ["SignalingBadRequest"]
	assert again.seen("starts") == 0
	back = person().join(meeting, admit(meeting))
	back.until_sees(ana.id)


def test_removing_a_sharer_removes_the_share(
	two: tuple[Person, Person], emulator: Emulator, meeting: dict[str, Any]
) -> None:
	ana, ben = two
	ben.call("room.shareCanvas()")
	ana.until_sees(f"{ben.id}#content")
	emulator.boto().delete_attendee(MeetingId=meeting["MeetingId"], AttendeeId=ben.id)
	ana.until(f"!room.pictures()[{ben.id + '#content'!r}]")
	assert [p["attendee_id"] for p in emulator.meeting(meeting["MeetingId"])["connected"]] == [ana.id]


def test_the_end_is_the_end_for_everybody(
	two: tuple[Person, Person], person: MakePerson, emulator: Emulator, meeting: dict[str, Any]
) -> None:
	ana, _ben = two
	emulator.boto().delete_meeting(MeetingId=meeting["MeetingId"])
	for one in two:
		one.until("room.seen.stops.length > 0")
		assert one.seen("stops") == ["MeetingEnded"]
	late = person().join(meeting, ana.attendee)
	late.until("room.seen.stops.length > 0")
	assert late.seen("stops") == ["MeetingEnded"]
	assert emulator.meeting(meeting["MeetingId"])["connected"] == []


def test_the_same_attendee_on_another_device(
	two: tuple[Person, Person], person: MakePerson, meeting: dict[str, Any]
) -> None:
	ana, ben = two
	other = person().join(meeting, ana.attendee)
	other.until_sees(ben.id)
	ana.until("room.seen.stops.length > 0")
	assert ana.seen("stops") == ["AudioJoinedFromAnotherDevice"]


def test_a_cut_connection_mends_itself(two: tuple[Person, Person], emulator: Emulator) -> None:
	ana, ben = two
	ben.until_sees(ana.id)
	emulator.drop(ana.id)
	ana.until("room.seen.connecting.includes(true)")
	ana.until("room.seen.starts === 2")
	ben.until(f"room.seen.present[{ana.id!r}] === 'here'")
	before = ben.call(f"room.pictures()[{ana.id!r}]?.frames || 0")
	ben.until_sees(ana.id, frames=before + 5)
	kinds = [e["detail"]["eventType"] for e in emulator.events() if e["detail"].get("attendeeId") == ana.id]
	assert kinds.count("chime:AttendeeDropped") == 1
	assert kinds.count("chime:AttendeeJoined") == 2


def test_events_tell_the_stay(two: tuple[Person, Person], emulator: Emulator) -> None:
	ana, ben = two
	ben.until_sees(ana.id)
	ana.call("room.facade.stop()")
	ana.until("room.seen.stops.length > 0")
	assert ana.seen("stops") == ["Left"]
	ben.until(f"room.seen.present[{ana.id!r}] === 'left'")
	mine = [e["detail"] for e in emulator.events() if e["detail"].get("attendeeId") == ana.id]
	assert [detail["eventType"].removeprefix("chime:Attendee") for detail in mine] == [
		"Added",
		"Authorized",
		"Joined",
		"VideoStarted",
		"VideoStopped",
		"Left",
	]
	assert mine[2]["networkType"] == "Voip"


def test_idle_counts_from_the_last_to_leave(
	two: tuple[Person, Person], emulator: Emulator, meeting: dict[str, Any]
) -> None:
	emulator.advance(3600)
	assert emulator.meeting(meeting["MeetingId"])["ended"] is False
	for one in two:
		one.call("room.facade.stop()")
		one.until("room.seen.stops.length > 0")
	emulator.advance(290)
	assert emulator.meeting(meeting["MeetingId"])["ended"] is False
	emulator.advance(15)
	assert emulator.meeting(meeting["MeetingId"])["ended"] is True


def test_capabilities_are_enforced(
	person: MakePerson, meeting: dict[str, Any], admit: Make, emulator: Emulator
) -> None:
	mute = {"Audio": "Receive", "Video": "Receive", "Content": "Receive"}
	ana = person().join(meeting, admit(meeting))
	ben = person().join(meeting, admit(meeting, Capabilities=mute))
	ben.until_sees(ana.id)
	ben.until_hears()
	assert ana.call("room.sound()")["energy"] < 1e-5
	assert not ana.call(f"room.pictures()[{ben.id!r}]?.frames")


def test_a_full_meeting_takes_no_one_more(person: MakePerson, open_meeting: Make, admit: Make) -> None:
	small = open_meeting(MeetingFeatures={"Attendee": {"MaxCount": 1}})
	person().join(small, admit(small)).until_started()
	second = person().join(small, admit(small))
	second.until("room.seen.stops.length > 0")
	assert second.seen("stops") == ["AudioCallAtCapacity"]


def test_signalling_that_fails_is_tried_again(
	person: MakePerson, meeting: dict[str, Any], admit: Make, emulator: Emulator
) -> None:
	emulator.fail({"on": "signalling", "kind": "close", "status": 4503, "times": 1})
	ana = person().join(meeting, admit(meeting), patience=4000)
	ana.until_started()
	assert emulator.state()["calls"]["signalling"] >= 2


def test_clients_that_report_to_amazon_are_counted(
	person: MakePerson, meeting: dict[str, Any], admit: Make, emulator: Emulator
) -> None:
	ana = person().join(meeting, admit(meeting), events=True)
	ana.until_started()
	ana.call("room.facade.stop()")
	eventually(lambda: emulator.state()["calls"].get("client-events", 0) > 0)
