from typing import Any

def get_workflow_state_count(
	doctype: str, workflow_state_field: str, states: str | list[str]
) -> list[dict[str, Any]]: ...
