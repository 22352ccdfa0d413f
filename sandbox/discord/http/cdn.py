"""Serves uploaded files if their URL's signature is valid and has not expired."""

from aiohttp import web

from sandbox.discord.http.context import context

routes = web.RouteTableDef()


@routes.get("/attachments/{owner_id}/{file_id}/{name}")
@routes.get("/media/attachments/{owner_id}/{file_id}/{name}")
@routes.get("/ephemeral-attachments/{owner_id}/{file_id}/{name}")
@routes.get("/media/ephemeral-attachments/{owner_id}/{file_id}/{name}")
async def serve(request: web.Request) -> web.Response:
    """Send a file, or a part of it."""
    files = context(request).files
    text = request.match_info["file_id"]
    file = files.find(int(text)) if text.isdigit() else None
    if file is None or file.name != request.match_info["name"]:
        return _gone()
    path = request.path.removeprefix("/media").removeprefix("/")
    if path != files.path(file) or not files.allows(file, dict(request.query)):
        return _gone()
    part = request.http_range
    data = file.data[part]
    headers = {"Accept-Ranges": "bytes"}
    if part.start is None and part.stop is None:
        return _answer(200, data, file.content_type, headers)
    start, stop, _ = part.indices(len(file.data))
    if start >= len(file.data):
        return web.Response(status=416, headers={"Content-Range": f"bytes */{len(file.data)}"})
    headers["Content-Range"] = f"bytes {start}-{stop - 1}/{len(file.data)}"
    return _answer(206, data, file.content_type, headers)


def _answer(status: int, data: bytes, kind: str, headers: dict[str, str]) -> web.Response:
    return web.Response(status=status, body=data, headers=headers | {"Content-Type": kind})


def _gone() -> web.Response:
    return web.Response(status=404, text="This content is no longer available.")
