import os
import pwd


def app(environ, start_response):
    """Whose process this is, its home, and whether it can write to its folder of data."""
    open("/var/lib/shop/seen", "w").close()
    user = pwd.getpwuid(os.getuid())
    text = f"{user.pw_name} {os.environ.get('HOME', user.pw_dir)} {os.getcwd()}\n"
    for path in ["/etc/shop.d", "/etc/shop.d/a.conf"]:
        if os.path.exists(path):
            text += f"{path} {os.stat(path).st_mode & 0o7777:o} {open(path).read() if path.endswith('conf') else ''}\n"
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [text.encode()]
