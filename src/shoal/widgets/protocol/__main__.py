"""``python -m shoal.widgets.protocol`` prints the JSON Schema of the messages."""

import json

from shoal.widgets.protocol import json_schema

print(json.dumps(json_schema(), indent=1, sort_keys=True))
