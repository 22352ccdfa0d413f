"""The page of the demo: a channel of the local Discord in a browser, and a look behind the scenes.

`sandbox.page.server.open_page` serves it. The browser's side is in ``static``: plain HTML, CSS and
JavaScript modules, no build step, nothing from elsewhere. One browser tab is one websocket is one
person's view (`browser_session`): what somebody does comes in as an op (`ops`), and what they see
goes out when it changes (`view`, and `panel` for the side panel).
"""
