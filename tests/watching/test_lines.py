"""Lines of pipes and growing files: each is read once, whole, whatever becomes of the file."""

import json
import os
import threading
import time

import pytest

from textdrift.errors import MissingSourceError, UnreadableSourceError
from textdrift.watching.checkpoints import Position
from textdrift.watching.lines import GrowingFile, StandardInput


def line(i):
    return json.dumps({"text": f"text {i}"}) + "\n"


def texts(rows):
    return [row.values["text"] for row in rows if row is not None]


class Reading:
    """Reads a file that is written to meanwhile: ``more`` gives what has come since."""

    def __init__(self, path, **position):
        self.source, self.stopped = GrowingFile(str(path)), False
        self.source.begin(Position(**position), ())
        self.rows = self.source.rows(lambda: self.stopped)

    def more(self):
        found = []
        for row in self.rows:
            if row is None:
                return texts(found)
            found.append(row)
        return texts(found)


def test_a_file_is_followed_as_it_grows(tmp_path):
    path = tmp_path / "in.jsonl"
    path.write_text(line(0))
    reading = Reading(path)
    assert reading.more() == ["text 0"]
    with path.open("a") as file:
        file.write(line(1) + line(2))
    assert (reading.more(), reading.more()) == (["text 1", "text 2"], [])


def test_half_a_line_waits_for_its_other_half(tmp_path):
    path = tmp_path / "in.jsonl"
    whole = line(7)
    path.write_text(line(0) + whole[:9])
    reading = Reading(path)
    assert reading.more() == ["text 0"]
    with path.open("a") as file:
        file.write(whole[9:])
    assert reading.more() == ["text 7"]
    assert reading.source.troubles() == []


def test_at_the_end_of_a_file_that_is_not_followed_its_last_line_counts_without_an_end(tmp_path):
    path = tmp_path / "in.jsonl"
    path.write_text(line(0) + line(1).rstrip())
    assert texts(GrowingFile(str(path), follow=False).rows(lambda: False)) == ["text 0", "text 1"]


@pytest.mark.parametrize("n_after", [1, 2, 30])
def test_a_file_that_was_cut_short_is_read_from_its_beginning(tmp_path, n_after):
    path = tmp_path / "in.jsonl"
    path.write_text("".join(map(line, range(10))))
    reading = Reading(path)
    assert len(reading.more()) == 10
    path.write_text("".join(map(line, range(100, 100 + n_after))))  # the same inode, also where it is longer now
    assert reading.more() == [f"text {i}" for i in range(100, 100 + n_after)]
    assert "was replaced or cut short" in reading.source.troubles()[0]


def test_a_file_that_was_replaced_is_read_to_its_end_before_the_new_one(tmp_path):
    path, other = tmp_path / "in.jsonl", tmp_path / "new"
    path.write_text(line(0))
    reading = Reading(path)
    assert reading.more() == ["text 0"]
    with path.open("a") as file:
        file.write(line(1) + line(2).rstrip())  # the last words of a writer that rotates its log
    other.write_text(line(3))
    other.replace(path)
    assert reading.more() == ["text 1", "text 2", "text 3"]


def test_a_file_that_is_gone_for_a_while_is_waited_for(tmp_path):
    path = tmp_path / "in.jsonl"
    path.write_text(line(0))
    reading = Reading(path)
    reading.more()
    path.unlink()
    assert reading.more() == []
    path.write_text(line(1))
    assert reading.more() == ["text 1"]


def test_reading_goes_on_at_a_position_and_leaves_out_what_was_judged(tmp_path):
    path = tmp_path / "in.jsonl"
    path.write_text("".join(map(line, range(5))))
    first = GrowingFile(str(path), follow=False)
    places = [row.place for row in first.rows(lambda: False)]
    position = {"resume": places[2], "judged": (places[3],), "seal": first.seal_at(places[2])}
    assert Reading(path, **position).more() == ["text 2", "text 4"]


def test_another_file_under_the_name_is_known_by_its_bytes(tmp_path):
    path = tmp_path / "in.jsonl"
    path.write_text("".join(map(line, range(5))))
    first = GrowingFile(str(path), follow=False)
    places = [row.place for row in first.rows(lambda: False)]
    seal = first.seal_at(places[2])
    path.write_text("".join(map(line, range(50, 59))))
    reading = Reading(path, resume=places[2], seal=seal)
    assert len(reading.more()) == 9
    assert "while nothing watched it" in reading.source.troubles()[0]


def test_lines_that_hold_no_object_are_left_out_and_told_once(tmp_path):
    path = tmp_path / "in.jsonl"
    path.write_bytes(line(0).encode() + b"no json\n\n[1]\n\xff\xfe\n" + line(1).encode())
    source = GrowingFile(str(path), follow=False)
    assert texts(source.rows(lambda: False)) == ["text 0", "text 1"]
    assert source.troubles() == [
        "3 lines hold no JSON object and were left out, the first of them line 2 of those read"
    ]
    assert source.troubles() == []


def test_a_line_without_an_end_takes_no_memory_without_end(tmp_path, monkeypatch):
    monkeypatch.setattr("textdrift.watching.lines._LONGEST_LINE", 1000)
    path = tmp_path / "in.jsonl"
    path.write_text(line(0) + "x" * 200_000 + "\n" + line(1))
    reading = Reading(path)
    assert reading.more() == ["text 0", "text 1"]
    assert reading.source._lines.n_held == 0
    assert "1 lines hold no JSON object" in reading.source.troubles()[0]


def test_a_missing_file_and_a_folder_are_told(tmp_path):
    with pytest.raises(MissingSourceError, match="must be there when watching begins"):
        list(GrowingFile(str(tmp_path / "none")).rows(lambda: False))
    with pytest.raises(UnreadableSourceError, match="directory"):
        list(GrowingFile(str(tmp_path)).rows(lambda: False))


def test_a_pipe_gives_none_while_it_is_silent_and_ends_with_its_writer():
    reader, writer = os.pipe()
    rows = StandardInput(reader).rows(lambda: False)
    assert next(rows) is None
    os.write(writer, line(0).encode() + line(1)[:5].encode())
    assert next(rows).values == {"text": "text 0"}
    os.write(writer, line(1)[5:].rstrip().encode())
    os.close(writer)
    assert texts(rows) == ["text 1"]
    os.close(reader)


def test_the_writer_of_a_pipe_is_held_up_while_nothing_is_read():
    reader, writer = os.pipe()
    n_written = []

    def write():
        with os.fdopen(writer, "wb") as file:
            for i in range(20_000):
                file.write(line(i).encode())
                file.flush()
                n_written.append(i)

    thread = threading.Thread(target=write)
    thread.start()
    rows = StandardInput(reader).rows(lambda: False)
    assert next(rows).values["text"] == "text 0"
    time.sleep(0.3)  # a window is judged meanwhile
    at_first = len(n_written)
    time.sleep(0.3)
    assert len(n_written) == at_first < 20_000
    assert len(texts(rows)) == 19_999
    thread.join()
    os.close(reader)
