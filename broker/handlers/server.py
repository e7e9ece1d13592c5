"""server.*"""

from __future__ import annotations

from broker.engine.authority import Need
from broker.version import VERSION
from colonies.wire.model import ServerInfo
from colonies.wire.params import Nothing

from .registry import Call, method


@method("server.info", Need.NOBODY)
async def info(call: Call, _: Nothing) -> ServerInfo:
    node = call.node
    return ServerInfo(name=node.settings.name, version=VERSION, time=node.clock.now(), store=node.store.name)
