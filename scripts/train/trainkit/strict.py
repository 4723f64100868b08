"""Dataclasses from what a YAML file holds: no unknown keys, no missing ones, no other types."""

import dataclasses
import difflib
import math
import reprlib
import typing

import yaml

from .errors import UserError


class _Loader(yaml.SafeLoader):
    """Refuses a key that is there twice, of which YAML's readers keep the last, and aliases, by
    which a few lines become a document of any size."""

    def compose_node(self, parent, index):
        if self.check_event(yaml.events.AliasEvent):
            raise UserError(f"line {self.peek_event().start_mark.line + 1}: no aliases here")
        return super().compose_node(parent, index)

    def construct_mapping(self, node, deep=False):
        if not isinstance(node, yaml.MappingNode):
            return super().construct_mapping(node, deep)
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise UserError(f"the key {key} is there twice")
        return super().construct_mapping(node, deep)


def load(text: str):
    """The content of a YAML document."""
    try:
        return yaml.load(text, _Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f"line {mark.line + 1}: " if mark else ""
        raise UserError(f"{line}not YAML ({getattr(error, 'problem', None) or error})") from error
    except (ValueError, TypeError, AttributeError, LookupError, RecursionError) as error:
        raise UserError(f"not YAML ({error})") from error


def shown(value) -> str:
    """A value for a message, short whatever it is."""
    try:
        return reprlib.repr(value)
    except ValueError:
        return "a number of thousands of digits"


def _convert(value, kind, where: str):
    if dataclasses.is_dataclass(kind):
        return build(kind, value, where)
    if typing.get_origin(kind) is list:
        (item,) = typing.get_args(kind)
        if not isinstance(value, list):
            raise UserError(f"{where}: a list is needed, not {shown(value)}")
        return [_convert(v, item, f"{where}[{i}]") for i, v in enumerate(value)]
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value) if abs(value) < 2**53 else math.inf
    if isinstance(value, float) and not math.isfinite(value):
        raise UserError(f"{where}: {value} is no finite number")
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise UserError(f"{where}: {kind.__name__} is needed, not {shown(value)}")
    return value


def build(kind, content, where: str = ""):
    """`kind` with the values of a mapping; `where`: the dotted name of the key that holds it."""
    if not isinstance(content, dict):
        raise UserError(f"{where + ': ' if where else ''}a mapping is needed, not {shown(content)}")
    fields = {field.name.rstrip("_"): field for field in dataclasses.fields(kind)}
    prefix = f"{where}." if where else ""
    for key in content:
        if key not in fields:
            near = difflib.get_close_matches(str(key), fields, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise UserError(f"unknown key {prefix}{key}{hint}")
    hints = typing.get_type_hints(kind)
    values = {}
    for name, field in fields.items():
        if name in content:
            values[field.name] = _convert(content[name], hints[field.name], prefix + name)
        elif (field.default is dataclasses.MISSING
              and field.default_factory is dataclasses.MISSING):
            raise UserError(f"missing key {prefix}{name}")
    return kind(**values)
