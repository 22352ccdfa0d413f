"""JSON answers with Discord's content type."""

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web


def json_answer(
    body: Any, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> web.Response:
    """Make an answer with exactly ``application/json``: clients compare the whole header."""
    kind = {"Content-Type": "application/json"}
    data = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    return web.Response(status=status, body=data, headers={**(headers or {}), **kind})
