def test_red():
    assert False, "the site is wrong"
