//! The ways to serve that the sample sites do not cover.

use crate::driver::endings;
use crate::samples::{tiny, tiny_sites};

#[test]
fn every_server_comes_up_behind_every_proxy_it_goes_with() {
    let project = tiny_sites("combinations")
        .site("apache-uwsgi", "{names: [u.example], tls: {}, proxy: {server: apache}, wsgi: {server: uwsgi}}")
        .site("apache-waitress", "{names: [a.example], tls: {}, proxy: {server: apache}, wsgi: {server: waitress}}")
        .site("apache-mod-wsgi-below-a-prefix", "{names: [m.example], tls: {}, proxy: {server: apache, prefix: /shop/}, wsgi: {server: mod_wsgi, locale: C}}")
        .site("gunicorn-with-tls", "{names: [t.example], tls: {certificate: {key: rsa-2048}}}")
        .site("gunicorn-of-debian", "{names: [d.example], tls: {versions: [TLSv1.2]}, proxy: {server: nginx, http: serve}, wsgi: {from: distribution}}")
        .site(
            "gunicorn-on-a-unix-socket-below-a-prefix",
            "names: [www.x.example, '*.x.example']\n\
             tls: {certificate: {names: ['*.x.example'], key: ecdsa-p384, intermediates: 2}}\n\
             proxy: {server: nginx, prefix: /shop/}\n\
             wsgi: {socket: unix, threads: 2}\n",
        )
        .site("waitress-below-a-prefix", "{names: [w.example], tls: {}, proxy: {server: nginx, prefix: /a/b/}, wsgi: {server: waitress, socket: unix}}")
        .site("waitress-without-tls", "{names: [p.example], wsgi: {server: waitress}}");
    let outcome = project.rehearse(&tiny(&project));
    assert_eq!(
        endings(&project.report()),
        "apache-mod-wsgi-below-a-prefix 0\n\
         apache-uwsgi 0\n\
         apache-waitress 0\n\
         gunicorn-of-debian 0\n\
         gunicorn-on-a-unix-socket-below-a-prefix 0\n\
         gunicorn-with-tls 0\n\
         waitress-below-a-prefix 0\n\
         waitress-without-tls 0",
        "{}",
        outcome.stderr
    );
    outcome.exit_code(0).says("PASSED   8 of 8 sites");
}
