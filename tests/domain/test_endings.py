"""Why a visit is over, for every status, reason and phase."""

from __future__ import annotations

import pytest

from theranvio_telehealth.domain import endings
from theranvio_telehealth.domain.endings import Why
from theranvio_telehealth.domain.enums import Phase, RevokedReason, RoomStatus
from tools.harness.factories import make_room

RUNNING = (RoomStatus.SCHEDULED, RoomStatus.LIVE)


@pytest.mark.parametrize(
	("given", "expected"),
	[
		({"status": RoomStatus.ENDED, "ended_by": "host@clinic.test"}, Why.HOST),
		({"status": RoomStatus.ENDED}, Why.TIME),
		({"status": RoomStatus.EXPIRED}, Why.NOT_HELD),
		({"status": RoomStatus.REVOKED, "revoked_reason": RevokedReason.CANCELLED}, Why.CANCELLED),
		({"status": RoomStatus.REVOKED, "revoked_reason": RevokedReason.NO_SHOW}, Why.NO_SHOW),
		({"status": RoomStatus.REVOKED, "revoked_reason": RevokedReason.VIDEO_OFF}, Why.VIDEO_OFF),
		({"status": RoomStatus.REVOKED, "revoked_reason": RevokedReason.DELETED}, Why.DELETED),
		({"status": RoomStatus.REVOKED, "revoked_reason": None}, Why.CANCELLED),
	],
)
def test_by_status_and_reason_whatever_the_clock_says(given: dict[str, str], expected: Why) -> None:
	assert {endings.why(make_room(**given), phase) for phase in Phase} == {expected}


@pytest.mark.parametrize("status", RUNNING)
@pytest.mark.parametrize("phase", [Phase.EARLY, Phase.OPEN])
def test_a_running_visit_is_not_over(status: RoomStatus, phase: Phase) -> None:
	assert endings.why(make_room(status=status), phase) is None


def test_a_closed_window_before_the_sweep_has_come() -> None:
	found = [endings.why(make_room(status=status), Phase.CLOSED) for status in RUNNING]
	assert found == [Why.NOT_HELD, Why.TIME]
