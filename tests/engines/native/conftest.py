"""What all tests of the native engine share: a cache folder of their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

pytest.register_assert_rewrite("engines.native.agreement")


@pytest.fixture(scope="session", autouse=True)
def no_user_s_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Compiled code goes to a temporary folder, never to the user's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield
