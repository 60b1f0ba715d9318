"""A Python function that the model can call."""

from codex_app_server import Codex, tool


@tool
def depth(sea: str) -> int:
    """Tell how deep a sea is, in metres.

    Args:
        sea: its name.
    """
    print("asked for", sea)
    return 3800


with Codex() as codex:
    thread = codex.thread_start(tools=[depth])
    result = thread.run("How deep is it?")
    calls = [item for item in result.items if item.type == "dynamicToolCall"]
    print(calls[0].tool, calls[0].status)  # -> depth completed
    print(result.final_response)

print(depth("Baltic"))  # -> 3800
