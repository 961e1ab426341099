from platformio.platform.base import PlatformBase


class StubPlatform(PlatformBase):
    pass
