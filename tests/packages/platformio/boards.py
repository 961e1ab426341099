"""Builds the PlatformIO example with `pio run` for boards of a platform of stubs, and compares what the programs print.

boards.py LIBRARY WORK: the packaged library, and a folder to work in. The pio of this Python's environment is used, and
its SCons, which PlatformIO would download otherwise.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys

here = pathlib.Path(__file__).resolve().parent
root = here.parents[2]
library, work = (pathlib.Path(argument).resolve() for argument in sys.argv[1:])
programs = pathlib.Path(sys.executable).parent

ARM = "-nostartfiles --specs=rdimon.specs -T@ROOT@/examples/c/cortex-m4/mps2-an386.ld"
RISCV = (
    "--oslib=semihost --crt0=semihost -nostdlib++ -Tpicolibc.ld -Wl,--defsym=__flash=0x80000000"
    " -Wl,--defsym=__flash_size=4M -Wl,--defsym=__ram=0x80400000 -Wl,--defsym=__ram_size=4M"
)


def arm(cpu, float_flags, archive):
    build = {
        "cpu": cpu,
        "core_flags": f"-mthumb -mcpu={cpu} {float_flags}",
        "startup": "examples/c/cortex-m4/startup.c",
    }
    return build | {"mcu": "chip", "prefix": "arm-none-eabi-", "link_flags": ARM}, archive


# By what their cores tell the compiler; and the archive that the library's script should choose.
BOARDS = {
    "m0plus": arm("cortex-m0plus", "", "thumbv6m-none-eabi"),
    "m3": arm("cortex-m3", "", "thumbv7m-none-eabi"),
    "m4softfp": arm("cortex-m4", "-mfloat-abi=softfp -mfpu=fpv4-sp-d16", "thumbv7em-none-eabi"),
    "m4hard": arm("cortex-m4", "-mfloat-abi=hard -mfpu=fpv4-sp-d16", "thumbv7em-none-eabihf"),
    "m7hard": arm("cortex-m7", "-mfloat-abi=hard -mfpu=fpv5-d16", "thumbv7em-none-eabihf"),
    "c3": (
        {
            "mcu": "esp32c3",
            "core_flags": "-march=rv32imc -mabi=ilp32 --specs=picolibc.specs",
            "prefix": "riscv64-unknown-elf-",
            "link_flags": RISCV,
        },
        "riscv32imc-unknown-none-elf",
    ),
    # These only choose: the first's memories are elsewhere.
    "m33hard": arm("cortex-m33+nodsp", "-mfloat-abi=hard -mfpu=fpv5-sp-d16", "thumbv8m.main-none-eabihf"),
    "xtensa": ({"mcu": "esp32", "core_flags": "", "prefix": "arm-none-eabi-", "link_flags": ""}, None),
}

core, project = work / "core", work / "pixelrnn" / "examples" / "DrawDigits"
shutil.rmtree(work, ignore_errors=True)
platform = core / "platforms" / "stub"
shutil.copytree(here, platform, ignore=shutil.ignore_patterns("boards.py", "__pycache__"))
for name, (build, _) in BOARDS.items():
    (platform / "boards").mkdir(exist_ok=True)
    board = {
        "name": name,
        "build": build,
        "frameworks": ["arduino"],
        "upload": {"maximum_size": 1 << 22, "maximum_ram_size": 1 << 22},
    }
    (platform / "boards" / f"{name}.json").write_text(json.dumps(board | {"url": "none", "vendor": "stub"}))

scons = core / "packages" / "tool-scons"
scons.mkdir(parents=True)
(scons / "package.json").write_text(json.dumps({"name": "tool-scons", "version": "4.41101.0"}))
origin = {"owner": "platformio", "name": "tool-scons", "id": None, "requirements": None, "uri": None}
metadata = {"type": "tool", "name": "tool-scons", "version": "4.41101.0", "spec": origin}
(scons / ".piopm").write_text(json.dumps(metadata))
(scons / "scons.py").write_text("from SCons.Script import main\n\nmain()\n")

# The example where the package has it, with its own way to the library, and these boards instead of its own.
shutil.copytree(library, work / "pixelrnn")
(dependency,) = (line for line in (project / "platformio.ini").read_text().splitlines() if line.startswith("lib_deps"))
ini = f"[env]\nplatform = stub\nframework = arduino\n{dependency}\n"
(project / "platformio.ini").write_text(ini + "".join(f"[env:{name}]\nboard = {name}\n" for name in BOARDS))

environment = os.environ | {
    "PLATFORMIO_CORE_DIR": str(core),
    "PLATFORMIO_SETTING_ENABLE_TELEMETRY": "no",
    "PLATFORMIO_SETTING_CHECK_PLATFORMIO_INTERVAL": "100000",
    "PIXELRNN_TESTS": str(root / "tests"),
}


def pio(*arguments):
    command = [str(programs / "pio"), *arguments, "-d", str(project)]
    return subprocess.run(command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def printed(name, program):
    machine = (
        ["qemu-system-riscv32", "-M", "virt", "-bios", "none"]
        if name == "c3"
        else ["qemu-system-arm", "-M", "mps2-an386"]
    )
    quiet = [
        "-display",
        "none",
        "-monitor",
        "none",
        "-serial",
        "none",
        "-semihosting-config",
        "enable=on,target=native",
    ]
    command = [*machine, *quiet, "-kernel", str(program)]
    return subprocess.run(
        command, text=True, timeout=300, check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ).stdout


golden = (root / "tests" / "golden" / "mnist-micro.txt").read_text().splitlines()
digit = [line for line in golden if line[:1] in (".", "#")][:28]
for name, (_, archive) in BOARDS.items():
    said = pio("run", "-v", "-e", name)
    if archive is None:
        if said.returncode == 0 or "pixelrnn has no archive for esp32" not in said.stdout:
            sys.exit(f"{name} should be refused:\n{said.stdout}")
        continue
    if f"archives/{archive} " not in said.stdout:
        sys.exit(f"{name} should take {archive}:\n{said.stdout}")
    if name == "m33hard":
        continue
    if said.returncode != 0:
        sys.exit(f"{name} does not build:\n{said.stdout}")
    if printed(name, project / ".pio" / "build" / name / "program.elf").split() != digit:
        sys.exit(f"{name} draws another digit")
print(f"pio run: {len(BOARDS)} boards")
