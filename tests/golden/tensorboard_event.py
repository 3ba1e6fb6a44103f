"""Makes tensorboard_event.hex with TensorBoard's own writer: pip install tensorboard, then run this.

The lines: a version record, a scalar record with two values, and one with a negative step.
"""
import io
from pathlib import Path

from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.summary.writer.record_writer import RecordWriter


def record(event):
    out = io.BytesIO()
    RecordWriter(out).write(event.SerializeToString())
    return out.getvalue().hex()


def scalars(step, wall_time, **values):
    value = [summary_pb2.Summary.Value(tag=k, simple_value=v) for k, v in values.items()]
    return event_pb2.Event(wall_time=wall_time, step=step, summary=summary_pb2.Summary(value=value))


lines = [
    record(event_pb2.Event(wall_time=1700000000.25, file_version="brain.Event:2")),
    record(scalars(300, 1700000001.5, loss=0.1, temperature=-2.5)),
    record(scalars(-1, 0.5, loss=float("inf"))),
]
Path(__file__).with_suffix(".hex").write_text("\n".join(lines) + "\n")
