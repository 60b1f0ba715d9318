import copy
import pickle
import re

import pytest

from codex_app_server import errors


def every_class(base=errors.AppServerError):
    yield base
    for kind in base.__subclasses__():
        yield from every_class(kind)


EXAMPLES = [
    errors.UsageError("m"),
    errors.BinaryNotFoundError("m"),
    errors.ProtocolError("m"),
    errors.IncompatibleServerError("m"),
    errors.ConnectionClosedError("m", exit_code=3, signal=None, stderr_tail="last words"),
    errors.OutputMismatch("m", raw="text"),
    errors.RequestTimeoutError("m"),
    errors.StartTimeoutError("m"),
    *(errors.ServerError.from_wire(code, "m", {"a": [1]}, method="a/b") for code in [*range(-32_800, -32_000), 7]),
    errors.ServerError.from_wire(-32_000, "retry limit", method="a/b"),
    errors.LoginError("m"),
    errors.TurnFailedError("m", turn_id="t", error={"message": "e"}),
    errors.TurnInterruptedError("m", turn_id="t"),
    errors.TurnTimeoutError("m", turn_id="t"),
]


def test_there_is_an_example_of_every_class():
    abstract = {errors.AppServerError, errors.TurnError}
    assert {type(example) for example in EXAMPLES} == set(every_class()) - abstract


@pytest.mark.parametrize(
    "example", {type(each): each for each in EXAMPLES}.values(), ids=lambda each: type(each).__name__
)
def test_an_error_pickles_and_copies_whole(example):
    for twin in (pickle.loads(pickle.dumps(example)), copy.copy(example), copy.deepcopy(example)):
        assert type(twin) is type(example)
        assert (twin.args, vars(twin), str(twin)) == (example.args, vars(example), str(example))


def test_the_tree_at_the_top_is_the_tree():
    drawn, path = {}, []
    for line in errors.__doc__.splitlines():
        match = re.match(r"([│├└─ ]*)(\w+(?:Error|Mismatch))\b", line)
        if match:
            depth = len(match[1]) // 4
            path[depth:] = [match[2]]
            drawn[match[2]] = path[depth - 1] if depth else None
    real = {kind.__name__: kind.__bases__[0].__name__ for kind in every_class()}
    assert drawn == {**real, "AppServerError": None}


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (-32700, errors.ParseError),
        (-32600, errors.InvalidRequestError),
        (-32601, errors.MethodNotFoundError),
        (-32602, errors.InvalidParamsError),
        (-32603, errors.InternalServerError),
        (-32001, errors.ServerBusyError),
        (-32000, errors.ServerError),
        (1, errors.ServerError),
    ],
)
def test_the_code_decides_the_class(code, kind):
    error = errors.ServerError.from_wire(code, "any text", method="a/b")
    assert type(error) is kind
    assert str(error) == f"a/b: error {code}: any text"


def test_a_busy_server_is_known_by_its_code_whatever_it_says():
    assert type(errors.ServerError.from_wire(-32001, "retry limit reached")) is errors.ServerBusyError


@pytest.mark.parametrize(
    ("message", "data"),
    [
        ("exceeded retry limit", None),
        ("m", {"codexErrorInfo": "responseTooManyFailedAttempts"}),
        ("m", {"codexErrorInfo": {"responseTooManyFailedAttempts": {"httpStatusCode": 429}}}),
    ],
)
def test_a_spent_retry_limit_is_told_by_text_or_information(message, data):
    assert type(errors.ServerError.from_wire(-32603, message, data)) is errors.RetryLimitReachedError


@pytest.mark.parametrize("data", [7, [1], {"codexErrorInfo": 7}, {"codexErrorInfo": None}])
def test_strange_error_data_is_kept(data):
    error = errors.ServerError.from_wire(-32603, "m", data)
    assert (type(error), error.data) == (errors.InternalServerError, data)


@pytest.mark.parametrize(
    ("return_code", "exit_code", "signal", "text"),
    [
        (3, 3, None, "the server exited with status 3"),
        (0, 0, None, "the server exited with status 0"),
        (-9, None, 9, "signal 9 ended the server"),
        (None, None, None, "the server closed its output"),
    ],
)
def test_a_closed_connection_tells_how_the_server_ended(return_code, exit_code, signal, text):
    error = errors.ConnectionClosedError.from_return_code(return_code, "a\nb")
    assert (error.exit_code, error.signal, error.stderr_tail) == (exit_code, signal, "a\nb")
    assert str(error) == f"{text}; its newest stderr lines:\na\nb"


def test_a_deadline_is_a_timeout_for_everybody():
    for kind in (errors.RequestTimeoutError, errors.StartTimeoutError, errors.TurnTimeoutError):
        assert issubclass(kind, TimeoutError)
