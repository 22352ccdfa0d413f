"""Makes first frames: pictures are parsed, adjusted and encoded by Pillow in worker processes.

``formats.detection`` identifies a file, and the other modules of ``formats`` parse it. ``pipeline``
asks the rules (``bot.domain.first_frame``) what to do; ``pixels`` and ``colors`` do it. All of this
runs in ``pool.worker``, a process of its own, which ``pool.pool`` controls through
``pool.process``. This package imports nothing: a worker would load the event loop with it.
"""
