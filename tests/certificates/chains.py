"""Makes the chains of `certificates`: of public authorities of 2026 and of private ones, good and bad, each
in a folder of its own, with openssl alone. `python3 chains.py FOLDER`

A folder has `sent.pem` (what the server sends), `leaf.key`, `root.pem` (what the client trusts),
`authority` (there, if the root is a private one) and `host` (what the client asks for)."""

import datetime
import pathlib
import shutil
import subprocess
import sys

HOST = "www.site-b.example"
SAN = f"subjectAltName=DNS:{HOST},DNS:site-b.example"
FOR_CA = ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign"]
PATH_0 = ["basicConstraints=critical,CA:TRUE,pathlen:0", "keyUsage=critical,digitalSignature,keyCertSign,cRLSign"]
SKI = "subjectKeyIdentifier=hash"
AKI = "authorityKeyIdentifier=keyid:always"
NO_SKI = "subjectKeyIdentifier=none"
NO_AKI = "authorityKeyIdentifier=none"
LEAF = "basicConstraints=critical,CA:FALSE"
USE = ["keyUsage=critical,digitalSignature,keyEncipherment", "extendedKeyUsage=serverAuth,clientAuth"]
EC_USE = ["keyUsage=critical,digitalSignature", "extendedKeyUsage=serverAuth"]
# A domain was validated; signed timestamps of two logs, as far as nobody looks at them.
DV = "certificatePolicies=2.23.140.1.2.1"
SCT = "1.3.6.1.4.1.11129.2.4.2=DER:0408000600040001ffff"


def urls(name):
    return [f"crlDistributionPoints=URI:http://crl.{name}.example/ca.crl",
            f"authorityInfoAccess=caIssuers;URI:http://{name}.example/ca.crt"]


class Maker:
    """Makes certificates in a folder of its own; a name stands for a key and a certificate."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(parents=True)
        # Whose key a certificate has.
        self.keys = {}
        self.serial = 0x1122334455667788990011223344556677889900

    def run(self, *arguments):
        result = subprocess.run(["openssl", *arguments], cwd=self.folder, capture_output=True, text=True)
        if result.returncode:
            raise SystemExit(f"{self.folder.name}: openssl {' '.join(arguments)}\n{result.stderr}")
        return result.stdout

    def key(self, name, kind):
        path = self.folder / f"{name}.key"
        if path.exists():
            return
        # Keys take their time, and are nobody's: each chain may have the same ones.
        pool = POOL / f"{kind.replace(':', '-')}-{name}.key"
        if pool.exists():
            path.write_text(pool.read_text())
            return
        options = {
            "rsa": ["-algorithm", "RSA", "-pkeyopt", f"rsa_keygen_bits:{kind[4:] or 2048}"],
            "p25": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
            "p38": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"],
            "p52": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"],
        }[kind[:3]]
        self.run("genpkey", *options, "-out", path.name)
        pool.write_text(path.read_text())

    def make(self, name, subject, extensions, issuer=None, key="rsa", digest="sha256", days=None, serial=None,
             mask="utf8only", of=None):
        """A certificate `name` (of the key `of`), self-signed without an issuer. `days`: from, until."""
        of = of or name
        self.key(of, key)
        self.serial += 1
        (self.folder / "req.cnf").write_text(
            f"[req]\ndistinguished_name=dn\nstring_mask={mask}\nutf8=yes\n[dn]\n")
        self.run("req", "-new", "-utf8", "-config", "req.cnf", "-key", f"{of}.key", "-subj", subject, "-out", "req.csr")
        signer = issuer or name
        if issuer is None:
            # What is signed by itself is signed by `ca` like any other.
            self.run("req", "-x509", "-config", "req.cnf", "-in", "req.csr", "-key", f"{of}.key", "-days", "1",
                     "-set_serial", hex(self.serial if serial is None else serial), "-out", f"{name}.pem")
        signer_key = self.keys.get(signer, signer) if issuer else of
        self.keys[name] = of
        if (serial is not None and serial < 0) or (serial is not None and days is None and issuer):
            self.with_serial(name, extensions, signer, signer_key, digest, serial)
            return
        self.with_ca(name, extensions, signer, signer_key, digest, days or (-30, 365), self.serial if serial is None else serial)

    def with_serial(self, name, extensions, signer, signer_key, digest, serial):
        arguments = ["x509", "-req", "-in", "req.csr", "-CA", f"{signer}.pem", "-CAkey", f"{signer_key}.key",
                     "-set_serial", str(serial), "-days", "300", f"-{digest}", "-out", f"{name}.new"]
        if extensions:
            (self.folder / "ext.cnf").write_text("\n".join(extensions) + "\n")
            arguments += ["-extfile", "ext.cnf"]
        self.run(*arguments)
        (self.folder / f"{name}.new").rename(self.folder / f"{name}.pem")

    def with_ca(self, name, extensions, signer, signer_key, digest, days, serial):
        digits = f"{serial:x}"
        (self.folder / "serial").write_text(digits.rjust(len(digits) + len(digits) % 2, "0") + "\n")
        (self.folder / "index.txt").write_text("")
        section = "x509_extensions=ext" if extensions else ""
        (self.folder / "ca.cnf").write_text(
            "[ca]\ndefault_ca=own\n[own]\ndir=.\nnew_certs_dir=.\ndatabase=index.txt\nserial=serial\n"
            f"default_md={digest}\npolicy=any\nunique_subject=no\n{section}\n[any]\n"
            "countryName=optional\nstateOrProvinceName=optional\nlocalityName=optional\norganizationName=optional\n"
            "organizationalUnitName=optional\ncommonName=optional\nemailAddress=optional\ndomainComponent=optional\n"
            "[ext]\n" + "\n".join(extensions) + "\n")
        begin, end = (moment(offset) for offset in days)
        self.run("ca", "-batch", "-notext", "-config", "ca.cnf", "-preserveDN", "-in", "req.csr", "-cert",
                 f"{signer}.pem", "-keyfile", f"{signer_key}.key", "-startdate", begin, "-enddate", end,
                 "-out", f"{name}.new", *(["-selfsign"] if signer == name else []))
        (self.folder / f"{name}.new").rename(self.folder / f"{name}.pem")

    def send(self, *names, root, private=False, host=HOST, leaf=None):
        """Writes what a server would send, and what its clients trust."""
        def read(name):
            return (self.folder / f"{name}.pem").read_text()

        text = "".join(read(name) for name in names)
        roots = "".join(read(name) for name in root.split())
        key = (self.folder / f"{self.keys[leaf or names[0]]}.key").read_text()
        for path in list(self.folder.iterdir()):
            path.unlink()
        (self.folder / "sent.pem").write_text(text)
        (self.folder / "root.pem").write_text(roots)
        (self.folder / "leaf.key").write_text(key)
        (self.folder / "host").write_text(host)
        if private:
            (self.folder / "authority").write_text("")


def moment(days):
    now = datetime.datetime.now(datetime.timezone.utc)
    return (now + datetime.timedelta(days=days)).strftime("%Y%m%d%H%M%SZ")


CHAINS: dict = {}


def chain(function):
    CHAINS[function.__name__.replace("_", "-")] = function
    return function


def public_root(make, name="root", subject="/C=US/O=Internet Security Research Group/CN=ISRG Root X1", key="rsa:4096", **more):
    make(name, subject, [*FOR_CA, SKI], key=key, **more)


# Public ones, in the shapes of 2026.

@chain
def lets_encrypt_rsa(m):
    public_root(m.make)
    m.make("r12", "/C=US/O=Let's Encrypt/CN=R12", [*PATH_0, "extendedKeyUsage=clientAuth,serverAuth", SKI, AKI, DV, *urls("x1")], "root", days=(-700, 400))
    m.make("leaf", f"/CN={HOST}", [*USE, LEAF, SKI, AKI, *urls("r12"), SAN, DV, SCT], "r12", days=(-20, 70))
    m.send("leaf", "r12", root="root")


@chain
def lets_encrypt_ecdsa(m):
    public_root(m.make, subject="/C=US/O=Internet Security Research Group/CN=ISRG Root X2", key="p384", digest="sha384")
    m.make("e7", "/C=US/O=Let's Encrypt/CN=E7", [*PATH_0, "extendedKeyUsage=clientAuth,serverAuth", SKI, AKI, DV, *urls("x2")], "root", key="p384", digest="sha384")
    m.make("leaf", f"/CN={HOST}", [*EC_USE, LEAF, SKI, AKI, *urls("e7"), SAN, DV, SCT], "e7", key="p256", digest="sha384", days=(-20, 70))
    m.send("leaf", "e7", root="root")


@chain
def lets_encrypt_after_may_2026(m):
    """Generation Y: no client authentication, no common name, a cross-signed root is sent."""
    public_root(m.make, subject="/C=US/O=Internet Security Research Group/CN=ISRG Root X2", key="p384", digest="sha384")
    m.make("ye", "/C=US/O=ISRG/CN=Root YE", [*FOR_CA, SKI, AKI, DV, *urls("x2")], "root", key="p384", digest="sha384")
    m.make("ye1", "/C=US/O=Let's Encrypt/CN=YE1", [*PATH_0, "extendedKeyUsage=serverAuth", SKI, AKI, DV, *urls("ye")], "ye", key="p384", digest="sha384")
    m.make("leaf", "/", ["keyUsage=critical,digitalSignature", "extendedKeyUsage=serverAuth", LEAF, SKI, AKI, *urls("ye1"), f"{SAN.replace('=', '=critical,')}", DV, SCT], "ye1", key="p256", digest="sha384", days=(-2, 45))
    m.send("leaf", "ye1", "ye", root="root")


@chain
def digicert(m):
    public_root(m.make, subject="/C=US/O=DigiCert Inc/OU=www.digicert.com/CN=DigiCert Global Root G2", key="rsa:2048")
    m.make("ca1", "/C=US/O=DigiCert Inc/CN=DigiCert Global G2 TLS RSA SHA256 2020 CA1", [*PATH_0, "extendedKeyUsage=serverAuth,clientAuth", SKI, AKI, *urls("digicert"), "certificatePolicies=2.5.29.32.0"], "root")
    m.make("leaf", f"/C=DE/ST=Hamburg/L=Hamburg/O=Site B GmbH/CN={HOST}", [SKI, AKI, SAN, "certificatePolicies=2.23.140.1.2.2", *USE, *urls("ca1"), LEAF, SCT], "ca1", mask="default", days=(-100, 99))
    m.send("leaf", "ca1", root="root")


@chain
def zerossl(m):
    public_root(m.make, subject="/C=US/ST=New Jersey/L=Jersey City/O=The USERTRUST Network/CN=USERTrust ECC Certification Authority", key="p384", digest="sha384")
    m.make("zero", "/C=AT/O=ZeroSSL/CN=ZeroSSL ECC Domain Secure Site CA", [AKI, SKI, *PATH_0, "extendedKeyUsage=serverAuth,clientAuth", "certificatePolicies=1.3.6.1.4.1.6449.1.2.2.78,2.23.140.1.2.1", *urls("usertrust")], "root", key="p256", digest="sha384")
    m.make("leaf", f"/CN={HOST}", [AKI, SKI, *EC_USE, LEAF, DV, *urls("zerossl"), SCT, SAN], "zero", key="p256", days=(-10, 80))
    m.send("leaf", "zero", root="root")


@chain
def google_trust_services(m):
    """The root is sent, too, cross-signed by an older one that clients do not have any more."""
    m.make("old", "/C=BE/O=GlobalSign nv-sa/OU=Root CA/CN=GlobalSign Root CA", [*FOR_CA, SKI])
    public_root(m.make, subject="/C=US/O=Google Trust Services LLC/CN=GTS Root R4", key="p384", digest="sha384")
    m.make("cross", "/C=US/O=Google Trust Services LLC/CN=GTS Root R4", [*FOR_CA, SKI, AKI, *urls("gsr1")], "old", key="p384", of="root")
    m.make("we1", "/C=US/O=Google Trust Services/CN=WE1", [*PATH_0, "extendedKeyUsage=serverAuth,clientAuth", SKI, AKI, *urls("r4"), DV], "root", key="p256", digest="sha384")
    m.make("leaf", "/CN=site-b.example", [*EC_USE, LEAF, SKI, AKI, *urls("we1"), SAN, DV, SCT], "we1", key="p256", days=(-30, 60))
    m.send("leaf", "we1", "cross", root="root")


@chain
def sectigo(m):
    public_root(m.make, subject="/C=GB/O=Sectigo Limited/CN=Sectigo Public Server Authentication Root R46", key="rsa:4096", digest="sha384")
    m.make("r36", "/C=GB/O=Sectigo Limited/CN=Sectigo Public Server Authentication CA DV R36", [AKI, SKI, *PATH_0, "extendedKeyUsage=serverAuth", "certificatePolicies=2.5.29.32.0,2.23.140.1.2.1", *urls("r46")], "root", key="rsa:3072", digest="sha384")
    m.make("leaf", f"/CN={HOST}", [AKI, SKI, *USE, LEAF, DV, *urls("r36"), SCT, SAN], "r36", days=(-10, 189))
    m.send("leaf", "r36", root="root")


@chain
def amazon(m):
    """Four certificates: the last two are cross-signed."""
    public_root(m.make, subject="/C=US/O=Starfield Technologies, Inc./CN=Starfield Services Root Certificate Authority - G2", key="rsa:2048")
    m.make("ca1", "/C=US/O=Amazon/CN=Amazon Root CA 1", [*FOR_CA, SKI, AKI, *urls("sfg2"), "certificatePolicies=2.5.29.32.0"], "root")
    m.make("m03", "/C=US/O=Amazon/CN=Amazon RSA 2048 M03", [*PATH_0, "extendedKeyUsage=serverAuth,clientAuth", SKI, AKI, *urls("ca1"), DV], "ca1")
    m.make("leaf", f"/CN={HOST}", [AKI, SKI, SAN, DV, *USE, *urls("m03"), "basicConstraints=critical,CA:FALSE", SCT], "m03")
    m.send("leaf", "m03", "ca1", root="root")


@chain
def public_wildcard(m):
    public_root(m.make)
    m.make("r12", "/C=US/O=Let's Encrypt/CN=R12", [*PATH_0, SKI, AKI], "root")
    m.make("leaf", "/CN=*.site-b.example", [*USE, LEAF, SKI, AKI, "subjectAltName=DNS:*.site-b.example"], "r12", key="rsa:4096")
    m.send("leaf", "r12", root="root")


@chain
def public_without_its_intermediate(m):
    public_root(m.make)
    m.make("r12", "/C=US/O=Let's Encrypt/CN=R12", [*PATH_0, SKI, AKI], "root")
    m.make("leaf", f"/CN={HOST}", [*USE, LEAF, SKI, AKI, SAN], "r12")
    m.send("leaf", root="root", private=True)


# Private ones, as their tools make them.

def private(m, *names, root="root", **more):
    m.send(*names, root=root, private=True, **more)


def usual_root(m, extensions=None, subject="/O=Site B/CN=Site B Root CA", **more):
    m.make("root", subject, [*FOR_CA, SKI] if extensions is None else extensions, **more)


def usual_leaf(m, issuer="root", extensions=None, subject=f"/CN={HOST}", **more):
    m.make("leaf", subject, [LEAF, SKI, AKI, *USE, SAN] if extensions is None else extensions, issuer, **more)


@chain
def openssl_ca_defaults(m):
    """`openssl ca` with the openssl.cnf that comes with it: `v3_ca` and `usr_cert`."""
    usual_root(m, [SKI, "authorityKeyIdentifier=keyid:always,issuer", "basicConstraints=critical,CA:TRUE"])
    usual_leaf(m, extensions=["basicConstraints=CA:FALSE", SKI, "authorityKeyIdentifier=keyid,issuer", SAN], subject=f"/C=DE/ST=Hamburg/O=Site B/CN={HOST}")
    private(m, "leaf")


@chain
def openssl_req_x509(m):
    usual_root(m, [SKI, "authorityKeyIdentifier=keyid:always,issuer", "basicConstraints=critical,CA:TRUE"], subject="/CN=ca")
    usual_leaf(m, extensions=[NO_SKI, NO_AKI, SAN])
    private(m, "leaf")


@chain
def self_signed_leaf(m):
    """`openssl req -x509` for the site itself, which its clients trust."""
    m.make("leaf", f"/CN={HOST}", [SKI, "authorityKeyIdentifier=keyid:always,issuer", "basicConstraints=critical,CA:TRUE", SAN])
    private(m, "leaf", root="leaf")


@chain
def self_signed_leaf_without_extensions(m):
    m.make("leaf", f"/CN={HOST}", [])
    private(m, "leaf", root="leaf")


@chain
def self_signed_leaf_that_nobody_trusts(m):
    m.make("leaf", f"/CN={HOST}", [SKI, AKI, "basicConstraints=critical,CA:TRUE", SAN])
    m.make("root", "/CN=another", [*FOR_CA, SKI])
    private(m, "leaf")


@chain
def mkcert(m):
    m.make("root", "/O=mkcert development CA/OU=dev@site-b/CN=mkcert dev@site-b", ["keyUsage=critical,keyCertSign", "basicConstraints=critical,CA:TRUE,pathlen:0", SKI], key="rsa:3072")
    usual_leaf(m, extensions=["keyUsage=critical,digitalSignature,keyEncipherment", "extendedKeyUsage=serverAuth", AKI, SAN + ",IP:127.0.0.1"], subject="/O=mkcert development certificate/OU=dev@site-b")
    private(m, "leaf")


@chain
def active_directory(m):
    """Microsoft AD CS: domain components, an enterprise CA with its version, a template in UTF-16."""
    usual_root(m, ["keyUsage=digitalSignature,keyCertSign,cRLSign", "basicConstraints=critical,CA:TRUE", SKI, "1.3.6.1.4.1.311.21.1=DER:020100"], subject="/DC=example/DC=site-b/CN=site-b-DC01-CA")
    m.make("sub", "/DC=example/DC=site-b/CN=site-b-SUB01-CA", ["1.3.6.1.4.1.311.21.1=DER:020100", SKI, "1.3.6.1.4.1.311.20.2=DER:1e0a00530075006200430041", "keyUsage=digitalSignature,keyCertSign,cRLSign", "basicConstraints=critical,CA:TRUE", AKI, *urls("dc01")], "root")
    usual_leaf(m, "sub", [SAN, SKI, AKI, *urls("sub01"), "keyUsage=critical,digitalSignature,keyEncipherment", "1.3.6.1.4.1.311.20.2=DER:1e12005700650062005300650072007600650072", "extendedKeyUsage=serverAuth"], subject=f"/C=DE/O=Site B/CN={HOST}", mask="nombstr")
    private(m, "leaf", "sub")


@chain
def active_directory_root_with_sha1(m):
    usual_root(m, ["keyUsage=digitalSignature,keyCertSign,cRLSign", "basicConstraints=critical,CA:TRUE", SKI], subject="/DC=example/DC=site-b/CN=old", digest="sha1")
    usual_leaf(m)
    private(m, "leaf")


@chain
def easy_rsa(m):
    usual_root(m, [SKI, "authorityKeyIdentifier=keyid:always,issuer:always", "basicConstraints=CA:TRUE", "keyUsage=cRLSign,keyCertSign"], subject="/CN=Easy-RSA CA")
    usual_leaf(m, extensions=["basicConstraints=CA:FALSE", SKI, "authorityKeyIdentifier=keyid,issuer:always", "extendedKeyUsage=serverAuth", "keyUsage=digitalSignature,keyEncipherment", SAN])
    private(m, "leaf")


@chain
def step_ca(m):
    usual_root(m, ["keyUsage=critical,keyCertSign,cRLSign", "basicConstraints=critical,CA:TRUE,pathlen:1", SKI], subject="/O=Site B/CN=Site B Root CA", key="p256")
    m.make("mid", "/O=Site B/CN=Site B Intermediate CA", ["keyUsage=critical,keyCertSign,cRLSign", "basicConstraints=critical,CA:TRUE,pathlen:0", SKI, AKI], "root", key="p256")
    usual_leaf(m, "mid", ["keyUsage=critical,digitalSignature", "extendedKeyUsage=serverAuth,clientAuth", SKI, AKI, SAN, "1.3.6.1.4.1.37476.9000.64.1=DER:300a02010104033030300400"], key="p256", days=(-1, 1))
    private(m, "leaf", "mid")


@chain
def first_version_root(m):
    usual_root(m, [])
    usual_leaf(m, extensions=[LEAF, SKI, "authorityKeyIdentifier=issuer:always", *USE, SAN])
    private(m, "leaf")


@chain
def first_version_leaf(m):
    usual_root(m)
    usual_leaf(m, extensions=[])
    private(m, "leaf")


@chain
def first_version_intermediate(m):
    usual_root(m)
    m.make("mid", "/CN=mid", [], "root")
    usual_leaf(m, "mid", [LEAF, SKI, "authorityKeyIdentifier=issuer:always", *USE, SAN])
    private(m, "leaf", "mid")


@chain
def missing_authority_key_identifier(m):
    usual_root(m)
    usual_leaf(m, extensions=[NO_SKI, NO_AKI, "basicConstraints=CA:FALSE", *USE, SAN])
    private(m, "leaf")


@chain
def missing_authority_key_identifier_of_an_intermediate(m):
    usual_root(m)
    m.make("mid", "/CN=mid", [*PATH_0, SKI, NO_AKI], "root")
    usual_leaf(m, "mid")
    private(m, "leaf", "mid")


@chain
def missing_subject_key_identifier_of_the_root(m):
    usual_root(m, [*FOR_CA, NO_SKI])
    usual_leaf(m, extensions=[LEAF, NO_SKI, "authorityKeyIdentifier=issuer:always", *USE, SAN])
    private(m, "leaf")


@chain
def missing_subject_key_identifier_of_an_intermediate(m):
    usual_root(m)
    m.make("mid", "/CN=mid", [*PATH_0, NO_SKI, AKI], "root")
    usual_leaf(m, "mid", [LEAF, NO_SKI, "authorityKeyIdentifier=issuer:always", *USE, SAN])
    private(m, "leaf", "mid")


@chain
def basic_constraints_not_critical(m):
    usual_root(m, ["basicConstraints=CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign", SKI])
    usual_leaf(m)
    private(m, "leaf")


@chain
def basic_constraints_absent_on_the_root(m):
    usual_root(m, ["keyUsage=critical,keyCertSign,cRLSign", SKI])
    usual_leaf(m)
    private(m, "leaf")


@chain
def basic_constraints_absent_on_an_intermediate(m):
    usual_root(m)
    m.make("mid", "/CN=mid", ["keyUsage=critical,keyCertSign,cRLSign", SKI, AKI], "root")
    usual_leaf(m, "mid")
    private(m, "leaf", "mid")


@chain
def key_usage_absent_on_the_root(m):
    usual_root(m, ["basicConstraints=critical,CA:TRUE", SKI])
    usual_leaf(m)
    private(m, "leaf")


@chain
def key_usage_without_signing_on_an_intermediate(m):
    usual_root(m)
    m.make("mid", "/CN=mid", ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,digitalSignature", SKI, AKI], "root")
    usual_leaf(m, "mid")
    private(m, "leaf", "mid")


@chain
def common_name_alone(m):
    usual_root(m)
    usual_leaf(m, extensions=[LEAF, SKI, AKI, *USE])
    private(m, "leaf")


@chain
def empty_subject(m):
    usual_root(m)
    usual_leaf(m, subject="/", extensions=[LEAF, SKI, AKI, *USE, SAN.replace("=", "=critical,")])
    private(m, "leaf")


@chain
def empty_subject_and_names_not_critical(m):
    usual_root(m)
    usual_leaf(m, subject="/")
    private(m, "leaf")


@chain
def name_constraints_kept(m):
    usual_root(m, [*FOR_CA, SKI, "nameConstraints=critical,permitted;DNS:site-b.example"])
    usual_leaf(m)
    private(m, "leaf")


@chain
def name_constraints_broken(m):
    usual_root(m)
    m.make("mid", "/CN=mid", [*PATH_0, SKI, AKI, "nameConstraints=critical,permitted;DNS:site-a.example"], "root")
    usual_leaf(m, "mid")
    private(m, "leaf", "mid")


@chain
def path_length_broken(m):
    usual_root(m, ["basicConstraints=critical,CA:TRUE,pathlen:0", "keyUsage=critical,keyCertSign,cRLSign", SKI])
    m.make("mid", "/CN=mid", [*FOR_CA, SKI, AKI], "root")
    usual_leaf(m, "mid")
    private(m, "leaf", "mid")


@chain
def negative_serial_number(m):
    usual_root(m)
    usual_leaf(m, serial=-0x5544332211)
    private(m, "leaf")


@chain
def serial_number_zero(m):
    usual_root(m, serial=0)
    usual_leaf(m, serial=0)
    private(m, "leaf")


@chain
def serial_number_of_25_bytes(m):
    usual_root(m)
    usual_leaf(m, serial=int("11" * 25, 16))
    private(m, "leaf")


@chain
def expired(m):
    usual_root(m)
    usual_leaf(m, days=(-100, -3))
    private(m, "leaf")


@chain
def expired_intermediate(m):
    usual_root(m)
    m.make("mid", "/CN=mid", [*PATH_0, SKI, AKI], "root", days=(-700, -3))
    usual_leaf(m, "mid")
    private(m, "leaf", "mid")


@chain
def expired_root(m):
    usual_root(m, days=(-3000, -3))
    usual_leaf(m)
    private(m, "leaf")


@chain
def not_yet_valid(m):
    usual_root(m)
    usual_leaf(m, days=(3, 300))
    private(m, "leaf")


@chain
def after_2050(m):
    usual_root(m, days=(-3, 20000))
    usual_leaf(m, days=(-3, 15000))
    private(m, "leaf")


@chain
def teletex_strings(m):
    usual_root(m, subject="/O=Größe/CN=Wurzel", mask="MASK:0x4")
    usual_leaf(m, subject=f"/O=Größe/CN={HOST}", mask="MASK:0x4")
    private(m, "leaf")


@chain
def wrong_authority_key_identifier(m):
    usual_root(m)
    usual_leaf(m, extensions=[LEAF, SKI, "authorityKeyIdentifier=DER:30168014" + "ab" * 20, *USE, SAN])
    private(m, "leaf")


@chain
def wrong_authority_serial_number(m):
    usual_root(m)
    usual_leaf(m, extensions=[LEAF, SKI, "authorityKeyIdentifier=DER:3006820400abcdef", *USE, SAN])
    private(m, "leaf")


@chain
def empty_authority_key_identifier(m):
    usual_root(m)
    usual_leaf(m, extensions=[LEAF, SKI, "authorityKeyIdentifier=DER:3000", *USE, SAN])
    private(m, "leaf")


@chain
def address_alone(m):
    usual_root(m)
    usual_leaf(m, subject="/CN=127.0.0.1", extensions=[LEAF, SKI, AKI, *USE, "subjectAltName=IP:127.0.0.1"])
    private(m, "leaf", host="127.0.0.1")


@chain
def long_chain(m):
    usual_root(m)
    above = "root"
    for number in range(4):
        m.make(f"mid{number}", f"/O=Site B/CN=Level {number}", [*FOR_CA, SKI, AKI], above)
        above = f"mid{number}"
    usual_leaf(m, above)
    private(m, "leaf", "mid3", "mid2", "mid1", "mid0")


@chain
def root_is_sent(m):
    usual_root(m)
    usual_leaf(m)
    private(m, "leaf", "root")


@chain
def cross_signed_by_an_expired_root(m):
    m.make("old", "/CN=Old Root", [*FOR_CA, SKI], days=(-3000, -3))
    usual_root(m)
    m.make("cross", "/O=Site B/CN=Site B Root CA", [*FOR_CA, SKI, AKI], "old", of="root")
    m.make("mid", "/CN=mid", [*PATH_0, SKI, AKI], "root")
    usual_leaf(m, "mid")
    private(m, "leaf", "mid", "cross", root="root old")


@chain
def issued_by_another_root(m):
    usual_root(m)
    m.make("other", "/O=Site B/CN=Site B Root CA 2", [*FOR_CA, SKI])
    usual_leaf(m, "other")
    private(m, "leaf")


@chain
def root_was_renewed(m):
    """The same name, another key."""
    m.make("older", "/O=Site B/CN=Site B Root CA", [*FOR_CA, SKI])
    usual_root(m)
    usual_leaf(m, "older")
    private(m, "leaf", root="root older")


@chain
def names_of_other_string_types(m):
    """The root's name is printable, and its issued certificates say it in UTF-8."""
    usual_root(m, mask="default")
    m.make("twin", "/O=Site B/CN=Site B Root CA", [*FOR_CA, SKI], of="root", mask="utf8only")
    usual_leaf(m, "twin")
    private(m, "leaf")


@chain
def for_clients_alone(m):
    usual_root(m)
    usual_leaf(m, extensions=[LEAF, SKI, AKI, "keyUsage=critical,digitalSignature", "extendedKeyUsage=clientAuth", SAN])
    private(m, "leaf")


@chain
def unknown_critical_extension(m):
    usual_root(m)
    usual_leaf(m, extensions=[LEAF, SKI, AKI, *USE, SAN, "1.2.3.4=critical,DER:0500"])
    private(m, "leaf")


@chain
def sha1_on_an_intermediate(m):
    usual_root(m)
    m.make("mid", "/CN=mid", [*PATH_0, SKI, AKI], "root", digest="sha1")
    usual_leaf(m, "mid")
    private(m, "leaf", "mid")


@chain
def sha1_on_the_leaf(m):
    usual_root(m)
    usual_leaf(m, digest="sha1")
    private(m, "leaf")


@chain
def largest_keys(m):
    usual_root(m, key="p521", digest="sha512")
    usual_leaf(m, key="rsa:4096", digest="sha512")
    private(m, "leaf")


@chain
def another_name(m):
    usual_root(m)
    usual_leaf(m, subject="/CN=site-c.example", extensions=[LEAF, SKI, AKI, *USE, "subjectAltName=DNS:site-c.example"])
    private(m, "leaf")


@chain
def leaf_that_is_an_authority(m):
    usual_root(m)
    usual_leaf(m, extensions=["basicConstraints=critical,CA:TRUE", SKI, AKI, SAN])
    private(m, "leaf")


if __name__ == "__main__":
    there = pathlib.Path(sys.argv[1])
    POOL = there / ".keys"
    POOL.mkdir(parents=True)
    for name, function in CHAINS.items():
        function(Maker(there / name))
    shutil.rmtree(POOL)
    print(f"{len(CHAINS)} chains")
