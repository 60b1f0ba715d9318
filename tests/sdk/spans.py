"""Spans that are kept in memory, for both test modules."""

import threading

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

DEADLINE_SECONDS = 30


class Spans:
    """A provider, and what was made with it."""

    def __init__(self):
        self._kept = InMemorySpanExporter()
        self.provider = TracerProvider()
        self.provider.add_span_processor(SimpleSpanProcessor(self._kept))
        self.tracer = self.provider.get_tracer("tests")

    def finished(self):
        """Those that have ended, oldest end first; the threads that end spans are awaited."""
        for thread in threading.enumerate():
            if thread.name == "codex-app-server-span":
                thread.join(DEADLINE_SECONDS)
        return list(self._kept.get_finished_spans())

    def one(self, name):
        """The only one of that name."""
        [span] = [span for span in self.finished() if span.name == name]
        return span


def is_inside(span, outer):
    """Whether one is the other's child."""
    return span.parent is not None and span.parent.span_id == outer.context.span_id
