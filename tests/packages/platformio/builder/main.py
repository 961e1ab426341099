# A platform's build: Debian's compilers by their names, then PlatformIO's own way to a program.
from SCons.Script import Default, DefaultEnvironment

env = DefaultEnvironment()
board = env.BoardConfig()
prefix = board.get("build.prefix")
env.Replace(
    AR=prefix + "ar",
    AS=prefix + "gcc",
    CC=prefix + "gcc",
    CXX=prefix + "g++",
    LINK=prefix + "gcc",
    RANLIB=prefix + "ranlib",
)
env.Replace(PROGSUFFIX=".elf", ARFLAGS=["rc"])
Default(env.BuildProgram())
