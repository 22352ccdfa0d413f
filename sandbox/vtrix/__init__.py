"""A local video provider that speaks Vtrix's API over real HTTP, on this machine only.

How to use it::

    async with LocalVtrix(seconds=30, speed=10) as provider:
        provider.base_url, provider.key         # VTRIX_BASE_URL and VTRIX_API_KEY
        provider.balance = "0"                  # USD, exact; reading it gives what is left
        provider.key = "another-key"            # 401 for the old one
        provider.slow = math.inf                # jobs created from now on never end …
        provider.finish()                       # … unless they are ended: all, or one by its id
        provider.forget(task_id)                # 404 about it
        provider.fail_next("DataInspectionFailed", "refused", times=1)
        provider.style = Style(output="object", cost="missing", error="numeric")
        provider.style = STYLES["in an envelope"]
        provider.faults.add(Fault(operation="create", when="after", reset=True, times=1))
        provider.faults.add(Fault(operation="status", status=503, body="<h1>", times=None))
        provider.faults.clear()
        await provider.stop(); await provider.start()   # an outage; same port, same jobs
        provider.creates                        # accepted create calls; await provider.created(2)
        provider.creates[0].request == provider.creates[1].request     # same in every field
        provider.requests, provider.counts      # log of all requests; number of each operation

``accepts`` is ``documented``, ``wrapped`` or ``both``. Jobs take ``seconds / speed`` seconds of
``clock``; with ``seconds=0`` or ``Style(at_once=True)`` they have ended in the answer to the create
call. A video is rendered after a client has read that its job is completed (1 to 2 s of a core in a
thread), or from the start with ``render_early``; ``video`` (bytes or a path) replaces all videos.
Links are valid for ``link_seconds`` after the end of their job, and start with ``files_url``
instead of ``base_url`` if it is set.
"""

from sandbox.providers.exchanges import Exchange
from sandbox.providers.faults import Fault
from sandbox.vtrix.answers import Style
from sandbox.vtrix.records import Create
from sandbox.vtrix.server import LocalVtrix
from sandbox.vtrix.styles import STYLES

__all__ = ["STYLES", "Create", "Exchange", "Fault", "LocalVtrix", "Style"]
