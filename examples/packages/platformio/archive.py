# PlatformIO runs this when it builds a project with the library: it chooses the archive of the board's processor, by what the
# framework tells the compiler, and puts it into the project's link.
import os
import sys

Import("env", "pio_lib_builder")  # noqa: F821: PlatformIO's builder gives both

# Rust's names, by the processor's. Those of a line run the same code; the last two processors have MVE, which is not needed.
ARCHIVES = {
    "thumbv6m-none-eabi": ("cortex-m0", "cortex-m0plus", "cortex-m1", "cortex-m23"),
    "thumbv7m-none-eabi": ("cortex-m3",),
    "thumbv7em-none-eabi": ("cortex-m4", "cortex-m7"),
    "thumbv8m.main-none-eabi": ("cortex-m33", "cortex-m55", "cortex-m85"),
    "riscv32imc-unknown-none-elf": ("esp32c2", "esp32c3", "esp32c5", "esp32c6", "esp32c61", "esp32h2"),
}


def flags():
    for name in ("CCFLAGS", "CFLAGS", "ASFLAGS", "LINKFLAGS"):
        yield from env.Flatten(env.get(name, []))  # noqa: F821


def option(name):
    """What a flag such as -mcpu= says, with those that a framework writes together in one string."""
    for flag in flags():
        for word in str(flag).split():
            if word.startswith(name):
                return word[len(name) :]
    return ""


def archive():
    board = env.BoardConfig()  # noqa: F821
    # A flag may go on: cortex-m33+nodsp.
    names = [option("-mcpu=").split("+")[0], board.get("build.cpu", ""), board.get("build.mcu", "")]
    # A board without a name of its processor may have one of its instructions.
    names = [name.lower() for name in names if name]
    for target, processors in ARCHIVES.items():
        if any(name in processors for name in names):
            # Floats in registers are another ABI, which the linker refuses to mix, although the library has no floats.
            hard = target.endswith("eabi") and option("-mfloat-abi=") == "hard"
            return target + "hf" if hard else target
    sys.stderr.write(
        "pixelrnn has no archive for %s; it has those of %s\n"
        % (
            " ".join(names) or "this board",
            ", ".join(name for processors in ARCHIVES.values() for name in processors),
        )
    )
    env.Exit(1)  # noqa: F821


folder = os.path.join(pio_lib_builder.path, "archives", archive())  # noqa: F821
env.Append(LIBPATH=[folder], LIBS=["pixelrnn"])  # noqa: F821
