"""JSON Schemas of tools, without what only costs tokens."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel


def compact_schema(model: type[BaseModel]) -> dict[str, Any]:
    """The model's JSON Schema without titles and class docstrings, which repeat the names."""
    schema: dict[str, Any] = _compact(model.model_json_schema())
    return schema


def _compact(node: Any, *, is_schema: bool = True) -> Any:
    """``is_schema`` is false for the objects whose keys are names of ours: properties and definitions."""
    if isinstance(node, dict):
        kept: dict[str, Any] = {}
        for key, value in node.items():
            if is_schema and (key == "title" or (key == "description" and "properties" in node)):
                continue
            kept[key] = _compact(value, is_schema=not (is_schema and key in ("properties", "$defs")))
        return kept
    if isinstance(node, list):
        return [_compact(item) for item in node]
    return node
