"""First frames: pictures taken apart, mended and encoded, by Pillow in worker processes.

``formats.detection`` says what a file is, and the other modules of ``formats`` take it apart;
``pipeline`` asks the rules (``bot.domain.first_frame``) what to do; ``pixels`` and ``colors`` do
it. All of that runs in ``pool.worker``, a process of its own that ``pool.pool`` talks to through
``pool.process``. Nothing is imported here: a worker would import the event loop with it.
"""
