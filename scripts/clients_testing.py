"""What the tests of clients share: errors that are expected, and running a module's tests."""

import traceback

from botocore.exceptions import ClientError


def refused(code, call, **parameters):
    """Calls, and expects this error code. Returns the error's response."""
    try:
        call(**parameters)
    except ClientError as error:
        got = error.response["Error"]["Code"]
        assert got == code, f"{got}, not {code}: {error}"
        return error.response
    raise AssertionError(f"{code} was expected")


def run(module):
    """Runs the functions `test_…` of a module, given its globals. Prints how many passed, and returns whether any failed."""
    passed = failed = 0
    for name, test in list(module.items()):
        if not name.startswith("test_"):
            continue
        try:
            test()
            passed += 1
        except Exception:
            failed += 1
            print(f"failed: {name}")
            traceback.print_exc()
    print(f"{passed} passed, {failed} failed")
    return failed > 0
