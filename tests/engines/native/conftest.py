"""What all tests of the native engine share."""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite("engines.native.agreement")
