"""The site's certificates, as its own Python and OpenSSL see them: what is described to be wrong
with one has to be wrong, and nothing else may be."""

import glob
import re
import socket
import ssl
import subprocess
import tempfile
import time

from checks import ATTEMPT, PROGRAM, Wrong, place

TYPE_CHECKING = False  # mypy takes it for true
if TYPE_CHECKING:
    from job import Certificate, DiagnoseJob

BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
ROOT = "/opt/stagectl/root.pem"
# OpenSSL's codes for what can be wrong (x509_vfy.h).
CODES = {9: "time", 10: "time", 18: "self-signed", 19: "root", 20: "root", 21: "chain", 62: "name", 64: "name"}
PEM = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.S)


def excused(described: "Certificate", code):
    """Whether the description says that this is wrong."""
    wrong = set(described["wrong"])
    if "chain" in wrong or "root" in wrong:
        # Whose issuer is not at hand: an intermediate is missing, or the root.
        wrong |= {"chain", "root"}
    # Whatever else a client finds, it finds in the form of the certificates.
    return CODES.get(code, "form") in wrong


def seen_by_python(job: "DiagnoseJob", name):
    described = job["tls"]["certificates"][name]
    context = ssl.create_default_context()
    client = job["tls"]["client"]
    if client:
        context.load_cert_chain(client["certificate"], client["key"])
    try:
        with socket.create_connection((place(name), 443), ATTEMPT) as plain, \
                context.wrap_socket(plain, server_hostname=name) as secure:
            certificate = secure.getpeercert()
            seen = f"{secure.version()}, certificate for {said(certificate)}"
    except ssl.SSLCertVerificationError as error:
        if not excused(described, error.verify_code):
            raise Wrong(f"{ssl.OPENSSL_VERSION}: {error}") from error
        return f"refused as described: {error.verify_message}"
    except OSError as error:
        raise Wrong(f"{ssl.OPENSSL_VERSION}: {error}") from error
    certain = [word for word in described["wrong"] if word not in ("time", "form")]
    if certain:
        raise Wrong(f"{ssl.OPENSSL_VERSION} accepts it, although described: {', '.join(certain)}")
    return seen


def said(certificate):
    """The names of a certificate in the words of `ssl`."""
    names = [value for _, value in certificate.get("subjectAltName", ())]
    common = [value for part in certificate["subject"] for key, value in part if key == "commonName"]
    return ", ".join(names) or f"the common name {', '.join(common)} alone"


def openssl(*arguments, text=""):
    """What the program says, whether it likes what it sees or not."""
    try:
        result = subprocess.run(
            ["openssl", *arguments], input=text.encode(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            timeout=PROGRAM)
    except subprocess.TimeoutExpired:
        raise Wrong(f"openssl {arguments[0]} did not end within {PROGRAM:g}s") from None
    return result.stdout.decode("utf-8", "replace")


def connect(job: "DiagnoseJob", name, *options):
    client = job["tls"]["client"]
    own = ["-cert", client["certificate"], "-key", client["key"]] if client else []
    text = openssl("s_client", "-connect", f"{place(name)}:443", "-servername", name, "-showcerts", *own, *options)
    found = re.search(r"Verify return code: (\d+) \((.*)\)", text)
    chain = PEM.findall(text.split("Server certificate", 1)[0])
    if not found or not chain:
        lines = [line.strip() for line in text.splitlines() if "error" in line.lower()]
        raise Wrong("; ".join(lines[:3]) or text.strip()[-300:])
    return text, chain, int(found.group(1)), found.group(2)


def seen_by_openssl(job: "DiagnoseJob", name):
    described = job["tls"]["certificates"][name]
    names = ["-verify_hostname", name]
    text, chain, code, words = connect(job, name, *names, "-CAfile", BUNDLE)
    if code and not excused(described, code):
        raise Wrong(f"verification failed: {words} ({code})")
    if described["wrong"]:
        # What is described apart, all has to be right.
        excuses = ["-no_check_time"] if "time" in described["wrong"] else []
        with tempfile.NamedTemporaryFile("w", suffix=".pem") as roots:
            for path in (BUNDLE, ROOT, described["left_out"], *described["own_roots"]):
                if path:
                    with open(path) as file:
                        roots.write(file.read())
            roots.flush()
            if "name" not in described["wrong"]:
                excuses += names
            _, _, other, other_words = connect(job, name, *excuses, "-CAfile", roots.name)
        if other and not ("form" in described["wrong"] and (CODES.get(other, "form") == "form" or "chain" in described["wrong"])):
            raise Wrong(f"beside what is described, verification failed: {other_words} ({other})")
    leaf = read(chain[0])
    compare(described, leaf, len(chain))
    agreed = re.search(r"^New, ([^,]+), Cipher is (\S+)", text, re.M)
    if not agreed:
        raise Wrong("openssl names neither version nor cipher")
    version, cipher = agreed.groups()
    verified = f"refused as described: {words}" if code else "verified"
    left = (leaf["until"] - time.time()) / 86400
    term = f"good for {left:.0f} days" if left > 0 else f"expired for {-left:.0f} days"
    if leaf["from"] > time.time():
        term = f"not good for {(leaf['from'] - time.time()) / 86400:.0f} days"
    return (f"{verified}; {version}, {cipher}; subject {leaf['subject'] or 'empty'}; names "
            f"{', '.join(leaf['names']) or 'none'}; issuer {leaf['issuer']}; {len(chain)} sent; "
            f"{leaf['not_before']} to {leaf['not_after']}, {term}")


def read(pem):
    """What a certificate says, in OpenSSL's words."""
    text = openssl("x509", "-noout", "-text", "-nameopt", "RFC2253", text=pem)

    def after(label):
        found = re.search(rf"^ *{label} ?: ?(.*)$", text, re.M)
        return found.group(1).strip() if found else ""

    alternative = re.search(r"Subject Alternative Name: *(?:critical)?\s*\n *(.*)", text)
    names = alternative.group(1).split(", ") if alternative else []
    dates = [after("Not Before"), after("Not After")]
    bits = re.search(r"Public-Key: \((\d+) bit", text)
    return {
        "subject": after("Subject"), "issuer": after("Issuer"),
        # Others, such as mail addresses, are for nobody who connects.
        "names": [name.split(":", 1)[1] for name in names if name.startswith(("DNS:", "IP Address:"))],
        "not_before": dates[0], "not_after": dates[1],
        "from": ssl.cert_time_to_seconds(dates[0]), "until": ssl.cert_time_to_seconds(dates[1]),
        "rsa": "rsaEncryption" in text, "bits": int(bits.group(1)) if bits else 0,
        "signature": after("Signature Algorithm"),
    }


def compare(described: "Certificate", leaf, sent):
    """What the site serves is what is described."""
    wanted = described["names"]
    if sorted(map(plain, leaf["names"])) != sorted(map(plain, wanted)):
        raise Wrong(f"it is for {', '.join(leaf['names']) or 'no name'}, described {', '.join(wanted) or 'none'}")
    if sent != described["sent"]:
        raise Wrong(f"the site sends {sent} certificates, described {described['sent']}")
    if (leaf["rsa"], leaf["bits"]) != (described["key"]["rsa"], described["key"]["bits"]):
        raise Wrong(f"its key is {'RSA' if leaf['rsa'] else 'ECDSA'} with {leaf['bits']} bits")
    if (leaf["subject"] == leaf["issuer"]) != described["self_signed"]:
        raise Wrong(f"it was issued by {leaf['issuer']}, described as {'' if described['self_signed'] else 'not '}self-signed")
    for end in ("from", "until"):
        moment = described[end]
        if not moment:
            continue
        # Times from now are those of the rehearsal's start, some of which has passed.
        off = leaf[end] - moment["at"] if "at" in moment else time.time() + moment["in"] - leaf[end]
        if not -60 < off < (60 if "at" in moment else 86400):
            raise Wrong(f"it is good from {leaf['not_before']} to {leaf['not_after']}, which is not as described")


def plain(name):
    """An address as everybody writes it."""
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            return socket.inet_ntop(family, socket.inet_pton(family, name))
        except OSError:
            continue
    return name.lower()


def trust(job: "DiagnoseJob"):
    """The root is where the description says, and in no other bundle."""
    described = [line.split(" ", 1) for line in job["tls"]["trust"].splitlines()]
    places: dict = {}
    for root, where in described:
        places.setdefault(where, []).append(root)
    try:
        with open("/opt/stagectl/bundles.txt") as file:
            certifi = file.read().split("\n")[:-1]
    except OSError:
        certifi = []
    seen = []
    for root in sorted({ROOT, *(root for root, _ in described)}):
        for where, bundles in (("system", [BUNDLE]), ("certifi", certifi)):
            for bundle in bundles:
                if root not in places.get(where, ()) and holds(bundle, root):
                    raise Wrong(f"{bundle} has the root {root}, although `{where}` is not described")
    for where, roots in places.items():
        bundles = {"system": [BUNDLE], "certifi": certifi}.get(where) or glob.glob(where)
        if not bundles and where != "certifi":
            raise Wrong(f"there is no bundle {where}")
        for bundle in bundles:
            if not all(holds(bundle, root) for root in roots):
                raise Wrong(f"{bundle} does not have the root")
        seen.append(f"{where} ({len(bundles)})" if where == "certifi" or "*" in where else where)
    return "in " + ", ".join(seen) if seen else "nowhere"


def holds(bundle, root):
    with open(bundle, encoding="utf-8", errors="replace") as file, open(root) as own:
        return own.read().strip() in file.read()
