"""The README's examples."""

import re
import subprocess
import sys
from pathlib import Path

PYTHON = Path(__file__).parents[1]


def run(first_line: str, folder: Path) -> str:
    """Runs the example that begins so from a folder, which sees the repository's, and gives what it printed."""
    examples = re.findall(r"```python\n(.*?)```", (PYTHON / "README.md").read_text(), re.DOTALL)
    (code,) = [example for example in examples if example.startswith(first_line)]
    (folder / "example.py").write_text(code)
    for seen in ["examples", "tests"]:
        (folder / seen).symlink_to(PYTHON.parents[1] / seen)
    done = subprocess.run([sys.executable, "example.py"], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout
