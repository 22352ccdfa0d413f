"""The page of the demo: a channel of the local Discord in a browser, and a side panel.

`sandbox.page.server.open_page` serves it. The browser's part is in ``static``: plain HTML, CSS and
JavaScript modules, without a build step or anything from elsewhere. One browser tab is one
websocket and shows one person's view (`browser_session`): actions come in as ops (`ops`), and
changes go out as pushes (`view`, and `panel` for the side panel).
"""
