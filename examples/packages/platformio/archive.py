"""Chooses the archive of the board's processor and puts it into the project's link.

PlatformIO runs this when it builds a project with the library; the framework has then told the compiler of the board.
"""

# ruff: noqa: F821 (PlatformIO's builder gives what is not defined here)
import os
import sys

Import("env", "pio_lib_builder")

# By Rust's names of code, the processors that run it; Cortex-M55 and M85 have more instructions, which are not needed.
ARCHIVES = {
    "thumbv6m-none-eabi": ("cortex-m0", "cortex-m0plus", "cortex-m1", "cortex-m23"),
    "thumbv7m-none-eabi": ("cortex-m3",),
    "thumbv7em-none-eabi": ("cortex-m4", "cortex-m7"),
    "thumbv8m.main-none-eabi": ("cortex-m33", "cortex-m55", "cortex-m85"),
    "riscv32imc-unknown-none-elf": ("esp32c2", "esp32c3", "esp32c5", "esp32c6", "esp32c61", "esp32h2"),
}


def flags():
    """Everything that compilers and the linker are told."""
    for name in ("CCFLAGS", "CFLAGS", "ASFLAGS", "LINKFLAGS"):
        yield from env.Flatten(env.get(name, []))


def option(name):
    """What a flag such as -mcpu= says, with those that a framework writes together in one string."""
    for flag in flags():
        for word in str(flag).split():
            if word.startswith(name):
                return word[len(name) :]
    return ""


def archive():
    """The name of the archive's folder."""
    board = env.BoardConfig()
    # A flag may go on: cortex-m33+nodsp.
    names = [option("-mcpu=").split("+")[0], board.get("build.cpu", ""), board.get("build.mcu", "")]
    names = [name.lower() for name in names if name]
    for target, processors in ARCHIVES.items():
        if any(name in processors for name in names):
            # Floats in registers are another ABI, which the linker refuses to mix, although the library has no floats.
            hard = target.endswith("eabi") and option("-mfloat-abi=") == "hard"
            return target + "hf" if hard else target
    known = ", ".join(name for processors in ARCHIVES.values() for name in processors)
    sys.stderr.write(
        "pixelrnn has no archive for {}; it has those of {}\n".format(" ".join(names) or "this board", known)
    )
    env.Exit(1)


folder = os.path.join(pio_lib_builder.path, "archives", archive())
env.Append(LIBPATH=[folder], LIBS=["pixelrnn"])
