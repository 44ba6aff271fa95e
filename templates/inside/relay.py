"""Listens on addresses of this container's loopback, and hands each connection over to stagectl, which makes it from where it is.

Reads a `RelayJob` (`job.pyi`) as one line from standard input, and then frames; writes frames to standard output: a letter, the
number of the connection, the length of what follows. `L`: all places are listened on. `O`: a connection to this place was made.
`D`: data, in both directions; without any, that end says no more. `R`: there is nobody at the other end.
"""

import asyncio
import contextlib
import json
import socket
import struct
import sys

TYPE_CHECKING = False  # mypy takes it for true
if TYPE_CHECKING:
    from job import RelayJob

HEAD = struct.Struct(">cII")
PIECE = 1 << 14


class Relay:
    def __init__(self, output):
        self.output, self.writers, self.last = output, {}, 0
        self.turn = asyncio.Lock()  # before Python 3.12 no two may wait for a stream at once

    async def send(self, kind, number, payload=b""):
        async with self.turn:
            self.output.write(HEAD.pack(kind, number, len(payload)) + payload)
            await self.output.drain()

    def to(self, place):
        """What is done with a connection to this place."""
        async def carry(reader, writer):
            self.last += 1
            number = self.last
            self.writers[number] = writer
            await self.send(b"O", number, place.encode())
            data = b"begun"
            while data:
                try:
                    data = await reader.read(PIECE)
                except ConnectionError:
                    data = b""
                await self.send(b"D", number, data)
        return carry

    async def obey(self, frames):
        """Does what the other side says, until it says no more."""
        while True:
            kind, number, length = HEAD.unpack(await frames.readexactly(HEAD.size))
            payload = await frames.readexactly(length)
            writer = self.writers.get(number)
            if writer is None:
                continue
            with contextlib.suppress(ConnectionError, OSError):
                if kind == b"R":
                    # Nothing lingers: it breaks off, as a connection that is refused later.
                    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    writer.transport.abort()
                elif payload:
                    writer.write(payload)
                    await writer.drain()
                else:
                    writer.write_eof()
            if kind == b"R" or not payload:
                del self.writers[number]


async def main():
    loop = asyncio.get_running_loop()
    frames = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(frames), sys.stdin)
    transport, protocol = await loop.connect_write_pipe(asyncio.streams.FlowControlMixin, sys.stdout)
    relay = Relay(asyncio.StreamWriter(transport, protocol, None, loop))
    job: RelayJob = json.loads(await frames.readline())
    for place in job["places"]:
        await asyncio.start_server(relay.to(place["place"]), place["address"], place["port"])
    await relay.send(b"L", 0)
    with contextlib.suppress(asyncio.IncompleteReadError):
        await relay.obey(frames)


if __name__ == "__main__":
    asyncio.run(main())
