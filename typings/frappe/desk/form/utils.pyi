from typing import Any

def get_next(
	doctype: str,
	value: str | int,
	prev: str | int,
	filters: Any = None,
	sort_order: str = "desc",
	sort_field: str = "modified",
) -> str | None: ...
