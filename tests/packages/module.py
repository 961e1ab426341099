"""What a workspace of Zephyr does with a module's files.

module.py MODULE WORK: the packaged module, and a folder to work in. West takes the module as a project of a manifest;
the files that zephyr/module.yml names are there; Kconfig offers the option on the processors that CMakeLists.txt has an
archive for, and on no other.
"""

import pathlib
import shutil
import subprocess
import sys

import kconfiglib
import yaml

module, work = (pathlib.Path(argument).resolve() for argument in sys.argv[1:])
west = pathlib.Path(sys.executable).parent / "west"


def run(*command, folder):
    return subprocess.run(
        [str(word) for word in command], cwd=folder, check=True, text=True, stdout=subprocess.PIPE
    ).stdout


def git(*command, folder):
    # As nobody in particular, wherever this runs.
    run(
        "git",
        "-c",
        "commit.gpgsign=false",
        "-c",
        "user.name=nobody",
        "-c",
        "user.email=nobody@localhost",
        *command,
        folder=folder,
    )


shutil.rmtree(work, ignore_errors=True)
published = work / "published"
shutil.copytree(module, published)
git("init", "-q", "-b", "main", folder=published)
git("add", "-A", folder=published)
git("commit", "-q", "-m", "a module", folder=published)
(work / "workspace" / "app").mkdir(parents=True)
project = {"name": "pixelrnn", "url": published.as_uri(), "revision": "main", "path": "modules/lib/pixelrnn"}
(work / "workspace" / "app" / "west.yml").write_text(
    yaml.safe_dump({"manifest": {"projects": [project], "self": {"path": "app"}}})
)
run(west, "init", "-l", "app", folder=work / "workspace")
run(west, "-q", "update", folder=work / "workspace")
taken = pathlib.Path(run(west, "list", "-f", "{abspath}", "pixelrnn", folder=work / "workspace").strip())

described = yaml.safe_load((taken / "zephyr" / "module.yml").read_text())
assert described["name"] == "pixelrnn" and set(described) <= {"name", "build", "samples"}, described
assert set(described["build"]) == {"cmake", "kconfig"}, described
assert (taken / described["build"]["cmake"] / "CMakeLists.txt").is_file(), "no CMakeLists.txt where module.yml says"
samples = [sample for folder in described["samples"] for sample in (taken / folder).rglob("sample.yaml")]
assert samples, "no samples where module.yml says"
for sample in samples:
    assert yaml.safe_load(sample.read_text())["tests"], sample

# Symbols as Zephyr's own Kconfig defines them.
CORES = ["M0", "M0PLUS", "M1", "M3", "M4", "M7", "M23", "M33", "M55", "M85"]
SYMBOLS = ["CPU_CORTEX_M", "RISCV", "64BIT", "FLOAT_HARD", "RISCV_ISA_EXT_M", "RISCV_ISA_EXT_C", "XTENSA"]
kconfig = work / "Kconfig"
text = "".join(f'config {symbol}\n\tbool "{symbol}"\n' for symbol in SYMBOLS + [f"CPU_CORTEX_{core}" for core in CORES])
kconfig.write_text(
    text
    + f'config MAIN_STACK_SIZE\n\tint "bytes"\nrsource "{taken.relative_to(work) / described["build"]["kconfig"]}"\n'
)
lists = (taken / described["build"]["cmake"] / "CMakeLists.txt").read_text()


def offered(*symbols):
    """Whether the sample's settings hold on such a processor."""
    config = kconfiglib.Kconfig(str(kconfig), warn_to_stderr=False)
    for symbol in symbols:
        config.syms[symbol].set_value("y")
    config.load_config(str(samples[0].parent / "prj.conf"), replace=False)
    return config.syms["PIXELRNN"].str_value == "y"


for core in CORES:
    assert f"CONFIG_CPU_CORTEX_{core})" in lists or f"CONFIG_CPU_CORTEX_{core} " in lists, f"no archive for {core}"
    assert offered("CPU_CORTEX_M", f"CPU_CORTEX_{core}"), core
assert offered("RISCV", "RISCV_ISA_EXT_M", "RISCV_ISA_EXT_C")
assert not offered("RISCV", "RISCV_ISA_EXT_M"), "the archive has compressed instructions"
assert not offered("RISCV", "RISCV_ISA_EXT_M", "RISCV_ISA_EXT_C", "64BIT")
assert not offered("RISCV", "RISCV_ISA_EXT_M", "RISCV_ISA_EXT_C", "FLOAT_HARD")
assert not offered("XTENSA")
print("west, kconfiglib: the module is taken")
