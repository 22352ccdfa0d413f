"""A provider whose only answer is "in progress", in a process of its own.

It answers Flipbook's polls and those of the `dashscope` SDK, each in its own format. It prints the
address it listens on, and ends when its standard input ends.
"""

import asyncio
import gc
import sys

import uvloop
from aiohttp import web


def main() -> None:
    """Answer until the standard input ends."""
    # The provider's own speed is not measured, so it must not be what the polls wait for.
    gc.disable()
    uvloop.run(_serve())


async def _serve() -> None:
    app = web.Application()
    app.router.add_get("/model/v1/generation/task/{id}", _vtrix)
    # The SDK's addresses end with a slash.
    app.router.add_get("/api/v1/tasks/{id}/", _dashscope)
    runner = web.AppRunner(app, access_log=None, keepalive_timeout=60)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=4096).start()
    host, port = runner.addresses[0][:2]
    print(f"http://{host}:{port}", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await runner.cleanup()


async def _vtrix(request: web.Request) -> web.Response:
    body = f'{{"id":"{request.match_info["id"]}","status":"in_progress","created_at":1790000000}}'
    return web.Response(text=body, content_type="application/json")


async def _dashscope(request: web.Request) -> web.Response:
    task = request.match_info["id"]
    body = f'{{"request_id":"r","output":{{"task_id":"{task}","task_status":"RUNNING"}}}}'
    return web.Response(text=body, content_type="application/json")


if __name__ == "__main__":
    main()
