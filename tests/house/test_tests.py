"""The tests keep to their own rules."""

import os
import socket

import pytest


def test_a_test_that_reaches_out_of_this_machine_is_stopped() -> None:
    with socket.socket() as line, pytest.raises(RuntimeError, match="loopback only"):
        line.connect(("192.0.2.1", 80))  # reserved for documentation: nobody answers there


def test_settings_of_the_developer_never_reach_a_test() -> None:
    outside = {name for name in os.environ if name.startswith("ASSAY_")}
    assert outside <= {"ASSAY_CACHE", "ASSAY_SAMPLES", "ASSAY_VECTORS"}
    assert "assay-parts-" in os.environ["ASSAY_CACHE"]  # of this run alone
