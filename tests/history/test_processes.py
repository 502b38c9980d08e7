"""Two processes at once, and processes that die: real ones, on both databases."""

import json
import signal
import time

import judged_runs
import pytest

from textdrift.errors import HistoryError
from textdrift.history import OutboxMessage, open_history

AT_ONCE = """
    import json, os, sys
    import judged_runs
    from textdrift.history import open_history, opening, migrating  # all of it, before they race
    migrating.revisions()

    def together(n_processes, work):
        # Start processes that all stand at one line, let them go, and return what each of them says.
        gate_out, gate_in = os.pipe()
        places = []
        for place in range(n_processes):
            out, into = os.pipe()
            if os.fork() == 0:
                try:
                    os.close(gate_in)
                    os.read(gate_out, 1)
                    os.write(into, json.dumps(work(place)).encode())
                finally:
                    os._exit(0)
            os.close(into)
            places.append(out)
        os.close(gate_in)
        said = [os.fdopen(out, "rb").read() for out in places]
        for _ in places:
            os.wait()
        return [json.loads(text) for text in said]
"""


def test_processes_that_open_a_new_database_at_once_make_it_once(url, said):
    urls = [url, *(f"{url}.{i}" for i in range(4))] if url.startswith("sqlite") else [url]
    code = f"""{AT_ONCE}
    def work(place):
        with open_history(url) as history:
            history.set_alert_state(f"job {{place}}", {{"place": place}})
            return history.alert_state(f"job {{place}}")

    for url in sys.argv[1:]:
        assert together(4, work) == [{{"place": place}} for place in range(4)], url
    """
    said(code, *urls)
    for made in urls:
        with open_history(made, read_only=True) as history:
            assert [history.alert_state(f"job {i}") for i in range(4)] == [{"place": i} for i in range(4)]


def test_processes_that_record_one_window_at_once_keep_one_row_and_all_get_it(url, history, said):
    code = f"""{AT_ONCE}
    def work(place):
        with open_history(sys.argv[1]) as history:
            runs = [history.record(judged_runs.run(day, report_folder=str(place))) for day in range(25)]
        return [[run.id, run.window, run.report_folder] for run in runs]

    print(json.dumps(together(4, work)))
    """
    first, *others = json.loads(said(code, url))
    assert all(other == first for other in others)
    assert [[run.id, run.window, run.report_folder] for run in history.runs("inputs")] == first
    assert len(first) == len(history.series("inputs")) == 25


def test_processes_that_replace_one_window_at_once_leave_one_whole_judgement(url, history, said):
    code = f"""{AT_ONCE}
    def work(place):
        with open_history(sys.argv[1]) as history:
            document = judged_runs.report(*[judged_runs.finding(value=place)] * (place + 1), place=place)
            for _ in range(10):
                history.record(judged_runs.run(document=document), replace=True, profile=b"%d" % place)

    together(4, work)
    """
    said(code, url)
    (run,) = history.runs("inputs")
    place = history.report(run.id)["place"]
    assert [row["value"] for row in history.series("inputs")] == [place] * (place + 1)
    assert list(history.profiles("inputs")) == [(run.window, b"%d" % place)]


HOLDER = """
    import sys, time
    from textdrift.history import open_history
    with open_history(sys.argv[1]) as history, history.exclusive(sys.argv[2]):
        print("held", flush=True)
        time.sleep(600)
"""


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM])
def test_a_job_is_run_by_one_process_until_that_ends_however_it_does(url, history, started, ending):
    job = "nightly/inputs \u00e9"
    holder = started(HOLDER, url, job)
    assert holder.stdout.readline() == "held\n"
    begun = time.monotonic()
    with pytest.raises(HistoryError, match="another process is running the job 'nightly/inputs"):
        history.exclusive(job, timeout=0.3).__enter__()
    assert 0.3 <= time.monotonic() - begun < 5
    with pytest.raises(HistoryError, match="another process"), history.exclusive(job, timeout=0):
        pass
    with history.exclusive("another job", timeout=0):
        pass
    holder.send_signal(ending)
    with history.exclusive(job, timeout=20):
        pass


def test_who_waits_for_a_job_gets_it_when_the_holder_is_done(url, history, started):
    with history.exclusive("inputs"):
        waiting = started(HOLDER, url, "inputs")
        time.sleep(1.5)
        assert waiting.poll() is None
    assert waiting.stdout.readline() == "held\n"


def test_a_job_is_free_again_after_a_failure_and_is_not_held_twice(history):
    with pytest.raises(ZeroDivisionError), history.exclusive("inputs"):
        raise ZeroDivisionError
    with history.exclusive("inputs", timeout=0), pytest.raises(HistoryError), history.exclusive("inputs", timeout=0):
        pass
    with history.exclusive("inputs", timeout=0):
        # What is held is the job, not the database.
        history.record(judged_runs.run())


DYING = """
    import os, signal, sys
    import judged_runs
    from sqlalchemy import event
    from textdrift.history import OutboxMessage, open_history, migrating
    migrating.revisions()
    url, steps = sys.argv[1], 0

    def record(history, day, replace):
        document = judged_runs.report(judged_runs.finding(), segments=[judged_runs.segment()], day=day)
        message = OutboxMessage(sink="1", dedup_key=f"key {day}", state="firing", body={})
        history.record(judged_runs.run(document=document, exit_code=day), replace=replace, messages=[message],
                       alert_state={"day": day}, profile=b"%d" % day, slow_drift={"day": day})

    def die_at(history, step):
        counted = 0
        def count(*_, **__):
            nonlocal counted
            counted += 1
            if counted == step:
                os.kill(os.getpid(), signal.SIGKILL)
        for name in ("before_cursor_execute", "commit"):
            event.listen(history._engine, name, count)

    def kept():
        with open_history(url) as history:
            runs = history.runs("inputs")
            return (
                [run.exit_code for run in runs],
                [history.report(run.id)["day"] for run in runs],
                len(history.series("inputs")),
                len(history.segments("inputs")),
                [profile for _, profile in history.profiles("inputs")],
                history.slow_drift("inputs"),
                history.alert_state("inputs"),
                [message.dedup_key for message in history.pending(now=judged_runs.NIGHT)],
            )

    def whole(day, keys):
        return [day], [day], 1, 1, [b"%d" % day], {"day": day}, {"day": day}, keys

    for day, before, after in (
        (1, ([], [], 0, 0, [], None, None, []), whole(1, ["key 1"])),
        (2, whole(1, ["key 1"]), whole(2, ["key 1", "key 2"])),
    ):
        for step in range(1, 100):
            assert kept() == before, (day, step, kept())
            child = os.fork()
            if child == 0:
                history = open_history(url)
                die_at(history, step)
                record(history, day, replace=day == 2)
                os._exit(0)
            _, status = os.waitpid(child, 0)
            if status == 0:
                break
            assert os.WTERMSIG(status) == signal.SIGKILL
            steps += 1
        assert kept() == after, (day, kept())
    print(steps)
"""


def test_a_process_killed_at_any_statement_of_a_record_leaves_all_or_nothing(url, said):
    assert int(said(DYING, url)) > 20


def test_a_history_is_read_while_another_process_writes(url, history, started):
    writer = started(
        """
        import sys, judged_runs
        from textdrift.history import open_history
        with open_history(sys.argv[1]) as history:
            for day in range(150):
                history.record(judged_runs.run(day))
                print(day, flush=True)
        """,
        url,
    )
    assert writer.stdout.readline() == "0\n"
    while writer.poll() is None:
        runs = history.runs("inputs")
        assert len(history.series("inputs")) >= len(runs) > 0
    assert len(history.runs("inputs")) == 150


def test_threads_share_one_history(history):
    from concurrent.futures import ThreadPoolExecutor

    message = OutboxMessage(sink="1", dedup_key="key", state="firing", body={})
    with ThreadPoolExecutor(8) as pool:
        runs = list(pool.map(lambda i: history.record(judged_runs.run(i % 4), messages=[message]), range(32)))
    assert {run.id for run in runs} == {run.id for run in history.runs("inputs")}
    assert len(history.runs("inputs")) == 4
    assert len(history.pending(now=judged_runs.NIGHT)) == 1
