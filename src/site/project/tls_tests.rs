//! Certificates and handshakes that contradict themselves, or that a site cannot do.

use insta::assert_snapshot;

use super::tests::{LEAST, TestProject};

/// What is wrong with the least of descriptions and this `tls`.
fn problems(tls: &str) -> String {
    TestProject::new()
        .site("shop", &format!("{LEAST}proxy: {{server: nginx}}\ntls: {tls}\n"))
        .problems()
}

#[test]
fn certificates_do_not_contradict_themselves() {
    let table = [
        "{certificate: {self_signed: true, intermediates: 1}}",
        "{certificate: {expires_in: 5d, valid: {until: 5d}}}",
        "{certificate: {expires_in: -5d}}",
        "{certificate: {valid: {}}}",
        "{certificate: {valid: {from: 5d, until: 1d}}}",
        "{certificate: {names: [shop.example], common_name: shop.example}}",
        "{certificate: {names: []}}",
        "{certificate: {send_intermediates: false}}",
        "{certificate: {signature: rsa-sha256}}",
        "{certificate: {like: none.pem, names: [shop.example]}}",
        "{certificate: {}, certificates: [{}]}",
        "{certificates: [{}, {names: [shop.example]}]}",
        "{uncovered: [shop.example, other.example]}",
    ];
    assert_snapshot!(table.map(problems).concat(), @r"
    error: environments/shop.yaml:6:40: tls.certificate.intermediates: a self-signed certificate has no issuer beside itself
    hint: take it out, or `self_signed`
    error: environments/shop.yaml:6:21: tls.certificate.expires_in: `valid` says already until when it is good
    hint: take one of them out
    error: environments/shop.yaml:6:33: tls.certificate.expires_in: `-5d` is not a time that is left
    hint: for an expired one write `valid: {until: -5d}`
    error: environments/shop.yaml:6:28: tls.certificate.valid: neither end of the validity is there
    hint: such as `valid: {until: -3d}`
    error: environments/shop.yaml:6:28: tls.certificate.valid: it would end before it begins
    hint: write `until` later than `from`
    error: environments/shop.yaml:6:44: tls.certificate.common_name: a certificate with `common_name` is one that has no other names
    hint: take it out, or `names`: the first of them is the common name
    error: environments/shop.yaml:6:28: tls.certificate.names: a certificate has at least one name
    hint: write `common_name` instead for one without alternative names
    error: environments/shop.yaml:6:41: tls.certificate.send_intermediates: there is no intermediate that could be left out
    hint: write `intermediates: 1` as well, or take this out
    error: environments/shop.yaml:6:32: tls.certificate.signature: the root itself signs with ecdsa-sha256 only
    hint: write `intermediates: 1`: an intermediate has the key for it
    error: environments/shop.yaml:6:27: tls.certificate.like: there is no file `environments/none.pem`
    error: environments/shop.yaml:6:37: tls.certificate.names: `like` copies that from the live certificate
    hint: take it out, or `like`
    error: environments/shop.yaml:6:7: tls.certificate: `certificates` are there instead of a single one
    hint: make it the first of `certificates`
    error: environments/shop.yaml:6:26: tls.certificates.1: no client ever sees this one: earlier ones cover the same names of the site
    hint: take it out, or give it a name of the site that is its own
    error: environments/shop.yaml:6:19: tls.uncovered.0: the certificate covers `shop.example`
    hint: take it out
    error: environments/shop.yaml:6:33: tls.uncovered.1: `other.example` is none of the site's names
    hint: take it out, or add it to `names`
    ");
}

#[test]
fn forms_are_what_certificates_can_have() {
    let table = [
        "{certificate: {version: 4}}",
        "{certificate: {serial: five}}",
        "{certificate: {subject: [CN=shop.example, www]}}",
        "{certificate: {extensions: {keyUsag: none}}}",
        "{certificate: {extensions: {keyUsage: keyCertSing}}}",
        "{certificate: {version: 1, extensions: {keyUsage: keyCertSign}}}",
        "{certificate: {intermediates: 1, chain: [{}]}}",
        "{certificate: {signature: rsa-sha256, chain: [{key: ecdsa-p256}]}}",
        "{certificate: {self_signed: true, chain: [{}]}}",
        "{authority: {key: ecdsa-p256, signature: rsa-sha1}}",
        "{authority: {key: rsa-2048}, certificate: {signature: ecdsa-sha256}}",
        "{authority: {like: none.pem, key: rsa-2048}}",
        "{next: {names: [other.example]}}",
        "{certificates: [{}], next: {expires_in: 47d}}",
    ];
    assert_snapshot!(table.map(problems).concat(), @r#"
    error: environments/shop.yaml:6:30: tls.certificate.version: 4 is not between 1 and 3
    error: environments/shop.yaml:6:29: tls.certificate.serial: `five` is not a serial number
    hint: write a number such as "5", or its bytes such as "0x00ff"
    error: environments/shop.yaml:6:48: tls.certificate.subject.1: `www` is not a part of a name, such as `CN=www.site-b.example`
    error: environments/shop.yaml:6:43: tls.certificate.extensions.keyUsag: `keyUsag` is not an extension
    hint: did you mean `keyUsage`?
    error: environments/shop.yaml:6:44: tls.certificate.extensions.keyUsage: `keyCertSing` is not a key usage
    hint: write it as openssl.cnf does, `none`, or `DER:` and its bytes in hex
    error: environments/shop.yaml:6:45: tls.certificate.extensions: before version 3 a certificate has no extensions
    hint: take one of them out
    error: environments/shop.yaml:6:21: tls.certificate.intermediates: `chain` says them one by one
    hint: take it out
    error: environments/shop.yaml:6:58: tls.certificate.chain.0.key: a key of ecdsa-p256 does not sign with rsa-sha256
    hint: write `key: rsa-2048`, or another `signature` below
    error: environments/shop.yaml:6:40: tls.certificate.chain: a self-signed certificate has no issuer beside itself
    hint: take it out, or `self_signed`
    error: environments/shop.yaml:6:47: tls.authority.signature: a key of ecdsa-p256 does not sign with rsa-sha1
    hint: describe another `key`
    error: environments/shop.yaml:6:60: tls.certificate.signature: the root's key of rsa-2048 does not sign so
    hint: describe another `key` of `tls.authority`
    error: environments/shop.yaml:6:25: tls.authority.like: there is no file `environments/none.pem`
    error: environments/shop.yaml:6:35: tls.authority.key: `like` copies that from the live root
    hint: take it out, or `like`
    error: environments/shop.yaml:6:13: tls.next: the next certificate does not cover `shop.example`
    hint: add it to its names; if it really will not, say so in `tls.uncovered`
    error: environments/shop.yaml:6:27: tls.next: `next` comes after a single certificate
    hint: take it out, or `certificates`
    "#);
}

#[test]
fn sites_can_do_what_they_say() {
    let table = [
        "{versions: [TLSv1.3], ciphers: [ECDHE-RSA-AES128-GCM-SHA256]}",
        "{ciphers: [ECDHE-ECDSA-AES128-GCM-SHA256]}",
        "{ciphers: [ECDHE-RSA-AES128-GCM-SHA265]}",
        "{trust: [systm, 'a b/c', venv/x.pem, ../y.pem]}",
    ];
    let alone =
        "proxy: {server: none}\ntls: {certificates: [{}], versions: [TLSv1.2], client: {}}\n";
    let alone = format!("{}{alone}", LEAST.replace("gunicorn", "uwsgi"));
    let alone = TestProject::new().site("shop", &alone).problems();
    assert_snapshot!(table.map(problems).concat() + &alone, @r"
    error: environments/shop.yaml:6:38: tls.ciphers.0: only TLSv1.2 can use `ECDHE-RSA-AES128-GCM-SHA256`, and the site does not accept that
    hint: take it out, or add TLSv1.2 to `tls.versions`
    error: environments/shop.yaml:6:16: tls.ciphers: none of them goes with an RSA key, so nobody could connect with TLSv1.2
    hint: add an RSA cipher, or describe another `key`
    error: environments/shop.yaml:6:17: tls.ciphers.0: `ECDHE-RSA-AES128-GCM-SHA265` is not a cipher
    hint: did you mean `ECDHE-RSA-AES128-GCM-SHA256`?
    error: environments/shop.yaml:6:15: tls.trust.0: `systm` is no place for a root
    hint: write `system`, `certifi`, or the path of a bundle, without spaces
    error: environments/shop.yaml:6:22: tls.trust.1: `a b/c` is no place for a root
    hint: write `system`, `certifi`, or the path of a bundle, without spaces
    error: environments/shop.yaml:6:43: tls.trust.3: `../y.pem` is not a path below
    hint: write it without a slash in front, and without `..`
    error: environments/shop.yaml:6:37: tls.versions: the WSGI server answers itself (`proxy: {server: none}`), and it accepts both versions
    hint: put nginx or apache in front, or take it out
    error: environments/shop.yaml:6:56: tls.client: the WSGI server answers itself (`proxy: {server: none}`), and stagectl lets only gunicorn ask clients for certificates
    hint: put nginx or apache in front, or take it out
    ");
}

#[test]
fn a_file_to_be_like_is_a_public_certificate() {
    let like = |content: &str| {
        let tls = "tls: {certificate: {like: live.pem}}\n";
        TestProject::new()
            .file("environments/live.pem", content)
            .site("shop", &format!("{LEAST}{tls}"))
            .problems()
    };
    assert_snapshot!(like("nothing") + &like("-----BEGIN PRIVATE KEY-----\n"), @r"
    error: environments/shop.yaml:5:27: tls.certificate.like: `live.pem`: there is no PEM certificate in the file
    hint: fetch it: openssl s_client -showcerts -connect www.site-b.example:443 </dev/null
    error: environments/shop.yaml:5:27: tls.certificate.like: `live.pem`: there is a private key in the file
    hint: take the key out: its certificate is public, the key is not
    ");
}
