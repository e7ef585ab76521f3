"""The program of docs/integration.md runs as it stands: what it posts is a sale, and signed right."""

import json
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from functions.webhooks.schemas import SaleCompleted
from shared.http.webhook_signature import verify
from tests.receiver import answering, receiving

GUIDE: Final = (Path(__file__).parents[2] / "docs" / "integration.md").read_text(encoding="utf-8")
SECRET: Final = "whsec_" + "ZG9jdW1lbnRz" * 3  # the word documents, three times


def test_the_program_of_the_guide_posts_a_signed_sale(tmp_path: Path) -> None:
    (program,) = re.findall(r"^```python\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
    (tmp_path / "build").mkdir()
    with receiving() as api:
        api.behave = answering(200, b'{"result": "applied"}')
        local = {"api_url": api.url("127.0.0.1", ""), "subscriptions": [{"id": "till-sh001", "secret": SECRET}]}
        (tmp_path / "build" / "local.json").write_text(json.dumps(local), encoding="utf-8")
        ran = subprocess.run([sys.executable, "-c", program], check=True, cwd=tmp_path, capture_output=True, text=True)
    (request,) = api.requests
    assert ran.stdout == '{"result": "applied"}\n'
    assert request.path == "/v1/webhooks/till-sh001"
    assert verify(request.headers, request.body, [SECRET], datetime.now(UTC)) == request.headers["webhook-id"]
    assert SaleCompleted.model_validate_json(request.body).data.store_id == "SH001"
