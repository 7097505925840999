"""JSON Schemas of tools, without what only costs tokens."""

from __future__ import annotations

from typing import Any, cast

from pydantic import BaseModel

from tools.tool import LONGEST_TEXT


def compact_schema(model: type[BaseModel]) -> dict[str, Any]:
    """The model's JSON Schema without titles and class docstrings, which repeat the names, and empty defaults.

    The bound that every text has is left out too: no caller comes near it, and it is held without being told.
    """
    schema: dict[str, Any] = _compact(model.model_json_schema())
    return schema


def _compact(node: Any, *, is_schema: bool = True) -> Any:  # noqa: ANN401  # JSON is of any type
    """``is_schema`` is false for the objects whose keys are names of ours: properties and definitions."""
    if isinstance(node, list):
        return [_compact(item) for item in cast("list[Any]", node)]
    if not isinstance(node, dict):
        return node
    schema = cast("dict[str, Any]", node)
    if is_schema:
        schema = _without_null(schema)
    return {
        key: _compact(value, is_schema=not (is_schema and key in ("properties", "$defs")))
        for key, value in schema.items()
        if not (is_schema and _says_nothing(key, value, schema))
    }


def _says_nothing(key: str, value: object, schema: dict[str, Any]) -> bool:
    return (
        key == "title"
        or (key == "description" and "properties" in schema)
        or (key, value) in (("default", []), ("default", None), ("maxLength", LONGEST_TEXT))
    )


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """``X or null`` in one word: an optional value may be left out, a required one may be null."""
    either = cast("list[dict[str, Any]]", schema.get("anyOf", []))
    if len(either) != 2 or either[1] != {"type": "null"}:
        return schema
    rest = {key: value for key, value in schema.items() if key not in ("anyOf", "default")}
    if "default" in schema:
        return {**either[0], **rest}
    return {**either[0], "type": [either[0]["type"], "null"], **rest} if "type" in either[0] else schema
