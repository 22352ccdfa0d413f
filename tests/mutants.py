"""Mutation tests: break each promise once in a copy of the code, and expect a test to fail.

Run `make mutants`, or `python -m tests.mutants WORD` for the mutants whose description contains the
word. The checkout stays as it is: the files that git tracks are copied, and a copy is broken.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

from tests.faults.report import PAGE, written

ROOT = Path(__file__).parents[1]
# pytest's exit codes: https://docs.pytest.org/en/stable/reference/exit-codes.html
GREEN, RED = 0, 1
TIMED_OUT = -1
MOST_SECONDS = 300
# About as many as there are processors; most tests also spend some time waiting.
AT_ONCE = max(2, os.cpu_count() or 2)
HEAD = "| what was taken away | which tests had to notice | outcome |\n| --- | --- | --- |\n"
MARKS = ("<!-- made by `make mutants` -->", "<!-- end of what `make mutants` makes -->")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One promise, and the change to the code that breaks it."""

    words: str
    """What the change takes away, for the table in docs/reliability.md."""
    file: str
    changes: tuple[tuple[str, str], ...]
    """Pairs of a text that occurs exactly once in the file, and its replacement."""
    tests: tuple[str, ...]
    """Arguments for pytest that select the tests that have to fail."""


MUTANTS = (
    Mutant(
        words="a video is posted without the label in its file",
        file="bot/worker/video_fetcher.py",
        changes=(("        await self._label(task, target)\n", ""),),
        tests=("tests/worker/test_labels.py",),
    ),
    Mutant(
        words="a disk that stays full keeps a video back, as it cannot be labeled",
        file="bot/worker/video_fetcher.py",
        changes=(("MOST_LABEL_ATTEMPTS = 15", "MOST_LABEL_ATTEMPTS = 10_000"),),
        tests=("tests/worker/test_labels.py",),
    ),
    Mutant(
        words="a file that takes no label is tried again and again",
        file="bot/worker/video_fetcher.py",
        changes=(
            (
                "except (VideoUnreadable, FileNotFoundError) as error:",
                "except ZeroDivisionError as error:",
            ),
        ),
        tests=("tests/worker/test_labels.py",),
    ),
    Mutant(
        words="a file that has its label gets another one",
        file="bot/video/labeler.py",
        changes=(("        if missing:\n", "        if wanted:\n"),),
        tests=("tests/video/test_labeler.py",),
    ),
    Mutant(
        words="the label comes after the index of fragments",
        file="bot/video/labeler.py",
        changes=(('last.type == b"mfra"', 'last.type == b"none"'),),
        tests=("tests/video/test_labeler.py",),
    ),
    Mutant(
        words="a last box without a size takes the label in",
        file="bot/video/labeler.py",
        changes=(("if last.is_open and not stays_last:", "if stays_last:"),),
        tests=("tests/video/test_labeler.py",),
    ),
    Mutant(
        words="XMP that was there already is lost to the label",
        file="bot/video/labeler.py",
        changes=(
            (
                "packet = old and xmp.add(old.content, missing)",
                "packet = old and xmp.write(wanted)",
            ),
        ),
        tests=("tests/video/test_labeler.py",),
    ),
    Mutant(
        words="the picture of a refused command is kept",
        file="bot/services/intake/first_frame_keeper.py",
        changes=(("            await self._remove_unneeded(frame)\n", ""),),
        tests=("tests/attacks/test_disk.py", "-k", "twenty"),
    ),
    Mutant(
        words="pictures in use are deleted for room",
        file="bot/services/intake/first_frame_keeper.py",
        changes=(("if use is None else not use.in_hand", "if use is None else True"),),
        tests=("tests/attacks/test_disk.py", "-k", "deleted_for_room"),
    ),
    Mutant(
        words="files are readable by other accounts",
        file="bot/cli/__init__.py",
        changes=(("    os.umask(0o077)\n", ""),),
        tests=("tests/attacks/test_neighbors.py", "-k", "account_alone"),
    ),
    Mutant(
        words="decoders may open files and connections",
        file="bot/hardening.py",
        changes=(("            ruleset.restrict()\n", ""),),
        tests=("tests/attacks/test_decoders.py", "-k", "taken_over_reaches"),
    ),
    Mutant(
        words="decoders load modules only when a picture needs them",
        file="bot/imaging/pool/worker.py",
        changes=(('    importlib.import_module("PIL.WebPImagePlugin")\n', ""),),
        tests=("tests/attacks/test_decoders.py", "-k", "not_loaded"),
    ),
    Mutant(
        words="a small machine decodes as many pictures at once as a large one",
        file="bot/imaging/pool/memory.py",
        changes=(("max(_LEAST, (memory or _memory()) - _OTHERS)", "_UNKNOWN"),),
        tests=("tests/attacks/test_small_machines.py",),
    ),
    Mutant(
        words="other processes of the account may read the bot's memory",
        file="bot/cli/__init__.py",
        changes=(("    hide_memory()\n", ""),),
        tests=("tests/attacks/test_decoders.py", "-k", "other_process"),
    ),
    Mutant(
        words="an answer of something in front of Discord counts as Discord's",
        file="bot/client.py",
        changes=(("        self.blockade.watch()\n", ""),),
        tests=("tests/ui/delivery/requests/test_blockade.py", "-k", "given_up"),
    ),
    Mutant(
        words="the `submitting` commit comes after the create call",
        file="bot/worker/submitter.py",
        changes=(
            (
                """\
        begun = await self._submitting(task)
        if isinstance(begun, AccountFull):
            return begun
""",
                "        begun = task\n",
            ),
            (
                "        # The provider's id is only in memory",
                """\
        task = await self._deps.persist(lambda: self._deps.tasks.submitting(task), task_id=task.id)
        # The provider's id is only in memory""",
            ),
        ),
        tests=("tests/flows/processes/test_kill.py", "-k", "middle_of_the_create_call"),
    ),
    Mutant(
        words="error 40060 counts as the bot's own response",
        file="bot/ui/submission/acknowledgements.py",
        changes=(
            (
                "            if self.may_have_answered(interaction):\n",
                "            if error.code:\n",
            ),
        ),
        tests=("tests/cogs/test_two_copies.py", "-k", "two_copies_with_one_token"),
    ),
    Mutant(
        words="a reservation does not check whether its interaction has a task",
        file="bot/storage/tasks/reservations.py",
        changes=(("    await _check_interaction(connection, new)\n", ""),),
        tests=("tests/storage/engine/test_gateways.py", "-k", "whatever_has_become_of_it"),
    ),
    Mutant(
        words="interactions are not unique in the database",
        file="bot/storage/migrations/versions/0011_interactions_and_gateways.py",
        changes=(("columns, unique=True", "columns, unique=False"),),
        tests=("tests/storage/engine/test_gateways.py", "-k", "database_itself_refuses"),
    ),
    Mutant(
        words="estimates have no bounds",
        file="bot/domain/models/prices.py",
        changes=(
            (
                "    return Usd(-(-configured.micros // _TIMES)), Usd(configured.micros * _TIMES)",
                "    return Usd(0), Usd(configured.micros * 10**9)",
            ),
        ),
        tests=("tests/attacks/test_money.py",),
    ),
    Mutant(
        words="a charged failure does not count in the allowance",
        file="bot/domain/quotas/holds.py",
        changes=(
            (
                "    if not may_be_charged or cost == ZERO:\n",
                "    if may_be_charged or not may_be_charged:\n",
            ),
        ),
        tests=("tests/attacks/test_money.py", "-k", "failures"),
    ),
    Mutant(
        words="one odd 403 closes the bot for everybody",
        file="bot/domain/provider/provider_status.py",
        changes=(
            ("if self.suspect is None or self.suspect == request:", "if self.suspect == request:"),
        ),
        tests=("tests/worker/test_circuit_breaker.py", "-k", "without_a_reason"),
    ),
    Mutant(
        words="a prompt repeated in an error closes the bot",
        file="bot/providers/alibaba_codes.py",
        changes=(("one in self._text and one not in self._written", "one in self._text"),),
        tests=("tests/providers/test_failure_reasons.py",),
    ),
    Mutant(
        words="an unclear request is sent again",
        file="bot/worker/submitter.py",
        changes=(("        if error.created is Created.UNKNOWN:", "        if not error:"),),
        tests=("tests/worker/test_worker.py", "-k", "never_sent_again"),
    ),
    Mutant(
        words="two processes together send more than a provider's account takes",
        file="bot/storage/tasks/submission_limits.py",
        changes=(("    await serialize_submissions(connection)\n", ""),),
        tests=("tests/storage/tasks/test_submission_limits.py", "-k", "postgresql"),
    ),
    Mutant(
        words="a cancellation that the provider refused counts as one",
        file="bot/providers/dashscope/response_mapping.py",
        changes=(
            (
                "        return False\n    raise _unanswered",
                "        return True\n    raise _unanswered",
            ),
        ),
        tests=("tests/providers/dashscope/test_answers.py", "-k", "cancellation"),
    ),
    Mutant(
        words="a cancellation gives the money back, whatever the provider says",
        file="bot/services/cancellation.py",
        changes=(
            (
                "        if not await self._provider_of(task.request.model).cancel(job_id):\n",
                "        if await self._provider_of(task.request.model).cancel(job_id) is None:\n",
            ),
        ),
        tests=("tests/worker/test_two_providers.py", "-k", "has_begun"),
    ),
    Mutant(
        words="a task is sent to both providers",
        file="bot/worker/submitter.py",
        changes=(
            (
                "            job = await self._access(task).client.create(task.request, picture)\n",
                (
                    "            for _, access in self._deps.providers.items():\n"
                    "                job = await access.client.create(task.request, picture)\n"
                ),
            ),
        ),
        tests=("tests/simulation",),
    ),
    Mutant(
        words="the price of another provider's model is booked",
        file="bot/worker/listed_costs.py",
        changes=(
            (
                "prices.find(asked)",
                'prices.find(asked._replace(model="wan22_i2v_flash"))',
            ),
        ),
        tests=("tests/simulation",),
    ),
    Mutant(
        words="a provider that hangs keeps another one's tasks waiting",
        file="bot/worker/submitter.py",
        changes=(("self._slots[self._provider(task)]", 'self._slots[""]'),),
        tests=("tests/worker/test_two_providers.py", "-k", "hangs"),
    ),
    Mutant(
        words="a create call that broke off with HTTP 200 counts as refused",
        file="bot/providers/dashscope/response_mapping.py",
        changes=(("if problem.code is None or reason", "if reason"),),
        tests=("tests/providers/dashscope/test_answers.py", "-k", "create_call_is_read"),
    ),
    Mutant(
        words="messages are sent without a nonce",
        file="bot/ui/delivery/channels.py",
        changes=(("files=files, nonce=nonce, **more", "files=files, **more"),),
        tests=("tests/ui/delivery/test_messenger.py", "-k", "twice_in_a_row"),
    ),
    Mutant(
        words="a result is posted again without a search",
        file="bot/ui/delivery/deliveries.py",
        changes=(
            (
                """\
        channel = self._channels.of(task.place.channel_id, task.place.guild_id)
        if search and (found := await self._channels.find(channel, task)):
            return found
""",
                "        channel = self._channels.of(task.place.channel_id, task.place.guild_id)\n",
            ),
        ),
        tests=("tests/ui/delivery/test_messenger.py", "-k", "nonce_is_forgotten"),
    ),
    Mutant(
        words="the nonce counts as remembered forever",
        file="bot/worker/deliverer.py",
        changes=(
            (
                "method is not task.delivery.method or not trusted",
                "method is not task.delivery.method",
            ),
        ),
        tests=("tests/worker/test_worker.py", "-k", "searched_for"),
    ),
    Mutant(
        words="after a kill, a result is posted again without a search",
        file="bot/worker/deliverer.py",
        changes=(
            ("method is not task.delivery.method or not trusted", "bool(method) and not trusted"),
        ),
        tests=("tests/simulation",),
    ),
    Mutant(
        words="a process that was paused delivers tasks that it has lost",
        file="bot/worker/deliverer.py",
        changes=(("began > SAY_WITHIN:", "began < 0:"),),
        tests=("tests/simulation",),
    ),
    Mutant(
        words="a process that was paused sends tasks that it has lost",
        file="bot/worker/submitter.py",
        changes=(("began > SEND_WITHIN:", "began < 0:"),),
        tests=("tests/worker/test_several_workers.py",),
    ),
    Mutant(
        words="an edit may show an earlier state",
        file="bot/services/history.py",
        changes=(("        if await self._is_later(task):\n            return False\n", ""),),
        tests=("tests/ui/delivery/test_late_edits.py", "tests/services/test_history.py"),
    ),
    Mutant(
        words="edits that a killed process had sent are not checked",
        file="bot/storage/tasks/takeover.py",
        changes=(("[task.id for task in of_killed]", "[]"),),
        tests=("tests/storage/tasks/test_late_edits.py",),
    ),
    Mutant(
        words="edits of tasks that a killed process had ended are not checked",
        file="bot/storage/tasks/takeover.py",
        changes=(("    if last is not None:\n", "    if last is None:\n"),),
        tests=("tests/storage/tasks/test_late_edits.py",),
    ),
    Mutant(
        words="a process that has just started waits again for dead ones",
        file="bot/storage/tasks/leases.py",
        changes=(
            ("at_server is not None and until <= at_server", "at_server is not None and False"),
        ),
        tests=("tests/storage/tasks/test_leases.py",),
    ),
    Mutant(
        words="edits without an answer are not checked",
        file="bot/services/history.py",
        changes=(
            (
                "                await self._look_again(task, ARRIVES_WITHIN)\n",
                "                pass\n",
            ),
        ),
        tests=("tests/simulation",),
    ),
    Mutant(
        words="requests go on while Discord is blocked",
        file="bot/worker/deliverer.py",
        changes=(("at_least=error.retry_after or 0.0", "at_least=0.0"),),
        tests=("tests/simulation",),
    ),
    Mutant(
        words="a blockade makes the bot post a new message",
        file="bot/worker/deliverer.py",
        changes=(("began > GIVE_UP_METHOD_AFTER.total_seconds()", "began > 30"),),
        tests=("tests/simulation",),
    ),
    Mutant(
        words="an interaction that two copies receive makes two tasks",
        file="bot/services/intake/reservation.py",
        changes=(("interaction_id=submission.interaction_id", "interaction_id=None"),),
        tests=("tests/simulation",),
    ),
    Mutant(
        words="any number of lost create calls in a row is allowed",
        file="bot/domain/provider/provider_status.py",
        changes=(
            ("if counted.unclear < UNCLEAR_IN_A_ROW or self.closure is not None:", "if True:"),
        ),
        tests=("tests/simulation",),
    ),
    Mutant(
        words="estimates count charges of any size",
        file="bot/domain/models/prices.py",
        changes=(("_TIMES = 4\n", "_TIMES = 1000\n"),),
        tests=("tests/simulation",),
    ),
    Mutant(
        words="a charge that was not reported counts as nothing",
        file="bot/storage/quotas/holds.py",
        changes=(
            ("import Usd\n", "import ZERO, Usd\n"),
            ("charged = task.estimate if cost is None", "charged = ZERO if cost is None"),
        ),
        tests=("tests/simulation",),
    ),
    Mutant(
        words="a task that a gateway accepted belongs to nobody",
        file="bot/storage/tasks/takeover.py",
        changes=(
            (
                "return or_(tasks.c.owner.is_(None), and_(tasks.c.owner != _ME, is_gone))",
                "return and_(tasks.c.owner != _ME, is_gone)",
            ),
        ),
        tests=("tests/simulation",),
    ),
    Mutant(
        words="an edit that arrives after the result is not repaired",
        file="bot/services/history.py",
        changes=(("            await self._look_back(task)\n", ""),),
        tests=("tests/services/test_history.py",),
    ),
    Mutant(
        words="a change does not name the state it expects",
        file="bot/storage/tasks/transitions.py",
        changes=(('        tasks.c.state == bindparam("its_state"),\n', ""),),
        tests=("tests/storage/tasks/test_tasks.py", "-k", "old_view or one_winner"),
    ),
    Mutant(
        words="a change does not name the lease's epoch",
        file="bot/storage/tasks/transitions.py",
        changes=(
            (
                """\
        tasks.c.owner.is_not_distinct_from(bindparam("its_owner", type_=tasks.c.owner.type)),
""",
                "",
            ),
            ('        tasks.c.epoch == bindparam("its_epoch"),\n', ""),
        ),
        tests=("tests/storage/tasks/test_tasks.py", "tests/storage/tasks/test_leases.py"),
    ),
    Mutant(
        words="a live process loses its tasks to another",
        file="bot/storage/tasks/leases.py",
        changes=(("if now - since >= lease.total_seconds()", "if now >= since"),),
        tests=("tests/storage/tasks/test_leases.py",),
    ),
    Mutant(
        words="a money hold can end twice",
        file="bot/storage/quotas/holds.py",
        changes=(
            (
                ', money_holds.c.state == bindparam("held"))',
                ', money_holds.c.state != bindparam("held") + "x")',
            ),
        ),
        tests=("tests/storage/quotas/test_quotas.py", "-k", "ends_once"),
    ),
    Mutant(
        words="two people get the last place",
        file="bot/storage/tasks/reservations.py",
        changes=(
            (
                "        return denial\n",
                "        if denial.held == 0:\n            return denial\n",
            ),
        ),
        tests=("tests/storage/tasks/test_tasks.py", "-k", "of_200_at_once"),
    ),
    Mutant(
        words="a budget ignores held money",
        file="bot/domain/quotas/quota.py",
        changes=(("spend.counted + estimate <= budget", "spend.settled + estimate <= budget"),),
        tests=("tests/domain/quotas/test_quota.py",),
    ),
    Mutant(
        words="a budget ignores the new estimate",
        file="bot/domain/quotas/quota.py",
        changes=(("spend.counted + estimate <= budget", "spend.counted <= budget"),),
        tests=("tests/domain/quotas/test_quota.py",),
    ),
    Mutant(
        words="a redirect may lead anywhere",
        file="bot/providers/download.py",
        changes=(("            check_link(url)\n", "            pass\n"),),
        tests=("tests/providers/test_download.py",),
    ),
    Mutant(
        words="a host name may lead to a private address",
        file="bot/providers/download.py",
        changes=(
            (
                "_session(PublicResolver(self._resolver, outbound=self._outbound))",
                "_session(self._resolver)",
            ),
        ),
        tests=("tests/providers/test_download.py",),
    ),
    Mutant(
        words="the size of videos is not limited",
        file="bot/providers/download.py",
        changes=(("if saving.bytes + len(chunk) > self._bytes_max:", "if not chunk:"),),
        tests=("tests/providers/test_download.py", "-k", "while_it_is_counted"),
    ),
    Mutant(
        words="a stranger deletes a result",
        file="bot/ui/results/delete_buttons.py",
        changes=(("not await moderators.by_interaction(interaction, flow.context)", "not self"),),
        tests=("tests/cogs/results/test_result_forms.py", "-k", "stranger"),
    ),
    Mutant(
        words="prompts are not escaped",
        file="bot/ui/texts/measures.py",
        changes=(('_SPECIAL.sub(r"\\\\\\1", one_line(text))', "one_line(text)"),),
        tests=("tests/ui/texts/test_texts.py",),
    ),
    Mutant(
        words="messages may mention anybody",
        file="bot/client.py",
        changes=(("AllowedMentions.none()", "AllowedMentions.all()"),),
        tests=("tests/ui/delivery/test_messenger.py", "-k", "deleted_the_message"),
    ),
    Mutant(
        words="the card itself may mention anybody",
        file="bot/ui/delivery/channels.py",
        changes=((", allowed_mentions=nobody", ""),),
        tests=("tests/cogs/test_animate.py", "-k", "queued_with"),
    ),
    Mutant(
        words="secrets are not removed from logs",
        file="bot/ops/redaction.py",
        changes=(('text = pattern.sub(rf"\\g<keep>{HIDDEN}", text)', "text = text"),),
        tests=("tests/ops/test_logging.py",),
    ),
    Mutant(
        words="large pictures are decoded at the same time",
        file="bot/imaging/pool/pool.py",
        changes=(("else max(needed, self._share)", "else self._share"),),
        tests=("tests/attacks/test_memory.py", "-k", "one_at_a_time"),
    ),
    Mutant(
        words="pictures that are too large for the machine are tried",
        file="bot/imaging/pool/pool.py",
        changes=(("if needed is not None and needed > self._memory:", "if needed is None:"),),
        tests=("tests/attacks/test_memory.py", "-k", "256"),
    ),
    Mutant(
        words="pictures count as less memory than they take",
        file="bot/imaging/pool/memory.py",
        changes=(("_COEFFICIENTS = 6", "_COEFFICIENTS = 0"),),
        tests=("tests/attacks/test_memory.py", "-k", "than_was_counted"),
    ),
    Mutant(
        words="warnings of libjpeg are ignored",
        file="bot/imaging/pipeline.py",
        changes=(("(message := libjpeg.warning(parts.clean))", "(message := '')"),),
        tests=("tests/imaging/test_damage.py",),
    ),
    Mutant(
        words="stray bytes are cut out of a JPEG",
        file="bot/imaging/formats/jpeg.py",
        changes=(('if scanned and data[at:start].strip(b"\\xff"):', "if not data:"),),
        tests=("tests/imaging/test_damage.py", "-k", "no_jpeg_has"),
    ),
    Mutant(
        words="a worker process continues after an odd picture",
        file="bot/imaging/pool/pool.py",
        changes=(('sound = answer.says.get("odd") is False', "sound = True"),),
        tests=("tests/imaging/test_damage.py", "-k", "odd_picture"),
    ),
    Mutant(
        words="gAMA is ignored",
        file="bot/imaging/formats/png.py",
        changes=(("is_default or not _GAMMA_LEAST <=", "True or not _GAMMA_LEAST <="),),
        tests=("tests/imaging/test_colors.py", "-k", "linear"),
    ),
    Mutant(
        words="cICP is ignored",
        file="bot/imaging/formats/png.py",
        changes=(('_payload(data, chunks, b"cICP")', 'b""'),),
        tests=("tests/imaging/test_colors.py", "-k", "hdr or wide"),
    ),
    Mutant(
        words="half-transparent pixels are mixed with white before conversion",
        file="bot/imaging/pixels.py",
        changes=(("            profile=parts.profile,\n", ""),),
        tests=("tests/imaging/test_colors.py", "-k", "half"),
    ),
    Mutant(
        words="a sixth redirect is followed",
        file="bot/providers/download.py",
        changes=(("range(HOPS_MAX + 1)", "range(HOPS_MAX + 2)"),),
        tests=("tests/providers/test_download.py", "-k", "sixth"),
    ),
    Mutant(
        words="a person reports one video again and again",
        file="bot/storage/guilds/reports.py",
        changes=(
            (
                "    if await connection.scalar(theirs.where(reports.c.task_id == new.task.id)):",
                "    if new.task.id is None:",
            ),
        ),
        tests=("tests/storage/guilds/test_reports.py", "-k", "reports_a_video_once"),
    ),
    Mutant(
        words="reports that come at once are not counted one after another",
        file="bot/storage/guilds/reports.py",
        changes=(
            (
                """\
    # If two are filed at once, the second one sees the first.
    await serialize_reservations(connection)
""",
                "",
            ),
        ),
        tests=("tests/storage/guilds/test_reports.py", "-k", "sixth and postgresql"),
    ),
    Mutant(
        words="a dismissed video is hidden again by the next report",
        file="bot/storage/guilds/reports.py",
        changes=(("new.hides and not await connection.scalar(before)", "new.hides"),),
        tests=("tests/storage/guilds/test_reports.py", "-k", "hidden_until"),
    ),
    Mutant(
        words="blocks are not checked by a reservation",
        file="bot/storage/tasks/reservations.py",
        changes=(("    await _check_blocks(connection, new)\n", ""),),
        tests=("tests/storage/guilds/test_reports.py", "-k", "operator_blocks"),
    ),
    Mutant(
        words="a video is posted after moderators removed it",
        file="bot/worker/deliverer.py",
        changes=(
            ("        if withholds is None:\n", "        if withholds is None or task.id:\n"),
        ),
        tests=("tests/worker/test_withheld.py",),
    ),
    Mutant(
        words="the choice that nobody may use one's pictures is ignored",
        file="bot/services/intake/picture_consent.py",
        changes=(
            (
                "if ERASED_OWNER in others or (others and await self._choices.refuses(others)):",
                "if ERASED_OWNER in others:",
            ),
        ),
        tests=("tests/cogs/test_picture_consent.py", "-k", "its_author_alone"),
    ),
    Mutant(
        words="the choice that nobody may use one's pictures leaves out one's results",
        file="bot/services/intake/picture_consent.py",
        changes=(
            (
                "{submission.picture_owner_id, submission.result_owner_id}",
                "{submission.picture_owner_id}",
            ),
        ),
        tests=("tests/cogs/test_picture_consent.py", "-k", "made_again_by_oneself"),
    ),
    Mutant(
        words="a picture is used without the answer of its owner",
        file="bot/services/intake/picture_consent.py",
        changes=(
            ("if submission.allowed_by_id != owner_id:", "if submission.allowed_by_id == 0:"),
        ),
        tests=("tests/cogs/test_picture_questions.py",),
    ),
    Mutant(
        words="the price list is booked for no video",
        file="bot/worker/listed_costs.py",
        changes=(("if model.reports_cost or job.cost is not None:", "if model:"),),
        tests=("tests/worker/test_two_providers.py", "-k", "price_list"),
    ),
    Mutant(
        words="charges for one model count in the estimates of another",
        file="bot/storage/provider/charges.py",
        changes=(
            (
                "for name in VideoKind._fields))",
                "for name in VideoKind._fields[1:]))",
            ),
        ),
        tests=("tests/storage/tasks/test_tasks.py", "-k", "last_charges"),
    ),
    Mutant(
        words="a provider's account has more tasks in progress than it takes",
        file="bot/storage/tasks/submission_limits.py",
        changes=((">= model.concurrent:", ">= 1_000:"),),
        tests=("tests/storage/tasks/test_submission_limits.py", "-k", "in_progress"),
    ),
    Mutant(
        words="more requests are sent in a second than a provider's account takes",
        file="bot/storage/tasks/submission_limits.py",
        changes=((">= model.submits_per_second:", ">= 1_000:"),),
        tests=("tests/storage/tasks/test_submission_limits.py", "-k", "a_second"),
    ),
    Mutant(
        words="a task that its provider has begun counts as canceled",
        file="bot/services/cancellation.py",
        changes=(
            (
                "if not await self._provider_of(task.request.model).cancel(job_id):",
                "if await self._provider_of(task.request.model).cancel(job_id) is None:",
            ),
        ),
        tests=("tests/worker/test_two_providers.py", "-k", "has_begun"),
    ),
    Mutant(
        words="the money of a canceled task stays held",
        file="bot/domain/quotas/holds.py",
        changes=(
            (
                "HoldsEnd(AllowanceEnd.RETURNED, MoneyEnd.RELEASED)",
                "HoldsEnd(AllowanceEnd.RETURNED)",
            ),
        ),
        tests=("tests/storage/tasks/test_cancellation.py",),
    ),
)


def broken(root: Path, mutant: Mutant) -> str:
    """Break the copy, and return the original text of the file.

    Raises:
        ValueError: A text does not occur exactly once. The code has changed, so the mutant must
            change too.
    """
    path = root / mutant.file
    whole = text = path.read_text(encoding="utf-8")
    for old, new in mutant.changes:
        if text.count(old) != 1:
            raise ValueError(f"{mutant.words}: {mutant.file} has {text.count(old)} times: {old!r}")
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")
    return whole


def outcome(root: Path, tests: tuple[str, ...]) -> int:
    """Run tests in the copy, and return pytest's exit code."""
    command = (sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests)
    # Write no bytecode: Python would take two changes within one second for the same file.
    environment = os.environ | {"PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        ended = subprocess.run(
            command,
            cwd=root,
            env=environment,
            capture_output=True,
            timeout=MOST_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return TIMED_OUT
    return ended.returncode


def notices(root: Path, mutant: Mutant) -> str:
    """Break one promise, run its tests, and say what is wrong; empty if the tests fail as they
    should.
    """
    whole = broken(root, mutant)
    try:
        code = outcome(root, mutant.tests)
    finally:
        (root / mutant.file).write_text(whole, encoding="utf-8")
    return "" if code == RED else f"nothing notices it (code {code})"


def copied(to: Path) -> Path:
    """Copy the files that git tracks, with the changes that are not committed yet."""
    listed = subprocess.run(
        ("git", "ls-files", "-z"), cwd=ROOT, capture_output=True, text=True, check=True
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, to / name)
    return to


def say(line: str) -> None:
    """Print one line without buffering."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


class Bench:
    """A pool of copies of the checkout, one for each thread."""

    def __init__(self, folder: Path) -> None:
        self._copies: SimpleQueue[Path] = SimpleQueue()
        for number in range(AT_ONCE):
            self._copies.put(copied(folder / str(number)))

    def tests_hold(self, tests: tuple[str, ...]) -> str:
        """Run the tests on unbroken code, and say what is wrong; empty if they pass."""
        with self._copy() as root:
            code = outcome(root, tests)
        return "" if code == GREEN else f"its tests do not hold as it is (code {code})"

    def notices(self, mutant: Mutant) -> tuple[str, float]:
        """Run one mutant: what is wrong with its tests (empty if nothing), and the seconds that
        took.
        """
        with self._copy() as root:
            begun = time.monotonic()
            return notices(root, mutant), time.monotonic() - begun

    @contextmanager
    def _copy(self) -> Iterator[Path]:
        root = self._copies.get()
        try:
            yield root
        finally:
            self._copies.put(root)


def table(found: Sequence[tuple[Mutant, str]]) -> str:
    """Return the Markdown table of all mutants, sorted by description."""
    rows = sorted(
        f"| {mutant.words} | `{mutant.tests[0]}` | {trouble or 'noticed'} |\n"
        for mutant, trouble in found
    )
    return HEAD + "".join(rows)


def main() -> int:
    """Run the chosen mutants, and return 1 if any survives. A full run rewrites the table in the
    docs.
    """
    wanted = [one for one in MUTANTS if all(word in one.words for word in sys.argv[1:])]
    suites = list(dict.fromkeys(one.tests for one in wanted))
    found: list[tuple[Mutant, str]] = []
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(AT_ONCE) as pool:
        bench = Bench(Path(folder))
        # Run each set of tests once, however many mutants it is for.
        wrong = dict(zip(suites, pool.map(bench.tests_hold, suites), strict=True))
        say(f"{len(suites)} sets of tests, {sum(map(bool, wrong.values()))} of them red as it is")
        for mutant, (trouble, took) in zip(wanted, pool.map(bench.notices, wanted), strict=True):
            trouble = wrong[mutant.tests] or trouble
            found.append((mutant, trouble))
            say(f"{trouble or 'noticed':<12} {took:5.1f} s  {mutant.words}")
    survived = sum(bool(trouble) for _, trouble in found)
    say(f"{len(wanted) - survived} of {len(wanted)} noticed")
    if len(wanted) == len(MUTANTS):
        page = ROOT / PAGE
        page.write_text(written(page.read_text("utf-8"), table(found), MARKS), "utf-8")
    return int(survived > 0)


if __name__ == "__main__":
    sys.exit(main())
