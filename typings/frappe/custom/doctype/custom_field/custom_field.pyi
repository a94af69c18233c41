from typing import Any

def create_custom_fields(
	custom_fields: dict[str, list[dict[str, Any]]], ignore_validate: bool = False
) -> None: ...
