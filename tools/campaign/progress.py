"""One line on standard error that says how far a run is; now and then where nobody looks."""

import sys
import time


class Progress:
    def __init__(self, minutes):
        self.minutes = minutes
        self.started = time.monotonic()
        self.shown = 0.0

    def seconds(self):
        return time.monotonic() - self.started

    def is_late(self):
        return self.minutes is not None and self.seconds() > 60 * self.minutes

    def is_due(self):
        return time.monotonic() - self.shown >= (0.2 if sys.stderr.isatty() else 60)

    def show(self, text, share, seconds_left=None, is_last=False):
        """`share` is what is done of the whole, at most 1."""
        self.shown = time.monotonic()
        if seconds_left is not None and not is_last:
            text += f", {int(seconds_left) // 60}:{int(seconds_left) % 60:02} left"
        if not sys.stderr.isatty():
            print(text, file=sys.stderr, flush=True)
            return
        clear_line()
        sys.stderr.write(f"[{'#' * int(30 * min(share, 1)):<30}] {text}")
        sys.stderr.write("\n" if is_last else "")
        sys.stderr.flush()


def clear_line():
    if sys.stderr.isatty():
        sys.stderr.write("\r\033[K")
