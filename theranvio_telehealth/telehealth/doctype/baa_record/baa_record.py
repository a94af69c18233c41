"""BAA Record: one agreement with a vendor that touches PHI, and the proof of its acceptance. Its life is in `domain/agreement.py`."""

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import getdate, now_datetime

from theranvio_telehealth.domain import agreement, bounds
from theranvio_telehealth.domain.entities import Agreement
from theranvio_telehealth.domain.errors import WrongMove
from theranvio_telehealth.domain.enums import AgreementState as State
from theranvio_telehealth.telehealth.doctype.baa_record import agreement_file
from theranvio_telehealth.telehealth.numbers import require_within

#: What only an act on an accepted record writes, and never a form.
BY_TERMINATING = frozenset({"terminated_on", "termination_reason"})
BY_ATTESTING = frozenset({"attested", "attested_by", "attested_on", "file_pages"})


class BAARecord(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		from theranvio_telehealth.telehealth.doctype.baa_signatory.baa_signatory import BAASignatory

		accepted_by: DF.Link | None
		accepted_on: DF.Datetime | None
		agreement_file: DF.Attach | None
		agreement_type: DF.Literal["BAA", "Subcontractor BAA", "DPA", "Other"]
		amended_from: DF.Link | None
		attested: DF.Check
		attested_by: DF.Link | None
		attested_on: DF.Datetime | None
		breach_notice_hours: DF.Int
		company: DF.Link | None
		effective_on: DF.Date | None
		expires_on: DF.Date | None
		file_pages: DF.Int
		flow_down_on: DF.Date | None
		incident_notice_hours: DF.Int
		is_agent: DF.Check
		our_incident_contact: DF.Data | None
		our_legal_name: DF.Data
		our_role: DF.Literal["Covered Entity", "Business Associate", "Subcontractor"]
		plan: DF.Data | None
		provider: DF.Link
		provider_account_id: DF.Data | None
		regions: DF.SmallText | None
		return_certificate: DF.Attach | None
		return_due_on: DF.Date | None
		return_method: DF.Literal["", "Returned", "Destroyed", "Protected Further"]
		review_on: DF.Date | None
		sent_on: DF.Datetime | None
		services: DF.SmallText
		sha256: DF.Data | None
		signatories: DF.Table[BAASignatory]
		signed_on: DF.Date | None
		state: DF.Literal["Draft", "Sent", "Accepted", "Declined", "Expired", "Terminated", "Superseded"]
		subcontractors: DF.SmallText | None
		supersedes: DF.Link | None
		terminated_on: DF.Date | None
		termination_reason: DF.SmallText | None
		their_incident_contact: DF.Data | None
		their_legal_name: DF.Data
		their_role: DF.Literal["Covered Entity", "Business Associate", "Subcontractor"]
		version: DF.Int

	# end: auto-generated types
	def validate(self) -> None:
		self.provider_account_id = (self.provider_account_id or "").strip()
		require_within(self, bounds.AGREEMENT)
		self._check_dates()
		self._check_superseded()
		self._require_open_state()
		self._keep_sending()
		self._hash_file()
		self.update(dict.fromkeys((*BY_TERMINATING, *BY_ATTESTING - {"file_pages"})))

	def before_submit(self) -> None:
		self.state = State.ACCEPTED.value
		self._require_move()
		self._check_complete()
		self.accepted_on = now_datetime()
		self.accepted_by = frappe.session.user

	def on_submit(self) -> None:
		if not self.supersedes:
			return
		old = frappe.get_doc(self.doctype, self.supersedes, for_update=True)
		if old.state == State.SUPERSEDED.value:
			frappe.throw(_("{0} has been superseded already. Supersede its newest version.").format(old.name))
		if old.state == State.ACCEPTED.value:
			old.state = State.SUPERSEDED.value
			old.save(ignore_permissions=True)

	def before_update_after_submit(self) -> None:
		self._require_move()
		is_ending = self.state != self._state_before()
		is_attesting = not is_ending and bool(self.attested) and self.has_value_changed("attested")
		self._refuse_by_hand(is_ending, is_attesting)
		if is_ending:
			self._check_end()
		if is_attesting:
			self._attest()

	def before_cancel(self) -> None:
		frappe.throw(
			_("An accepted agreement is not cancelled. Terminate it, or supersede it by a new version.")
		)

	def on_trash(self) -> None:
		self._require_never_sent()

	def before_discard(self) -> None:
		"""A newer platform lets drafts be discarded, and then deleted."""
		self._require_never_sent()

	def _require_never_sent(self) -> None:
		if self.state != State.DRAFT.value or self.sent_on:
			frappe.throw(_("Only a draft that was never sent can be deleted: what was sent stays on record."))

	def _keep_sending(self) -> None:
		"""When it was first sent, for good: going back to Draft does not undo that."""
		before = self.get_doc_before_save()
		self.sent_on = before.sent_on if before else None
		if not self.sent_on and before and before.state == State.SENT.value:
			self.sent_on = before.modified
		if not self.sent_on and self.state == State.SENT.value:
			self.sent_on = now_datetime()

	def _refuse_by_hand(self, is_ending: bool, is_attesting: bool) -> None:
		terminating = is_ending and self.state == State.TERMINATED.value
		allowed = BY_TERMINATING if terminating else frozenset({"attested"} if is_attesting else ())
		before = self.get_doc_before_save()
		for field in sorted((BY_TERMINATING | BY_ATTESTING) - allowed):
			had = before and before.get(field)
			if (had or self.get(field)) and self.has_value_changed(field):
				label = _(self.meta.get_label(field))
				frappe.throw(
					_("{0} is written when the agreement is terminated or attested: use the button.").format(
						label
					)
				)

	def _attest(self) -> None:
		"""A second person stands for it: the record says what the file says, and it is still that file."""
		if self.state != State.ACCEPTED.value:
			frappe.throw(_("Only an accepted agreement can be attested."))
		if frappe.session.user == self.accepted_by:
			frappe.throw(_("You accepted this agreement. Another person has to attest it."))
		sha256, self.file_pages = agreement_file.read(self.agreement_file or "")
		if sha256 != self.sha256:
			frappe.throw(
				_("The file is not the one that was accepted. Supersede this record by a new version.")
			)
		self.attested_by = frappe.session.user
		self.attested_on = now_datetime()

	def _state_before(self) -> State:
		before = self.get_doc_before_save()
		return State(before.state) if before else State.DRAFT

	def _require_move(self) -> None:
		before = self._state_before()
		try:
			agreement.require_edge(before, State(self.state))
		except (WrongMove, ValueError):
			frappe.throw(_("A BAA Record cannot go from {0} to {1}.").format(_(before), _(self.state)))

	def _require_open_state(self) -> None:
		"""While unsubmitted: only the states before acceptance can be reached by saving."""
		self._require_move()
		if self._action == "save" and self.state not in (State.DRAFT, State.SENT, State.DECLINED):
			frappe.throw(_("Submit the record to accept it."))

	def _check_dates(self) -> None:
		if self.effective_on and self.expires_on and getdate(self.expires_on) < getdate(self.effective_on):
			frappe.throw(_("The agreement expires before it takes effect. Correct one of the two dates."))

	def _check_superseded(self) -> None:
		if not self.supersedes:
			self.version = 1
			return
		old = frappe.db.get_value(
			self.doctype, self.supersedes, ["provider", "version", "docstatus"], as_dict=True
		)
		may_end_it = frappe.has_permission(self.doctype, "write", doc=self.supersedes)
		if not may_end_it or old.provider != self.provider or old.docstatus != 1:
			frappe.throw(_("Only an accepted agreement with the same provider can be superseded."))
		self.version = old.version + 1

	def _hash_file(self) -> None:
		self.sha256, self.file_pages = (
			agreement_file.read(self.agreement_file) if self.agreement_file else (None, 0)
		)
		before = self.get_doc_before_save()
		if (
			before
			and before.state == State.SENT.value
			and self.state != State.DRAFT.value
			and before.sha256 != self.sha256
		):
			frappe.throw(
				_("The text was changed after it was sent. Set the record back to Draft and send it again.")
			)

	def _check_complete(self) -> None:
		parties = {row.party for row in self.signatories}
		missing = [
			label
			for label, given in (
				(_("the signed agreement as a file"), self.agreement_file),
				(_("the day it was signed"), self.signed_on),
				(_("the day it takes effect"), self.effective_on),
				(_("who signed for us"), "Us" in parties),
				(_("who signed for them"), "Them" in parties),
			)
			if not given
		]
		if missing:
			frappe.throw(_("Before it is accepted, the record needs: {0}.").format(", ".join(missing)))

	def _check_end(self) -> None:
		if self.state == State.TERMINATED.value:
			if not (self.termination_reason or "").strip():
				frappe.throw(_("Give the reason for the termination."))
			ended_on = self.terminated_on = getdate(self.terminated_on)
			if ended_on > getdate():
				frappe.throw(_("An agreement is terminated today or on an earlier day, not in the future."))
		if self.state == State.SUPERSEDED.value and not self._has_successor():
			frappe.throw(_("Submit the new version: it supersedes this one."))
		if self.state == State.EXPIRED.value and not self._is_past():
			frappe.throw(_("The agreement has not expired yet. Terminate it instead."))

	def _has_successor(self) -> bool:
		return bool(frappe.db.exists(self.doctype, {"supersedes": self.name, "docstatus": 1}))

	def _is_past(self) -> bool:
		held = Agreement(
			name=self.name,
			state=State.ACCEPTED,
			provider=self.provider,
			provider_account_id=self.provider_account_id or "",
			expires_on=getdate(self.expires_on) if self.expires_on else None,
		)
		return agreement.expire(held, getdate()).state is State.EXPIRED
