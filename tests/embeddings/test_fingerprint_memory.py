import json

import pytest

from textdrift.embeddings.fingerprint_memory import FingerprintMemory


def test_a_fingerprint_is_recalled_by_another_process_with_the_same_folder(tmp_path):
    FingerprintMemory(tmp_path / "new folder").keep("files", "00ff00ff")
    assert FingerprintMemory(tmp_path / "new folder").recall("files") == "00ff00ff"
    assert FingerprintMemory(tmp_path / "new folder").recall("other files") is None


def test_what_proved_wrong_is_replaced_and_the_rest_is_kept(tmp_path):
    memory = FingerprintMemory(tmp_path)
    memory.keep("one", "0000000a")
    memory.keep("two", "0000000b")
    memory.keep("one", "0000000c")
    assert (memory.recall("one"), memory.recall("two")) == ("0000000c", "0000000b")


@pytest.mark.parametrize(
    "content",
    [
        b"", b"no json", b"[]", b"null", b'{"version": 1}', b'{"version": 9, "fingerprints": {"files": "00ff00ff"}}',
        b'{"version": 1, "fingerprints": ["files"]}', b'{"version": 1, "fingerprints": {"files": 7}}',
        b'{"version": 1, "fingerprints": {"files": "../../no hash"}}', b"\xff\xfe\x00",
    ],
)  # fmt: skip
def test_a_broken_memory_knows_nothing_and_is_written_anew(tmp_path, content):
    memory = FingerprintMemory(tmp_path)
    memory.path.write_bytes(content)
    assert memory.recall("files") is None
    memory.keep("files", "00ff00ff")
    assert memory.recall("files") == "00ff00ff"


def test_a_folder_that_cannot_be_written_stops_nothing(tmp_path):
    (tmp_path / "file").write_text("in the way")
    memory = FingerprintMemory(tmp_path / "file")
    memory.keep("files", "00ff00ff")
    assert memory.recall("files") is None


def test_the_memory_does_not_grow_for_ever_and_leaves_no_half_written_files(tmp_path):
    memory = FingerprintMemory(tmp_path)
    for i in range(300):
        memory.keep(f"files {i}", f"{i:08x}")
    assert len(json.loads(memory.path.read_text())["fingerprints"]) == 256
    assert (memory.recall("files 0"), memory.recall("files 299")) == (None, f"{299:08x}")
    assert [file.name for file in tmp_path.iterdir()] == [memory.path.name]
