"""Numbers of a command line that ask for something: a run of nothing proves nothing."""

import argparse
import math


def positive(text):
    """A whole number above 0."""
    return checked(int(text), 1, "not above 0")


def not_negative(text):
    """A whole number from 0 on."""
    return checked(int(text), 0, "below 0")


def duration(text):
    """A finite number of minutes or seconds above 0."""
    number = float(text)
    if not 0 < number < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is no time to do anything in")
    return number


def checked(number, least, words):
    if number < least:
        raise argparse.ArgumentTypeError(f"{number} is {words}")
    return number
