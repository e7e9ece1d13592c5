"""Make the vectors: `python -m tests.vectors.generate`, or with `--check` say whether they are what would be made.

Deterministic: the keys are those of RFC 8032, the challenge counts from 0, and Ed25519
signs without chance. What is made stands in git, so that a change of the wire is seen.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from colonies.wire.frames import DOMAIN, decode_messages, decode_requests, pack, signed_bytes
from colonies.wire.identity import Identity

from .answers import no_server_frames, server_frames
from .notation import written
from .refusals import envelope, refusals
from .requests import LONGER, VALUES

FOLDER = Path(__file__).parent
CHALLENGE = bytes(range(32))
# RFC 8032, section 7.1, tests 1 to 3: everybody may know these, and anybody's Ed25519 can be held to them.
KEYS = {
    "first": Identity("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"),
    "second": Identity("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"),
    "third": Identity("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7"),
}
NO_PRIVATE_KEYS = {
    "empty": "",
    "one character short": "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f6",
    "one byte long": "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f6000",
    "no hex": "zd61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    "with 0x": "0x9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    "with spaces": "9d61b19deffd5a60 ba844af492ec2cc4 4449c5697b326919 703bac031cae7f60",
}


def keys() -> Any:
    return {
        "keys": [{"name": name, "private_key": key.private_key, "id": key.id} for name, key in KEYS.items()],
        "no_private_keys": [{"name": name, "text": text} for name, text in NO_PRIVATE_KEYS.items()],
    }


def bodies() -> Any:
    shortest = {name: pack(value) for name, value in VALUES.items()}
    longer = {name: body for name, (_, body) in LONGER.items()}
    return {
        "bodies": [_body(name, body, is_shortest=True) for name, body in shortest.items()]
        + [_body(name, body, is_shortest=False) for name, body in longer.items()]
    }


def _body(name: str, body: bytes, *, is_shortest: bool) -> Any:
    requests = [{"id": r.id, "method": written(r.method), "params": written(r.params)} for r in decode_requests(body)]
    return {"name": name, "body": body.hex(), "shortest": is_shortest, "requests": requests}


def envelopes() -> Any:
    contents = {name: pack(value) for name, value in VALUES.items()} | {n: body for n, (_, body) in LONGER.items()}
    # A batch of 256 is not worth its length twice; the second key speaks now and then.
    chosen = [name for name in contents if name != "a batch of 256"]
    names = list(KEYS)
    return {
        "domain": DOMAIN.hex(),
        "challenge": CHALLENGE.hex(),
        "envelopes": [_envelope(name, contents[name], names[n % 2]) for n, name in enumerate(chosen)],
    }


def _envelope(name: str, body: bytes, by: str) -> Any:
    signed = signed_bytes(CHALLENGE, body)
    return {
        "name": name,
        "key": by,
        "signed": signed.hex(),
        "signature": KEYS[by].sign(signed).hex(),
        "frame": envelope(KEYS[by], CHALLENGE, body).hex(),
    }


def refused() -> Any:
    listed = []
    for name, connection in refusals(KEYS["first"], KEYS["second"], CHALLENGE):
        answered = connection.answered and {"id": connection.answered[0], "code": connection.answered[1]}
        frames = [frame.hex() for frame in connection.frames]
        listed.append({"name": name, "frames": frames, "close": int(connection.close), "answered": answered})
    return {"challenge": CHALLENGE.hex(), "refused": listed}


def messages() -> Any:
    return {
        "frames": [
            {"name": name, "frame": frame.hex(), "messages": [_message(m) for m in decode_messages(frame)]}
            for name, frame in server_frames()
        ],
        "refused": [{"name": name, "frame": frame.hex()} for name, frame in no_server_frames().items()],
    }


def _message(message: Any) -> Any:
    return {"kind": type(message).__name__.lower(), **{key: written(v) for key, v in message._asdict().items()}}


def files() -> dict[str, str]:
    """Every file of the vectors and what it holds."""
    parts = {"keys": keys(), "bodies": bodies(), "envelopes": envelopes(), "refused": refused(), "messages": messages()}
    return {
        f"{name}.json": json.dumps(part, indent=1, ensure_ascii=True, allow_nan=False) + "\n"
        for name, part in parts.items()
    }


def main(arguments: list[str]) -> int:
    if arguments not in ([], ["--check"]):
        print("usage: python -m tests.vectors.generate [--check]", file=sys.stderr)
        return 2
    other = []
    for name, text in files().items():
        path = FOLDER / name
        if path.exists() and path.read_text(encoding="ascii") == text:
            continue
        other.append(name)
        if not arguments:
            path.write_text(text, encoding="ascii")
    print(f"{'not what would be made' if arguments else 'made'}: {', '.join(other) or 'nothing'}")
    return 1 if arguments and other else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
