def test_bad(): assert 0, "the password is a word, says test_bad"
