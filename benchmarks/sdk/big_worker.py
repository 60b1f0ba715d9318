"""Asks for COUNT answers of BYTES each, one by one, and prints what that cost: `big_worker.py HOW BYTES COUNT`."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

from cost import Cost

from codex_app_server import AppServerClient, AppServerConfig, AsyncAppServerClient, Method

SERVER = Path(__file__).with_name("big_server.py")
BIG = Method("big/answer", dict, dict)


def by_hand(size: int, count: int) -> dict[str, float]:
    """Read each line, and look no further."""
    command = [sys.executable, str(SERVER), str(size)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        lines = []
        for number in range(count + 1):
            if number == 1:
                cost = Cost()
            method = b"big/answer" if number else b"initialize"
            server.stdin.write(b'{"id":%d,"method":"%b","params":{}}\n' % (number, method))
            server.stdin.flush()
            lines.append(len(server.stdout.readline()) > size)
        told = cost.report(sum(lines[1:]), count)
        server.stdin.close()
    return told


def sync(size: int, count: int) -> dict[str, float]:
    """Through `request`, decoded."""
    config = AppServerConfig(launch_args_override=[sys.executable, str(SERVER), str(size)])
    with AppServerClient(config) as client:
        cost = Cost()
        return cost.report(sum(len(client.request(BIG)["text"]) == size for _ in range(count)), count)


def asynchronous(size: int, count: int) -> dict[str, float]:
    """The same with asyncio."""

    async def main() -> dict[str, float]:
        config = AppServerConfig(launch_args_override=[sys.executable, str(SERVER), str(size)])
        async with AsyncAppServerClient(config) as client:
            cost = Cost()
            return cost.report(sum([len((await client.request(BIG))["text"]) == size for _ in range(count)]), count)

    return asyncio.run(main())


WAYS = {"hand": by_hand, "sync": sync, "async": asynchronous}

if __name__ == "__main__":
    print(json.dumps(WAYS[sys.argv[1]](int(sys.argv[2]), int(sys.argv[3]))))
