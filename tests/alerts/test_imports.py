import subprocess
import sys


def test_what_sends_is_loaded_only_where_something_is_sent():
    names = ("apprise", "prometheus_client", "opentelemetry", "torch")
    program = f"import sys, textdrift.alerts; print([name for name in {names} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "[]\n"
