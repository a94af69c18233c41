from enum import Enum

class ApiVersion(str, Enum):
	V1 = "v1"
	V2 = "v2"

def get_api_version() -> ApiVersion | None: ...
