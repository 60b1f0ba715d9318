"""One small fault at a time: every way in which a line of a module could be wrong and still be Python. Pure."""

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass

_COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_COMPUTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Div: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.LShift: ast.RShift,
    ast.Mod: ast.Mult,
}


@dataclass(frozen=True, slots=True)
class Change:
    """A fault in a module.

    Attributes:
        place: the function or class that it is in, dotted; empty at the top.
        before: the code as it is.
        after: the faulty code.
        line: its number, for people.
        tree: the whole faulty module.
    """

    place: str
    before: str
    after: str
    line: int
    tree: ast.Module

    @property
    def identity(self) -> tuple[str, str, str]:
        """What stays the same while other lines move."""
        return self.place, self.before, self.after


def changes(source: str) -> Iterator[Change]:
    """Every fault of `source`, each alone in a tree of its own."""
    module = ast.parse(source)
    nodes = list(_sites(module))
    for index, (place, node) in enumerate(nodes):
        for number, faulty in enumerate(_faults(node)):
            tree = copy.deepcopy(module)
            _, twin = list(_sites(tree))[index]
            replacement = list(_faults(twin))[number]
            _Replace(twin, replacement).visit(tree)
            yield Change(place, _told(node), _told(faulty), getattr(node, "lineno", 0), ast.fix_missing_locations(tree))


def _sites(node: ast.AST, place: str = "") -> Iterator[tuple[str, ast.AST]]:
    """Every node that could be faulty; not annotations, docstrings, imports for type checkers, nor messages."""
    for child in _children(node):
        inner = place
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            inner = f"{place}.{child.name}" if place else child.name
        if _is_for_type_checkers(child):
            continue
        yield inner, child
        yield from _sites(child, inner)


def _is_for_type_checkers(node: ast.AST) -> bool:
    match node:
        case ast.If(test=ast.Name(id="TYPE_CHECKING")) | ast.Assign(value=ast.Call(func=ast.Name(id="TypeVar"))):
            return True
    return False


def _children(node: ast.AST) -> Iterator[ast.AST]:
    for name, value in ast.iter_fields(node):
        if name in {"annotation", "returns", "decorator_list", "bases", "type_params"} or isinstance(
            node, ast.JoinedStr
        ):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not _is_docstring(child):
                yield child


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _faults(node: ast.AST) -> Iterator[ast.AST]:
    """What could stand in the node's place."""
    yield from _wrong_expressions(node)
    yield from _wrong_statements(node)


def _wrong_expressions(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Compare(ops=[operator, *_]) if type(operator) in _COMPARED:
            yield _with(node, ops=[_COMPARED[type(operator)](), *node.ops[1:]])
        case ast.BoolOp():
            yield _with(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())
        case ast.UnaryOp(op=ast.Not()):
            yield node.operand
        case ast.BinOp() | ast.AugAssign() if type(node.op) in _COMPUTED:
            yield _with(node, op=_COMPUTED[type(node.op)]())
        case ast.Constant(value=bool()):
            yield _with(node, value=not node.value)
        case ast.Constant(value=int() | float()):
            yield _with(node, value=node.value + 1)  # type: ignore[operator] # the pattern says that it is a number
        case ast.Constant(value=str() | bytes()) if node.value:
            yield _with(node, value=node.value[1:])  # type: ignore[index] # the same


def _wrong_statements(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.If() | ast.While() | ast.IfExp():
            yield _with(node, test=ast.UnaryOp(ast.Not(), node.test))
        case ast.Return(value=ast.expr()) if not _is_none(node.value):
            yield _with(node, value=ast.Constant(None))
        case ast.Expr(value=ast.Call() | ast.Yield() | ast.YieldFrom()) | ast.Raise() | ast.Delete():
            yield ast.Pass()
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript()]):
            yield ast.Pass()
        case ast.Continue():
            yield ast.Break()
        case ast.Break():
            yield ast.Continue()


def _is_none(node: ast.AST | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _with(node: ast.AST, **fields: object) -> ast.AST:
    changed = copy.copy(node)
    for name, value in fields.items():
        setattr(changed, name, value)
    return changed


def _told(node: ast.AST) -> str:
    """The node as code; of what spans lines the first."""
    return ast.unparse(node).partition("\n")[0]


class _Replace(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self._old, self._new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        """Put the new node in the old one's place."""
        return self._new if node is self._old else self.generic_visit(node)
