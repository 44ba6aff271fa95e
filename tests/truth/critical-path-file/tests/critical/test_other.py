def test_that_nobody_asked_for():
    raise AssertionError
