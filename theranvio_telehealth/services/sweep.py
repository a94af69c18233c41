"""The periodic job: windows close, silent stays end, missed events are made good. Repeatable."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from theranvio_telehealth.domain import admission, rooms, stays
from theranvio_telehealth.domain.due import doubtful
from theranvio_telehealth.services import booking, phi_switch, usage
from theranvio_telehealth.services.ports import Ports
from theranvio_telehealth.services.teardown import tear_down

BATCH = 500


@dataclass(frozen=True, slots=True)
class Swept:
	"""How many were looked at, and how many of them failed and will be tried again."""

	closed: int
	stays: int
	reconciled: int
	torn_down: int
	failed: int


def sweep(ports: Ports) -> Swept:
	"""One pass. Each item is its own transaction, so that one failure costs only itself, and each list its own step, so
	that one that cannot be read costs only its items."""
	store, now = ports.store, ports.clock.now()
	silent = now - stays.GAP
	steps: dict[str, tuple[Callable[[], Iterable[str]], Callable[[str], object]]] = {
		"close": (lambda: store.rooms_to_close(now, BATCH), partial(close, ports)),
		"stays": (lambda: store.rooms_with_stale_stays(silent, BATCH), partial(end_silent, ports)),
		"holds": (lambda: store.rooms_with_expired_holds(now, BATCH), partial(release_holds, ports)),
		"reconcile": (
			lambda: store.appointments_to_reconcile(doubtful(now), BATCH),
			partial(booking.sync_rooms, ports, by=""),
		),
		"teardown": (lambda: store.rooms_to_tear_down(BATCH), partial(tear_down, ports, failing=set())),
		"phi_switch": (lambda: [""], lambda _: phi_switch.review(ports)),
	}
	done = {what: _each(ports, what, *step) for what, step in steps.items()}
	return Swept(
		closed=len(done["close"][0]),
		stays=len(done["stays"][0]),
		reconciled=len(done["reconcile"][0]),
		torn_down=len(done["teardown"][0]),
		failed=sum(failed for _, failed in done.values()),
	)


def close(ports: Ports, room: str) -> None:
	"""Close the room if its window really has closed; give it more time while a host is in the call."""
	with ports.store.transaction():
		found = ports.store.lock(room)
		if found is None:
			return
		now, everyone = ports.clock.now(), ports.store.participants(room)
		host_present = admission.host_is_present(everyone, now)
		closed = rooms.close(found, ports.store.settings().policy, now, host_present=host_present)
		if closed == found:
			return
		if closed.is_over:
			booking.remove_all(ports, found, over=True)
		usage.save_room(ports, closed, now)
		ports.nudge.users(booking.audience(ports, closed))
		ports.background.tear_down(room)


def end_silent(ports: Ports, room: str) -> None:
	"""End the stays of those who have not been heard of; they stay Admitted and may come back."""
	with ports.store.transaction():
		found = ports.store.lock(room)
		if found is None:
			return
		now = ports.clock.now()
		for participant in ports.store.participants(room):
			if not stays.is_present(participant, now):
				ended = usage.end_stay(ports, found, participant, now)
				if ended != participant:
					usage.save_participant(ports, found, ended, now)


def release_holds(ports: Ports, room: str) -> None:
	"""Release the holds of admitted participants who have long been in no stay; coming back takes a new one."""
	with ports.store.transaction():
		found = ports.store.lock(room)
		if found:
			usage.renew_holds(ports, found, ports.clock.now())


def _each(
	ports: Ports, what: str, names: Callable[[], Iterable[str]], act: Callable[[str], object]
) -> tuple[list[str], int]:
	listed: list[str] = []
	failed = 0 if _succeeds(ports, what, "", lambda: listed.extend(names())) else 1
	failed += sum(not _succeeds(ports, what, name, partial(act, name)) for name in listed)
	return listed, failed


def _succeeds(ports: Ports, what: str, subject: str, act: Callable[[], object]) -> bool:
	try:
		act()
	except Exception as error:
		ports.log.failure(what, subject, error)
		return False
	return True
