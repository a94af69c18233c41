"""A stand-in for Amazon's Chime SDK meetings on loopback: control plane, signalling, media, events and faults.

It mirrors what Amazon documents and what Amazon's own clients expect; it is not Amazon. Start it from a test with
`with Emulator() as emulator:`, or by itself with `python -m tools.chime_emulator --port 46000`.
"""

from tools.chime_emulator.handle import Emulator, EmulatorClient
from tools.chime_emulator.settings import Settings, SnsTarget

__all__ = ["Emulator", "EmulatorClient", "Settings", "SnsTarget"]
