import bcrypt

STORED = bcrypt.hashpw(b"secret", bcrypt.gensalt(4))


def is_right(password):
    return bcrypt.checkpw(password.encode(), STORED)
