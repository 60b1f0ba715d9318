"""An app-server whose every answer but the first is a text of the same length: `big_server.py BYTES`."""

import json
import sys

ANSWER = {"userAgent": "big/1.2.3 (fake)", "codexHome": "/h", "platformFamily": "unix", "platformOs": "linux"}


def main(size: int) -> None:
    """Answer until the end of the input; the text is made once."""
    text = b'"' + b"x" * size + b'"'
    for line in sys.stdin.buffer:
        message = json.loads(line)
        if "id" not in message:
            continue
        first = message["method"] == "initialize"
        result = json.dumps(ANSWER).encode() if first else b'{"text":' + text + b"}"
        sys.stdout.buffer.write(b'{"id":%d,"result":%b}\n' % (message["id"], result))
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]))
