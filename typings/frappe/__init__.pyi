"""What the package uses of Frappe, typed: Frappe has no types of its own. tests/site/test_typings.py compares it with Frappe."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal, NoReturn, TypeVar, overload

from frappe import permissions as permissions
from frappe.database.database import Database
from frappe.exceptions import DoesNotExistError as DoesNotExistError
from frappe.exceptions import PermissionError as PermissionError
from frappe.exceptions import QueryDeadlockError as QueryDeadlockError
from frappe.exceptions import Redirect as Redirect
from frappe.exceptions import UniqueValidationError as UniqueValidationError
from frappe.exceptions import ValidationError as ValidationError
from frappe.model.document import Document
from frappe.model.meta import Meta
from frappe.types.frappedict import _dict as _dict
from frappe.utils.redis_wrapper import RedisWrapper
from werkzeug.wrappers import Request

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])

class Session:
	user: str
	data: _dict

__version__: str

# Set for each request.
local: Any
flags: Any
qb: Any
session: Session
conf: _dict
form_dict: _dict
request: Request
db: Database
cache: RedisWrapper
allowed_http_methods_for_whitelisted_func: dict[Callable[..., Any], list[str]]

def _(msg: str, lang: str | None = None, context: str | None = None) -> str: ...
def _lt(msg: str, lang: str | None = None, context: str | None = None) -> str: ...
def as_json(
	obj: object, indent: int | None = 1, separators: tuple[str, str] | None = None, ensure_ascii: bool = True
) -> str: ...
def bold(text: str) -> str: ...
def clear_cache(user: str | None = None, doctype: str | None = None) -> None: ...
def clear_document_cache(doctype: str, name: str | None = None) -> None: ...
def clear_last_message() -> None: ...
def clear_messages() -> None: ...
def delete_doc(
	doctype: str | None = None,
	name: str | None = None,
	force: bool = False,
	*,
	ignore_missing: bool = True,
	delete_permanently: bool = False,
) -> None: ...
def enqueue(method: str | Callable[..., Any], *, queue: str = "default", **kwargs: Any) -> Any: ...
@overload
def get_list(doctype: str, *args: Any, run: Literal[False], **kwargs: Any) -> str: ...
@overload
def get_list(doctype: str, *args: Any, **kwargs: Any) -> list[Any]: ...
def get_all(doctype: str, *args: Any, **kwargs: Any) -> list[Any]: ...
def get_app_path(app_name: str, *joins: str) -> str: ...
def get_attr(method_string: str) -> Callable[..., Any]: ...
def get_cached_value(
	doctype: str, name: str | None, fieldname: str | Sequence[str] = "name", as_dict: bool = False
) -> Any: ...
def get_doc(*args: Any, **kwargs: Any) -> Document: ...
def get_hooks(hook: str | None = None) -> _dict: ...
def get_meta(doctype: str, cached: bool = True) -> Meta: ...
@overload
def get_request_header(key: str) -> str | None: ...
@overload
def get_request_header(key: str, default: str) -> str: ...
def get_roles(username: str | None = None) -> list[str]: ...
def get_site_path(*joins: str) -> str: ...
def get_system_settings(key: str) -> Any: ...
def has_permission(
	doctype: str | None = None,
	ptype: str = "read",
	doc: Document | str | None = None,
	user: str | None = None,
	throw: bool = False,
) -> bool: ...
def generate_hash(txt: str | None = ..., length: int = ...) -> str: ...
def new_doc(doctype: str, **kwargs: Any) -> Document: ...
def only_for(roles: Iterable[str] | str, message: bool = False) -> None: ...
def parse_json(val: object) -> Any: ...
def publish_realtime(
	event: str | None = None,
	message: Mapping[str, Any] | None = None,
	room: str | None = None,
	user: str | None = None,
	doctype: str | None = None,
	docname: str | None = None,
	task_id: str | None = None,
	after_commit: bool = False,
) -> None: ...
def scrub(txt: str) -> str: ...
def throw(
	msg: str | list[str],
	exc: type[Exception] | Exception = ...,
	title: str | None = None,
	*,
	as_list: bool = False,
) -> NoReturn: ...
def whitelist(
	allow_guest: bool = False, xss_safe: bool = False, methods: list[str] | None = None
) -> Callable[[Endpoint], Endpoint]: ...
