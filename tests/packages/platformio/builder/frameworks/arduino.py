# A framework's part: what it tells the compiler of the board, and its core, which is the stub in tests/arduino.
import os

from SCons.Script import DefaultEnvironment

env = DefaultEnvironment()
board = env.BoardConfig()
flags = board.get("build.core_flags").split()
tests = os.environ["PIXELRNN_TESTS"]
env.Append(
    CCFLAGS=[*flags, "-Os", "-ffunction-sections", "-fdata-sections", "-Wall"],
    CXXFLAGS=["-std=c++11", "-fno-exceptions", "-fno-rtti", "-fno-threadsafe-statics"],
    LINKFLAGS=flags + board.get("build.link_flags").replace("@ROOT@", os.path.dirname(tests)).split(),
    CPPDEFINES=[("LOOPS", 1)],
    CPPPATH=[os.path.join(tests, "arduino")],
)
env.BuildSources(os.path.join("$BUILD_DIR", "core"), os.path.join(tests, "arduino"), "+<main.cpp>")
if board.get("build.startup", ""):
    folder = os.path.join(os.path.dirname(tests), os.path.dirname(board.get("build.startup")))
    env.BuildSources(os.path.join("$BUILD_DIR", "startup"), folder, "+<startup.c>")
