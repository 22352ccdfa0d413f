"""Calls DashScope's own SDK as it is told on the standard input, and prints each response.

`python sdk_program.py BASE_URL sync|async`, in the environment that has the SDK. A line of input is
a JSON array: a method of ``VideoSynthesis`` or ``AioVideoSynthesis``, and its arguments.
"""

import asyncio
import inspect
import json
import sys

import dashscope
from dashscope.aigc.video_synthesis import AioVideoSynthesis, VideoSynthesis


async def _main(base_url: str, kind: str) -> None:
    dashscope.base_http_api_url = base_url
    service = AioVideoSynthesis if kind == "async" else VideoSynthesis
    try:
        # Nothing else runs in this loop, so that the calls may block it.
        for line in sys.stdin:
            method, arguments = json.loads(line)
            answer = getattr(service, method)(**arguments)
            response = await answer if inspect.isawaitable(answer) else answer
            sys.stdout.write(json.dumps(dict(response)) + "\n")
            sys.stdout.flush()
    finally:
        await dashscope.close_shared_aio_session()


if __name__ == "__main__":
    asyncio.run(_main(*sys.argv[1:]))
