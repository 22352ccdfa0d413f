"""A local video provider that speaks DashScope's API (Alibaba Model Studio) on this machine only.

How to use it::

    async with LocalDashScope(seconds=30, speed=10) as provider:
        provider.base_url, provider.key     # DASHSCOPE_BASE_URL and DASHSCOPE_API_KEY
        provider.key = "another-key"        # 401, also for a key of another region
        provider.in_arrears = True          # 400 Arrearage for create calls
        provider.denied.add("wan2.2-i2v-plus")        # 403: this key may not use the model
        provider.full = True                # 429 for create calls
        provider.waiting = math.inf         # new tasks stay PENDING …
        provider.begin()                    # … until they are begun: all, or one by its id
        provider.slow = math.inf            # tasks created from now on never end …
        provider.finish()                   # … unless they are ended
        provider.forget(task_id)            # UNKNOWN, as 24 h after its creation
        provider.fail_next("DataInspectionFailed", "refused", times=1)
        provider.style = STYLES["no usage"]
        provider.faults.add(Fault(operation="cancel", when="after", reset=True))
        await provider.stop(); await provider.start()      # an outage; same port, same tasks
        provider.creates                    # accepted create calls; await provider.created(2)
        provider.charges                    # USD of each video, which no answer says
        provider.requests, provider.counts  # log of all requests; number of each operation

Tasks take ``seconds / speed`` seconds of ``clock``, and wait for a tenth of them before they run.
The limits of each model are kept: submissions a second, and tasks at a time. `REFUSED` answers 429
to a submission above the latter, `QUEUED` lets it wait as PENDING: no page says which of the two
the service does for these models. ``rates`` multiplies what is allowed a second, for bots on a
faster clock. A video is rendered after a client has read that its task has succeeded, or from the
start with ``render_early``; ``video`` replaces all videos.

Sources: the pages "Wan image-to-video, first frame (2.1-2.6)", "Asynchronous task management",
"Rate limits" and "Error codes" of Model Studio, and the SDK, `dashscope` 2.0.2, which is tested
against this server. What no source says is marked with "no source".
"""

from sandbox.dashscope.answers import Style
from sandbox.dashscope.limits import Excess
from sandbox.dashscope.server import LocalDashScope
from sandbox.dashscope.styles import STYLES
from sandbox.providers.exchanges import Exchange
from sandbox.providers.faults import Fault
from sandbox.providers.records import Create

__all__ = ["STYLES", "Create", "Excess", "Exchange", "Fault", "LocalDashScope", "Style"]
