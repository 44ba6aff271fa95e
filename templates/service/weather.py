"""The weather between a site and one of its services, as weather.json beside this file says.

The service's names lead here. What comes is passed on to where the service is, later, slower, or not
at all. Packets are lost in the kernel, by a filter of the socket, and sent again by who sent them; a
black hole swallows whatever asks for a connection, and refuses none.

`latency` is there and back: half of it each way, and once more before the first bytes of a connection,
whose beginning costs one, too. `rate` is one line each way, for all connections together.
"""

import asyncio
import ctypes
import fcntl
import json
import os
import random
import socket
import struct
import termios

READ = 64 << 10
# Chunks under way on one connection and in one direction; who sends faster waits.
UNDER_WAY = 64
# A line sends so much at once that this takes so long, in seconds.
PULSE = 0.02
# <linux/filter.h>: the number that the kernel draws for each packet.
DRAWN = 0xFFFFF038
LOAD, IF_AT_LEAST, RETURN = 0x20, 0x35, 0x06
SO_ATTACH_FILTER = 26
WHOLE = 0xFFFFFFFF


class Reset(Exception):
    """Ends a connection on both of its sides, as a firewall does."""


def lose(sock, share):
    """Lets the kernel drop this share of the packets that come to a socket; all of them with 1.0."""
    if share >= 1.0:
        program = [(RETURN, 0, 0, 0)]
    else:
        program = [
            (LOAD, 0, 0, DRAWN),
            (IF_AT_LEAST, 0, 1, int(share * 2**32)),
            (RETURN, 0, 0, WHOLE),
            (RETURN, 0, 0, 0),
        ]
    steps = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in program))
    sock.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("HP", len(program), ctypes.addressof(steps)))


def is_under_way(sock):
    """Whether something that was sent was not received yet."""
    return struct.unpack("i", fcntl.ioctl(sock, termios.TIOCOUTQ, struct.pack("i", 0)))[0] > 0


class Line:
    """One direction, for all connections together: one byte after the other."""

    def __init__(self, rate):
        self.rate = rate
        self.free = 0.0

    def pieces(self, data):
        size = max(1, int(self.rate * PULSE)) if self.rate else len(data)
        return [data[start:start + size] for start in range(0, len(data), size)]

    def through(self, due, count):
        """When so many bytes, which begin not before `due`, have gone through."""
        if not self.rate:
            return due
        self.free = max(self.free, due) + count / self.rate
        return self.free


class Connection:
    def __init__(self, weather, near, far):
        self.weather, self.near, self.far = weather, near, far
        self.loop = asyncio.get_running_loop()
        self.begun = self.loop.time()
        self.passed = {"there": 0, "back": 0}

    async def carry(self):
        way = self.weather.latency
        there = self.one_way(self.near, self.far, "there", self.weather.there, self.begun + way)
        back = self.one_way(self.far, self.near, "back", self.weather.back, self.begun + way * 1.5)
        both = [asyncio.ensure_future(there), asyncio.ensure_future(back)]
        try:
            await asyncio.gather(*both)
            ended = "closed"
        except (Reset, OSError) as error:
            ended = str(error) or type(error).__name__
            for sock in (self.near, self.far):
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        finally:
            for task in both:
                task.cancel()
            await asyncio.gather(*both, return_exceptions=True)
        return ended

    async def one_way(self, source, target, direction, line, opened):
        queue: asyncio.Queue = asyncio.Queue(UNDER_WAY)
        reading = asyncio.ensure_future(self.read(source, queue, opened))
        try:
            while True:
                due, data = await queue.get()
                if isinstance(data, Exception):
                    await self.until(due)
                    raise data
                if not data:
                    await self.until(due)
                    target.shutdown(socket.SHUT_WR)
                    return
                for piece in line.pieces(data):
                    await self.until(line.through(due, len(piece)))
                    await self.send(target, piece, direction)
        finally:
            reading.cancel()

    async def read(self, source, queue, opened):
        last = 0.0
        data: object
        while True:
            try:
                data = await self.loop.sock_recv(source, READ)
            except OSError as error:
                data = error
            seen = max(self.loop.time(), opened)
            # Never before what was sent earlier.
            last = max(last, seen + self.weather.latency / 2 + random.random() * self.weather.jitter / 2)
            await queue.put((last, data))
            if not data or isinstance(data, Exception):
                return

    async def until(self, due):
        left = due - self.loop.time()
        if left > 0:
            await asyncio.sleep(left)

    async def send(self, target, piece, direction):
        limit = self.weather.cut_after
        room = len(piece) if limit is None else limit - sum(self.passed.values())
        await self.loop.sock_sendall(target, piece[:room])
        self.passed[direction] += len(piece[:room])
        if room < len(piece):
            # What was passed on arrives before the end.
            while is_under_way(target):
                await asyncio.sleep(0.001)
            raise Reset(f"cut after {limit} bytes")


class Weather:
    def __init__(self, described):
        self.latency = described.get("latency", 0.0)
        self.jitter = described.get("jitter", 0.0)
        self.loss = described.get("loss", 0.0)
        self.cut_after = described.get("cut_after")
        self.is_black_hole = described.get("black_hole", False)
        self.there, self.back = Line(described.get("rate")), Line(described.get("rate"))
        self.address = described["address"]
        self.open = set()

    def listen(self, port, family):
        sock = socket.socket(family, socket.SOCK_STREAM)
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind(("::" if family == socket.AF_INET6 else "0.0.0.0", port))
        if self.is_black_hole or self.loss:
            # Those that are accepted have it from here.
            lose(sock, 1.0 if self.is_black_hole else self.loss)
        sock.listen(1024)
        return sock

    async def serve(self, listening):
        loop = asyncio.get_running_loop()
        port = listening.getsockname()[1]
        while True:
            near, peer = await loop.sock_accept(listening)
            task = asyncio.ensure_future(self.pass_on(near, peer[0], port))
            self.open.add(task)
            task.add_done_callback(self.open.discard)

    async def pass_on(self, near, peer, port):
        loop = asyncio.get_running_loop()
        far = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        far.setblocking(False)
        begun = loop.time()
        passed = {"there": 0, "back": 0}
        try:
            for sock in (near, far):
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await loop.sock_connect(far, (self.address, port))
            if self.loss:
                lose(far, self.loss)
            connection = Connection(self, near, far)
            passed = connection.passed
            ended = await connection.carry()
        except OSError as error:
            ended = f"the service took no connection: {error}"
            near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        finally:
            near.close()
            far.close()
        print(f"a connection from {peer}: {loop.time() - begun:.3f}s, {passed['there']} bytes there, "
              f"{passed['back']} back, {ended}", flush=True)


async def main():
    folder = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(folder, "weather.json")) as file:
        described = json.load(file)
    weather = Weather(described)
    families = [socket.AF_INET, *([socket.AF_INET6] if described.get("ipv6") else [])]
    listening = [weather.listen(port, family) for port in described["ports"] for family in families]
    # Whether it is ready is asked of this file: nobody could ask a black hole.
    with open(described["ready"], "w"):
        pass
    print("the weather is as described", flush=True)
    await asyncio.gather(*(weather.serve(sock) for sock in listening))


if __name__ == "__main__":
    asyncio.run(main())
