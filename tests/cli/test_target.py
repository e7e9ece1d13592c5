"""Option, then environment, then context, then the default server."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from colonies.cli import contexts
from colonies.cli.contexts import Context
from colonies.cli.failure import Failure
from colonies.cli.folder import new_key
from colonies.cli.target import DEFAULT_SERVER, Given, Target, resolve
from colonies.wire.identity import Identity


@pytest.fixture
def keys(tmp_path: Path) -> dict[str, Identity]:
    return {name: new_key(tmp_path / f"{name}.key") for name in ("option", "environment", "context")}


@pytest.fixture
def look(tmp_path: Path, keys: dict[str, Identity], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Target]:
    """Resolve with a current context `lab`, options and environment variables."""
    monkeypatch.setenv("COLONIES_CONFIG_HOME", str(tmp_path))
    lab = Context(server="http://lab", colony="a" * 64, key_file=str(tmp_path / "context.key"))
    known = contexts.Contexts().with_context("lab", lab, use=True)
    contexts.save(known.with_context("away", Context(server="http://away"), use=False))

    def look(given: Given | None = None, **more: str) -> Target:
        return resolve(given or Given(), {"COLONIES_CONFIG_HOME": str(tmp_path), **more})

    return look


def test_without_anything_it_is_the_default_server_and_no_key(tmp_path: Path) -> None:
    target = resolve(Given(), {"COLONIES_CONFIG_HOME": str(tmp_path)})
    assert target == Target(servers=[DEFAULT_SERVER], key=None, key_from="", colony=None)


def test_the_current_context_is_taken(look: Callable[..., Target], keys: dict[str, Identity]) -> None:
    target = look()
    assert target.servers == ["http://lab"]
    assert target.colony == "a" * 64
    assert target.key is not None
    assert target.key.id == keys["context"].id


def test_another_context_is_named_by_option_before_environment(look: Callable[..., Target]) -> None:
    assert look(COLONIES_CONTEXT="away").servers == ["http://away"]
    assert look(Given(context="lab"), COLONIES_CONTEXT="away").servers == ["http://lab"]


def test_the_environment_comes_before_the_context_and_an_option_before_both(look: Callable[..., Target]) -> None:
    variables = {"COLONIES_SERVER": "ws://a,ws://b", "COLONIES_COLONY": "b" * 64}
    assert look(**variables)[::3] == (["ws://a", "ws://b"], "b" * 64)
    assert look(Given(server="http://c", colony="c" * 64), **variables)[::3] == (["http://c"], "c" * 64)


def test_a_key_is_looked_for_in_options_then_environment_then_context(
    look: Callable[..., Target], keys: dict[str, Identity], tmp_path: Path
) -> None:
    def found(given: Given, **environment: str) -> str:
        target = look(given, **environment)
        assert target.key is not None
        return next(name for name, key in keys.items() if key.id == target.key.id)

    variables = {"COLONIES_KEY": keys["environment"].private_key}
    file_variables = {"COLONIES_KEY_FILE": str(tmp_path / "environment.key")}
    assert found(Given(), **variables) == "environment"
    assert found(Given(), **file_variables) == "environment"
    assert found(Given(key=keys["option"].private_key), **variables) == "option"
    assert found(Given(key_file=tmp_path / "option.key"), **variables, **file_variables) == "option"


@pytest.mark.parametrize("given", [Given(server="example.org"), Given(colony="lab")])
def test_what_is_no_address_or_no_id_is_said_to_be_none(look: Callable[..., Target], given: Given) -> None:
    with pytest.raises(Failure) as refused:
        look(given)
    assert refused.value.code == 2
